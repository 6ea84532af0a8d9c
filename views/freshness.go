package views

import (
	"context"
	"time"
)

// Freshness says in a word how old a balance is.
type Freshness string

// The words for the age of a balance.
const (
	Fresh  Freshness = "fresh"
	Ageing Freshness = "ageing"
	Stale  Freshness = "stale"
	Never  Freshness = "never"
	// a saved copy, which may be of any age
	Undated Freshness = "undated"
)

// aged is the time whose age the label of f says; zero: it says none.
func (f Freshness) aged(at time.Time) time.Time {
	if f == Undated {
		return time.Time{}
	}
	return at
}

func freshnessLabel(ctx context.Context, f Freshness) label {
	switch f {
	case Fresh:
		return label{say(ctx, "Up to date"), good}
	case Ageing:
		return label{say(ctx, "Getting old"), warn}
	case Stale:
		return label{say(ctx, "Out of date"), bad}
	case Undated:
		return label{say(ctx, "Age not known"), bad}
	}
	return label{say(ctx, "No balance yet"), quiet}
}
