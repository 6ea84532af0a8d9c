// Package address reads e-mail addresses as people write them.
package address

import (
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// OnWire is an address as every mail server takes it: of a domain with letters beyond ASCII,
// such as bücher.example, as it stands in the DNS. ok is false for whatever is not one
// address and nothing besides, and for a domain that cannot stand there.
func OnWire(text string) (wire string, ok bool) {
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text {
		return "", false
	}
	at := strings.LastIndexByte(text, '@')
	person, domain := text[:at+1], text[at+1:]
	if isASCII(domain) {
		return text, true
	}
	domain, err = idna.Lookup.ToASCII(domain)
	return person + domain, err == nil
}

func isASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r > '~' }) < 0
}
