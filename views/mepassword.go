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
	Codes bool // are sent by e-mail, to sign in with
}

// MeCode is where a customer asks for a code by e-mail.
type MeCode struct {
	Frame
	Login string // as typed
	Error string
}

// MeEnterCode is where a customer types the code that they were sent.
type MeEnterCode struct {
	Frame
	Login string // of whose address it was sent to, if it is anybody's
	Error string
}

// isEmail says that a code was asked for with an e-mail address.
func (p MeEnterCode) isEmail() bool { return strings.Contains(p.Login, "@") }

// MePassword is where a customer chooses how to come back.
type MePassword struct {
	Frame
	Action   string    // POST; empty: no password can be set now
	Address  string    // where they come back to
	EndURL   string    // POST: sign out everywhere
	SetAt    time.Time // zero: there is no password yet
	SignInBy []string  // what they may type beside it; empty: nothing, so none can be set

	EmailTaken, PhoneTaken bool // they have one, with which another customer signs in

	UserName string // for password managers
	ByLink   bool
	Hidden   int               // accounts that a visit by a personal link does not see
	Errors   map[string]string // field name → sentence
}

// PasswordSet says that a customer's password is set, and how they come back: at an
// address, with one of these.
func PasswordSet(ctx context.Context, url string, ways []string) string {
	return say(ctx, "Your password is set. To come back, go to %s and sign in with %s.", url, either(ctx, ways))
}

// either joins what one may choose between.
func either(ctx context.Context, ways []string) string {
	switch len(ways) {
	case 2:
		return say(ctx, "%s or %s", ways[0], ways[1])
	case 3:
		return say(ctx, "%s, %s or %s", ways[0], ways[1], ways[2])
	}
	return strings.Join(ways, "")
}

// taken says with what of theirs a customer cannot sign in; empty: there is nothing.
func taken(ctx context.Context, p MePassword) string {
	switch {
	case p.EmailTaken && p.PhoneTaken:
		return say(ctx, "Your e-mail address and your phone number are other customers' logins at %s, so you can't sign in with them.", p.Business)
	case p.EmailTaken:
		return say(ctx, "Your e-mail address is another customer's login at %s, so you can't sign in with it.", p.Business)
	case p.PhoneTaken:
		return say(ctx, "Your phone number is another customer's login at %s, so you can't sign in with it.", p.Business)
	}
	return ""
}

// hiddenSentence says what a personal link does not show.
func hiddenSentence(ctx context.Context, p Me) string {
	if !p.Password {
		return say(ctx, "You see what you have just connected. To see %d more of your accounts, connect them here again. Then you can set a password, which shows them all.", p.Hidden)
	}
	return say(ctx, "You see what you have just connected. To see %d more of your accounts, sign in, or connect them again with a new link from %s.", p.Hidden, p.Business)
}

// noPasswordNow says why a password cannot be set.
func noPasswordNow(ctx context.Context, p MePassword) string {
	switch {
	case len(p.SignInBy) == 0 && (p.EmailTaken || p.PhoneTaken):
		return taken(ctx, p) + " " + say(ctx, "Ask %s to add a reference for you.", p.Business)
	case len(p.SignInBy) == 0:
		return say(
			ctx, "%s has no phone number, e-mail address or reference for you to sign in with. Ask them to add one.",
			p.Business,
		)
	case !p.SetAt.IsZero():
		return say(ctx, "You have a password already: sign in with it. If it is lost, ask %s to remove it.", p.Business)
	case p.Hidden > 0:
		return say(ctx, "A password opens all your accounts, and %d of them were connected before. Connect them here again first: that is how we know that they are yours.", p.Hidden)
	}
	return say(ctx, "Connect your bank first: that is how we know that it is you.")
}
