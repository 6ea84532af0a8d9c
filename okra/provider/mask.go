package provider

import (
	"regexp"
	"unicode"
)

// longNumber is ten digits or more, in whatever script, with no more between two
// of them than people write there.
var longNumber = regexp.MustCompile(`\p{Nd}(?:[^\p{L}\p{Nd}]{0,3}\p{Nd}){9,}`)

// MaskNumbers returns text with every digit of a number masked that has ten of
// them or more, but for the last four.
func MaskNumbers(text string) string { return longNumber.ReplaceAllStringFunc(text, LastDigits) }

// LastDigits masks all digits but the last four.
func LastDigits(number string) string {
	runes, shown := []rune(number), 0
	for i := len(runes) - 1; i >= 0; i-- {
		if !unicode.IsDigit(runes[i]) {
			continue
		}
		if shown++; shown > 4 {
			runes[i] = '•'
		}
	}
	return string(runes)
}
