package api

import (
	"time"

	"balancelink/store"
)

// instant is a time on the wire: RFC 3339 in UTC, to the millisecond that is kept. The
// zero time is null.
type instant time.Time

// MarshalJSON implements [json.Marshaler].
func (i instant) MarshalJSON() ([]byte, error) {
	t := time.Time(i)
	if t.IsZero() {
		return []byte("null"), nil
	}
	return []byte(t.UTC().Format(`"2006-01-02T15:04:05.999Z07:00"`)), nil
}

// moneyJSON is an amount on the wire: whole minor units of its currency.
type moneyJSON struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

// money is an amount, or null when nobody said how much.
func money(a store.Amount, currency string) *moneyJSON {
	if !a.Known {
		return nil
	}
	return &moneyJSON{a.Minor, currency}
}
