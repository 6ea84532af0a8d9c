package everyroute_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store/storetest"
)

// Whatever route, whoever asks and whatever comes of it: the headers are there.
func TestEveryAnswerOfEveryRouteCarriesTheSecurityHeaders(t *testing.T) {
	storetest.Long(t)
	p := newPrincipals(t)
	always := map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin", "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
	}
	statuses := map[int]bool{}
	look := func(what string, r *http.Request) {
		w := httptest.NewRecorder()
		p.server.ServeHTTP(w, r)
		statuses[w.Code] = true
		for name, want := range always {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s = %q, want %q", what, name, got, want)
			}
		}
		policy := w.Header().Get("Content-Security-Policy")
		scripts, forms := "script-src 'self';", "form-action 'self'"
		if strings.Contains(what, "GET /gallery") && w.Code == http.StatusOK { // samples do nothing at all
			scripts, forms = "script-src 'none';", "form-action 'none'"
		}
		for _, part := range []string{"default-src 'none'", "object-src 'none'", "base-uri 'none'", forms, "frame-ancestors 'none'", scripts} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy %q lacks %q", what, policy, part)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy is %q", what, policy)
		}
		// The page around the bank window alone holds a frame and does without Trusted Types.
		opened := strings.Contains(what, "GET /connect/attempts/:nonce as") && w.Code == http.StatusOK
		if opened == strings.Contains(policy, "require-trusted-types-for 'script'") || opened == strings.Contains(policy, "frame-src 'none'") {
			t.Errorf("%s: the policy is %q", what, policy)
		}
		file := strings.Contains(what, "/static/") && w.Code == http.StatusOK
		if got := w.Header().Get("Cache-Control"); file != strings.Contains(got, "immutable") || !file && got != "no-store" {
			t.Errorf("%s: Cache-Control = %q", what, got)
		}
		if (what == "POST /me/logout as self" || what == "POST /logout as owner") && w.Header().Get("Clear-Site-Data") != `"cache", "storage"` {
			t.Errorf("%s: Clear-Site-Data = %q", what, w.Header().Get("Clear-Site-Data"))
		}
	}
	request := func(c *cell, route, as string, header http.Header) *http.Request {
		method, _, _ := strings.Cut(route, " ")
		r := httptest.NewRequestWithContext(t.Context(), method, c.path(route), c.body(route, as))
		site.WithFormHeader(r.Header).Set("Sec-Fetch-Site", "same-origin")
		for name, values := range header {
			r.Header[name] = values
		}
		for _, cookie := range c.cookies(as) {
			r.AddCookie(cookie)
		}
		return r
	}
	for _, route := range p.server.Routes() {
		c := p.cellFor(t, route.Method)
		for _, as := range []string{"nobody", "self", "owner", "viewer"} {
			for name, header := range map[string]http.Header{"": nil, " by HTMX": {"Hx-Request": {"true"}}, " from elsewhere": {"Sec-Fetch-Site": {"cross-site"}}} {
				line := route.Method + " " + route.Path
				r := request(c, line, as, header)
				look(line+" as "+as+name, r)
				if name == " from elsewhere" && route.Method != http.MethodGet {
					w := httptest.NewRecorder()
					p.server.ServeHTTP(w, request(c, line, as, header))
					if got := w.Header().Get("Vary"); w.Code != http.StatusForbidden || got != "Sec-Fetch-Site, Origin" {
						t.Errorf("%s from elsewhere: %d, Vary %q", line, w.Code, got)
					}
				}
			}
		}
	}
	for _, r := range []struct{ method, path string }{
		{"GET", "/no/such/page"}, {"PUT", "/customers"}, {"TRACE", "/"}, {"OPTIONS", "/webhooks/okra"}, {"GET", "/webhooks/okra"}, {"GET", "/.git/config"},
		{"GET", "/debug/pprof/"}, {"GET", "/static/../main.go"}, {"GET", "/static/"}, {"HEAD", "/login"},
	} {
		look(r.method+" "+r.path, httptest.NewRequestWithContext(t.Context(), r.method, r.path, nil))
	}
	for _, status := range []int{200, 303, 401, 403, 404, 405, 422} {
		if !statuses[status] {
			t.Errorf("no answer was a %d: the test proves less than it should", status)
		}
	}
}
