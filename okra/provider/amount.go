package provider

// Amount is a sum in minor units (kobo). Known is false when the bank did not
// state it, or not so that it can be read: both are different from 0.
type Amount struct {
	Minor int64
	Known bool
}

// Minus is a without b, of the same currency: unknown where either is, or where
// it does not fit.
func (a Amount) Minus(b Amount) Amount {
	rest := a.Minor - b.Minor
	if !a.Known || !b.Known || (rest < a.Minor) != (b.Minor > 0) {
		return Amount{}
	}
	return Amount{Minor: rest, Known: true}
}
