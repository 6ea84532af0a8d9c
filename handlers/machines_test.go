package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"balancelink/handlers/api"
	"balancelink/handlers/sitetest/site"
)

func TestAnAddressOfMachinesAnswersWithNoPageWhateverIsWrong(t *testing.T) {
	s := site.New(t)
	const here = "Webhooks are received at this address."
	text, problem := "text/plain; charset=utf-8", "application/problem+json"
	for _, row := range []struct {
		method, path string
		status       int
		kind, says   string
	}{
		{"GET", "/webhooks/okra", 405, text, here},
		{"HEAD", "/webhooks/okra", 405, text, ""},
		{"PUT", "/webhooks/okra", 405, text, here},
		{"DELETE", "/webhooks/okra?x=%00", 422, text, "no text"},
		{"GET", "/webhooks/nobody", 404, text, "nothing here"},
		{"POST", "/webhooks/okra/", 404, text, "nothing here"},
		{"POST", "/webhooks/okra?x=%00", 422, text, "no text"},
		{"POST", "/healthz", 405, text, "does not take"},
		{"DELETE", "/readyz", 405, text, "does not take"},
		{"GET", "/readyz?x=%00", 422, text, "no text"},
		{"GET", "/metrics", 404, text, "nothing here"},
		{"GET", "/api/v2/customers", 404, text, "nothing here"},
		{"GET", api.Path, 404, problem, "not_found"},
		{"GET", api.Path + "/nothing", 404, problem, "not_found"},
		{"GET", api.Path + "/me/", 404, problem, "not_found"},
		{"PATCH", api.Path + "/me", 405, problem, "method_not_allowed"},
		{"GET", api.Path + "/me?x=%00", 422, problem, "malformed"},
	} {
		t.Run(row.method+" "+row.path, func(t *testing.T) {
			p := s.Browser().Do(row.method, row.path, nil, http.Header{"Accept": {"text/html"}})
			if got := p.Header.Get("Content-Type"); p.Status != row.status || got != row.kind || !strings.Contains(p.Text(), row.says) || len(p.Text()) > 300 {
				t.Errorf("answered %d, %s: %q; want %d, %s, with %q", p.Status, got, p.Text(), row.status, row.kind, row.says)
			}
			if row.status == http.StatusMethodNotAllowed && p.Header.Get("Allow") == "" {
				t.Error("it is not said what is allowed")
			}
		})
	}
}

func TestAMachineIsToldThatItSendsTooMuchWithoutAPage(t *testing.T) {
	s := site.New(t)
	for _, path := range []string{"/healthz", "/webhooks/nobody", "/api/v2/customers"} {
		p := s.Browser().Do("POST", path, strings.NewReader(strings.Repeat("x", 1<<20)), nil)
		if p.Status != http.StatusRequestEntityTooLarge || !strings.HasPrefix(p.Header.Get("Content-Type"), "text/plain") {
			t.Errorf("%s is answered %d, %q", path, p.Status, p.Text())
		}
	}
}
