package store

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"
)

// Amount is money in minor units. When Known is false nobody said how much,
// which the database keeps as NULL and nothing ever treats as zero.
type Amount struct {
	Minor int64
	Known bool
}

// Minor is a known amount.
func Minor(n int64) Amount { return Amount{Minor: n, Known: true} }

// Value implements [driver.Valuer].
func (a Amount) Value() (driver.Value, error) {
	if !a.Known {
		return nil, nil
	}
	return a.Minor, nil
}

// Scan implements [sql.Scanner].
func (a *Amount) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*a = Amount{}
	case int64:
		*a = Amount{Minor: v, Known: true}
	default:
		return fmt.Errorf("amount is a %T", src)
	}
	return nil
}

// ClockSlack is how far ahead of our clock a moment that we wrote ourselves may
// lie. One that lies further was written before the clock was set back.
const ClockSlack = time.Minute

// unixMS is a time as the database keeps it; the zero time is NULL.
func unixMS(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// timeOf scans Unix milliseconds into the time it points to; NULL is the zero time.
type timeOf struct{ t *time.Time }

// Scan implements [sql.Scanner].
func (m timeOf) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*m.t = time.Time{}
	case int64:
		*m.t = time.UnixMilli(v).UTC()
	default:
		return fmt.Errorf("time is a %T", src)
	}
	return nil
}

// nullable is a text whose empty value is kept as NULL, for references.
func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// spaced are words as one column holds them.
func spaced[T ~string](all []T) string {
	words := make([]string, len(all))
	for i, one := range all {
		words[i] = string(one)
	}
	return strings.Join(words, " ")
}
