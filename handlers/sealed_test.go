package handlers_test

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/views"
)

// loggedSite is a site whose log is read.
func loggedSite(t *testing.T) (*site.Site, *sink) {
	t.Helper()
	t.Parallel()
	log := &sink{}
	s := &site.Site{T: t, Log: slog.New(slog.NewTextHandler(log, nil))}
	s.Open([]string{"REFRESH_COOLDOWN=1ms"})
	return s, log
}

func TestANumberThatWasChangedIsShownNowhereAndNothingElseStops(t *testing.T) {
	s, log := loggedSite(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	s.Spoil("accounts.nuban")
	for path, b := range map[string]*site.Browser{"/customers/" + id: staff, "/accounts/" + a.ID: staff, "/me": customer, "/me/accounts/" + a.ID: customer} {
		b.Get(path).WantText(".number", views.Number(t.Context(), views.Unreadable))
	}
	for path, b := range map[string]*site.Browser{"/accounts/" + a.ID + "/reveal": staff, "/me/accounts/" + a.ID + "/reveal": customer} {
		p := b.Post(path, nil)
		p.WantStatus(http.StatusInternalServerError)
		p.WantText("h1", "This cannot be shown")
	}
	if r := s.Ended(staff, a); r.State != store.RefreshChanged {
		t.Errorf("the refresh ended as %s", r.State)
	}
	staff.Get("/refreshes").WantText("main", views.Number(t.Context(), views.Unreadable))
	if want := "accounts.nuban of row " + a.ID; !strings.Contains(log.String(), want) {
		t.Errorf("the log does not name %s: %s", want, log)
	}
}

func TestAPayloadThatWasChangedIsNotShownNorApplied(t *testing.T) {
	s, log := loggedSite(t)
	staff := s.SignedIn()
	s.Hook(`{"method":"BALANCE","env":"production-sandbox"}`, nil).WantStatus(http.StatusOK)
	e := s.Events()[0]
	s.Spoil("events.body")
	p := staff.Get("/inbox/" + e.ID)
	p.WantStatus(http.StatusInternalServerError)
	p.WantText("h1", "This cannot be shown")
	if want := "events.body of row " + e.ID; !strings.Contains(log.String(), want) {
		t.Errorf("the log does not name %s: %s", want, log)
	}
	staff.Post("/inbox/"+e.ID+"/replay", nil)
	s.Hook(`{"method":"AUTH","env":"production-sandbox"}`, nil).WantStatus(http.StatusOK)
	s.Eventually("both are applied", func() bool {
		return s.Events()[1].Result == store.EventFailed && s.Events()[0].Result != store.EventReceived
	})
	if reason := s.Events()[1].Reason; !strings.Contains(reason, "changed outside of the program") {
		t.Errorf("it failed because %q", reason)
	}
}

func TestADoubtfulLinkThatWasChangedCanOnlyBeRefused(t *testing.T) {
	s, log := loggedSite(t)
	staff := s.SignedIn()
	_, _, review := s.Doubtful(staff, "Mallory Danjuma", "Bola123")
	s.Spoil("link_attempts.pending")
	staff.Get("/reviews").WantText("main", "can only be rejected")
	staff.Get(review).WantText("main", "can only be rejected")
	if !strings.Contains(log.String(), "link_attempts.pending of row "+strings.TrimPrefix(review, "/reviews/")) {
		t.Errorf("the log does not name the row: %s", log)
	}
	reason := url.Values{"reason": {"Not his."}}
	if p := staff.Post(review+"/approve", reason); p.Status < 400 {
		t.Errorf("approving it: %d", p.Status)
	}
	staff.Post(review+"/refuse", reason).WantStatus(http.StatusOK)
}
