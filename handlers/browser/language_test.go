package browser_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"balancelink/handlers/sitetest/site"
)

// A page that was opened in French stays French to its last word, although its
// person chose English in another window meanwhile.
func TestAFrenchPageStaysFrenchAlthoughEnglishIsChosenElsewhere(t *testing.T) {
	s := site.New(t, "REFRESH_FIRST_POLL=500ms")
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	a := s.Accounts(id)["0123456789"]
	staff := newChromium(t, s).staff()
	staff.open("/customers/" + id)
	staff.click(".footer button[value=fr]")
	staff.waitFor(".title-row .badge", "Connecté")
	staff.waitFor(".account .dates", "à l’instant")
	other := `fetch("/language", {method: "POST", body: new URLSearchParams({language: "en", next: "/login"})}).then((r) => r.ok)`
	if !eval[bool](staff, other, chromedp.EvalAwaitPromise) {
		t.Fatal("English cannot be chosen")
	}
	staff.click("#refresh-" + a.ID)
	staff.waitFor(".account .outcome", "à l’instant")
	staff.waitFor(".account .badge", "À jour")
}
