package browser_test

import (
	"strings"
	"testing"

	"balancelink/handlers/settings"
	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/site"
)

// aminas is an account that both simulated providers have, of Amina Bello.
const aminas = "0123456789"

func TestACustomerOfOkraMovesToMonoInABrowser(t *testing.T) {
	_, port, _ := strings.Cut(sitetest.Addr(t), ":")
	s := site.New(t, "LINK_PROVIDER=okra", "MONO_SIMULATOR_ADDR=localhost:"+port)
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
	customer.press("Go to your bank")
	customer.signInAt("GTBank", "amina.bello", "Sokoto-7")
	customer.shareAt(aminas)
	customer.waitFor("#attempt h2", "Your bank is connected")

	staff.open("/customers/" + id)
	now := s.Accounts(id)[aminas]
	if now.Provider != settings.Mono || now.Continues != old.ID {
		t.Fatalf("the account at %s continues %q, want %s", now.Provider, now.Continues, old.ID)
	}
	staff.open("/accounts/" + now.ID + "?range=all")
	staff.waitFor("tr.seam", "through Okra, ledger balance")
	staff.waitFor("tr.seam", "through Mono, kind not stated")
	staff.shootAll("moved-history")
}
