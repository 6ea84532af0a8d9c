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
	ConnectURL string // POST: connect another bank
	Ended      Ended
	Checks     []Check

	ByLink      bool // they came by a personal link and see what they linked with it
	Hidden      int  // accounts that they do not see therefore
	Password    bool // they can sign in
	PasswordURL string

	RefreshAllURL string // POST; empty: nothing to refresh
}

// waiting says that a connection is being looked at: to connect again is not
// what comes next.
func (p Me) waiting() bool {
	return slices.ContainsFunc(p.Checks, func(k Check) bool { return !k.Refused })
}

func noneConnected(ctx context.Context, p Me) (heading, sentence string) {
	if p.waiting() {
		return say(ctx, "Your connection is being checked"), say(
			ctx, "You don't need to do anything else. Your balances appear here when the check is done.",
		)
	}
	return say(ctx, "No bank connected yet"), say(ctx, "Connect your bank and its balances appear here.")
}
