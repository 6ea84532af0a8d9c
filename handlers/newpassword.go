package handlers

import (
	"context"
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"

	"balancelink/views"
)

const (
	shortestPassword = 12
	longestPassword  = 256
)

//go:embed common-passwords.txt
var commonText string

// commonPasswords are what everybody thinks of first, in lower case.
var commonPasswords = func() map[string]bool {
	all := map[string]bool{}
	for word := range strings.FieldsSeq(commonText) {
		all[word] = true
	}
	return all
}()

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
		if known != "" && core(password) == core(known) {
			return views.Say(ctx, "This is too easy to guess: it is your e-mail address or the name of the business.")
		}
	}
	if common(password) {
		return views.Say(ctx, "This is one of the passwords that are tried first. Choose another.")
	}
	return ""
}

// core is what of a text is left without case, signs, and the digits that
// people put at its end.
func core(text string) string {
	text = strings.TrimRightFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}

// common says whether a password is one of the common ones, with digits and
// signs behind it or several times in a row.
func common(password string) bool {
	lower := strings.ToLower(password)
	for _, text := range []string{lower, core(password)} {
		if commonPasswords[text] || commonPasswords[period(text)] {
			return true
		}
	}
	return len(period(lower)) < 4
}

// period is the shortest text that gives this one when it is repeated.
func period(text string) string {
	for n := 1; n <= len(text)/2; n++ {
		if len(text)%n == 0 && strings.Repeat(text[:n], len(text)/n) == text {
			return text[:n]
		}
	}
	return text
}
