package handlers_test

import (
	"net/http"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func TestAnUnlinkedAccountIsNotAskedAndKeepsItsHistory(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Funke Alabi", "Funke123")
	a := s.Accounts(id)["2000000001"]

	customer.Post("/me/accounts/"+a.ID+"/unlink", nil).WantStatus(http.StatusOK)
	p := customer.Get("/me/accounts/" + a.ID)
	p.WantText("main", "153.37")
	if n := p.Find("form[action$='/refresh']").Length(); n != 0 {
		t.Errorf("the page of an unlinked account offers %d refresh forms", n)
	}
	staff.Post("/accounts/"+a.ID+"/refresh", nil).WantStatus(http.StatusConflict)

	if err := s.Sim.SetBalance(a.ProviderID, "9", "9"); err != nil {
		t.Fatal(err)
	}
	if err := s.Sim.SendBalanceWebhook(a.ProviderID); err != nil {
		t.Fatal(err)
	}
	s.Eventually("the webhook is judged", func() bool {
		waiting, err := s.Store.EventsToApply(t.Context(), "okra", 1)
		return err == nil && len(waiting) == 0
	})
	if got := s.Accounts(id)["2000000001"].Figure; got != store.Minor(15337) {
		t.Errorf("ledger of an unlinked account = %v after a webhook", got)
	}
}

func TestNobodyUnlinksAnAccountOfSomebodyElse(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Funke Alabi", "Funke123")
	_, other := s.Link(staff, "Bola Adeyemi", "Bola123")
	a := s.Accounts(id)["2000000001"]
	other.Post("/me/accounts/"+a.ID+"/unlink", nil).WantStatus(http.StatusNotFound)
	if got := s.Accounts(id)["2000000001"].Status; got != store.AccountLinked {
		t.Errorf("status = %v", got)
	}
}
