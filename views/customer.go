package views

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"balancelink/store/fold"
)

func sectionID(i int) string { return "bank-" + strconv.Itoa(i+1) }

// telURL is a phone number as a dialler takes it.
func telURL(phone string) string { return "tel:" + strings.ReplaceAll(phone, " ", "") }

// unbroken keeps a number on one line.
func unbroken(number string) string { return strings.ReplaceAll(number, " ", noBreak) }

// orDash is a text, or a dash where there is none that can be seen: no link is
// blank.
func orDash(s string) string {
	if !fold.Seen(s) {
		return "—"
	}
	return s
}

// in says whether an opening of the bank window is in that state.
func (p CustomerPage) in(state string) bool {
	return slices.ContainsFunc(p.Attempts, func(a AttemptRow) bool { return a.State == state })
}

// invited says whether a personal link waits for the customer.
func (p CustomerPage) invited() bool {
	return slices.ContainsFunc(p.Invitations, func(i Invitation) bool { return i.State == "open" })
}

// underWay says that another personal link is not what is needed next.
func (p CustomerPage) underWay() bool {
	return p.in("needs_review") || p.in("claimed") || p.invited()
}

// nothingConnected says why a customer has no account yet, and what comes next.
func nothingConnected(ctx context.Context, p CustomerPage) (heading, sentence string) {
	switch {
	case p.in("needs_review"):
		return say(ctx, "A connection waits for review"), say(ctx, "Balances appear here once somebody has decided that it is %s's.", p.Name)
	case p.in("claimed"):
		return say(ctx, "A connection is being confirmed"), say(ctx, "Balances appear here by themselves once the provider has confirmed it. %s has nothing left to do.", p.Name)
	case p.invited():
		return say(ctx, "Waiting for the customer"), say(ctx, "A personal link is open. Balances appear here as soon as %s has connected their bank with it. Is the link lost? Make a new one.", p.Name)
	}
	return say(ctx, "No bank connected yet"), say(ctx, "Make a personal link and send it to %s. Balances appear here as soon as they have connected their bank.", p.Name)
}

// reviewSentence says which connection waits for staff.
func reviewSentence(ctx context.Context, p CustomerPage, a AttemptRow) string {
	if a.Bank == "" {
		return say(ctx, "A bank connection waits for review: is it %s's?", p.Name)
	}
	return say(ctx, "A connection to %s waits for review: is it %s's?", a.Bank, p.Name)
}

// none says that there is no customer at all, whatever is searched for.
func (p Customers) none() bool { return len(p.Rows) == 0 && p.Total == 0 }
