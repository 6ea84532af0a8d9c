package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func TestTheFirstStepsAreTickedByThemselvesAndStayUntilAllAreDone(t *testing.T) {
	s := site.New(t)
	owner := s.SignedIn()
	left := func(want ...string) {
		t.Helper()
		p := owner.Get("/")
		var got []string
		p.Find(".checklist li:not(.is-done) h3").Each(func(_ int, h *goquery.Selection) { got = append(got, strings.Join(strings.Fields(h.Text()), " ")) })
		if !slices.Equal(got, want) {
			t.Errorf("left are %q, want %q", got, want)
		}
	}
	const webhook, customer, link, backup, second = "Tell the provider where to send webhooks", "Add your first customer",
		"Send them a personal link, and see the balance", "Make a backup", "Have a second owner"
	left(webhook, customer, link, backup, second)
	owner.Post("/inbox/test", nil).WantStatus(http.StatusOK)
	left(customer, link, backup, second)
	owner.AddCustomer("Ngozi Eze")
	left(link, backup, second)
	s.Link(owner, "Amina Bello", "Amina456")
	left(backup, second)
	if n := s.SignedInAs(store.RoleAdmin).Get("/").Find(".checklist").Length(); n != 0 {
		t.Error("who can take none of the steps that are left reads of them")
	}
	owner.Post("/status/backup", nil).WantStatus(http.StatusOK)
	left(second)
	s.Member("second@example.com", store.RoleOwner)
	left()
}
