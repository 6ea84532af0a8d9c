package okra

import (
	"encoding/json"
	"slices"
	"strconv"

	"balancelink/okra/provider/wire"
)

// Connected says with whom the person shares an account. Okra writes a boolean
// (widget, /products/balances), a list of owners' ids (getByCustomer), or
// nothing (getById of 2023).
type Connected struct{ raw string }

func connectedOf(o wire.Object) Connected {
	switch v := o.Get("connected", wire.AsID).(type) {
	case bool:
		return Connected{strconv.FormatBool(v)}
	case string, wire.Object, []any:
		ids := append([]string{}, wire.RefsIn(v)...)
		raw, _ := json.Marshal(ids)
		return Connected{string(raw)}
	}
	return Connected{}
}

// Stated reports whether the payload said anything.
func (c Connected) Stated() bool { return c.raw != "" }

// SharedWith reports whether the payload says that the account is shared with
// owner (a client token): true, or a list that holds owner. It is false where
// nothing is stated.
func (c Connected) SharedWith(owner string) bool {
	if c.raw == "true" {
		return true
	}
	var owners []string
	return json.Unmarshal([]byte(c.raw), &owners) == nil && slices.Contains(owners, owner)
}

// Equal reports whether both say the same.
func (c Connected) Equal(other Connected) bool { return c == other }

// String returns the compact form to store: true, false, a JSON list of
// owners, or "" where nothing is stated.
func (c Connected) String() string { return c.raw }
