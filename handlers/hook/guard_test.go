package hook_test

import (
	"net/http"
	"testing"

	"balancelink/handlers/sitetest/site"
)

func TestBothWebhookTokensAreValidDuringARotation(t *testing.T) {
	s := site.New(t, "OKRA_WEBHOOK_TOKEN_OLD=the-token-before-this-one")
	for token, want := range map[string]int{
		s.Settings.OkraWebhookToken.Reveal(): 200, "the-token-before-this-one": 200, "another-token-entirely": 401,
	} {
		if p := s.Hook(`{"method":"X"}`, http.Header{"Authorization": {"Bearer " + token}}); p.Status != want {
			t.Errorf("token %q: %d, want %d", token, p.Status, want)
		}
	}
}

func TestWrongTokensAreLimitedAndDoNotKeepTheProviderOut(t *testing.T) {
	s := site.New(t)
	wrong := http.Header{"Authorization": {"Bearer wrong"}}
	statuses := map[int]int{}
	for range 40 {
		p := s.Hook(`{"method":"X"}`, wrong)
		statuses[p.Status]++
		if p.Status == http.StatusTooManyRequests && p.Header.Get("Retry-After") == "" {
			t.Fatal("429 without Retry-After")
		}
	}
	if statuses[401] < 20 || statuses[429] < 10 || statuses[401]+statuses[429] != 40 {
		t.Errorf("answers = %v, want about 20 times 401 and then 429", statuses)
	}
	if p := s.Hook(`{"method":"X"}`, nil); p.Status != http.StatusOK {
		t.Errorf("the right token from the same address: %d", p.Status)
	}
}

func TestRejectedDeliveriesAreCountedAndWhatTheyCarriedIsNotKept(t *testing.T) {
	s := site.New(t)
	s.Hook(`{"method":"CANARY-IN-A-REJECTED-BODY"}`, http.Header{"Authorization": {"Bearer wrong"}})
	s.Hook(`{"method":"CANARY-IN-A-REJECTED-BODY"`, nil)
	p := s.SignedIn().Get("/inbox?result=rejected")
	p.WantStatus(http.StatusOK)
	for _, want := range []string{"Wrong or missing token", "Not valid JSON"} {
		p.WantText("tbody", want)
	}
	if s.Kept("CANARY-IN-A-REJECTED-BODY") {
		t.Error("the body of a rejected delivery is in the database")
	}
	if n := len(s.Events()); n != 0 {
		t.Errorf("%d events were stored", n)
	}
}
