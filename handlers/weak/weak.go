// Package weak knows what is soon guessed: passwords that many have, and keys
// that nobody drew by chance.
package weak

import (
	_ "embed"
	"strings"
	"unicode"
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

// Common says whether a password is one of the common ones, with digits and
// signs behind it or several times in a row.
func Common(password string) bool {
	lower := strings.ToLower(password)
	for _, text := range []string{lower, core(password)} {
		if commonPasswords[text] || commonPasswords[period(text)] {
			return true
		}
	}
	return len(period(lower)) < 4
}

// Like says whether a password is a known text, but for case and signs and the
// digits that people put at its end.
func Like(password, known string) bool {
	return known != "" && core(password) == core(known)
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

// period is the shortest text that gives this one when it is repeated.
func period(text string) string {
	for n := 1; n <= len(text)/2; n++ {
		if len(text)%n == 0 && strings.Repeat(text[:n], len(text)/n) == text {
			return text[:n]
		}
	}
	return text
}

// What a key that was drawn by chance has.
const (
	leastSteps  = 3 // different steps from one byte to the next
	leastPeriod = 8 // bytes until it repeats itself
)

// leastVariety is how many different bytes it has: of 16 or 32 hexadecimal digits
// fewer are different once in millions of keys.
func leastVariety(key string) int { return min(8, max(5, len(key)/4)) }

// Key says whether a key is one that nobody drew by chance: a common password,
// few different bytes, a short text again and again, or counted.
func Key(key string) bool {
	different, steps := map[byte]bool{}, map[byte]bool{}
	for i := range len(key) {
		different[key[i]] = true
		if i > 0 {
			steps[key[i]-key[i-1]] = true
		}
	}
	return len(different) < leastVariety(key) || len(steps) < leastSteps || len(period(key)) < leastPeriod ||
		isTyped(key) && Common(key)
}

// isTyped says whether a text can be typed: the few letters among bytes drawn by chance
// may spell anything.
func isTyped(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return r == unicode.ReplacementChar || !unicode.IsGraphic(r)
	})
}
