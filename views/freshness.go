package views

import "context"

// Freshness says in a word how old a balance is.
type Freshness string

// The four words for the age of a balance.
const (
	Fresh  Freshness = "fresh"
	Ageing Freshness = "ageing"
	Stale  Freshness = "stale"
	Never  Freshness = "never"
)

func freshnessLabel(ctx context.Context, f Freshness) label {
	switch f {
	case Fresh:
		return label{say(ctx, "Up to date"), good}
	case Ageing:
		return label{say(ctx, "Getting old"), warn}
	case Stale:
		return label{say(ctx, "Out of date"), bad}
	}
	return label{say(ctx, "No balance yet"), quiet}
}
