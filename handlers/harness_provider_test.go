package handlers_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
)

func (s *site) outage(name string) {
	s.t.Helper()
	if err := s.Sim.SetOutage(name); err != nil {
		s.t.Fatal(err)
	}
}

// callFails is what the program notes when nobody answers a call.
func (s *site) callFails() {
	s.trust.Doubt(&provider.Error{Op: "okra: balance/refresh", Kind: provider.KindUnreachable})
	s.advance(10 * time.Second)
}

// panel posts a form of the simulator's panel, as a salesperson does.
func (b *browser) panel(path string, form url.Values) page {
	b.t.Helper()
	p := b.post(b.site.Settings.OkraWidgetURL+path, form)
	p.wantStatus(http.StatusOK)
	return p
}

// ended is how a refresh of the account that staff ask for ends.
func (s *site) ended(staff *browser, a store.Account) store.Refresh {
	s.t.Helper()
	staff.post("/accounts/"+a.ID+"/refresh", nil).wantStatus(http.StatusOK)
	var last store.Refresh
	s.eventually("the refresh ends under "+s.Sim.Outage().Name, func() bool {
		all, err := s.Store.RefreshesByAccount(s.t.Context(), store.Whole(), a.ID, 1)
		if err != nil {
			s.t.Fatal(err)
		}
		last = all[0]
		return !last.Open()
	})
	return last
}

// settled waits until the bank's answer to the last request is there.
func (s *site) settled(accountID string) {
	s.t.Helper()
	s.eventually("the refresh has ended", func() bool {
		all, err := s.Store.RefreshesByAccount(s.t.Context(), store.Whole(), accountID, 1)
		return err == nil && len(all) == 1 && !all[0].Open()
	})
}

// hook delivers a webhook as the provider does, with headers changed.
func (s *site) hook(body string, change http.Header) page {
	s.t.Helper()
	return s.send("POST", strings.NewReader(body), change)
}

func (s *site) send(method string, body io.Reader, change http.Header) page {
	s.t.Helper()
	h := http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + s.Settings.OkraWebhookToken.Reveal()}}
	for k, v := range change {
		h[k] = v
	}
	return s.browser().do(method, "/webhooks/okra", body, h)
}

// events is the whole inbox, newest first.
func (s *site) events() []store.Event {
	s.t.Helper()
	all, err := s.Store.Events(s.t.Context(), "", "", 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// eventsWith are the webhooks with that result.
func (s *site) eventsWith(result store.EventResult) []store.Event {
	s.t.Helper()
	all, err := s.Store.Events(s.t.Context(), result, "", 100)
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}
