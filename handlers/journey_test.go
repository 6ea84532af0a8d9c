package handlers_test

import (
	"net/http"
	"testing"

	"balancelink/store"
)

func TestALinkedCustomerIsSeenByStaffAndByThemselves(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id, customer := s.link(staff, "Amina Bello", "Amina123")

	p := staff.get("/customers/" + id)
	p.wantStatus(http.StatusOK)
	p.wantText("main", "₦1,250,340.75")
	p.wantText("main", "₦1,248,340.75")
	p.wantText("main", "$2,480.50")
	p.wantText("main", "••••6789")

	p = customer.get("/me")
	p.wantStatus(http.StatusOK)
	p.wantText("main", "₦1,250,340.75")
}

func TestARefreshEndsWithTheNewBalance(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id, _ := s.link(staff, "Amina Bello", "Amina123")
	a := s.accounts(id)["0123456789"]
	if err := s.Sim.SetBalance(a.ProviderID, "1300000", "1299000"); err != nil {
		t.Fatal(err)
	}

	p := staff.htmx("POST", "/accounts/"+a.ID+"/refresh")
	p.wantStatus(http.StatusOK)
	poll, running := p.Find("[hx-trigger]").Attr("hx-get")
	if !running {
		html, _ := p.Html()
		t.Fatalf("the card does not follow the refresh: %s", html)
	}
	s.eventually("the card stops polling", func() bool {
		next := staff.htmx("GET", poll)
		if next.Status == http.StatusNoContent {
			return false // nothing new: the page stays as it is
		}
		p = next
		poll, running = p.Find("[hx-get]").Attr("hx-get")
		return !running
	})
	p.wantText("body", "₦1,300,000.00")
	p.wantText("body", "the available balance is up by ₦50,659.25")
	if got := s.accounts(id)["0123456789"].Ledger; got != store.Minor(130000000) {
		t.Errorf("ledger = %v", got)
	}
	if n := s.Sim.Calls("balance/refresh"); n != 1 {
		t.Errorf("the bank was asked %d times, want once", n)
	}
}
