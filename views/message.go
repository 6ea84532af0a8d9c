package views

import (
	"context"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"balancelink/views/locale"
)

// LinkMessage is the text that a personal link is sent with where the business has none
// of its own: what differs stands in it in braces.
func LinkMessage(ctx context.Context, withPhone bool) string {
	text := say(
		ctx, "Hello {customer}, this is {business}. Please connect your bank here: {link} It works until {until}.",
	)
	if withPhone {
		text += " " + say(ctx, "Questions? {phone}")
	}
	return text
}

// waysToSend are the addresses by which programs of a phone take a message, without
// the message, which is their end.
func (p InvitationPage) waysToSend(ctx context.Context) []wayToSend {
	digits := strings.TrimPrefix(p.Phone, "+")
	subject := inAddress(say(ctx, "Connect your bank"))
	if p.Bank != "" {
		subject = inAddress(say(ctx, "Sign in at %s", p.Bank))
	}
	return []wayToSend{
		{"whatsapp", say(ctx, "WhatsApp"), "https://wa.me/" + digits + "?text="},
		{"sms", say(ctx, "SMS"), "sms:" + p.Phone + "?&body="}, // of iOS & begins it, of others ?
		{"e-mail", say(ctx, "E-mail"), "mailto:" + inAddress(p.Email) + "?subject=" + subject + "&body="},
	}
}

// wayToSend is a way to send a message: Way says which, in a word.
type wayToSend struct{ Way, Name, Before string }

// with is the address for a message. It begins as one of ours does, of which templ knows
// all but sms:.
func (w wayToSend) with(message string) templ.SafeURL {
	return templ.SafeURL(w.Before + inAddress(message))
}

// inAddress is a text within an address. A plus would be read as one in a message.
func inAddress(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// writtenIn says in which language a message is, where that is not the page's.
func (p InvitationPage) writtenIn(ctx context.Context) string {
	if p.Language == locale.Language(ctx) {
		return say(ctx, "Change it as you like. The link has to stay in it.")
	}
	return say(ctx, "It is in %s. Change it as you like. The link has to stay in it.", languageName(ctx, p.Language))
}
