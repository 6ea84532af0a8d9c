package provider

// Amount is a sum in minor units (kobo). Known is false when the bank did not
// state it, or not so that it can be read: both are different from 0.
type Amount struct {
	Minor int64
	Known bool
}
