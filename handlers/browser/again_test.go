package browser_test

import (
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/views/browsertest"
)

func TestTwoPressesAskACustomerToSignInAgainAndOneOpensTheBank(t *testing.T) {
	axe := browsertest.Axe(t)
	s := site.New(t)
	officer := s.SignedIn()
	id, _ := s.Link(officer, s.Holder("Dayo123"), "Dayo123")
	s.HeardAll()
	before := s.Accounts(id)["3044556672"]
	s.Exec(`UPDATE accounts SET status = 'needs_login' WHERE id = $1`, before.ID)
	c := newChromium(t, s)
	staff := c.staff()
	staff.open("/customers/" + id)
	staff.wantAccessible(axe, "again-customer")
	staff.open("/accounts/" + before.ID)
	staff.waitFor("#ask-"+before.ID, "to sign in again")
	staff.wantAccessible(axe, "again-account")
	staff.open("/")
	staff.press("sign in again") // one: the tile
	staff.waitFor("#ask-all", "Ask all of them")
	staff.wantAccessible(axe, "again-list")
	staff.press("Ask to sign in again") // two
	staff.waitFor("h1", "to sign in again")
	staff.wantAccessible(axe, "again-link")
	link := eval[string](staff, `document.querySelector("#link").value`)

	customer := c.tab(phone)
	customer.open(link)
	customer.waitFor("h1", "First Bank of Nigeria needs you to sign in again")
	customer.wantAccessible(axe, "again-page")
	customer.press("Sign in at First Bank of Nigeria") // one, and there is the bank
	bank := customer.in(s.Settings.OkraWidgetURL)
	bank.waitFor("#step-login .bank-name", "First Bank")
	bank.fill("#username", "Dayo123")
	bank.fill("#password", "Akure")
	bank.click("#sign-in")
	bank.fill("#otp", "11111")
	bank.click("#confirm-otp")
	bank.click("input[name=account][value='3044556672']")
	bank.click("#share")
	bank.click("#done")
	customer.waitFor("#attempt h2", "Reconnected; your history stays")
	customer.wantAccessible(axe, "again-done")
	if a := s.Accounts(id)["3044556672"]; a.ID != before.ID || a.Status != store.AccountLinked {
		t.Errorf("the account is %s %s", a.ID, a.Status)
	}
	staff.waitFor("#steps", "Signed in again")
}

func TestASignInToAnotherAccountSaysWhichOneWasMeant(t *testing.T) {
	axe := browsertest.Axe(t)
	s := site.New(t)
	officer := s.SignedIn()
	id, _ := s.Link(officer, s.Holder("Dayo123"), "Dayo123")
	s.HeardAll()
	before := s.Accounts(id)["3044556672"]
	s.Exec(`UPDATE accounts SET status = 'needs_login' WHERE id = $1`, before.ID)
	page := officer.Post("/accounts/"+before.ID+"/sign-in-again", nil)
	c := newChromium(t, s)
	customer := c.tab(phone)
	customer.open(site.PersonalLink.FindString(page.Find("#link").Text()))
	customer.press("Sign in at First Bank of Nigeria")
	bank := customer.in(s.Settings.OkraWidgetURL)
	bank.waitFor("#step-login .bank-name", "First Bank")
	bank.press("Another bank")
	bank.waitFor("#banks li", "First Bank")
	if n := eval[int](bank, `document.querySelectorAll("#banks li").length`); n != 1 {
		t.Errorf("the window offers %d banks, want one", n)
	}
	nonce := customer.nonce()
	if _, err := s.Sim.Connect("Amina456", nonce, nil); err != nil { // whatever window that was
		t.Fatal(err)
	}
	s.Eventually("it is refused", func() bool { return s.Attempt(id, nonce).State == store.AttemptOther })
	customer.reload()
	customer.waitFor("#attempt h2", "That was another account")
	customer.wantAccessible(axe, "again-other")
	customer.press("Try again")
	customer.in(s.Settings.OkraWidgetURL).waitFor("#step-login .bank-name", "First Bank")
}
