// Package acts is what pages and programs ask for alike: what has to hold of what they
// send, and what is then done. It has no words for people, and knows no request.
package acts

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"balancelink/store"
	"balancelink/store/address"
	"balancelink/store/fold"
	"balancelink/store/phone"
	"balancelink/views/locale"
)

// Fault is why a field cannot be taken.
type Fault string

// The faults.
const (
	Missing     Fault = "missing"
	TooLong     Fault = "too_long"
	Unusable    Fault = "unusable" // it holds characters that cannot be used
	NotAnEmail  Fault = "not_an_email"
	NotANumber  Fault = "not_a_phone_number"
	NotLanguage Fault = "not_a_language"
	NotAKind    Fault = "not_a_kind" // neither a person nor a business
)

// LongestText is how many characters the fields of a customer may have,
// LongestNote how many their note.
const (
	LongestText = 200
	LongestNote = 1000
)

// CheckCustomer says what is wrong with what somebody typed of a customer, by field.
// What is right of it is as the store keeps it: nothing that cannot be seen is at the ends,
// nor within a reference, so that one reference is one customer, and the telephone number is
// in one form.
// Their language may also be one of those besides.
func CheckCustomer(typed store.Customer, besides ...string) (store.Customer, map[string]Fault) {
	wrong := map[string]Fault{}
	note := func(field string, f Fault) {
		if f != "" && wrong[field] == "" {
			wrong[field] = f
		}
	}
	if typed.Reference != "" && !fold.Seen(typed.Reference) {
		note("reference", Unusable)
	}
	for _, text := range []*string{&typed.Name, &typed.Reference, &typed.Email, &typed.Phone, &typed.Note} {
		*text = fold.Tidy(*text)
	}
	note("reference", CheckText(typed.Reference, LongestText)) // a line break is no space
	typed.Reference = fold.Shown(typed.Reference)
	note("name", CheckText(typed.Name, LongestText))
	note("email", CheckText(typed.Email, LongestText))
	note("phone", CheckText(typed.Phone, LongestText))
	note("note", CheckText(strings.ReplaceAll(typed.Note, "\n", " "), LongestNote))
	if !fold.Named(typed.Name) {
		note("name", Missing)
	}
	if _, is := address.OnWire(typed.Email); typed.Email != "" && !is {
		note("email", NotAnEmail)
	}
	if typed.Language != "" && !slices.Contains(append(locale.Languages(), besides...), typed.Language) {
		note("language", NotLanguage)
	}
	if typed.Kind != "" && !typed.Kind.Known() {
		note("kind", NotAKind)
	}
	if typed.Phone != "" {
		number, ok := phone.Parse(typed.Phone)
		if !ok {
			note("phone", NotANumber)
		}
		typed.Phone = number
	}
	return typed, wrong
}

// CheckText says what is wrong with a text; empty: nothing.
func CheckText(text string, longest int) Fault {
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return Unusable
	case utf8.RuneCountInString(text) > longest:
		return TooLong
	}
	return ""
}
