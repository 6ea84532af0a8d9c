package browser_test

import (
	"testing"

	"balancelink/handlers/settings"
)

// aminas is an account that both simulated providers have, of Amina Bello.
const aminas = "0123456789"

func TestACustomerOfOkraMovesToMonoInABrowser(t *testing.T) {
	s := newWithMono(t, settings.Okra)
	colleague := s.SignedIn()
	id := colleague.CustomerWith("Amina Bello", "amina@example.com", "LN-1")
	s.Connects(colleague, id, "Amina123")
	s.HeardAll()
	old := s.Accounts(id)[aminas]
	s.Settings.LinkProvider = settings.Mono
	s.Restart()
	c := newChromium(t, s)

	staff := c.staff()
	staff.open("/customers/" + id)
	staff.waitFor("main", "Still at Okra.")
	staff.press("Make the link for the move")
	staff.waitFor("h1", "Personal link for")
	link := eval[string](staff, `document.querySelector("#link").value`)

	customer := c.tab(phone)
	customer.toMono(link)
	customer.linksAt("GTBank", "amina.bello", "Sokoto-7", aminas)

	staff.open("/customers/" + id)
	now := s.Accounts(id)[aminas]
	if now.Provider != settings.Mono || now.Continues != old.ID {
		t.Fatalf("the account at %s continues %q, want %s", now.Provider, now.Continues, old.ID)
	}
	staff.open("/accounts/" + now.ID + "?range=all")
	staff.click("#history summary")
	staff.waitFor("tr.seam", "through Okra, ledger balance")
	staff.waitFor("tr.seam", "through Mono, kind not stated")
	staff.shootAll("moved-history")
}
