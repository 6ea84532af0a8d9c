package views

import (
	"context"
	"time"
)

// Threshold is what should be available in an account at least. Staff see it.
type Threshold struct {
	Amount    Money
	Standing  string    // "below", "above" (or at it) or "unknown"
	Basis     string    // of the balance that it goes by, as [Account.Basis]; empty: it goes by what is available
	By        string    // who set it; empty where that is not wanted
	SetAt     time.Time // when
	CrossedAt time.Time // when the account last went from one side to the other; zero: not since it was set
}

// ThresholdForm sets and clears the threshold of an account.
type ThresholdForm struct {
	URL      string // POST; empty: not offered to this viewer
	ClearURL string // POST
	Typed    string
	Error    string
}

// thresholdTone is how much an account's standing matters.
func thresholdTone(t Threshold) tone {
	switch t.Standing {
	case "below":
		return bad
	case "above":
		return good
	}
	return warn
}

// thresholdSentence says on which side of its threshold an account is. What
// nobody can tell is said to be so, with the reason.
func thresholdSentence(ctx context.Context, a Account) string {
	limit := amount(ctx, a.Threshold.Amount)
	vaguely := a.Threshold.Basis != ""
	switch {
	case a.Threshold.Standing == "below" && vaguely:
		return say(
			ctx, "Below the threshold: the balance is less than %s. We are not told whether it can be drawn.", limit,
		)
	case a.Threshold.Standing == "above" && vaguely:
		return say(ctx, "The balance is not below the threshold of %s. We are not told whether it can be drawn.", limit)
	case a.Threshold.Standing == "below":
		return say(ctx, "Below the threshold: less than %s is available.", limit)
	case a.Threshold.Standing == "above":
		return say(ctx, "Not below the threshold of %s.", limit)
	case a.AsOf.IsZero():
		return say(ctx, "We can't say whether it is below the threshold of %s: there is no balance yet.", limit)
	case a.Freshness == Undated && a.AsOfKind == "unknown":
		return say(ctx, "We can't say whether it is below the threshold of %s: all we have is a saved copy, and nobody knows of when it is.", limit)
	case !a.availableNow() && !vaguely:
		return say(ctx, "We can't say whether it is below the threshold of %s: the bank's newest answer gives no available balance.", limit)
	case a.AvailableWorked:
		return say(ctx, "We can't say whether it is below the threshold of %s: the bank does not say what is available, and our own estimate does not count.", limit)
	}
	return say(
		ctx, "We can't say whether it is below the threshold of %s: the balance is out of date. Refresh it.", limit,
	)
}
