package browser_test

import (
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/views/browsertest"
)

func TestWithdrawnAndWhatItLooksLike(t *testing.T) {
	axe := browsertest.Axe(t)
	s := site.New(t)
	officer := s.SignedIn()
	id := officer.CustomerWith(s.Holder("Dayo123"), "dayo@example.com", "LN-4")
	customer := s.Connects(officer, id, "Dayo123")
	customer.SetPassword("three little words")
	s.HeardAll()
	c := newChromium(t, s)
	staff := c.staff()
	account := s.Accounts(id)["3044556672"]
	staff.open("/accounts/" + account.ID)
	staff.waitFor("h1", "Dayo Ogunleye — First Bank of Nigeria savings ••6672")
	staff.wantAccessible(axe, "named-account")
	staff.open("/customers/" + id)
	staff.wantAccessible(axe, "named-customer")
	large := eval[string](staff, `getComputedStyle(document.querySelector(".figure-main dd")).fontSize`)

	customer.Post("/me/withdraw", nil).WantStatus(200)
	staff.reload()
	staff.waitFor("#consent-notice", "The customer withdrew their consent on")
	if small := eval[string](staff, `getComputedStyle(document.querySelector(".figure-main dd")).fontSize`); small >= large {
		t.Errorf("withdrawn, figures are %s high, and were %s", small, large)
	}
	staff.wantAccessible(axe, "withdrawn-customer")
	staff.open("/customers")
	staff.wantAccessible(axe, "withdrawn-list")
	me := c.tab(phone)
	me.open("/me/login")
	me.fill("#login", "LN-4")
	me.fill("#password", "three little words")
	me.press("Sign in")
	me.waitFor("#consent-notice", "You withdrew your consent on")
	me.wantAccessible(axe, "withdrawn-me")
}
