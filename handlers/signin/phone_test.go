package signin_test

import (
	"net/http"
	"net/url"
	"testing"

	"balancelink/handlers/sitetest/site"
)

// signsIn says how a page answers a customer's login and password in a new browser.
func signsIn(s *site.Site, login, password string) site.Page {
	s.T.Helper()
	return s.Browser().Post("/me/login", url.Values{"login": {login}, "password": {password}})
}

// attempt is one to sign in as a customer, and the status of its answer.
type attempt struct {
	login, password string
	want            int
}

func wantSignIns(s *site.Site, attempts ...attempt) {
	s.T.Helper()
	for _, a := range attempts {
		if p := signsIn(s, a.login, a.password); p.Status != a.want {
			s.T.Errorf("%s with %q: %d, want %d", a.login, a.password, p.Status, a.want)
		}
	}
}

func TestACustomerSignsInByTheirNumberHoweverTheyWriteIt(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.Customer(url.Values{"name": {"Amina Bello"}, "phone": {"0803 100 1001"}})
	staffRead := func(id, want string) {
		t.Helper()
		if got := staff.Get("/customers/" + id).TextOf("dt:contains('Signs in with') + dd"); got != want {
			t.Errorf("staff read that they sign in with %q, want %q", got, want)
		}
	}
	staffRead(id, "")
	const password = "three little words"
	b := s.Connects(staff, id, "Amina123")
	b.Get("/me/password").WantText(".lead", "sign in with your phone number +234 803 100 1001.")
	b.SetPassword(password)
	for _, login := range []string{"08031001001", "0803-100-1001", " +234 803 100 1001 ", "2348031001001", "+234 (0) 803 100 1001"} {
		if p := signsIn(s, login, password); p.Path != "/me" {
			t.Errorf("%q: %d at %s", login, p.Status, p.Path)
		}
	}
	p := signsIn(s, "0803 100 1001", "another little word")
	p.WantStatus(http.StatusUnauthorized)
	field := p.Find("#login")
	for attribute, want := range map[string]string{
		"value": "0803 100 1001", "type": "text", "autocomplete": "username", "inputmode": "email", "aria-describedby": "login-hint login-error",
	} {
		if got := field.AttrOr(attribute, ""); got != want {
			t.Errorf("the field's %s is %q, want %q", attribute, got, want)
		}
	}
	staffRead(id, "phone number")

	correct := func(number string) {
		form := url.Values{"name": {"Amina Bello"}, "reference": {"LN-1"}, "phone": {number}}
		staff.Post("/customers/"+id+"/edit", form).WantStatus(http.StatusOK)
	}
	correct("0806 100 1001")
	signsIn(s, "0803 100 1001", password).WantStatus(http.StatusUnauthorized)
	signsIn(s, "0806 100 1001", password).WantStatus(http.StatusOK)
	staffRead(id, "phone number or reference")
	correct("")
	signsIn(s, "0806 100 1001", password).WantStatus(http.StatusUnauthorized)
	signsIn(s, "LN-1", password).WantStatus(http.StatusOK)
	staffRead(id, "reference")
}

// Shops write down one number for a family.
func TestCustomersWhoShareANumberAreToldWhatToSignInWith(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	words := map[string]string{"LN-1": "three little words", "LN-2": "four more little words"}
	add := func(name, email, number, reference string) string {
		return staff.Customer(url.Values{"name": {name}, "email": {email}, "phone": {number}, "reference": {reference}})
	}
	s.Connects(staff, add("Amina Bello", "a@example.com", "0803 100 1001", "LN-1"), "Amina123").SetPassword(words["LN-1"])
	sister := add("Amina Bello", "", "+234 803 100 1001", "LN-2")
	second := s.Connects(staff, sister, "Amina456")
	p := second.Get("/me/password")
	p.WantText(".lead", "with your reference LN-2.")
	p.WantText("main", "Your phone number is another customer's login at Lender Ltd")
	if got := p.Find("input[name=username]").AttrOr("value", ""); got != "LN-2" {
		t.Errorf("password managers are told %q", got)
	}
	second.SetPassword(words["LN-2"])
	wantSignIns(
		s, attempt{"0803 100 1001", words["LN-1"], 200}, attempt{"LN-1", words["LN-1"], 200},
		attempt{"LN-2", words["LN-2"], 200}, attempt{"0803 100 1001", words["LN-2"], 401},
	)
	if got := staff.Get("/customers/" + sister).TextOf("dt:contains('Signs in with') + dd"); got != "reference" {
		t.Errorf("staff read that she signs in with %q", got)
	}
	password := url.Values{"password": {"five more little words"}, "again": {"five more little words"}}
	for _, row := range []struct{ login, email, want string }{
		{"Bola123", "", "Your phone number is another customer's login"},
		{"Efe123", "A@example.com", "Your e-mail address and your phone number are other customers' logins"},
	} {
		third := s.Connects(staff, add(s.Holder(row.login), row.email, "08031001001", ""), row.login)
		p := third.Get("/me/password")
		p.WantText("main", row.want)
		p.WantText("main", "Ask Lender Ltd to add a reference for you")
		third.Post("/me/password", password).WantStatus(http.StatusConflict)
	}
}
