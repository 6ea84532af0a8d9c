package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// realProvider are settings under which nothing is simulated. Nobody answers.
var realProvider = []string{
	"OKRA_ENV=production-sandbox", "OKRA_API_URL=http://127.0.0.1:9/v2/", "OKRA_WIDGET_URL=http://127.0.0.1:9",
	"OKRA_PUBLIC_KEY=0191f18f-0000-5000-8000-000000000001", "OKRA_CLIENT_TOKEN=5f0000000000000000000001",
	"OKRA_SECRET_KEY=a-secret-key", "OKRA_WEBHOOK_TOKEN=a-long-webhook-token", "SIMULATOR_ADDR=",
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
