package site

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"balancelink/handlers/settings"
	"balancelink/handlers/worker"
	"balancelink/okra/provider"
	"balancelink/store"
)

// Outage lets something fail at the simulated provider.
func (s *Site) Outage(name string) {
	s.T.Helper()
	if err := s.Sim.SetOutage(name); err != nil {
		s.T.Fatal(err)
	}
}

// Proven is trust in hosts that every probe has found, and finds, to be the provider's.
func Proven(db *store.Store) *worker.Trust {
	trust := &worker.Trust{
		Store: db, Name: "okra", Env: provider.EnvSimulated, Logger: Quiet,
		Probe: func(context.Context) error { return nil },
	}
	trust.Asked(context.Background())
	return trust
}

// CallFails is what the program notes when nobody answers a call, each instance one of its
// own.
func (s *Site) CallFails() {
	for _, trust := range s.trust {
		trust.Doubt(&provider.Error{Op: "okra: balance/refresh", Kind: provider.KindUnreachable})
	}
	s.Advance(10 * time.Second)
}

// Trusted waits until every instance trusts the provider's hosts, or none does: what one has
// found the others know within a second or two.
func (s *Site) Trusted(want bool) {
	s.T.Helper()
	s.Eventually(fmt.Sprintf("all instances trust the provider: %v", want), func() bool {
		return !slices.ContainsFunc(s.trust, func(t *worker.Trust) bool {
			is := t.Standing()
			return want && !is.Proven || !want && !is.Lost()
		})
	})
}

// Panel posts a form of the simulator's panel, as a salesperson does.
func (b *Browser) Panel(path string, form url.Values) Page {
	b.T.Helper()
	p := b.Post(b.Site.Settings.OkraWidgetURL+path, form)
	p.WantStatus(http.StatusOK)
	return p
}

// Ended is how a refresh of the account that staff ask for ends.
func (s *Site) Ended(staff *Browser, a store.Account) store.Refresh {
	s.T.Helper()
	staff.Post("/accounts/"+a.ID+"/refresh", nil).WantStatus(http.StatusOK)
	var last store.Refresh
	s.Eventually("the refresh ends under "+s.Sim.Outage().Name, func() bool {
		all, err := s.Store.RefreshesByAccount(s.T.Context(), store.Whole(), a.ID, 1)
		if err != nil {
			s.T.Fatal(err)
		}
		last = all[0]
		return !last.Open()
	})
	return last
}

// HeardAll waits until every webhook that the bank has to send is there and applied:
// one that comes late works accounts out anew.
func (s *Site) HeardAll() {
	s.T.Helper()
	s.Eventually("the webhooks are applied", func() bool {
		for _, name := range []string{settings.Okra, settings.Mono} {
			if left, err := s.Store.EventsToApply(s.T.Context(), name, 1); err != nil || len(left) > 0 {
				return false
			}
		}
		return s.Sim.Pending() == 0 && s.Mono.Pending() == 0
	})
}

// Settled waits until the bank's answer to the last request is there.
func (s *Site) Settled(accountID string) {
	s.T.Helper()
	s.Eventually("the refresh has ended", func() bool {
		all, err := s.Store.RefreshesByAccount(s.T.Context(), store.Whole(), accountID, 1)
		return err == nil && len(all) == 1 && !all[0].Open()
	})
}

// Hook delivers a webhook as the provider does, with headers changed.
func (s *Site) Hook(body string, change http.Header) Page {
	s.T.Helper()
	return s.Send("POST", strings.NewReader(body), change)
}

// Send is [Site.Hook] for a body and a method of one's own.
func (s *Site) Send(method string, body io.Reader, change http.Header) Page {
	s.T.Helper()
	h := http.Header{
		"Content-Type":  {"application/json"},
		"Authorization": {"Bearer " + s.Settings.OkraWebhookToken.Reveal()},
	}
	for k, v := range change {
		h[k] = v
	}
	return s.Browser().Do(method, "/webhooks/okra", body, h)
}

// Events is the whole inbox, newest first.
func (s *Site) Events() []store.Event {
	s.T.Helper()
	all, err := s.Store.Events(s.T.Context(), "", "", 1000)
	if err != nil {
		s.T.Fatal(err)
	}
	return all
}

// EventsWith are the webhooks with that result.
func (s *Site) EventsWith(result store.EventResult) []store.Event {
	s.T.Helper()
	all, err := s.Store.Events(s.T.Context(), result, "", 100)
	if err != nil {
		s.T.Fatal(err)
	}
	return all
}

// LinkEvents are the AUTH and BALANCE events of a finished bank window.
func (s *Site) LinkEvents(success []byte, nonce string) []string {
	s.T.Helper()
	var m struct {
		Record   string
		Customer string `json:"customer_id"`
		Accounts []struct{ ID, Currency string }
	}
	if err := json.Unmarshal(success, &m); err != nil {
		s.T.Fatal(err)
	}
	event := func(method, more string) string {
		return fmt.Sprintf(`{"method":%q,"callback_code":"%s_SUCCESS","status":"is_success","env":"production-sandbox",`+
			`"owner":%q,"record":%q,"customerId":%q,"ended_at":%q,"options":{"attempt":%q}%s}`,
			method, method, s.Settings.OkraClientToken, m.Record, m.Customer,
			s.Clock().UTC().Format(time.RFC3339), nonce, more)
	}
	first := m.Accounts[0]
	balance := fmt.Sprintf(
		`,"balance":{"accountId":%q,"currency":%q,"ledger_balance":55.5,"available_balance":44.25}`,
		first.ID, first.Currency,
	)
	return []string{event("AUTH", ""), event("BALANCE", balance)}
}
