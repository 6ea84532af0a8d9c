package signin_test

import (
	"net/http"
	"net/url"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/views"
)

// withoutCookies is a browser that keeps none.
func withoutCookies(s *site.Site) *site.Browser {
	b := s.Browser()
	b.HTTP.Jar = nil
	return b
}

func TestABrowserWithoutCookiesIsToldSoAndNothingIsRecorded(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer("Amina Bello")
	link := staff.Invite(id)
	agree := url.Values{"consent": {views.CurrentConsent(false).Version}}

	b := withoutCookies(s)
	b.Get(link).WantStatus(http.StatusOK)
	for range 3 {
		p := b.Post(link+"/attempts", agree)
		p.WantText("h1", "Your browser keeps no cookies")
		if next, _ := p.Find("main a.button").Attr("href"); next != link {
			t.Errorf("it leads to %s, want the link", next)
		}
	}
	if n := s.Count(`SELECT COUNT(*) FROM consents`); n != 0 {
		t.Errorf("%d consents are recorded", n)
	}
	b = s.Browser()
	b.Get(link)
	b.Post(link+"/attempts", agree).WantStatus(http.StatusOK)
	if n := s.Count(`SELECT COUNT(*) FROM consents`); n != 1 {
		t.Errorf("%d consents are recorded, want one", n)
	}
}

func TestWhoSignsInWithoutCookiesIsToldSo(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.CustomerWith(s.Holder("Amina123"), "amina@example.com", "LN-7")
	s.Connects(staff, id, "Amina123").SetPassword("three little words")
	for path, form := range map[string]url.Values{
		"/login":    {"email": {site.StaffEmail}, "password": {site.StaffPassword}, "next": {"/customers"}},
		"/me/login": {"login": {"LN-7"}, "password": {"three little words"}},
	} {
		withoutCookies(s).Post(path, form).WantText("h1", "Your browser keeps no cookies")
		p := s.Browser().Post(path, form) // its first cookie is that of the session
		p.WantStatus(http.StatusOK)
		if want := map[string]string{"/login": "/customers", "/me/login": "/me"}[path]; p.Path != want {
			t.Errorf("after %s at %s, want %s", path, p.Path, want)
		}
	}
}
