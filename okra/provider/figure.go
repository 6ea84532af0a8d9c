package provider

// Basis is what the main figure of a [Balance] is. Nobody works out one from
// another, and a figure is called nothing that its provider does not call it.
type Basis string

// The bases. The empty one is read as [BasisUnspecified].
const (
	// BasisLedger is what is booked, before what is held or pending.
	BasisLedger Basis = "ledger"
	// BasisCurrent is what the provider calls the current balance.
	BasisCurrent Basis = "current"
	// BasisUnspecified: it says neither that it is booked nor that it can be drawn.
	BasisUnspecified Basis = "unspecified"
)

// AsOfKind is how it is known of when a [Balance] is.
type AsOfKind string

// The kinds. The empty one is read as [AsOfStated] where there is a time, else as
// [AsOfAsked].
const (
	// AsOfStated: the bank or the provider states it.
	AsOfStated AsOfKind = "stated"
	// AsOfAsked: the bank was asked, and the answer lies between the question and
	// now. It is of when it came, or of AsOf.
	AsOfAsked AsOfKind = "asked"
	// AsOfUnknown: it is what the provider has saved, no later than when it came, and
	// nobody says of when. AsOf is not looked at, and the figure freshens nothing.
	AsOfUnknown AsOfKind = "unknown"
)
