package views

import (
	"context"
	"slices"
)

// Me is the customer's own page.
type Me struct {
	Frame
	Banks      []Bank
	Sum        Sum
	ConnectURL string // POST: connect another bank; empty: not offered
	// non-nil: they came by a link to sign in to this account again, and to connect no other
	Only   *AgainAccount
	Ended  Ended
	Checks []Check

	ByLink      bool // they came by a personal link and see what they linked with it
	Hidden      int  // accounts that they do not see therefore
	Password    bool // they can sign in
	PasswordURL string

	RefreshAllURL string // POST; empty: nothing to refresh
	HistoryURL    string // GET: all accounts over time; empty: there are no two
}

// Withdrawn says that the customer's consent is withdrawn: nothing is offered that would
// ask a bank, and no figure stands large.
func (p Me) Withdrawn() bool { return p.Ended.withdrawn() }

// waiting says that a connection is being looked at: to connect again is not
// what comes next.
func (p Me) waiting() bool {
	return slices.ContainsFunc(p.Checks, func(k Check) bool { return !k.Refused })
}

// connectText is what connecting is called: of a first bank, or of another.
func (p Me) connectText(ctx context.Context) string {
	switch {
	case p.Only != nil:
		return say(ctx, "Sign in at %s", p.Only.bank(ctx))
	case len(p.Banks) == 0:
		return say(ctx, "Connect your bank")
	}
	return say(ctx, "Connect another bank")
}

func noneConnected(ctx context.Context, p Me) (heading, sentence string) {
	switch {
	case p.Withdrawn():
		return say(ctx, "Nothing is connected"), say(ctx, "No bank is asked about you.")
	case p.Only != nil && p.ConnectURL != "":
		return say(ctx, "%s needs you to sign in again", p.Only.bank(ctx)), say(
			ctx, "Your history stays, and its balance appears here afterwards.",
		)
	case p.Only != nil:
		return say(ctx, "Reconnected; your history stays"), say(
			ctx, "%s sees the balance again. You have nothing more to do, and can close this page.", p.Business,
		)
	}
	if p.waiting() {
		return say(ctx, "Your connection is being checked"), say(
			ctx, "You don't need to do anything else. Your balances appear here when the check is done.",
		)
	}
	return say(ctx, "No bank connected yet"), say(ctx, "Connect your bank and its balances appear here.")
}
