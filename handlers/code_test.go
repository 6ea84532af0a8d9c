package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// aCode finds the code in an e-mail.
var aCode = regexp.MustCompile(`\b\d{6}\b`)

// asksForCode asks for a code as somebody who is not known, and returns the browser and the page.
func asksForCode(s *site.Site, login string) (*site.Browser, site.Page) {
	s.T.Helper()
	b := s.Browser()
	b.Get("/me/code").WantStatus(http.StatusOK)
	p := b.Post("/me/code", url.Values{"login": {login}})
	p.WantStatus(http.StatusOK)
	return b, p
}

// comesBack is a customer with an e-mail address who has set a password.
func comesBack(s *site.Site, staff *site.Browser, address string) (id string) {
	s.T.Helper()
	id = staff.CustomerWith("Amina Bello", address, "LN-1")
	s.Connects(staff, id, "Amina456").SetPassword("three little words")
	return id
}

func TestACustomerSignsInWithACodeThatWasSentByEMail(t *testing.T) {
	s, box := withMail(t)
	staff := s.SignedIn()
	id := comesBack(s, staff, "amina@example.com")
	s.Exec(`UPDATE customers SET put_off_until = $1`, s.Clock().Add(time.Hour).UnixMilli()) // they ask for it themselves
	stranger := s.Browser()
	if p := stranger.Get("/me/login"); p.Find("a[href='/me/code']").Length() != 1 {
		t.Error("the sign-in page leads to no code")
	}
	b, known := asksForCode(s, "Amina@Example.com")
	_, unknown := asksForCode(s, "nobody@example.com")
	if a, b := known.TextOf("main"), unknown.TextOf("main"); strings.ReplaceAll(a, "Amina@Example.com", "") != strings.ReplaceAll(b, "nobody@example.com", "") {
		t.Errorf("the answers differ: %q and %q", a, b)
	}
	known.WantText("#notice", "If a code can be sent to you, it is on its way.")
	m := arrives(s, box, "amina@example.com", 1)
	code := aCode.FindString(m.Body)
	if m.Subject != "[Simulated] Your code to sign in at Lender Ltd" || code == "" {
		t.Fatalf("%q: %s", m.Subject, m.Body)
	}
	if found := amountOrNumber.FindString(strings.ReplaceAll(m.Body, code, "")); found != "" || strings.Contains(m.Body, "Amina") {
		t.Errorf("the e-mail says more than the code: %s", m.Body)
	}
	p := b.Post("/me/code/enter", url.Values{"code": {site.WrongCode(code)}})
	p.WantStatus(http.StatusUnauthorized)
	p.WantText("#code-error", "This is not the code, or it works no more.")
	p = b.Post("/me/code/enter", url.Values{"code": {code[:3] + " " + code[3:]}})
	p.WantText("h1", "Your balances")
	p.WantText("main", "Zenith Bank")
	if n := s.Count(`SELECT COUNT(*) FROM sign_in_codes`); n != 0 {
		t.Error("the code works on")
	}
	again, _ := asksForCode(s, "amina@example.com") // within a minute: no other is sent
	again.Post("/me/code/enter", url.Values{"code": {code}}).WantStatus(http.StatusUnauthorized)
	s.Eventually("nothing waits", func() bool { return s.Count(`SELECT COUNT(*) FROM mails WHERE state = 'waiting'`) == 0 })
	if all := box.Messages(); len(all) != 1 {
		t.Errorf("%d e-mails, want one", len(all))
	}
	for action, want := range map[store.Action]int{store.ActCodeAsked: 1, store.ActSignedIn: 1} {
		got := slices.DeleteFunc(s.Acts(store.AuditQuery{Customer: id}), func(e store.AuditEntry) bool { return e.Action != action })
		if len(got) != want {
			t.Errorf("the log has %q %d times, want %d", action, len(got), want)
		}
	}
}

// The code goes to the address that staff have of the number's customer, whoever asks.
func TestACodeForANumberGoesToTheAddressOfItsCustomer(t *testing.T) {
	s, box := withMail(t)
	staff := s.SignedIn()
	form := url.Values{"name": {"Amina Bello"}, "email": {"amina@example.com"}, "phone": {"0803 100 1001"}, "reference": {"LN-1"}}
	s.Connects(staff, staff.Customer(form), "Amina456").SetPassword("three little words")
	for i, login := range []string{"0803 100 1001", "LN-1"} {
		b, known := asksForCode(s, login)
		_, unknown := asksForCode(s, strings.NewReplacer("0803", "0805", "LN-1", "LN-8").Replace(login))
		if a, b := known.TextOf("main"), unknown.TextOf("main"); strings.ReplaceAll(a, login, "") != strings.NewReplacer("0805 100 1001", "", "LN-8", "").Replace(b) {
			t.Errorf("%s: the answers differ: %q and %q", login, a, b)
		}
		if text := known.TextOf("main"); strings.Contains(text, "amina@") || !strings.Contains(text, "the address of whoever signs in with "+login) {
			t.Errorf("the page says %q", text)
		}
		code := aCode.FindString(arrives(s, box, "amina@example.com", i+1).Body)
		b.Post("/me/code/enter", url.Values{"code": {code}}).WantText("h1", "Your balances")
		s.Advance(2 * time.Minute)
	}
	if n := len(box.Messages()); n != 2 {
		t.Errorf("%d e-mails, want two", n)
	}
}

func TestACodeIsOverAfterTenMinutesOrFiveWrongOnes(t *testing.T) {
	s, box := withMail(t)
	comesBack(s, s.SignedIn(), "amina@example.com")
	b, _ := asksForCode(s, "amina@example.com")
	code := aCode.FindString(arrives(s, box, "amina@example.com", 1).Body)
	for range store.CodeTries {
		b.Post("/me/code/enter", url.Values{"code": {site.WrongCode(code)}}).WantStatus(http.StatusUnauthorized)
	}
	s.Advance(2 * time.Minute) // the delay after wrong ones is over
	b.Post("/me/code/enter", url.Values{"code": {code}}).WantStatus(http.StatusUnauthorized)
	b, _ = asksForCode(s, "amina@example.com")
	code = aCode.FindString(arrives(s, box, "amina@example.com", 2).Body)
	s.Advance(store.CodeFor)
	if p := b.Post("/me/code/enter", url.Values{"code": {code}}); p.Path == "/me" {
		t.Error("a code works after its time")
	}
}

func TestACodeIsSentToNobodyWhoDidNotSetAPasswordOrGaveTheAddressByALink(t *testing.T) {
	s, box := withMail(t)
	staff := s.SignedIn()
	id := comesBack(s, staff, "amina@example.com")
	staff.CustomerWith("Bola Ade", "bola@example.com", "LN-2") // without a password
	cu, err := s.Store.CustomerByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	cu.Email = "another@example.com"
	if err := s.Store.CorrectCustomer(t.Context(), store.ByVisit("somebody"), cu, nil); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"amina@example.com", "another@example.com", "bola@example.com", "LN-1@example.com"} {
		asksForCode(s, address)
	}
	if n := s.Count(`SELECT COUNT(*) FROM mails`); n != 0 || len(box.Messages()) != 0 {
		t.Errorf("%d e-mails", n)
	}
	staff.Post("/customers/"+id+"/edit", url.Values{"name": {cu.Name}, "email": {"third@example.com"}, "reference": {"LN-1"}}).WantStatus(http.StatusOK)
	asksForCode(s, "third@example.com")
	arrives(s, box, "third@example.com", 1)
}

func TestCodesAreAskedForOnlySoOften(t *testing.T) {
	s, _ := withMail(t)
	b := s.Browser()
	b.Get("/me/code").WantStatus(http.StatusOK)
	var p site.Page
	for i := range 6 { // the forms of a number are one login
		p = b.Post("/me/code", url.Values{"login": {[]string{"0803 100 1001", "+2348031001001", "0803-1001001"}[i%3]}})
	}
	p.WantStatus(http.StatusTooManyRequests)
	p.WantText("#login-error", "You have asked for several codes.")
	if p.Header.Get("Retry-After") == "" {
		t.Error("nothing says when to come back")
	}
	for typed, want := range map[string]string{"": "Enter your phone number", "nobody@": "Enter an e-mail address"} {
		p := b.Post("/me/code", url.Values{"login": {typed}})
		p.WantStatus(http.StatusUnprocessableEntity)
		p.WantText("#login-error", want)
	}
	s.Browser().Get("/me/code/enter").WantText("h1", "Sign in with a code")
}

func TestWhereNoCodesAreSentNoPageOffersThem(t *testing.T) {
	s := site.New(t)
	if p := s.Browser().Get("/me/login"); p.Find("a[href='/me/code']").Length() != 0 {
		t.Error("a code is offered")
	}
	s.Browser().Get("/me/code").WantStatus(http.StatusNotFound)
}
