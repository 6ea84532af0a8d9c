package views

import (
	"context"
	"time"
)

// Code is the second step of signing in.
type Code struct {
	Frame
	Next  string
	Error string
}

// Confirm asks for the password or code again before something that matters.
type Confirm struct {
	Frame
	Next   string
	Again  bool // a button has to be pressed again afterwards
	ByCode bool // asks for a code, not for the password
	Error  string
}

// Welcome is the page of a one-time link, at which a person chooses a password.
type Welcome struct {
	Frame
	First         bool // makes the first owner, who also gives an e-mail address
	Email         string
	Action        string // POST
	ExpiresAt     time.Time
	EmailError    string
	PasswordError string
}

func passwordHint(ctx context.Context) string {
	return say(ctx, "At least 12 characters, of any kind. A few words in a row are easy to remember.")
}

// describedBy names what explains a field.
func describedBy(name, hint, problem, errorID string) string {
	switch {
	case problem != "" && errorID != "":
		return errorID
	case problem != "" && hint != "":
		return name + "-hint " + name + "-error"
	case problem != "":
		return name + "-error"
	case hint != "":
		return name + "-hint"
	}
	return ""
}
