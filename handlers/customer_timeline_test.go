package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func TestWhatHappenedIsOneListAndWhoLookedIsForWhoMayReadTheLog(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	staff.Post("/accounts/"+a.ID+"/refresh", nil).WantStatus(http.StatusOK)
	s.Eventually("the bank has answered", func() bool {
		all, err := s.Store.RefreshesByAccount(t.Context(), store.Whole(), a.ID, 1)
		return err == nil && len(all) == 1 && !all[0].Open()
	})
	staff.Get("/customers/" + id)
	page := staff.Get("/customers/" + id)
	for _, what := range []string{
		"Added the customer.", "Made a personal link.", "Agreed that what the consent names is read.",
		"Opened the bank window.", "Zenith Bank", "Linked a bank.", "Asked the bank for a new balance.",
		"Looked at the customer's balances.",
	} {
		page.WantText("#timeline", what)
	}
	if got := page.TextOf("#timeline li .badge"); !strings.Contains(got, "Changed") && !strings.Contains(got, "Unchanged") {
		t.Errorf("the request says %q, and not how it went", got)
	}

	viewer := s.SignedInAs(store.RoleViewer)
	page = viewer.Get("/customers/" + id)
	page.WantText("#timeline", "Linked a bank.")
	if text := page.TextOf("#timeline"); strings.Contains(text, "Looked at") || page.Find("#timeline a[href^='/audit']").Length() > 0 {
		t.Errorf("a viewer reads who looked: %q", text)
	}
}
