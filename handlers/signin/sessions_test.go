package signin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
)

func TestANewTokenKeepsHowTheSessionBegan(t *testing.T) {
	s := site.New(t)
	b := s.SignedIn()
	for range 35 { // for seven hours
		s.Advance(12 * time.Minute)
		if p := b.Get("/profile"); p.Path != "/profile" {
			t.Fatalf("at %s", p.Path)
		}
	}
	b.Post("/confirm", url.Values{"proof": {site.StaffPassword}}).WantStatus(http.StatusOK)
	b.Post("/profile/password", url.Values{"current": {site.StaffPassword}, "new": {"another long pass phrase"}}).WantStatus(http.StatusOK)
	for range 6 {
		s.Advance(12 * time.Minute)
		b.Get("/profile")
	}
	if p := b.Get("/profile"); p.Path != "/login" {
		t.Errorf("eight hours after the sign-in at %s", p.Path)
	}
}

func TestAPasswordThatIsChangedConfirmsNothing(t *testing.T) {
	s := site.New(t)
	b := s.SignedIn()
	s.Advance(10 * time.Minute)
	password := site.StaffPassword
	for i := range 3 {
		next := fmt.Sprintf("another long pass phrase %c", 'a'+i)
		if p := b.Post("/profile/password", url.Values{"current": {password}, "new": {next}}); p.Path != "/profile" {
			t.Fatalf("after the change at %s", p.Path)
		}
		if p := b.Post("/staff", url.Values{"email": {"new@lender.example"}, "role": {"owner"}}); p.Path != "/confirm" {
			t.Fatalf("an owner is invited at %s", p.Path)
		}
		password = next
	}
}
