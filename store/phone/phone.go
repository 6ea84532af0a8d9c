// Package phone reads telephone numbers as people write them. One without the
// code of a country is of [Home].
package phone

import (
	"strings"

	"github.com/nyaruka/phonenumbers"

	"balancelink/store/fold"
)

// Home is the country, by its ISO 3166 code, of numbers that name none.
const Home = "NG"

// Parse reads a number that can be dialled from abroad, and writes it as E.164
// does: +2348031001001. ok is false for whatever is not one whole number: also
// an extension, letters for digits, and 009…, which may be the way out of
// Nigeria or the code of a country in Asia.
func Parse(text string) (e164 string, ok bool) {
	typed := Typed(text)
	if typed == "" || strings.HasPrefix(squeezed(text), "009") {
		return "", false
	}
	n, err := phonenumbers.Parse(typed, Home)
	if err != nil || !whole(n) {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

// whole says whether a number is as long as those of its country. Of ours, whose
// numbers may be of many lengths, it has to be one that is given out.
func whole(n *phonenumbers.PhoneNumber) bool {
	if phonenumbers.GetRegionCodeForCountryCode(int(n.GetCountryCode())) == Home {
		return phonenumbers.IsValidNumber(n)
	}
	return phonenumbers.IsPossibleNumberWithReason(n) == phonenumbers.IS_POSSIBLE
}

// Written is a number of E.164 with its groups apart, as people read it. What is
// none stays as it is.
func Written(number string) string {
	n, err := phonenumbers.Parse(number, Home)
	if _, ok := Parse(number); !ok || err != nil {
		return number
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}

// Forms are the ways in which a number is dialled, from abroad and within its
// country, in digits alone. Of what cannot be read it is the digits there are.
func Forms(text string) []string {
	number, ok := Parse(text)
	if !ok {
		if typed := Typed(text); typed != "" {
			return []string{typed}
		}
		return nil
	}
	n, err := phonenumbers.Parse(number, Home)
	if err != nil {
		return []string{number}
	}
	return []string{number, Typed(phonenumbers.Format(n, phonenumbers.NATIONAL))}
}

// Starts are the ways to begin a number: its [Forms], and each without the plus or the
// zero before it.
func Starts(text string) (all []string) {
	for _, form := range Forms(text) {
		all = append(all, form, strings.TrimLeft(form, "+0"))
	}
	return all
}

// Typed is what somebody typed of a number, its beginning perhaps, in digits
// with a plus before them if they wrote how it is dialled from abroad; empty:
// this is no part of a number.
func Typed(text string) string {
	text = squeezed(text)
	if after, ok := strings.CutPrefix(text, "00"); ok {
		text = "+" + after
	}
	digits := strings.TrimPrefix(text, "+")
	if len(digits) < 3 || strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	for _, code := range []string{"+2340", "2340"} { // +234 (0)803
		if after, ok := strings.CutPrefix(text, code); ok {
			return strings.TrimSuffix(code, "0") + after
		}
	}
	return text
}

// squeezed is a text without what is written between the digits of a number.
func squeezed(text string) string {
	return strings.NewReplacer(" ", "", "(", "", ")", "", "/", "").Replace(fold.Text(text))
}
