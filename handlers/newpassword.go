package handlers

import (
	"context"
	"strings"
	"unicode/utf8"

	"balancelink/handlers/weak"
	"balancelink/views"
)

const (
	shortestPassword = 12
	longestPassword  = 256
)

// wrongPassword says in a sentence why a new password cannot be taken; empty:
// it can. Any characters will do: length is what makes guessing hard.
func wrongPassword(ctx context.Context, password, email, business string) string {
	switch n := utf8.RuneCountInString(password); {
	case n < shortestPassword:
		return views.Say(ctx, "Use at least %d characters. A few words in a row are easy to remember.", shortestPassword)
	case n > longestPassword:
		return views.Say(ctx, "Use at most %d characters.", longestPassword)
	case !utf8.ValidString(password):
		return views.Say(ctx, "This holds characters that cannot be used.")
	}
	name, _, _ := strings.Cut(email, "@")
	for _, known := range []string{email, name, business} {
		if weak.Like(password, known) {
			return views.Say(ctx, "This is too easy to guess: it is your e-mail address or the name of the business.")
		}
	}
	if weak.Common(password) {
		return views.Say(ctx, "This password is too common. Choose another.")
	}
	return ""
}
