package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/signin"
)

// realProvider are settings under which nothing is simulated. Nobody answers.
var realProvider = []string{
	"OKRA_ENV=production-sandbox", "OKRA_API_URL=http://127.0.0.1:9/v2/", "OKRA_WIDGET_URL=http://127.0.0.1:9",
	"OKRA_PUBLIC_KEY=0191f18f-0000-5000-8000-000000000001", "OKRA_CLIENT_TOKEN=5f0000000000000000000001",
	"OKRA_SECRET_KEY=a-secret-key", "OKRA_WEBHOOK_TOKEN=a-long-webhook-token", "SIMULATOR_ADDR=",
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

// password is the first step of signing in.
func (b *browser) password(email, password string) page {
	b.t.Helper()
	return b.post("/login", url.Values{"email": {email}, "password": {password}})
}

// newStep moves the clock to where a new code begins, so that the test is over
// before the next one does.
func (s *site) newStep() {
	const step = 30 * time.Second
	now := s.clock()
	s.advance(now.Truncate(step).Add(2*step + time.Second).Sub(now))
}

func TestSigningInAsksForACodeOnce(t *testing.T) {
	s := newSite(t)
	a, codes := s.signedIn().enrol()
	s.newStep()
	b := s.browser()
	p := b.password(staffEmail, staffPassword)
	if p.wantStatus(http.StatusOK); p.Path != "/login/code" || b.cookie(staffCookie) != "" {
		t.Fatalf("after the password at %s with cookie %q, want to be asked for the code", p.Path, b.cookie(staffCookie))
	}
	if p := b.get("/customers"); p.Path != "/login" {
		t.Errorf("half signed in one gets to %s", p.Path)
	}
	code := a.code(0)
	b.post("/login/code", url.Values{"code": {"12345"}}).wantStatus(http.StatusUnauthorized)
	p = b.post("/login/code", url.Values{"code": {code[:3] + " " + code[3:]}, "next": {"/customers"}})
	if p.wantStatus(http.StatusOK); p.Path != "/customers" {
		t.Fatalf("after the code at %s", p.Path)
	}
	for name, tt := range map[string]struct {
		code string
		want int
	}{
		"the same code again": {code, http.StatusUnauthorized}, "a code of before": {a.code(-1), http.StatusUnauthorized},
		"a code of long ago": {a.code(-3), http.StatusUnauthorized}, "a code too early": {a.code(2), http.StatusUnauthorized},
	} {
		other := s.browser()
		other.password(staffEmail, staffPassword)
		other.post("/login/code", url.Values{"code": {tt.code}}).wantStatus(tt.want)
		if other.cookie(staffCookie) != "" {
			t.Errorf("%s signs in", name)
		}
	}
	s.advance(time.Hour)
	for _, want := range []int{http.StatusOK, http.StatusUnauthorized} {
		other := s.browser()
		other.password(staffEmail, staffPassword)
		other.post("/login/code", url.Values{"code": {strings.ToUpper(codes[3])}}).wantStatus(want)
	}
}

func TestWrongCodesAreSlowedDownLikeWrongPasswords(t *testing.T) {
	s := newSite(t)
	a, _ := s.signedIn().enrol()
	s.advance(time.Minute)
	b := s.browser()
	b.password(staffEmail, staffPassword)
	for range 5 {
		b.post("/login/code", url.Values{"code": {"000000"}}).wantStatus(http.StatusUnauthorized)
		b.password(staffEmail, staffPassword)
	}
	p := b.post("/login/code", url.Values{"code": {a.code(0)}})
	p.wantStatus(http.StatusTooManyRequests)
	if p.Header.Get("Retry-After") == "" {
		t.Error("it does not say when to come back")
	}
	if p := b.password(staffEmail, staffPassword); p.Status != http.StatusTooManyRequests {
		t.Errorf("the right password during the delay: %d, want 429", p.Status)
	}
}

func TestOutsideTheSimulationOwnersMustHaveASecondFactor(t *testing.T) {
	s := newSite(t, realProvider...)
	b := s.signedIn()
	for _, path := range []string{"/", "/customers", "/staff", "/profile", "/inbox"} {
		if p := b.get(path); p.Path != "/profile/second-factor" {
			t.Errorf("%s is shown at %s before the second factor is set", path, p.Path)
		}
	}
	p := b.post("/customers", url.Values{"name": {"Amina"}})
	p.wantText("h1", "Set up your second factor")
	b.enrol()
	p = b.get("/customers")
	if p.wantStatus(http.StatusOK); p.Path != "/customers" || p.Find("tbody tr").Length() != 0 {
		t.Errorf("after it at %s with %d customers, want none", p.Path, p.Find("tbody tr").Length())
	}
	if p := b.post("/profile/second-factor/remove", nil); p.Status != http.StatusConflict {
		t.Errorf("an owner removes the second factor: %d, want 409", p.Status)
	}
}
