package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func TestAnOwnerMakesAKeySeesItOnceAndRevokesIt(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	made := staff.Post("/keys", url.Values{"name": {"Core banking"}, "balances:read": {"on"}, "nonsense": {"on"}, "days": {"30"}})
	made.WantStatus(http.StatusOK)
	whole := made.TextOf("#key")
	if !strings.HasPrefix(whole, "bl_sim_") {
		t.Fatalf("the key is %q", whole)
	}
	if !strings.Contains(staff.Get(made.Path).TextOf("#key"), whole) {
		t.Error("loaded again at once it is not shown")
	}
	k, err := s.Store.UseAPIKey(t.Context(), whole)
	if err != nil || k.Name != "Core banking" || len(k.Scopes) != 1 || k.Scopes[0] != store.ReadBalances {
		t.Fatalf("the key is %+v, %v", k, err)
	}
	colleague := s.SignedInAs(store.RoleOwner)
	colleague.Get(made.Path).WantStatus(http.StatusGone)
	list := colleague.Get("/keys")
	list.WantText("tbody tr", "Core banking")
	list.WantText("tbody tr td[data-label=State]", "Works")
	if strings.Contains(list.TextOf("body"), whole) {
		t.Error("the list shows the whole key")
	}
	colleague.Post("/keys/"+k.ID+"/revoke", nil).WantText("tbody tr td[data-label=State]", "Was revoked")
	if _, err := s.Store.UseAPIKey(t.Context(), whole); err == nil {
		t.Error("revoked, it still lets in")
	}
}

func TestAKeyWithoutANameOrAScopeIsNotMade(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	p := staff.Post("/keys", url.Values{"name": {" "}})
	p.WantStatus(http.StatusUnprocessableEntity)
	p.WantText("#name-error", "Enter a name")
	p.WantText("#scope-0-error", "Choose at least one")
	if all, err := s.Store.APIKeys(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("there are %v, %v", all, err)
	}
}
