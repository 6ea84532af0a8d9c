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

	"balancelink/handlers/sitetest/fault"
	"balancelink/handlers/sitetest/site"
	"balancelink/okra"
	"balancelink/okra/okrasim"
	"balancelink/store"
)

// withWindow is a customer with a bank window open, and where its page is.
func withWindow(s *site.Site) (staff, customer *site.Browser, page string) {
	s.T.Helper()
	staff, customer = s.SignedIn(), s.Browser()
	nonce := customer.Consent(staff.Invite(staff.AddCustomer("Efe Oghenekaro")))
	return staff, customer, "/connect/attempts/" + nonce
}

// wantWindow fails unless a page may, or may not, hold the bank window.
func wantWindow(s *site.Site, b *site.Browser, path string, want bool) site.Page {
	s.T.Helper()
	p := b.Get(path)
	p.WantStatus(http.StatusOK)
	framed := strings.Contains(p.Header.Get("Content-Security-Policy"), "frame-src "+s.Settings.OkraWidgetURL)
	if script := p.Find("script#widget, #open-bank, script[src*=connect]").Length() > 0; framed != want || script != want {
		s.T.Fatalf("%s: frame-src allows the window: %v, the page has its script: %v; want %v", path, framed, script, want)
	}
	return p
}

func TestWhoTookTheWindowsHostOverGetsNobodysCustomer(t *testing.T) {
	t.Parallel()
	for _, outage := range []string{"window", "sold"} {
		t.Run(outage, func(t *testing.T) {
			s := site.New(t)
			staff, customer, window := withWindow(s)
			wantWindow(s, customer, window, true)
			if p := customer.HTMX("GET", window+"/status?window=open"); p.Status != http.StatusNoContent {
				t.Fatalf("the poll of an open window is answered %d, want 204", p.Status)
			}

			s.Outage(outage)
			s.CallFails()
			for range 2 { // whichever instance is asked
				wantWindow(s, customer, window, false).WantText("#attempt", "Linking is paused for your safety")
			}
			s.Trusted(false)
			p := customer.HTMX("GET", window+"/status?window=open")
			p.WantStatus(http.StatusOK)
			p.WantText("#attempt", "Linking is paused for your safety")
			if p.Find("#open-bank").Length() != 0 {
				t.Error("the fragment that takes the window away can open it")
			}
			for range 7 {
				s.Advance(time.Minute)
				wantWindow(s, customer, window, false)
			}
			if p := customer.Post("/me/attempts", nil); p.Status != http.StatusServiceUnavailable {
				t.Errorf("another attempt is answered %d, want 503", p.Status)
			}
			s.Restart()
			wantWindow(s, customer, window, false)
			link := staff.Invite(staff.AddCustomer("Funke Alabi"))
			s.Advance(48 * time.Hour)
			if p := s.Browser().Get(link); p.Status != http.StatusServiceUnavailable {
				t.Errorf("after two days a personal link is answered %d, want 503", p.Status)
			}

			staff = s.SignedIn()
			p = staff.Get("/status")
			p.WantText("#provider ~ dl", "Not trusted")
			p.WantText("#provider ~ dl", "the page is not the bank window's")
			p.WantText("body", "cannot be trusted")
			if lost := s.Acted(store.ActTrustLost); lost != 1 {
				t.Errorf("%d times in the audit log that trust was lost, want once", lost)
			}
			s.Outage(okrasim.NoOutage)
			s.Advance(time.Minute)
			s.Trusted(true)
			staff, customer, window = withWindow(s)
			wantWindow(s, customer, window, true)
			staff.Get("/status").WantText("#provider ~ dl", "Trusted")
			if n := s.Acted(store.ActTrustRegained); n != 1 {
				t.Errorf("%d times in the audit log that trust was regained, want once", n)
			}
		})
	}
}

func TestAFailureComesBeforeAProbeAndAProbeBeforeTheNextWindow(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, linked := s.Link(staff, "Amina Bello", "Amina456")
	s.Outage("window")
	linked.Post("/me/attempts", nil).WantStatus(http.StatusOK) // nothing has failed: the last probe holds
	s.Faulty.Set(okrasim.Refuses(http.StatusServiceUnavailable), "balance/refresh")
	linked.Post("/me/accounts/"+s.Accounts(id)["2230011442"].ID+"/refresh", nil)
	s.Eventually("the refresh has failed", func() bool {
		all, err := s.Store.RefreshesByAccount(t.Context(), store.Whole(), s.Accounts(id)["2230011442"].ID, 1)
		return err == nil && len(all) == 1 && !all[0].Open()
	})
	if p := linked.Post("/me/attempts", nil); p.Status != http.StatusServiceUnavailable {
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
			s := site.New(t)
			staff, customer, window := withWindow(s)
			s.Prober = change
			s.Restart()
			// A handshake that takes too long is an outage, and the next probe tells.
			s.Eventually("a probe has told", func() bool { return s.Acted(store.ActTrustLost) == 1 })
			wantWindow(s, customer, window, false)
			staff.Get("/status").WantText("#provider ~ dl", "Not trusted")
			s.Prober = nil
			s.Restart()
			s.Eventually("a probe has passed", func() bool { return s.Acted(store.ActTrustRegained) == 1 })
			wantWindow(s, customer, window, true)
		})
	}
}

// shady is an address whose certificate nobody has signed who is trusted.
func shady(t *testing.T) *url.URL {
	t.Helper()
	f := fault.NewFront(t, "", nil)
	f.Set(t, fault.Shows(fault.NewAuthority(t).Config(t, "127.0.0.1", time.Hour)), false)
	return &url.URL{Scheme: "https", Host: f.Addr}
}

func TestAProviderThatDoesNotAnswerOpensNoWindowAndTakesNoneAway(t *testing.T) {
	s := site.New(t)
	_, customer, window := withWindow(s)
	s.Outage("down")
	s.CallFails()
	if p := customer.HTMX("GET", window+"/status?window=open"); p.Status != http.StatusNoContent {
		t.Errorf("the poll of an open window is answered %d, want 204", p.Status)
	}
	p := customer.Post("/me/attempts", nil)
	if p.Status != http.StatusServiceUnavailable {
		t.Errorf("another attempt is answered %d, want 503", p.Status)
	}
	p.WantText("main", "Linking is not possible now")
	if n := s.Acted(store.ActTrustLost); n != 0 {
		t.Errorf("trust was lost %d times for want of an answer", n)
	}
}

func TestLinkingIsTurnedOffByOneSetting(t *testing.T) {
	s := site.New(t)
	staff, customer, window := withWindow(s)
	link := staff.Invite(staff.AddCustomer("Funke Alabi"))
	s.Settings.Linking = "off"
	s.Restart()
	wantWindow(s, customer, window, false).WantText("#attempt", "Linking is turned off")
	customer.HTMX("GET", window+"/status?window=open").WantText("#attempt", "Linking is turned off")
	stranger := s.Browser()
	for _, p := range []site.Page{customer.Post("/me/attempts", nil), stranger.Get(link), stranger.Post(link+"/attempts", url.Values{"consent": {"2026-11-23"}})} {
		if p.Status != http.StatusServiceUnavailable {
			t.Errorf("%s is answered %d, want 503", p.Path, p.Status)
		}
	}
	staff.Get("/status").WantText("#provider ~ dl", "Turned off")
	if n := s.Acted(store.ActConsentGiven); n != 1 {
		t.Errorf("%d consents, want the one of before", n)
	}
}
