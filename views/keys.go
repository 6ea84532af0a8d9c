package views

import (
	"context"
	"time"
)

// KeysPage is the list of keys of the API, with the form that makes one.
type KeysPage struct {
	Frame
	Keys []APIKey
	Form KeyForm
}

// APIKey is one key of the API in the list.
type APIKey struct {
	Mark, Name, By string
	Scopes         []string
	State          string // "works", "expired" or "revoked"
	ExpiresAt      time.Time
	UsedAt         time.Time // zero: not yet
	RevokeURL      string    // POST; empty: it works no more
}

// KeyForm is the form that makes a key: what was typed and chosen, what there is to
// choose from, and what is wrong.
type KeyForm struct {
	Name   string
	Scopes []string // that were chosen
	Offers []string // all scopes
	Days   int
	Valid  []int // days to choose from
	Errors map[string]string
}

// KeyMade shows a new key, once.
type KeyMade struct {
	Frame
	Name, Key string
	Scopes    []string
	ExpiresAt time.Time
}

func keyLabel(ctx context.Context, state string) label {
	switch state {
	case "works":
		return label{say(ctx, "Works"), good}
	case "expired":
		return label{say(ctx, "Has expired"), quiet}
	}
	return label{say(ctx, "Was revoked"), quiet}
}

// mayWords say what a key may be used for.
func mayWords(ctx context.Context, scope string) string {
	switch scope {
	case "customers:read":
		return say(ctx, "See customers and their contact data")
	case "customers:write":
		return say(ctx, "Add and change customers")
	case "links:write":
		return say(ctx, "Make and revoke personal links")
	case "balances:read":
		return say(ctx, "See accounts and balances")
	case "refresh:write":
		return say(ctx, "Ask banks for new balances")
	case "funds:write":
		return say(ctx, "Check whether an account can cover an amount")
	case "events:read":
		return say(ctx, "Read what has happened")
	case "webhooks:write":
		return say(ctx, "See to webhook endpoints")
	}
	return scope
}
