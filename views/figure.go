package views

import (
	"context"
	"time"
)

// What a main figure is: see [Account.Basis]. Any other word is that nobody says.
const (
	basisLedger  = "ledger"
	basisCurrent = "current"
)

// How it is known of when a figure is: see [Account.AsOfKind].
const (
	asOfStated  = "stated"
	asOfUnknown = "unknown"
)

// figureWords is what a main figure is called: never more than its provider says.
func figureWords(ctx context.Context, basis string) string {
	switch basis {
	case basisLedger:
		return say(ctx, "Ledger")
	case basisCurrent:
		return say(ctx, "Current balance")
	}
	return say(ctx, "Balance")
}

// basisNote says what a figure is, beside others that are something else.
func basisNote(ctx context.Context, basis string) string {
	switch basis {
	case basisLedger:
		return say(ctx, "ledger")
	case basisCurrent:
		return say(ctx, "current balance")
	}
	return say(ctx, "kind not stated")
}

// inWhat is basisNote where the figure stands in a line of words.
func inWhat(ctx context.Context, basis string) string {
	if basis == basisLedger {
		return say(ctx, "in the ledger")
	}
	return basisNote(ctx, basis)
}

// vague says that nobody says whether the main figure is booked or can be drawn.
func vague(basis string) bool { return basis != basisLedger && basis != basisCurrent }

// alone says that there is nothing but a balance of no stated kind: no available
// balance is made up beside it.
func (a Account) alone() bool { return vague(a.Basis) && !a.Available.Known }

// basisSentence says of a balance alone what nobody says of it.
func basisSentence(ctx context.Context, a Account) string {
	if !vague(a.Basis) || a.availableNow() {
		return ""
	}
	return say(ctx, "We are not told whether this is the ledger or the available balance.")
}

// overdrawnWords says that the main figure is below zero.
func overdrawnWords(ctx context.Context, a Account) string {
	if a.Basis == basisLedger {
		return say(ctx, "The ledger is overdrawn by %s.", absolute(ctx, a.Figure))
	}
	return say(ctx, "The balance is overdrawn by %s.", absolute(ctx, a.Figure))
}

// common is the basis that all of some have; empty: they differ, or there are none.
func common(bases []string) string {
	for _, b := range bases {
		if b != bases[0] {
			return ""
		}
	}
	if len(bases) == 0 {
		return ""
	}
	return bases[0]
}

// basis is what the figures of a page of the table are; empty: each says it.
func (h History) basis() string {
	var all []string
	for _, o := range h.Rows {
		all = append(all, o.Basis)
	}
	return common(all)
}

// latest is the time that a balance stands under in the table.
func (o Balance) latest() time.Time {
	if o.AsOfKind == asOfUnknown {
		return o.ReceivedAt
	}
	return o.AsOf
}

// untimedWords stands where a balance has no time of its own: when it was received
// has a column of its own.
func untimedWords(ctx context.Context, o Balance) string {
	switch {
	case o.AsOfKind == asOfUnknown:
		return say(ctx, "a saved copy, of when it was received or before")
	case o.Source == "webhook":
		return say(ctx, "the bank gave no time")
	}
	return say(ctx, "the bank was asked: as of the answer")
}
