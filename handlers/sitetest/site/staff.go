package site

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"balancelink/handlers/signin"
	"balancelink/store"
)

// Names of the cookies of who has signed in.
const (
	StaffCookie    = "balancelink_staff"
	CustomerCookie = "balancelink_customer"
	LinkCookie     = "balancelink_link"
)

// Member adds a member of staff with the usual password.
func (s *Site) Member(email string, role store.Role) store.Staff {
	s.T.Helper()
	m, err := s.Store.AddStaff(s.T.Context(), store.Program, store.Staff{
		Email: email, PasswordHash: CheapCost.Hash(StaffPassword), Role: role,
	})
	if err != nil {
		s.T.Fatal(err)
	}
	return m
}

// SignedInAs is the browser of a new member of staff in that role.
func (s *Site) SignedInAs(role store.Role) *Browser {
	s.T.Helper()
	email := "a-" + string(role) + "@lender.example"
	s.Member(email, role)
	b := s.Browser()
	b.Password(email, StaffPassword).WantStatus(http.StatusOK)
	return b
}

// Password is the first step of signing in.
func (b *Browser) Password(email, password string) Page {
	b.T.Helper()
	return b.Post("/login", url.Values{"email": {email}, "password": {password}})
}

// App is an authenticator app.
type App struct {
	Site *Site
	Seed []byte
}

// Code is what the app shows now, or so many steps later.
func (a App) Code(later int64) string {
	return signin.TOTP(a.Seed, a.Site.Clock().Unix()/30+later, 6)
}

// Enrol sets the second factor up as a person does and returns the app and
// the recovery codes.
func (b *Browser) Enrol() (App, []string) {
	b.T.Helper()
	p := b.Get("/profile/second-factor")
	p.WantStatus(http.StatusOK)
	p.WantText("h1", "Set up your second factor")
	if p.Find("svg.qr path[d^=M]").Length() != 1 {
		b.T.Error("there is no QR code")
	}
	text := p.Find("input[name=seed]").AttrOr("value", "")
	if shown := strings.ReplaceAll(p.TextOf("ol code"), " ", ""); shown != text {
		b.T.Errorf("the key is shown as %q, want %q", shown, text)
	}
	seed, ok := signin.ReadSeed(text)
	if !ok {
		b.T.Fatalf("%q is no seed", text)
	}
	a := App{b.Site, seed}
	wrong := b.Post("/profile/second-factor", url.Values{"seed": {text}, "code": {"000000"}})
	wrong.WantStatus(http.StatusUnprocessableEntity)
	if kept := wrong.Find("input[name=seed]").AttrOr("value", ""); kept != text {
		b.T.Error("a wrong code changes the key")
	}
	p = b.Post("/profile/second-factor", url.Values{"seed": {text}, "code": {a.Code(0)}})
	p.WantStatus(http.StatusOK)
	codes := strings.Fields(p.Find("#codes").Text())
	if len(codes) != 10 {
		b.T.Fatalf("%d recovery codes, want 10", len(codes))
	}
	return a, codes
}

// NewStep moves the clock to where a new code begins, so that the test is over
// before the next one does.
func (s *Site) NewStep() {
	const step = 30 * time.Second
	now := s.Clock()
	s.Advance(now.Truncate(step).Add(2*step + time.Second).Sub(now))
}

// WrongCode is a code that is not that one.
func WrongCode(code string) string {
	return map[bool]string{true: "111111", false: "222222"}[code != "111111"]
}

// Acts are rows of the audit log, newest first.
func (s *Site) Acts(q store.AuditQuery) []store.AuditEntry {
	s.T.Helper()
	q.Limit = 1000
	all, err := s.Store.AuditLog(s.T.Context(), q)
	if err != nil {
		s.T.Fatal(err)
	}
	return all
}

// Acted is how often the audit log has an act.
func (s *Site) Acted(a store.Action) int {
	s.T.Helper()
	rows, err := s.Store.AuditLog(s.T.Context(), store.AuditQuery{Action: a, Limit: 100})
	if err != nil {
		s.T.Fatal(err)
	}
	return len(rows)
}
