package handlers_test

import (
	"net/http/httptest"
	"strings"
	"testing"

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
	p.server.Replace(func(of provider.Provider) provider.Provider { return unchecking{of} })
	if button, answer := offered(); button || answer != "404" {
		t.Errorf("of one that does not: button %v, %s", button, answer)
	}
}
