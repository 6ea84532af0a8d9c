package handlers_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"
)

// Loading a page again makes nothing anew, and the code that it shows is that of
// the link beside it.
func TestALinkIsMadeOnceHoweverOftenItsPageIsLoaded(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id := staff.addCustomer("Amina Bello")
	made := staff.post("/customers/"+id+"/invitations", url.Values{"code": {"on"}})
	link, code := made.text("#link"), made.text("#code")
	for range 10 {
		if p := staff.get(made.Path); p.text("#link") != link || p.text("#code") != code || link == "" || len(code) != 6 {
			t.Fatalf("loaded again the page shows %q and %q, want %q and %q", p.text("#link"), p.text("#code"), link, code)
		}
	}
	if n := s.count(`SELECT COUNT(*) FROM invitations`); n != 1 {
		t.Errorf("%d links are open, want one", n)
	}
	b := s.browser()
	p := b.get(link)
	version, _ := p.Find("input[name=consent]").Attr("value")
	b.post(p.Path+"/attempts", url.Values{"consent": {version}, "code": {code}}).wantStatus(http.StatusOK)

	s.signedIn().get(made.Path).wantStatus(http.StatusGone) // another browser has not seen it
	s.advance(10*time.Minute + time.Second)
	staff.get(made.Path).wantStatus(http.StatusGone)
}

func TestAStaffLinkIsMadeOnceHoweverOftenItsPageIsLoaded(t *testing.T) {
	s := newSite(t)
	owner := s.signedIn()
	made := owner.post("/staff", url.Values{"email": {colleagueEmail}, "role": {"viewer"}})
	link := made.text("#link")
	for range 3 {
		if got := owner.get(made.Path).text("#link"); got != link || link == "" {
			t.Fatalf("loaded again the page shows %q, want %q", got, link)
		}
	}
	s.browser().get(link).wantText("h1", "Choose your password")
	anew := owner.post(made.Path, nil)
	if owner.get(made.Path).text("#link") != anew.text("#link") || anew.text("#link") == link {
		t.Error("a new link is not what is shown after it was made")
	}
	owner.get("/profile/second-factor/codes").wantStatus(http.StatusGone)
}
