package everyroute_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"balancelink/handlers"
	"balancelink/handlers/settings"
	"balancelink/handlers/sitetest/site"
)

// behindProxy is a server that believes a proxy, and what it logs.
func behindProxy(t *testing.T) (*principals, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	p := newPrincipals(t)
	set, err := settings.Load(nil, []string{"SESSION_KEY=0123456789abcdef0123456789abcdef", "TRUSTED_PROXIES=10.0.0.2"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	p.server, err = handlers.New(handlers.Config{Settings: set, Upstreams: site.Okra(t, set, nil), Store: p.store, Logger: slog.New(slog.NewTextHandler(&log, nil)), Now: p.time.Now, PasswordCost: site.CheapCost})
	if err != nil {
		t.Fatal(err)
	}
	return p, &log
}

func TestAProxyThatDoesNotSayWhoSendsIsOneAddressAndIsSaidOnce(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]http.Header{
		"nothing":           {},
		"another header":    {"X-Real-Ip": {"198.51.100.1"}},
		"what nobody reads": {"X-Forwarded-For": {"a-canary"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, log := behindProxy(t)
			for range 3 {
				p.from(t, "10.0.0.2:1000", "/connect/x", header)
			}
			if n := strings.Count(log.String(), "X-Forwarded-For"); n != 1 || strings.Contains(log.String(), "canary") || !strings.Contains(log.String(), "10.0.0.2") {
				t.Errorf("the log says so %d times: %s", n, log)
			}
		})
	}
	t.Run("a good header", func(t *testing.T) {
		p, log := behindProxy(t)
		p.from(t, "10.0.0.2:1000", "/connect/x", http.Header{"X-Forwarded-For": {"[2001:db8::1]:4711"}})
		p.from(t, "203.0.113.7:1000", "/connect/x", nil)
		if log.Len() > 0 {
			t.Errorf("the log says: %s", log)
		}
	})
}

func TestBehindAProxyEachHasTheirOwnAllowanceAndNobodyChooses(t *testing.T) {
	p, _ := behindProxy(t)
	const proxy = "10.0.0.2:1000"
	as := func(forwarded string) http.Header {
		return http.Header{"X-Forwarded-For": {forwarded}, "X-Real-Ip": {"192.0.2.200"}}
	}
	for range 1000 {
		if p.from(t, proxy, "/connect/x", as("192.0.2.9, 198.51.100.1:4711")).Code != http.StatusGone {
			break
		}
	}
	for _, forwarded := range []string{"198.51.100.1", "[198.51.100.1]:1", "192.0.2.77, 198.51.100.1:9", "::ffff:198.51.100.1"} {
		if w := p.from(t, proxy, "/connect/x", as(forwarded)); w.Code != http.StatusTooManyRequests {
			t.Errorf("%q gets %d, want 429", forwarded, w.Code)
		}
	}
	for _, forwarded := range []string{"198.51.100.2:4711", "[2001:db8::1]:4711"} {
		if w := p.from(t, proxy, "/connect/x", as(forwarded)); w.Code != http.StatusGone {
			t.Errorf("%q gets %d, want 410", forwarded, w.Code)
		}
	}
}
