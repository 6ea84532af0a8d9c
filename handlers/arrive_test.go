package handlers_test

import (
	"net/http"
	"net/url"
	"testing"

	"balancelink/views"
)

// kept is what shows that a browser keeps cookies.
var kept = &http.Cookie{Name: "balancelink_kept", Value: "1"}

// withoutCookies is a browser that keeps none.
func withoutCookies(s *site) *browser {
	b := s.browser()
	b.http.Jar = nil
	return b
}

func TestABrowserWithoutCookiesIsToldSoAndNothingIsRecorded(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id := staff.addCustomer("Amina Bello")
	link := staff.invite(id)
	agree := url.Values{"consent": {views.CurrentConsent(false).Version}}

	b := withoutCookies(s)
	b.get(link).wantStatus(http.StatusOK)
	for range 3 {
		p := b.post(link+"/attempts", agree)
		p.wantText("h1", "Your browser keeps no cookies")
		if next, _ := p.Find("main a.button").Attr("href"); next != link {
			t.Errorf("it leads to %s, want the link", next)
		}
	}
	if n := s.count(`SELECT COUNT(*) FROM consents`); n != 0 {
		t.Errorf("%d consents are recorded", n)
	}
	b = s.browser()
	b.get(link)
	b.post(link+"/attempts", agree).wantStatus(http.StatusOK)
	if n := s.count(`SELECT COUNT(*) FROM consents`); n != 1 {
		t.Errorf("%d consents are recorded, want one", n)
	}
}

func TestWhoSignsInWithoutCookiesIsToldSo(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id := staff.customerWith(s.holder("Amina123"), "amina@example.com", "LN-7")
	s.connects(staff, id, "Amina123").setPassword("three little words")
	for path, form := range map[string]url.Values{
		"/login":    {"email": {staffEmail}, "password": {staffPassword}, "next": {"/customers"}},
		"/me/login": {"login": {"LN-7"}, "password": {"three little words"}},
	} {
		withoutCookies(s).post(path, form).wantText("h1", "Your browser keeps no cookies")
		p := s.browser().post(path, form) // its first cookie is that of the session
		p.wantStatus(http.StatusOK)
		if want := map[string]string{"/login": "/customers", "/me/login": "/me"}[path]; p.Path != want {
			t.Errorf("after %s at %s, want %s", path, p.Path, want)
		}
	}
}
