package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
)

func TestEveryKindOfAnswerCarriesTheSecurityHeaders(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	cross := http.Header{"Sec-Fetch-Site": {"cross-site"}}
	fragment := http.Header{"Hx-Request": {"true"}}
	for _, row := range []struct {
		name, method, path string
		header             http.Header
		who                *site.Browser
		want               int
	}{
		{"page", "GET", "/customers", nil, staff, 200},
		{"public page", "GET", "/login", nil, s.Browser(), 200},
		{"redirect", "GET", "/customers", nil, s.Browser().Still(), 303},
		{"wrong form", "POST", "/customers", nil, staff, 422},
		{"nothing there", "GET", "/no/such/page", nil, staff, 404},
		{"no such customer", "GET", "/customers/x", nil, staff, 404},
		{"fragment that fails", "GET", "/refreshes/x", fragment, staff, 404},
		{"signed out fragment", "GET", "/refreshes/x", fragment, s.Browser(), 401},
		{"link of no use", "GET", "/connect/x", nil, s.Browser(), 410},
		{"wrong method", "DELETE", "/customers", nil, staff, 405},
		{"webhook without a token", "POST", "/webhooks/okra", nil, s.Browser(), 401},
		{"another site's form", "POST", "/customers", cross, staff, 403},
		{"alive", "GET", "/healthz", nil, s.Browser(), 200},
		{"ready", "GET", "/readyz", nil, s.Browser(), 200},
		{"no such file", "GET", "/static/nothing.js", nil, s.Browser(), 404},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := row.who.Do(row.method, row.path, nil, row.header)
			if p.Status != row.want {
				t.Errorf("status = %d, want %d", p.Status, row.want)
			}
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-store",
			} {
				if got := p.Header.Get(name); got != want {
					t.Errorf("%s = %q, want %q", name, got, want)
				}
			}
			csp := p.Header.Get("Content-Security-Policy")
			for _, part := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
				if !strings.Contains(csp, part) {
					t.Errorf("policy %q lacks %q", csp, part)
				}
			}
			if row.want != 303 && p.Header.Get("Content-Type") == "" {
				t.Error("no Content-Type")
			}
		})
	}
}

func TestOnlyThePageAroundTheBankWindowMayHoldAFrame(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	b := s.Browser()
	link := staff.Invite(staff.AddCustomer("Amina Bello"))
	nonce := b.Consent(link)
	frames := func(path string) string {
		_, after, _ := strings.Cut(b.Get(path).Header.Get("Content-Security-Policy"), "frame-src ")
		frames, _, _ := strings.Cut(after, ";")
		return frames
	}
	for path, want := range map[string]string{
		"/connect/attempts/" + nonce: s.Settings.OkraWidgetURL, link: "'none'", "/me": "'none'", "/connect/attempts/" + nonce + "/status": "'none'",
	} {
		if got := frames(path); got != want {
			t.Errorf("%s may frame %s, want %s", path, got, want)
		}
	}
}

func TestAnotherSitesPageChangesNothing(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	for name, h := range map[string]http.Header{
		"cross-site": {"Sec-Fetch-Site": {"cross-site"}}, "same-site": {"Sec-Fetch-Site": {"same-site"}},
		"another origin": {"Origin": {"http://evil.example"}}, "no origin": {"Origin": {"null"}},
	} {
		h["Content-Type"] = []string{"application/x-www-form-urlencoded"}
		p := staff.Do("POST", "/customers", strings.NewReader(url.Values{"name": {"Mallory"}}.Encode()), h)
		if p.Status != http.StatusForbidden || !strings.Contains(p.Text(), "This form was not sent from our site.") {
			t.Errorf("%s: %d %q, want 403", name, p.Status, p.Text())
		}
		if p := staff.Do("POST", "/logout", nil, h); p.Status != http.StatusForbidden {
			t.Errorf("%s: signing out answers %d, want 403", name, p.Status)
		}
	}
	p := staff.Get("/customers")
	p.WantStatus(http.StatusOK)
	if p.Find("tbody tr").Length() != 0 {
		t.Error("another site added a customer")
	}
	own := http.Header{"Sec-Fetch-Site": {"same-origin"}, "Origin": {s.URL}, "Content-Type": {"application/x-www-form-urlencoded"}}
	staff.Do("POST", "/customers", staff.Form(url.Values{"name": {"Amina"}}), own).WantStatus(http.StatusOK)
}
