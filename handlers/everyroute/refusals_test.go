package everyroute_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
)

// logged is what the server writes to its log while f runs.
func (p *principals) logged(f func()) string {
	var log bytes.Buffer
	p.server.Logger = slog.New(slog.NewTextHandler(&log, nil))
	defer func() { p.server.Logger = site.Quiet }()
	f()
	return log.String()
}

func TestWhoeverIsRefusedIsLoggedByRouteAndActorAndNothingElse(t *testing.T) {
	p := newPrincipals(t)
	c := p.newCell(t)
	other := "customer:" + p.other
	for _, row := range []struct {
		what, method, route string
		as                  string
		header              http.Header
		want                []string
	}{
		{"a role that does not allow it", "POST", "/customers/:id/erase", "viewer", http.Header{"Sec-Fetch-Site": {"same-origin"}}, []string{"status=403", "route=/customers/:id/erase", "actor=staff:" + p.staff["viewer"]}},
		{"a role that may not see the log", "GET", "/audit", "viewer", nil, []string{"status=403", "method=GET", "route=/audit"}},
		{"another customer's account", "GET", "/me/accounts/:id", "other", nil, []string{"status=404", "route=/me/accounts/:id", "actor=" + other}},
		{"another customer's refresh", "GET", "/me/refreshes/:id", "other", nil, []string{"status=404", "route=/me/refreshes/:id", "actor=" + other}},
		{"nobody at a customer's page", "GET", "/me", "nobody", nil, []string{"status=401", "route=/me", "actor=nobody"}},
		{"a fragment after signing out", "GET", "/refreshes/:id", "nobody", http.Header{"Hx-Request": {"true"}}, []string{"status=401", "route=/refreshes/:id"}},
		{"another site's form", "POST", "/customers", "owner", http.Header{"Sec-Fetch-Site": {"cross-site"}}, []string{"status=403", `route="from another site"`}},
	} {
		t.Run(row.what, func(t *testing.T) {
			p.time.Advance(2 * time.Minute) // another minute, other lines
			path := c.path(row.method + " " + row.route)
			log := p.logged(func() {
				for range 3 {
					c.sendAs(row.as, row.method+" "+row.route, row.header, c.cookies(row.as)...)
				}
			})
			if n := strings.Count(log, "request refused"); n != 1 {
				t.Fatalf("%d lines for three of them, want one: %s", n, log)
			}
			for _, want := range row.want {
				if !strings.Contains(log, want) {
					t.Errorf("the line lacks %s: %s", want, log)
				}
			}
			if ids := strings.Split(path, "/"); len(ids) > 2 && len(ids[2]) > 30 && strings.Contains(log, ids[2]) {
				t.Errorf("the line holds an id of the address: %s", log)
			}
		})
	}
}

func TestAFloodOfRefusalsFillsNoLog(t *testing.T) {
	p := newPrincipals(t)
	flood := func() {
		for i := range 500 {
			req := httptest.NewRequestWithContext(t.Context(), "GET", fmt.Sprintf("/me?%d", i), nil)
			p.server.ServeHTTP(httptest.NewRecorder(), req)
		}
	}
	if log := p.logged(flood); strings.Count(log, "route=/me") != 1 { // the server may speak of itself beside it
		t.Errorf("want one line of it: %s", log)
	}
	p.time.Advance(time.Minute)
	if log := p.logged(flood); !strings.Contains(log, "number=499") {
		t.Errorf("how many there were is not said: %s", log)
	}
}
