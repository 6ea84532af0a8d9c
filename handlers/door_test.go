package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
)

// Who types the address of the site in comes to what is theirs: a customer in two taps.
func TestTheFirstPageIsADoorForEverybody(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.CustomerWith("Amina Bello", "", "LN-7")
	customer := s.Connects(staff, id, "Amina123")
	customer.SetPassword("three little words")

	stranger := s.Browser()
	p := stranger.Get("/")
	p.WantText("h1", "Lender Ltd")
	doors := map[string]bool{}
	for _, a := range p.Find(".doors a").EachIter() {
		to, _ := a.Attr("href")
		doors[to] = true
	}
	if len(doors) != 2 || !doors["/me/login"] || !doors["/login"] {
		t.Errorf("the doors lead to %v", doors)
	}
	in := stranger.Post("/me/login", url.Values{"login": {"LN-7"}, "password": {"three little words"}})
	if in.Path != "/me" {
		t.Fatalf("after the second tap they are at %s", in.Path)
	}
	for name, row := range map[string]struct {
		who  *site.Browser
		path string
	}{"staff": {staff, "/"}, "signed in": {stranger, "/me"}, "by link": {s.Connects(staff, staff.AddCustomer("Funke Alabi"), "Funke123"), "/me"}} {
		if p := row.who.Get("/"); p.Path != row.path || p.Status != http.StatusOK {
			t.Errorf("%s come to %s, want %s", name, p.Path, row.path)
		}
	}
	s.Advance(9 * time.Hour)
	if p := stranger.Get("/"); p.Path != "/me/login" {
		t.Errorf("whose session is over comes to %s", p.Path)
	}
	if p := staff.Get("/"); p.Path != "/login" {
		t.Errorf("staff whose session is over come to %s", p.Path)
	}
}

func TestWhoSetsAPasswordIsToldHowToComeBack(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	customer := s.Connects(staff, staff.Customer(url.Values{
		"name": {"Amina Bello"}, "email": {"amina@example.com"}, "phone": {"0803 100 1001"}, "reference": {"LN-7"},
	}), "Amina123")
	customer.Get("/me/password").WantText(".lead", strings.TrimPrefix(s.URL, "https://"))
	form := url.Values{"password": {"three little words"}, "again": {"three little words"}}
	p := customer.Post("/me/password", form)
	for _, said := range []string{
		"Your password is set.", s.URL, "your e-mail address amina@example.com, your phone number +234 803 100 1001 or your reference LN-7",
	} {
		p.WantText("#notice", said)
	}
	if said := customer.Get("/me").TextOf("#notice"); said != "" {
		t.Errorf("it is said once more: %q", said)
	}
}
