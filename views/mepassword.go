package views

import (
	"context"
	"strings"
	"time"
)

// MeLogin is the customers' sign-in page.
type MeLogin struct {
	Frame
	Login string // as typed, kept after a failure
	Error string
}

// MePassword is where a customer chooses how to come back.
type MePassword struct {
	Frame
	Action   string    // POST; empty: no password can be set now
	EndURL   string    // POST: sign out everywhere
	SetAt    time.Time // zero: there is no password yet
	SignInBy []string  // what they may type beside it; empty: nothing, so none can be set
	HasEmail bool
	ByEmail  bool   // they may type it; if not although they have one, another customer signs in with it
	UserName string // for password managers
	ByLink   bool
	Hidden   int               // accounts that a visit by a personal link does not see
	Errors   map[string]string // field name → sentence
}

// or joins what one may choose between.
func or(ctx context.Context, ways []string) string {
	if len(ways) == 2 {
		return say(ctx, "%s or %s", ways[0], ways[1])
	}
	return strings.Join(ways, "")
}
