package everyroute_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"balancelink/handlers"
	"balancelink/handlers/sitetest/site"
	"balancelink/okra/provider"
)

// unchecking is a provider that cannot say whether a balance has changed.
type unchecking struct{ provider.Provider }

func (u unchecking) Traits() provider.Traits { return provider.Traits{} }

func TestWhatTheProviderCannotDoIsNotOffered(t *testing.T) {
	p := newPrincipals(t)
	offered := func() (button bool, answer string) {
		c := p.newCell(t)
		w := httptest.NewRecorder()
		c.server.ServeHTTP(w, c.asked("GET /accounts/:id", "owner"))
		return strings.Contains(w.Body.String(), c.account+"/check"), c.ask("POST /accounts/:id/check", "owner")
	}
	if button, answer := offered(); !button || answer == "404" {
		t.Errorf("of a provider that checks: button %v, %s", button, answer)
	}
	ups := site.Okra(t, p.server.Settings, site.Proven(p.store))
	ups[0].Provider = unchecking{ups[0].Provider}
	var err error
	if p.server, err = handlers.New(handlers.Config{Settings: p.server.Settings, Upstreams: ups, Store: p.store, Logger: site.Quiet, Now: p.time.Now}); err != nil {
		t.Fatal(err)
	}
	if button, answer := offered(); button || answer != "404" {
		t.Errorf("of one that does not: button %v, %s", button, answer)
	}
}
