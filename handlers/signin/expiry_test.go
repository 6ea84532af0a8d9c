package signin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
)

func TestWhatIsOverStaysSoWhenTheClockIsSetBackBeforeAnybodyTriesIt(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]time.Duration{"an hour": time.Hour, "to where it was": 72*time.Hour + 30*time.Minute} {
		t.Run(name, func(t *testing.T) {
			s := site.New(t)
			staff, customer := s.SignedIn(), s.Browser()
			id := staff.AddCustomer("Amina Bello")
			link := staff.Invite(id)
			customer.Consent(link)
			s.Advance(72*time.Hour + 30*time.Minute)
			s.Restart() // a minute later it would be found without
			s.Eventually("what is over is forgotten", func() bool { return s.Count(`SELECT COUNT(*) FROM sessions`) == 0 })
			s.Advance(-back)
			if p := staff.Get("/customers"); p.Path != "/login" {
				t.Errorf("staff get to %s, want the sign-in", p.Path)
			}
			customer.Get("/me").WantStatus(http.StatusUnauthorized)
			customer.Get(link).WantStatus(http.StatusGone)
		})
	}
}

// A form is sent after its session has ended: nothing is done, which is said, and after the
// sign-in its page is there again.
func TestWhoIsSignedOutAmidAFormReadsThatNothingWasDone(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina456")
	edit := "/customers/" + id + "/edit"
	staff.Get(edit)
	s.Advance(13 * time.Hour)
	p := staff.Post(edit, url.Values{"name": {"Amina Ade"}})
	if next := p.Find("input[name=next]").First().AttrOr("value", ""); p.Path != "/login" || next != edit {
		t.Errorf("it leads to %s, and on to %s", p.Path, next)
	}
	p.WantText("main", "Nothing of what you sent was done.")
	customer.Post("/me/withdraw", nil).WantText("main", "nothing was done")
	customer.Get("/me").WantText("main", "For your safety")
	if p := staff.Post("/logout", nil); p.Path != "/login" || strings.Contains(p.Find("main").Text(), "Nothing of what") {
		t.Errorf("who is signed out already and signs out reads %q at %s", p.Find("main").Text(), p.Path)
	}
}

func TestWhatIsNotOverIsNotForgotten(t *testing.T) {
	s := site.New(t)
	staff, customer := s.SignedIn(), s.Browser()
	link := staff.Invite(staff.AddCustomer("Amina Bello"))
	customer.Consent(link)
	s.Advance(10 * time.Minute)
	s.Restart()
	s.Advance(6 * time.Minute) // after which staff are signed out, but not customers
	s.Restart()
	s.Eventually("an expired session is forgotten", func() bool { return s.Count(`SELECT COUNT(*) FROM sessions WHERE kind = 'staff'`) == 0 })
	customer.Get("/me").WantStatus(http.StatusOK)
	s.Browser().Get(link).WantStatus(http.StatusOK)
}
