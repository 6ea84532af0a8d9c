package handlers_test

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/okra"
	"balancelink/okra/okrasim"
	"balancelink/store"
)

// withWindow is a customer with a bank window open, and where its page is.
func withWindow(s *site) (staff, customer *browser, page string) {
	s.t.Helper()
	staff, customer = s.signedIn(), s.browser()
	nonce := customer.consent(staff.invite(staff.addCustomer("Efe Oghenekaro")))
	return staff, customer, "/connect/attempts/" + nonce
}

// wantWindow fails unless a page may, or may not, hold the bank window.
func wantWindow(s *site, b *browser, path string, want bool) page {
	s.t.Helper()
	p := b.get(path)
	p.wantStatus(http.StatusOK)
	framed := strings.Contains(p.Header.Get("Content-Security-Policy"), "frame-src "+s.Settings.OkraWidgetURL)
	if script := p.Find("script#widget, #open-bank, script[src*=connect]").Length() > 0; framed != want || script != want {
		s.t.Fatalf("%s: frame-src allows the window: %v, the page has its script: %v; want %v", path, framed, script, want)
	}
	return p
}

func TestWhoTookTheWindowsHostOverGetsNobodysCustomer(t *testing.T) {
	t.Parallel()
	for _, outage := range []string{"window", "sold"} {
		t.Run(outage, func(t *testing.T) {
			s := newSite(t)
			staff, customer, window := withWindow(s)
			wantWindow(s, customer, window, true)
			if p := customer.htmx("GET", window+"/status?window=open"); p.Status != http.StatusNoContent {
				t.Fatalf("the poll of an open window is answered %d, want 204", p.Status)
			}

			s.outage(outage)
			s.callFails()
			wantWindow(s, customer, window, false).wantText("#attempt", "Linking is paused for your safety")
			p := customer.htmx("GET", window+"/status?window=open")
			p.wantStatus(http.StatusOK)
			p.wantText("#attempt", "Linking is paused for your safety")
			if p.Find("#open-bank").Length() != 0 {
				t.Error("the fragment that takes the window away can open it")
			}
			for range 7 {
				s.advance(time.Minute)
				wantWindow(s, customer, window, false)
			}
			if p := customer.post("/me/attempts", nil); p.Status != http.StatusServiceUnavailable {
				t.Errorf("another attempt is answered %d, want 503", p.Status)
			}
			s.restart()
			wantWindow(s, customer, window, false)
			link := staff.invite(staff.addCustomer("Funke Alabi"))
			s.advance(48 * time.Hour)
			if p := s.browser().get(link); p.Status != http.StatusServiceUnavailable {
				t.Errorf("after two days a personal link is answered %d, want 503", p.Status)
			}

			staff = s.signedIn()
			p = staff.get("/status")
			p.wantText("#provider ~ dl", "Not trusted")
			p.wantText("#provider ~ dl", "the page is not the bank window's")
			p.wantText("body", "cannot be trusted")
			if lost := s.acted(store.ActTrustLost); lost != 1 {
				t.Errorf("%d times in the audit log that trust was lost, want once", lost)
			}
			s.outage(okrasim.NoOutage)
			s.advance(time.Minute)
			staff, customer, window = withWindow(s)
			wantWindow(s, customer, window, true)
			staff.get("/status").wantText("#provider ~ dl", "Trusted")
			if n := s.acted(store.ActTrustRegained); n != 1 {
				t.Errorf("%d times in the audit log that trust was regained, want once", n)
			}
		})
	}
}

func TestAFailureComesBeforeAProbeAndAProbeBeforeTheNextWindow(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id, linked := s.link(staff, "Amina Bello", "Amina456")
	s.outage("window")
	linked.post("/me/attempts", nil).wantStatus(http.StatusOK) // nothing has failed: the last probe holds
	s.faulty.Set(okrasim.Refuses(http.StatusServiceUnavailable), "balance/refresh")
	linked.post("/me/accounts/"+s.accounts(id)["2230011442"].ID+"/refresh", nil)
	s.eventually("the refresh has failed", func() bool {
		all, err := s.Store.RefreshesByAccount(t.Context(), store.Whole(), s.accounts(id)["2230011442"].ID, 1)
		return err == nil && len(all) == 1 && !all[0].Open()
	})
	if p := linked.post("/me/attempts", nil); p.Status != http.StatusServiceUnavailable {
		t.Errorf("the window after a failure is answered %d, want 503", p.Status)
	}
}

func TestAHostThatIsNotTheProvidersIsDistrusted(t *testing.T) {
	t.Parallel()
	nowhere := func(_ context.Context, _, host string) ([]netip.Addr, error) {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	for name, change := range map[string]func(*okra.Prober){
		"no such name": func(p *okra.Prober) { p.Lookup = nowhere },
		"a private address": func(p *okra.Prober) {
			p.Lookup = func(context.Context, string, string) ([]netip.Addr, error) {
				return []netip.Addr{netip.MustParseAddr("10.1.2.3")}, nil
			}
		},
		"another certificate": func(p *okra.Prober) { p.Widget = shady(t) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			staff, customer, window := withWindow(s)
			s.prober = change
			s.restart()
			wantWindow(s, customer, window, false)
			staff.get("/status").wantText("#provider ~ dl", "Not trusted")
			s.prober = nil
			s.restart()
			s.eventually("a probe has passed", func() bool { return s.acted(store.ActTrustRegained) == 1 })
			wantWindow(s, customer, window, true)
		})
	}
}

// shady is an address whose certificate nobody has signed who is trusted.
func shady(t *testing.T) *url.URL {
	t.Helper()
	f := newFront(t, "", nil)
	f.set(t, shows(newAuthority(t).config(t, "127.0.0.1", time.Hour)), false)
	return &url.URL{Scheme: "https", Host: f.addr}
}

func TestAProviderThatDoesNotAnswerOpensNoWindowAndTakesNoneAway(t *testing.T) {
	s := newSite(t)
	_, customer, window := withWindow(s)
	s.outage("down")
	s.callFails()
	if p := customer.htmx("GET", window+"/status?window=open"); p.Status != http.StatusNoContent {
		t.Errorf("the poll of an open window is answered %d, want 204", p.Status)
	}
	p := customer.post("/me/attempts", nil)
	if p.Status != http.StatusServiceUnavailable {
		t.Errorf("another attempt is answered %d, want 503", p.Status)
	}
	p.wantText("main", "Linking is not possible now")
	if n := s.acted(store.ActTrustLost); n != 0 {
		t.Errorf("trust was lost %d times for want of an answer", n)
	}
}

func TestLinkingIsTurnedOffByOneSetting(t *testing.T) {
	s := newSite(t)
	staff, customer, window := withWindow(s)
	link := staff.invite(staff.addCustomer("Funke Alabi"))
	s.Settings.Linking = "off"
	s.restart()
	wantWindow(s, customer, window, false).wantText("#attempt", "Linking is turned off")
	customer.htmx("GET", window+"/status?window=open").wantText("#attempt", "Linking is turned off")
	stranger := s.browser()
	for _, p := range []page{customer.post("/me/attempts", nil), stranger.get(link), stranger.post(link+"/attempts", url.Values{"consent": {"2026-11-23"}})} {
		if p.Status != http.StatusServiceUnavailable {
			t.Errorf("%s is answered %d, want 503", p.Path, p.Status)
		}
	}
	staff.get("/status").wantText("#provider ~ dl", "Turned off")
	if n := s.acted(store.ActConsentGiven); n != 1 {
		t.Errorf("%d consents, want the one of before", n)
	}
}
