package store

import "time"

// Basis is what the main figure of a balance is, as its provider says.
type Basis string

// The bases.
const (
	BasisLedger  Basis = "ledger"  // what is booked
	BasisCurrent Basis = "current" // what the provider calls current
	// nobody says whether it is booked or can be drawn
	BasisUnspecified Basis = "unspecified"
)

// AsOfKind is how it is known of when a balance is.
type AsOfKind string

// The kinds.
const (
	AsOfStated AsOfKind = "stated" // the bank or the provider says so
	AsOfAsked  AsOfKind = "asked"  // the bank was asked: it is of when the answer came
	// It is the provider's saved copy, no later than when it was received. Its as-of
	// time is that of the newest balance from before it, from which its age counts on;
	// without one it is [beginning].
	AsOfUnknown AsOfKind = "unknown"
)

// beginning is the as-of time of a saved copy before which nothing was known:
// everything that has a time is newer.
var beginning = time.UnixMilli(0).UTC()

// settle decides what a figure is and of when. A time is never missing and never
// from the future. What states none is from when it was received, not from when it
// is saved: news that waited for its link must not pass for newer than the link.
// That of a saved copy is left to [tx.placeCopy].
func (o *Balance) settle(now time.Time) {
	if o.ReceivedAt.IsZero() || o.ReceivedAt.After(now) {
		o.ReceivedAt = now
	}
	if o.Basis == "" {
		o.Basis = BasisUnspecified
	}
	switch {
	case o.AsOfKind == AsOfUnknown:
		o.AsOf = beginning
	case o.AsOf.IsZero() || o.AsOf.After(now.Add(maxSkew)):
		o.AsOf, o.AsOfKind = o.ReceivedAt, AsOfAsked
	case o.AsOfKind == "":
		o.AsOfKind = AsOfStated
	}
	o.AsOf = o.AsOf.UTC().Truncate(time.Millisecond)
}

// Ahead says of a balance's time that it has not come, by more than a provider's clock may be
// ahead of ours: our own was set back since, and nobody knows how old the balance is.
func Ahead(asOf, now time.Time) bool { return asOf.After(now.Add(maxSkew)) }

// ahead is [Ahead] as SQL.
const ahead = `accounts.as_of > $ahead`

// NoOlder says that a balance of that time is known to be no older than that.
func NoOlder(asOf time.Time, than time.Duration, now time.Time) bool {
	return now.Sub(asOf) <= than && !Ahead(asOf, now)
}

// isCopy says that a balance is what the provider has saved, and nobody knows of
// when. It answers no question and makes no account look fresher.
func (o Balance) isCopy() bool { return o.AsOfKind == AsOfUnknown }

// repeats says that a saved copy says what the account shows already.
func (o Balance) repeats(a Account) bool {
	return a.Figure == Minor(o.Figure) && (!o.Available.Known || a.Available == o.Available)
}
