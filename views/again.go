package views

import "context"

// AgainAccount is the account to which a customer is to sign in again.
type AgainAccount struct {
	Bank   string
	Number string // masked; empty: not known
}

// bank is its bank at the start of a sentence.
func (a AgainAccount) bank(ctx context.Context) string { return Account{BankName: a.Bank}.bank(ctx) }

// named is the account as people tell it from others.
func (a AgainAccount) named(ctx context.Context) string {
	if a.Number == "" || a.Number == Unreadable {
		return a.bank(ctx)
	}
	return a.bank(ctx) + " " + Number(ctx, a.Number)
}

// AskToSignIn is the button that makes a personal link for an account in a list.
type AskToSignIn struct{ URL, Account string } // POST

// AskAllToSignIn makes such links for all accounts in need, as one file.
type AskAllToSignIn struct {
	URL              string // POST
	Accounts, Linked int    // in need, and those with a link that works
	Most             int    // links that one press makes
}

// left are the accounts in need without a link that works.
func (a AskAllToSignIn) left() int { return a.Accounts - a.Linked }

// AgainMessage is the text that such a link is sent with: what differs stands in it in
// braces, as in [LinkMessage].
func AgainMessage(ctx context.Context, bank string, withPhone bool) string {
	text := say(
		ctx, "Hello {customer}, this is {business}. %s needs you to sign in again before it shows us your balance. Please do so here: {link} It works until {until}.",
		bank,
	)
	if withPhone {
		text += " " + say(ctx, "Questions? {phone}")
	}
	return text
}
