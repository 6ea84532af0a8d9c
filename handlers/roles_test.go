package handlers_test

import (
	"net/http"
	"net/url"
	"testing"

	"balancelink/store"
)

func TestARoleThatDoesNotAllowSomethingSaysSoAndChangesNothing(t *testing.T) {
	s := newSite(t)
	for role, want := range map[store.Role]int{
		store.RoleAdmin: http.StatusOK, store.RoleViewer: http.StatusForbidden, store.RoleAuditor: http.StatusForbidden,
	} {
		b := s.signedInAs(role)
		p := b.post("/customers", url.Values{"name": {"Added by " + string(role)}})
		p.wantStatus(want)
		if want == http.StatusForbidden {
			p.wantText("h1", "Your role does not allow this")
		}
		b.get("/customers").wantStatus(http.StatusOK)
	}
	if n := s.signedIn().get("/customers").Find("tbody tr").Length(); n != 1 {
		t.Errorf("%d customers were added, want the admin's one", n)
	}
}
