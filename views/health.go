package views

import (
	"context"
	"slices"
	"time"
)

// BankHealth is how a bank answered in the last seven days when it was asked for balances.
type BankHealth struct {
	Bank, Through   string
	Asked, Answered int
	Most            time.Duration // for nine in ten of the answers; zero: more than Longest
	Longest         time.Duration // by which answers are counted
}

// poor says that a bank often did not answer: whoever asks should know before.
func (h BankHealth) poor() bool { return h.Answered*10 < h.Asked*8 }

func anyPoor(all []BankHealth) bool { return slices.ContainsFunc(all, BankHealth.poor) }

// within is how long nine in ten of the answers took at most.
func (h BankHealth) within(ctx context.Context) string {
	switch {
	case h.Answered == 0:
		return "—"
	case h.Most == 0:
		return say(ctx, "more than %d minutes", int(h.Longest/time.Minute))
	case h.Most < time.Minute:
		return say(ctx, "%d seconds", int(h.Most/time.Second))
	}
	return say(ctx, "%d minutes", int(h.Most/time.Minute))
}

// healthBefore is what whoever asks a bank should know before: on the account's own page
// always, on others where the bank often does not answer.
func (a Account) healthBefore(ctx context.Context) string {
	h := a.Health
	if h == nil || a.RefreshURL == "" || a.running() || a.URL != "" && !h.poor() {
		return ""
	}
	if h.Answered == 0 {
		return say(ctx, "In the last 7 days %s answered none of %d requests.", a.asking(ctx), h.Asked)
	}
	return say(
		ctx, "In the last 7 days %s answered %s of %d requests, 9 in 10 of these within %s.", a.asking(ctx),
		digits(ctx, h.Answered), h.Asked, h.within(ctx),
	)
}

// healthSummary says how many banks often do not answer.
func healthSummary(ctx context.Context, all []BankHealth) string {
	poor := 0
	for _, h := range all {
		if h.poor() {
			poor++
		}
	}
	if poor == 0 {
		return say(ctx, "%d banks in the last 7 days: all answer as a rule.", len(all))
	}
	return say(ctx, "%d banks in the last 7 days: %s often do not answer.", len(all), digits(ctx, poor))
}
