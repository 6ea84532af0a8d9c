package handlers_test

import (
	"net/http"
	"testing"

	"balancelink/store"
)

func TestAnUnlinkedAccountIsNotAskedAndKeepsItsHistory(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id, customer := s.link(staff, "Funke Alabi", "Funke123")
	a := s.accounts(id)["2000000001"]

	customer.post("/me/accounts/"+a.ID+"/unlink", nil).wantStatus(http.StatusOK)
	p := customer.get("/me/accounts/" + a.ID)
	p.wantText("main", "153.37")
	if n := p.Find("form[action$='/refresh']").Length(); n != 0 {
		t.Errorf("the page of an unlinked account offers %d refresh forms", n)
	}
	staff.post("/accounts/"+a.ID+"/refresh", nil).wantStatus(http.StatusConflict)

	if err := s.Sim.SetBalance(a.ProviderID, "9", "9"); err != nil {
		t.Fatal(err)
	}
	if err := s.Sim.SendBalanceWebhook(a.ProviderID); err != nil {
		t.Fatal(err)
	}
	s.eventually("the webhook is judged", func() bool {
		waiting, err := s.Store.EventsToApply(t.Context(), 1)
		return err == nil && len(waiting) == 0
	})
	if got := s.accounts(id)["2000000001"].Ledger; got != store.Minor(15337) {
		t.Errorf("ledger of an unlinked account = %v after a webhook", got)
	}
}

func TestNobodyUnlinksAnAccountOfSomebodyElse(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id, _ := s.link(staff, "Funke Alabi", "Funke123")
	_, other := s.link(staff, "Bola Adeyemi", "Bola123")
	a := s.accounts(id)["2000000001"]
	other.post("/me/accounts/"+a.ID+"/unlink", nil).wantStatus(http.StatusNotFound)
	if got := s.accounts(id)["2000000001"].Status; got != store.AccountLinked {
		t.Errorf("status = %v", got)
	}
}
