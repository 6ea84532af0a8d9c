package views

import (
	"testing"
)

func TestNoLinkIsBlank(t *testing.T) {
	for _, unseen := range []string{"", "\u200b", "\u3164\u2800", "\u202e\u202c", "\u00a0"} {
		_, doc := render(t, customerTable(sampleClock, []CustomerRow{{Name: unseen, URL: "/customers/1"}}, nil))
		if got := doc.Find("a").Text(); got != "—" {
			t.Errorf("a customer called %+q is the link %q", unseen, got)
		}
		_, doc = render(t, AccountCard(sampleClock, Account{Name: unseen, Type: unseen, BankName: "GTBank", URL: "/accounts/1"}))
		if got := words(doc.Find("h3 a").Text()); got != "Account" {
			t.Errorf("an account of %+q is the link %q", unseen, got)
		}
	}
}
