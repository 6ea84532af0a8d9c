package handlers_test

import (
	"net/http"
	"testing"
	"time"
)

func TestWhatIsOverStaysSoWhenTheClockIsSetBackBeforeAnybodyTriesIt(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]time.Duration{"an hour": time.Hour, "to where it was": 72*time.Hour + 30*time.Minute} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			staff, customer := s.signedIn(), s.browser()
			id := staff.addCustomer("Amina Bello")
			link := staff.invite(id)
			customer.consent(link)
			s.advance(72*time.Hour + 30*time.Minute)
			s.restart() // a minute later it would be found without
			s.eventually("what is over is forgotten", func() bool { return s.count(`SELECT COUNT(*) FROM sessions`) == 0 })
			s.advance(-back)
			if p := staff.get("/customers"); p.Path != "/login" {
				t.Errorf("staff get to %s, want the sign-in", p.Path)
			}
			customer.get("/me").wantStatus(http.StatusUnauthorized)
			customer.get(link).wantStatus(http.StatusGone)
		})
	}
}

func TestWhatIsNotOverIsNotForgotten(t *testing.T) {
	s := newSite(t)
	staff, customer := s.signedIn(), s.browser()
	link := staff.invite(staff.addCustomer("Amina Bello"))
	customer.consent(link)
	s.advance(10 * time.Minute)
	s.restart()
	s.advance(6 * time.Minute) // after which staff are signed out, but not customers
	s.restart()
	s.eventually("an expired session is forgotten", func() bool { return s.count(`SELECT COUNT(*) FROM sessions WHERE kind = 'staff'`) == 0 })
	customer.get("/me").wantStatus(http.StatusOK)
	s.browser().get(link).wantStatus(http.StatusOK)
}
