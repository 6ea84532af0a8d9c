package api_test

import (
	"net/http"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func TestAFundsCheckIsAnsweredAskedOnceAndNamesWhoAsked(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	_, a := linked(s)
	s.Said(a, 0, 5000, store.Minor(5000))
	path := "/accounts/" + a.ID + "/funds-checks"
	ask := func(idem string, minor int64) map[string]any {
		return p.ask("POST", path, fields{"amount": fields{"minor": minor, "currency": a.Currency}}, "Idempotency-Key", idem).want(http.StatusCreated).object()
	}
	yes, no := ask("1", 5000), ask("2", 5001)
	if yes["answer"] != "yes" || no["answer"] != "no" || yes["pending"] != false || yes["as_of"] == nil {
		t.Errorf("answered %v and %v", yes, no)
	}
	if again := ask("1", 5000); again["id"] != yes["id"] {
		t.Errorf("repeated: %v", again)
	}
	if got := p.ask("GET", "/funds-checks/"+yes["id"].(string), nil).want(http.StatusOK).object(); got["answer"] != "yes" {
		t.Errorf("read again: %v", got)
	}
	staff := s.Browser()
	staff.Password(site.StaffEmail, site.StaffPassword).WantStatus(http.StatusOK)
	staff.Get("/funds-checks/"+yes["id"].(string)).WantText("main", "by Core")
	if acts := s.Acts(store.AuditQuery{Actor: store.ByKey(p.key.ID), Action: store.ActFundsAsked}); len(acts) != 2 {
		t.Errorf("the audit log has %d checks of the program", len(acts))
	}
}

func TestAFundsCheckHasTheBankAskedFirstWhereThatIsWanted(t *testing.T) {
	s := site.New(t)
	_, a := linked(s)
	s.Advance(2 * s.Settings.FreshFor)
	p, without := newProgram(t, s), newProgram(t, s, store.WriteFunds)
	body := fields{"amount": fields{"minor": 1, "currency": a.Currency}, "refresh": "if_stale"}
	path := "/accounts/" + a.ID + "/funds-checks"
	without.ask("POST", path, body, "Idempotency-Key", "1").refused(http.StatusForbidden, "scope_missing")
	asked := p.ask("POST", path, body, "Idempotency-Key", "1").want(http.StatusCreated).object()
	if asked["pending"] != true || asked["refresh"] == nil {
		t.Errorf("asked: %v", asked)
	}
	answers := make(chan answer, 1)
	go func() { answers <- p.ask("GET", "/funds-checks/"+asked["id"].(string)+"?wait=25s", nil) }()
	s.Eventually("it is answered", func() bool { return len(answers) == 1 })
	if got := (<-answers).want(http.StatusOK).object(); got["answer"] != "yes" {
		t.Errorf("answered %v", got)
	}
}

func TestWhatIsNoFundsCheckIsRefused(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s).wrongly()
	_, a := linked(s)
	path := "/accounts/" + a.ID + "/funds-checks"
	for _, body := range []string{
		`{"amount":{"minor":0,"currency":"NGN"}}`, `{"amount":{"minor":1,"currency":"USD"}}`, `{"amount":{"minor":1.5,"currency":"NGN"}}`,
		`{"amount":{"minor":1,"currency":"NGN"},"max_age_s":0}`, `{"amount":{"minor":1,"currency":"NGN"},"refresh":"now"}`,
	} {
		p.ask("POST", path, body, "Idempotency-Key", "1").refused(http.StatusUnprocessableEntity, "invalid")
	}
}
