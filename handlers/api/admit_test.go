package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store/limits"
)

func TestWhoeverTriesKeysHasToWaitAndARightOneIsNotRefusedForIt(t *testing.T) {
	s := site.New(t)
	fine, guessing := newProgram(t, s), newProgram(t, s)
	guessing.whole += "x"
	for range limits.WrongTokens.AtOnce {
		guessing.ask("GET", "/me", nil).want(http.StatusUnauthorized)
	}
	got := guessing.ask("GET", "/me", nil)
	if got.refused(http.StatusTooManyRequests, "too_many_requests"); got.header.Get("Retry-After") == "" {
		t.Error("it is not said when to come back")
	}
	fine.ask("GET", "/me", nil).want(http.StatusOK)
	s.Advance(limits.WrongTokens.Every)
	guessing.ask("GET", "/me", nil).want(http.StatusUnauthorized)
}

func TestAKeyThatAsksTooOftenHasToWaitAndNoOther(t *testing.T) {
	s := site.New(t)
	eager, other := newProgram(t, s), newProgram(t, s)
	for range limits.RequestsOfKey.AtOnce {
		eager.ask("GET", "/me", nil).want(http.StatusOK)
	}
	eager.ask("GET", "/me", nil).refused(http.StatusTooManyRequests, "too_many_requests")
	other.ask("GET", "/me", nil).want(http.StatusOK)
	s.Advance(limits.RequestsOfKey.Every)
	eager.ask("GET", "/me", nil).want(http.StatusOK)
}

func TestWhatIsNoRequestOfTheAPIIsRefusedInItsWords(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s).wrongly()
	p.ask("GET", "/nothing", nil).refused(http.StatusNotFound, "not_found")
	p.ask("PATCH", "/me", nil).refused(http.StatusMethodNotAllowed, "method_not_allowed")
	p.ask("GET", "/%ff", nil).refused(http.StatusNotFound, "not_found")
	for _, query := range []string{"?a=%00", "?a=%ff", "?%ff=a", "?a=%zz"} {
		p.ask("GET", "/me"+query, nil).refused(http.StatusUnprocessableEntity, "malformed")
	}
	p.ask("POST", "/me", strings.Repeat("x", limits.Form+1)).refused(http.StatusRequestEntityTooLarge, "too_large")
}

func TestEveryAnswerOfTheAPICarriesTheHeadersOfPagesAndAnID(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s).wrongly()
	seen := map[string]bool{}
	for _, path := range []string{"/me", "/nothing", "/me?a=%00", "/openapi.yaml"} {
		got := p.ask("GET", path, nil)
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got.header.Get(name) != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got.header.Get(name), want)
			}
		}
		id := got.header.Get("Request-Id")
		if id == "" || seen[id] || got.status >= 400 && got.object()["request_id"] != id {
			t.Errorf("%s: request id %q, %s", path, id, got.body)
		}
		seen[id] = true
	}
}

func TestAKeySeesWhatItMayBeUsedFor(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s, "customers:read", "funds:write")
	me := p.ask("GET", "/me", nil).want(http.StatusOK).object()
	if me["id"] != p.key.ID || me["env"] != "simulated" || len(me["scopes"].([]any)) != 2 ||
		me["expires_at"] != p.key.ExpiresAt.Format("2006-01-02T15:04:05.999Z07:00") {
		t.Errorf("it sees %v", me)
	}
	if used := s.Clock().Truncate(time.Minute); !p.lastUsed().Equal(used) {
		t.Errorf("used at %v, want %v", p.lastUsed(), used)
	}
}

func (p program) lastUsed() time.Time {
	p.t.Helper()
	k, err := p.site.Store.APIKeyByID(p.t.Context(), p.key.ID)
	if err != nil {
		p.t.Fatal(err)
	}
	return k.UsedAt
}
