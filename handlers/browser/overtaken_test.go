package browser_test

import (
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// heldAnswer keeps back the first answer that brings more of a page than a card, as it
// stood when the server gave it, until release() is called.
const heldAnswer = `(() => {
	const real = fetch
	globalThis.heldOf = ""
	window.fetch = async (url, request) => {
		const answer = await real(url, request)
		if (heldOf || !(await answer.clone().text()).includes("<hx-partial")) return answer
		heldOf = String(url)
		await new Promise((go) => { globalThis.release = go })
		return answer
	}
	return true
})()`

// pressedTwice is a page of a customer with an account in naira and one in dollars, both of
// which were asked for, and the answer of the first is kept back. now is what the page
// shows at the second before that is let go.
func pressedTwice(t *testing.T, now string) (staff *tab, naira, dollars store.Account) {
	t.Helper()
	s := site.New(t)
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	naira, dollars = s.Accounts(id)["0123456789"], s.Accounts(id)["0123456796"]
	for account, amount := range map[string]string{naira.ProviderID: "1300000", dollars.ProviderID: "9000"} {
		if err := s.Sim.SetBalance(account, amount, amount); err != nil {
			t.Fatal(err)
		}
	}
	staff = newChromium(t, s).staff()
	staff.open("/customers/" + id)
	eval[bool](staff, heldAnswer)
	staff.click("#refresh-" + naira.ID)
	staff.wait("the answer of one account to be under way", `heldOf !== ""`)
	staff.click("#refresh-" + dollars.ID)
	staff.waitFor("#account-"+dollars.ID, now)
	return staff, naira, dollars
}

// On a slow line an answer arrives after a newer one that was asked for later.
func TestAnAnswerThatIsOvertakenMakesNothingOlder(t *testing.T) {
	staff, naira, dollars := pressedTwice(t, "Refreshing")
	eval[bool](staff, `release(), true`)
	staff.waitFor("#account-"+naira.ID, "₦1,300,000.00")
	staff.waitFor("#account-"+dollars.ID, "$9,000.00")
	staff.waitFor("#sum-card", "₦1,300,000.00")
	staff.waitFor("#sum-card", "$9,000.00")
}

func TestASumThatIsOvertakenStandsBesideNoNewerBalance(t *testing.T) {
	staff, naira, _ := pressedTwice(t, "$9,000.00")
	staff.waitFor("#sum-card", "$9,000.00")
	eval[bool](staff, `release(), true`)
	staff.waitFor("#account-"+naira.ID, "₦1,300,000.00")
	staff.waitFor("#sum-card", "$9,000.00")
}
