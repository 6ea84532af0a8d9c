package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"balancelink/handlers/signin"
	"balancelink/store"
)

// signedInAs is the browser of a new member of staff in that role.
func (s *site) signedInAs(role store.Role) *browser {
	s.t.Helper()
	email := string(role) + "@lender.example"
	_, err := s.Store.AddStaff(s.t.Context(), store.Program, store.Staff{
		Email: email, PasswordHash: cheapCost.Hash(staffPassword), Role: role,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	b := s.browser()
	b.post("/login", url.Values{"email": {email}, "password": {staffPassword}}).wantStatus(http.StatusOK)
	return b
}

// password is the first step of signing in.
func (b *browser) password(email, password string) page {
	b.t.Helper()
	return b.post("/login", url.Values{"email": {email}, "password": {password}})
}

// app is an authenticator app.
type app struct {
	site *site
	seed []byte
}

// code is what the app shows now, or so many steps later.
func (a app) code(later int64) string {
	return signin.TOTP(a.seed, a.site.clock().Unix()/30+later, 6)
}

// enrol sets the second factor up as a person does and returns the app and
// the recovery codes.
func (b *browser) enrol() (app, []string) {
	b.t.Helper()
	p := b.get("/profile/second-factor")
	p.wantStatus(http.StatusOK)
	p.wantText("h1", "Set up your second factor")
	if p.Find("svg.qr path[d^=M]").Length() != 1 {
		b.t.Error("there is no QR code")
	}
	text := p.Find("input[name=seed]").AttrOr("value", "")
	if shown := strings.ReplaceAll(p.text("ol code"), " ", ""); shown != text {
		b.t.Errorf("the key is shown as %q, want %q", shown, text)
	}
	seed, ok := signin.ReadSeed(text)
	if !ok {
		b.t.Fatalf("%q is no seed", text)
	}
	a := app{b.site, seed}
	wrong := b.post("/profile/second-factor", url.Values{"seed": {text}, "code": {"000000"}})
	wrong.wantStatus(http.StatusUnprocessableEntity)
	if kept := wrong.Find("input[name=seed]").AttrOr("value", ""); kept != text {
		b.t.Error("a wrong code changes the key")
	}
	p = b.post("/profile/second-factor", url.Values{"seed": {text}, "code": {a.code(0)}})
	p.wantStatus(http.StatusOK)
	codes := strings.Fields(p.Find("#codes").Text())
	if len(codes) != 10 {
		b.t.Fatalf("%d recovery codes, want 10", len(codes))
	}
	return a, codes
}

// newStep moves the clock to where a new code begins, so that the test is over
// before the next one does.
func (s *site) newStep() {
	const step = 30 * time.Second
	now := s.clock()
	s.advance(now.Truncate(step).Add(2*step + time.Second).Sub(now))
}

// wrongCode is a code that is not that one.
func wrongCode(code string) string {
	return map[bool]string{true: "111111", false: "222222"}[code != "111111"]
}

// acts are rows of the audit log, newest first.
func (s *site) acts(q store.AuditQuery) []store.AuditEntry {
	s.t.Helper()
	q.Limit = 1000
	all, err := s.Store.AuditLog(s.t.Context(), q)
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// acted is how often the audit log has an act.
func (s *site) acted(a store.Action) int {
	s.t.Helper()
	rows, err := s.Store.AuditLog(s.t.Context(), store.AuditQuery{Action: a, Limit: 100})
	if err != nil {
		s.t.Fatal(err)
	}
	return len(rows)
}
