package views

import "context"

// Login is the staff sign-in page.
type Login struct {
	Frame
	Email     string // as typed, kept after a failure
	Next      string // local path to go to afterwards
	SignedOut bool   // comes from signing out
	Undone    bool   // has sent a form that was not taken any more
	Error     string
}

// why says what brought somebody to the sign-in page, when that is worth saying.
func (p Login) why(ctx context.Context) (string, tone) {
	switch {
	case p.Error != "":
		return "", quiet
	case p.SignedOut:
		return say(ctx, "You are signed out. Nobody sees anything here until the next sign-in."), good
	case p.Undone:
		return say(ctx, "You had been signed out. Nothing of what you sent was done. Sign in and you come back to the page to send it again."), warn
	case p.Next != "" && p.Next != "/":
		return say(ctx, "Sign in to go on. You come back to the page you asked for."), info
	}
	return "", quiet
}
