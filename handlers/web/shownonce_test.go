package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
)

// Loading a page again makes nothing anew, and the code that it shows is that of
// the link beside it.
func TestALinkIsMadeOnceHoweverOftenItsPageIsLoaded(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer("Amina Bello")
	made := staff.Post("/customers/"+id+"/invitations", url.Values{"code": {"on"}})
	link, code := made.TextOf("#link"), made.TextOf("#code")
	for range 10 {
		if p := staff.Get(made.Path); p.TextOf("#link") != link || p.TextOf("#code") != code || link == "" || len(code) != 6 {
			t.Fatalf("loaded again the page shows %q and %q, want %q and %q", p.TextOf("#link"), p.TextOf("#code"), link, code)
		}
	}
	if n := s.Count(`SELECT COUNT(*) FROM invitations`); n != 1 {
		t.Errorf("%d links are open, want one", n)
	}
	b := s.Browser()
	p := b.Get(link)
	version, _ := p.Find("input[name=consent]").Attr("value")
	b.Post(p.Path+"/attempts", url.Values{"consent": {version}, "code": {code}}).WantStatus(http.StatusOK)

	s.SignedIn().Get(made.Path).WantStatus(http.StatusGone) // another browser has not seen it
	s.Advance(10*time.Minute + time.Second)
	staff.Get(made.Path).WantStatus(http.StatusGone)
}

func TestAStaffLinkIsMadeOnceHoweverOftenItsPageIsLoaded(t *testing.T) {
	s := site.New(t)
	owner := s.SignedIn()
	made := owner.Post("/staff", url.Values{"email": {"colleague@lender.example"}, "role": {"viewer"}})
	link := made.TextOf("#link")
	for range 3 {
		if got := owner.Get(made.Path).TextOf("#link"); got != link || link == "" {
			t.Fatalf("loaded again the page shows %q, want %q", got, link)
		}
	}
	s.Browser().Get(link).WantText("h1", "Choose your password")
	anew := owner.Post(made.Path, nil)
	if owner.Get(made.Path).TextOf("#link") != anew.TextOf("#link") || anew.TextOf("#link") == link {
		t.Error("a new link is not what is shown after it was made")
	}
	owner.Get("/profile/second-factor/codes").WantStatus(http.StatusGone)
}
