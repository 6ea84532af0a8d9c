package handlers_test

import (
	"net/http"
	"net/url"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func TestARoleThatDoesNotAllowSomethingSaysSoAndChangesNothing(t *testing.T) {
	s := site.New(t)
	for role, want := range map[store.Role]int{
		store.RoleAdmin: http.StatusOK, store.RoleViewer: http.StatusForbidden, store.RoleAuditor: http.StatusForbidden,
	} {
		b := s.SignedInAs(role)
		p := b.Post("/customers", url.Values{"name": {"Added by " + string(role)}})
		p.WantStatus(want)
		if want == http.StatusForbidden {
			p.WantText("h1", "Your role does not allow this")
		}
		b.Get("/customers").WantStatus(http.StatusOK)
	}
	if n := s.SignedIn().Get("/customers").Find("tbody tr").Length(); n != 1 {
		t.Errorf("%d customers were added, want the admin's one", n)
	}
}
