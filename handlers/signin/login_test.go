package signin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
)

func TestWhoeverIsWrongGetsTheSameWords(t *testing.T) {
	s := site.New(t)
	texts := map[string]bool{}
	for name, form := range map[string]url.Values{
		"wrong password": {"email": {site.StaffEmail}, "password": {"not the password"}},
		"nobody":         {"email": {"nobody@lender.example"}, "password": {site.StaffPassword}},
		"nothing":        {},
	} {
		b := s.Browser()
		p := b.Post("/login", form)
		if p.Status != http.StatusUnauthorized || b.Cookie(site.StaffCookie) != "" {
			t.Errorf("%s: %d with cookie %q, want 401 and none", name, p.Status, b.Cookie(site.StaffCookie))
		}
		texts[p.TextOf("#email-error")] = true
		if got, _ := p.Find("#email").Attr("value"); got != form.Get("email") {
			t.Errorf("%s: the e-mail is %q, want what was typed", name, got)
		}
	}
	if len(texts) != 1 || !texts["Wrong e-mail or password."] {
		t.Errorf("answers = %v, want one", texts)
	}
	if p := s.Browser().Post("/login", url.Values{"email": {strings.Repeat("x", 17<<10)}}); p.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("a huge form: %d, want 413", p.Status)
	}
}

func TestASessionIsNewAtEachSignInAndEndsOnTheServer(t *testing.T) {
	s := site.New(t)
	b := s.SignedIn()
	first := b.Cookie(site.StaffCookie)
	p := b.Post("/login", url.Values{"email": {strings.ToUpper(site.StaffEmail)}, "password": {site.StaffPassword}, "next": {"//evil.example/x"}})
	if p.WantStatus(http.StatusOK); p.Path != "/" {
		t.Errorf("after a sign-in that should lead to another site: at %s, want /", p.Path)
	}
	second := b.Cookie(site.StaffCookie)
	if second == first {
		t.Error("the session is that of before the sign-in")
	}
	signedIn := func(cookie string) bool {
		return s.With(site.StaffCookie, cookie).Get("/customers").Path == "/customers"
	}
	if signedIn(first) {
		t.Error("the session of before the sign-in still lives")
	}
	if !signedIn(second) {
		t.Error("the new session does not live")
	}
	if p := b.Post("/logout", nil); p.Path != "/login" || b.Cookie(site.StaffCookie) != "" {
		t.Errorf("after signing out at %s with cookie %q", p.Path, b.Cookie(site.StaffCookie))
	}
	if signedIn(second) {
		t.Error("a cookie replayed after signing out is still good")
	}
}

func TestAnIdleSessionEnds(t *testing.T) {
	s := site.New(t)
	b := s.SignedIn()
	s.Advance(14 * time.Minute)
	b.Get("/customers").WantStatus(http.StatusOK)
	s.Advance(14 * time.Minute)
	if p := b.Get("/customers"); p.Path != "/customers" {
		t.Fatalf("a session in use ended: at %s", p.Path)
	}
	s.Advance(15*time.Minute + time.Second)
	if p := b.Get("/customers"); p.Path != "/login" {
		t.Errorf("an idle session lives: at %s", p.Path)
	}
}

func TestNextLeadsNowhereElse(t *testing.T) {
	s := site.New(t)
	for next, want := range map[string]string{
		"/customers?q=a": "/customers?q=a", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", `\/evil.example`: "/",
		"javascript:alert(1)": "/", "/a\r\nSet-Cookie: x=1": "/", "": "/", "evil": "/", "/\t/evil.example": "/",
	} {
		p := s.Browser().Get("/login?next=" + url.QueryEscape(next))
		if got, _ := p.Find("input[name=next]").Attr("value"); got != want {
			t.Errorf("next %q becomes %q, want %q", next, got, want)
		}
	}
}

func TestWithoutASessionNothingIsShown(t *testing.T) {
	s := site.New(t)
	for _, path := range []string{"/today", "/customers", "/customers/x", "/accounts/x", "/refreshes/x", "/inbox", "/inbox/x"} {
		p := s.Browser().Still().Get(path)
		if to := p.Header.Get("Location"); p.Status != http.StatusSeeOther || !strings.HasPrefix(to, "/login") {
			t.Errorf("GET %s: %d to %q, want to /login", path, p.Status, to)
		}
		fragment := s.Browser().HTMX("GET", path)
		if fragment.Status != http.StatusUnauthorized || fragment.Find("form").Length() != 0 || fragment.Find("#notice a[href^='/login']").Length() != 1 {
			t.Errorf("GET %s as a fragment: %d %s", path, fragment.Status, fragment.TextOf("body"))
		}
	}
	for _, path := range []string{"/customers", "/customers/x/invitations", "/customers/x/invitations/y/revoke", "/accounts/x/refresh", "/accounts/x/check", "/accounts/x/reveal", "/inbox/x/replay", "/logout"} {
		p := s.Browser().Still().Post(path, nil)
		if p.Status != http.StatusSeeOther || !strings.HasPrefix(p.Header.Get("Location"), "/login?") {
			t.Errorf("POST %s: %d to %q, want to /login", path, p.Status, p.Header.Get("Location"))
		}
	}
	for _, path := range []string{"/me", "/me/accounts/x", "/me/refreshes/x", "/connect/attempts/x", "/connect/attempts/x/status"} {
		if p := s.Browser().Get(path); p.Status != http.StatusUnauthorized {
			t.Errorf("GET %s: %d, want 401", path, p.Status)
		}
	}
	for _, path := range []string{"/me/attempts", "/me/accounts/x/refresh", "/me/accounts/x/reveal", "/connect/attempts/x/success", "/connect/attempts/x/close", "/connect/attempts/x/error"} {
		if p := s.Browser().Post(path, nil); p.Status != http.StatusUnauthorized {
			t.Errorf("POST %s: %d, want 401", path, p.Status)
		}
	}
}

func TestACookieThatMeansNothingMeansNobody(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	good := staff.Cookie(site.StaffCookie)
	for _, value := range []string{"garbage", "x", strings.Repeat("A", 3000), good[:len(good)-2], good + "AA", "%00", "null"} {
		if p := s.With(site.StaffCookie, value).Get("/"); p.Status != http.StatusOK || p.Path != "/login" {
			t.Errorf("cookie %.20q: %d at %s, want the sign-in page", value, p.Status, p.Path)
		}
		if p := s.With(site.CustomerCookie, value).Get("/me"); p.Status != http.StatusUnauthorized {
			t.Errorf("cookie %.20q: %d on /me, want 401", value, p.Status)
		}
	}
	if p := s.With(site.CustomerCookie, good).Get("/me"); p.Status != http.StatusUnauthorized {
		t.Errorf("a staff cookie in the customer's place: %d, want 401", p.Status)
	}
}

// Whoever types the address alone finds the way in, staff or customer.
func TestEachSignInPageLeadsToTheOther(t *testing.T) {
	s := site.New(t)
	b := s.Browser()
	p := b.Get("/")
	for _, want := range []string{"/me/login", "/login"} {
		to, _ := p.Find("main a[href$='login']").Attr("href")
		if to != want {
			t.Fatalf("%s leads to %q, want %s", p.Path, to, want)
		}
		p = b.Get(to)
		p.WantStatus(http.StatusOK)
	}
}
