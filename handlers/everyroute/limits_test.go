package everyroute_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"balancelink/store/limits"
	"balancelink/store/storetest"
)

// heavy is a body that counts what is read of it.
type heavy struct{ left, read int }

func (h *heavy) Read(p []byte) (int, error) {
	if h.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), h.left)
	for i := range n {
		p[i] = 'x'
	}
	h.left, h.read = h.left-n, h.read+n
	return n, nil
}

func TestEveryUnsafeRouteRefusesALargeBodyAndReadsNoMoreThanItsCap(t *testing.T) {
	storetest.Long(t)
	const large, slack = 10 << 20, 32 << 10
	p := newPrincipals(t)
	for _, r := range p.server.Routes() {
		if r.Method == http.MethodGet {
			continue
		}
		for name, length := range map[string]int64{"that says its length": large, "without a length": -1} {
			c := p.newCell(t)
			body := &heavy{left: large}
			req := httptest.NewRequestWithContext(t.Context(), r.Method, c.path(r.Method+" "+r.Path), body)
			req.ContentLength = length
			req.Header.Set("Sec-Fetch-Site", "same-origin")
			req.Header.Set("Authorization", "Bearer simulated-webhook-token")
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if r.Path == "/webhooks/okra" {
				req.Header.Set("Content-Type", "application/json")
			}
			req.AddCookie(p.signIns.Staff(t, p.staff["owner"]))
			req.AddCookie(p.signIns.Customer(t, c.customer))
			w := httptest.NewRecorder()
			p.server.ServeHTTP(w, req)
			if length > 0 && (w.Code != http.StatusRequestEntityTooLarge || body.read > 0) {
				t.Errorf("%s %s, %s: %d after %d bytes, want 413 after none", r.Method, r.Path, name, w.Code, body.read)
			}
			most := limits.Form
			if takes, ok := p.server.Bodies[r.Path]; ok {
				most = int(takes.Most)
			}
			if body.read > most+slack {
				t.Errorf("%s %s, %s: read %d bytes", r.Method, r.Path, name, body.read)
			}
		}
	}
}

// from asks as an address does; a spoof is what the request says of itself.
func (p *principals) from(t *testing.T, addr, path string, spoof http.Header) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
	req.RemoteAddr = addr
	for name, values := range spoof {
		req.Header[name] = values
	}
	w := httptest.NewRecorder()
	p.server.ServeHTTP(w, req)
	return w
}

// spend opens links from an address until it is told to wait.
func (p *principals) spend(t *testing.T, addr string) *httptest.ResponseRecorder {
	t.Helper()
	for range 1000 {
		if w := p.from(t, addr, "/connect/x", nil); w.Code != http.StatusGone {
			return w
		}
	}
	t.Fatal("1,000 links were opened, and nobody said stop")
	return nil
}

func TestWhoeverOpensTooManyLinksIsToldWhenToComeBack(t *testing.T) {
	p := newPrincipals(t)
	now := time.Now()
	p.server.Now = func() time.Time { return now }
	w := p.spend(t, "203.0.113.7:1000")
	wait, err := strconv.Atoi(w.Header().Get("Retry-After"))
	if w.Code != http.StatusTooManyRequests || err != nil || wait < 1 || !strings.Contains(w.Body.String(), "Try again in") {
		t.Errorf("got %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	if w := p.from(t, "203.0.113.8:1000", "/connect/x", nil); w.Code != http.StatusGone {
		t.Errorf("another address gets %d, want 410", w.Code)
	}
	if w := p.from(t, "203.0.113.7:1000", "/login", nil); w.Code != http.StatusOK {
		t.Errorf("the sign-in page gives %d, want 200", w.Code)
	}
	now = now.Add(time.Duration(wait) * time.Second)
	if w := p.from(t, "203.0.113.7:1000", "/connect/x", nil); w.Code != http.StatusGone {
		t.Errorf("after the wait: %d, want 410", w.Code)
	}
}

func TestAnIPv6SubscriberIsOneAddressHoweverManyTheyHave(t *testing.T) {
	p := newPrincipals(t)
	now := time.Now()
	p.server.Now = func() time.Time { return now }
	p.spend(t, "[2001:db8:1:2::1]:1000")
	if w := p.from(t, "[2001:db8:1:2:ffff::9]:1000", "/connect/x", nil); w.Code != http.StatusTooManyRequests {
		t.Errorf("the same /64 gets %d, want 429", w.Code)
	}
	if w := p.from(t, "[2001:db8:1:3::1]:1000", "/connect/x", nil); w.Code != http.StatusGone {
		t.Errorf("the next /64 gets %d, want 410", w.Code)
	}
}

func TestNobodyGetsAnotherAddressBySayingSo(t *testing.T) {
	p := newPrincipals(t)
	now := time.Now()
	p.server.Now = func() time.Time { return now }
	const addr = "203.0.113.7:1000"
	p.spend(t, addr)
	for name, spoof := range map[string]http.Header{
		"one address":       {"X-Forwarded-For": {"198.51.100.1"}},
		"a chain":           {"X-Forwarded-For": {"198.51.100.1, 127.0.0.1, 10.0.0.1"}},
		"two headers":       {"X-Forwarded-For": {"198.51.100.1", "127.0.0.1"}},
		"another header":    {"X-Real-Ip": {"198.51.100.1"}},
		"the standard's":    {"Forwarded": {"for=198.51.100.1"}},
		"a provider's name": {"Cf-Connecting-Ip": {"198.51.100.1"}, "True-Client-Ip": {"198.51.100.1"}},
	} {
		if w := p.from(t, addr, "/connect/x", spoof); w.Code != http.StatusTooManyRequests {
			t.Errorf("%s: %d, want 429", name, w.Code)
		}
	}
}

func TestNoAnswerNamesTheHostThatARequestMadeUp(t *testing.T) {
	p := newPrincipals(t)
	const evil = "evil.example"
	for _, r := range p.server.Routes() {
		c := p.cellFor(t, r.Method)
		for _, who := range [][]*http.Cookie{nil, {p.signIns.Staff(t, p.staff["owner"]), p.signIns.Customer(t, c.customer)}} {
			req := httptest.NewRequestWithContext(t.Context(), r.Method, c.path(r.Method+" "+r.Path), nil)
			req.Host = evil
			req.Header.Set("X-Forwarded-Host", evil)
			req.Header.Set("Sec-Fetch-Site", "same-origin")
			for _, cookie := range who {
				req.AddCookie(cookie)
			}
			w := httptest.NewRecorder()
			p.server.ServeHTTP(w, req)
			if strings.Contains(w.Body.String(), evil) {
				t.Errorf("%s %s: the page names it", r.Method, r.Path)
			}
			for name, values := range w.Header() {
				if strings.Contains(strings.Join(values, " "), evil) {
					t.Errorf("%s %s: %s is %q", r.Method, r.Path, name, values)
				}
			}
		}
	}
}
