package signin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func TestSigningInAndFailingToIsRecorded(t *testing.T) {
	s := site.New(t)
	stranger := s.Browser()
	for range 3 {
		stranger.Post("/login", url.Values{"email": {site.StaffEmail}, "password": {"a wrong password"}}).WantStatus(http.StatusUnauthorized)
	}
	stranger.Post("/login", url.Values{"email": {"nobody@lender.example"}, "password": {"a wrong password"}}).WantStatus(http.StatusUnauthorized)
	staff := s.SignedIn()
	staff.Get("/audit").WantStatus(http.StatusOK)
	m, err := s.Store.StaffByEmail(t.Context(), site.StaffEmail)
	if err != nil {
		t.Fatal(err)
	}
	failed := s.Acts(store.AuditQuery{Action: store.ActSignInFailed})
	if len(failed) != 2 {
		t.Fatalf("%d rows of failed sign-ins, want one for the member of staff and one for the address that nobody has", len(failed))
	}
	for _, e := range failed {
		if want := map[string]string{m.ID: "3 times", "": "1 times"}[e.Subject]; !strings.HasPrefix(e.Detail, want) || e.Actor != store.Nobody {
			t.Errorf("%+v, want %q", e, want)
		}
	}
	if in := s.Acts(store.AuditQuery{Action: store.ActSignedIn}); len(in) != 1 || in[0].Actor != store.ByStaff(m.ID) {
		t.Errorf("signed in: %+v", in)
	}
}
