package browser_test

import (
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/okra/okrasim"
	"balancelink/store"
)

// A colleague erases a customer whose page somebody has open, while it follows a request.
func TestAPageThatIsOpenGoesWhenItsCustomerIsErased(t *testing.T) {
	s := site.New(t, "REFRESH_DEADLINE=5m")
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	a := s.Accounts(id)["0123456789"]
	s.Sim.SetScenario(a.ProviderID, okrasim.SlowBank)
	staff := newChromium(t, s).staff()
	staff.open("/customers/" + id)
	staff.click("#refresh-" + a.ID)
	staff.waitFor(".account .progress", "Guaranty Trust Bank")
	if err := s.Store.Erase(t.Context(), store.ByStaff("s"), id, "asked"); err != nil {
		t.Fatal(err)
	}
	staff.waitFor("h1", "This customer was erased")
	if text := staff.text("main"); strings.Contains(text, "₦") {
		t.Errorf("the page shows %s", text)
	}
	staff.log.forgive("404")
}
