package handlers_test

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"balancelink/store"
	"balancelink/views"
)

// spoil changes a sealed value outside of the program.
func spoil(s *site, column string) {
	s.t.Helper()
	table, name, _ := strings.Cut(column, ".")
	s.exec(`UPDATE ` + table + ` SET ` + name + ` = CAST('s1:' || substr(CAST(` + name + ` AS TEXT), 4, 9) || 'AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHHIIII' AS ` +
		map[bool]string{true: "BLOB", false: "TEXT"}[column == "events.body"] + `) WHERE ` + name + ` <> ''`)
}

// loggedSite is a site whose log is read.
func loggedSite(t *testing.T) (*site, *sink) {
	t.Helper()
	t.Parallel()
	log := &sink{}
	s := &site{t: t, log: slog.New(slog.NewTextHandler(log, nil))}
	s.open([]string{"REFRESH_COOLDOWN=1ms"})
	return s, log
}

func TestANumberThatWasChangedIsShownNowhereAndNothingElseStops(t *testing.T) {
	s, log := loggedSite(t)
	staff := s.signedIn()
	id, customer := s.link(staff, "Amina Bello", "Amina456")
	a := s.accounts(id)["2230011442"]
	spoil(s, "accounts.nuban")
	for path, b := range map[string]*browser{"/customers/" + id: staff, "/accounts/" + a.ID: staff, "/me": customer, "/me/accounts/" + a.ID: customer} {
		b.get(path).wantText(".number", views.Number(t.Context(), views.Unreadable))
	}
	for path, b := range map[string]*browser{"/accounts/" + a.ID + "/reveal": staff, "/me/accounts/" + a.ID + "/reveal": customer} {
		p := b.post(path, nil)
		p.wantStatus(http.StatusInternalServerError)
		p.wantText("h1", "This cannot be shown")
	}
	if r := s.ended(staff, a); r.State != store.RefreshChanged {
		t.Errorf("the refresh ended as %s", r.State)
	}
	staff.get("/refreshes").wantText("main", views.Number(t.Context(), views.Unreadable))
	if want := "accounts.nuban of row " + a.ID; !strings.Contains(log.String(), want) {
		t.Errorf("the log does not name %s: %s", want, log)
	}
}

func TestAPayloadThatWasChangedIsNotShownNorApplied(t *testing.T) {
	s, log := loggedSite(t)
	staff := s.signedIn()
	s.hook(`{"method":"BALANCE","env":"production-sandbox"}`, nil).wantStatus(http.StatusOK)
	e := s.events()[0]
	spoil(s, "events.body")
	p := staff.get("/inbox/" + e.ID)
	p.wantStatus(http.StatusInternalServerError)
	p.wantText("h1", "This cannot be shown")
	if want := "events.body of row " + e.ID; !strings.Contains(log.String(), want) {
		t.Errorf("the log does not name %s: %s", want, log)
	}
	staff.post("/inbox/"+e.ID+"/replay", nil)
	s.hook(`{"method":"AUTH","env":"production-sandbox"}`, nil).wantStatus(http.StatusOK)
	s.eventually("both are applied", func() bool {
		return s.events()[1].Result == store.EventFailed && s.events()[0].Result != store.EventReceived
	})
	if reason := s.events()[1].Reason; !strings.Contains(reason, "changed outside of the program") {
		t.Errorf("it failed because %q", reason)
	}
}

func TestADoubtfulLinkThatWasChangedCanOnlyBeRefused(t *testing.T) {
	s, log := loggedSite(t)
	staff := s.signedIn()
	_, _, review := s.doubtful(staff, "Mallory Danjuma", "Bola123")
	spoil(s, "link_attempts.pending")
	staff.get("/reviews").wantText("main", "can only be refused")
	staff.get(review).wantText("main", "can only be refused")
	if !strings.Contains(log.String(), "link_attempts.pending of row "+strings.TrimPrefix(review, "/reviews/")) {
		t.Errorf("the log does not name the row: %s", log)
	}
	reason := url.Values{"reason": {"Not his."}}
	if p := staff.post(review+"/approve", reason); p.Status < 400 {
		t.Errorf("approving it: %d", p.Status)
	}
	staff.post(review+"/refuse", reason).wantStatus(http.StatusOK)
}

func TestASeedThatWasChangedLetsNobodyIn(t *testing.T) {
	s, _ := loggedSite(t)
	a, _ := s.signedIn().enrol()
	s.newStep()
	spoil(s, "second_factors.seed")
	b := s.browser()
	b.password(staffEmail, staffPassword)
	p := b.post("/login/code", url.Values{"code": {a.code(0)}})
	p.wantStatus(http.StatusInternalServerError)
	p.wantText("h1", "This cannot be shown")
}
