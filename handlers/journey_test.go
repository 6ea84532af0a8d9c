package handlers_test

import (
	"net/http"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func TestALinkedCustomerIsSeenByStaffAndByThemselves(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina123")

	p := staff.Get("/customers/" + id)
	p.WantStatus(http.StatusOK)
	p.WantText("main", "₦1,250,340.75")
	p.WantText("main", "₦1,248,340.75")
	p.WantText("main", "$2,480.50")
	p.WantText("main", "••••6789")

	p = customer.Get("/me")
	p.WantStatus(http.StatusOK)
	p.WantText("main", "₦1,250,340.75")
}

func TestARefreshEndsWithTheNewBalance(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina123")
	a := s.Accounts(id)["0123456789"]
	if err := s.Sim.SetBalance(a.ProviderID, "1300000", "1299000"); err != nil {
		t.Fatal(err)
	}

	p := staff.HTMX("POST", "/accounts/"+a.ID+"/refresh")
	p.WantStatus(http.StatusOK)
	poll, running := p.Find("[hx-trigger]").Attr("hx-get")
	if !running {
		html, _ := p.Html()
		t.Fatalf("the card does not follow the refresh: %s", html)
	}
	s.Eventually("the card stops polling", func() bool {
		next := staff.HTMX("GET", poll)
		if next.Status == http.StatusNoContent {
			return false // nothing new: the page stays as it is
		}
		p = next
		poll, running = p.Find("[hx-get]").Attr("hx-get")
		return !running
	})
	p.WantText("body", "₦1,300,000.00")
	p.WantText("body", "the available balance is up by ₦50,659.25")
	if got := s.Accounts(id)["0123456789"].Figure; got != store.Minor(130000000) {
		t.Errorf("ledger = %v", got)
	}
	if n := s.Sim.Calls("balance/refresh"); n != 1 {
		t.Errorf("the bank was asked %d times, want once", n)
	}
}
