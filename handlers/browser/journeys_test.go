package browser_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"

	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/site"
	"balancelink/okra/okrasim"
	"balancelink/store"
	"balancelink/store/progress"
)

// TestJourneysInABrowser goes the ways that people go by clicking, each on a
// site of its own.
func TestJourneysInABrowser(t *testing.T) {
	t.Parallel()
	for name, journey := range map[string]func(*chromium){
		"a bank window that is blocked is closed and opened again":  closesABlockedWindow,
		"two who watch an account follow one request to the bank":   twoFollowOneRefresh,
		"the status page follows what is done in the background":    followsTheWork,
		"a customer unlinks a bank and then everything by keyboard": unlinksEverything,
		"staff replay a webhook":                                    replaysAWebhook,
		"a funds check asks the bank first and is printed":          checksFundsAfterARefresh,
		"amounts stay hidden on every page until they are shown":    hidesAmounts,
	} {
		t.Run(name, func(t *testing.T) {
			journey(newChromium(t, site.New(t, "REFRESH_FIRST_POLL=1h", "REFRESH_DEADLINE=2h")))
		})
	}
}

func closesABlockedWindow(c *chromium) {
	s := c.site
	addr := sitetest.Addr(c.t)
	windowAt(s, addr)
	blocked := site.Serve(c.t, addr, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Frame-Options", "DENY") }))
	colleague := s.SignedIn()
	id := colleague.AddCustomer("Bola Adeyemi")
	customer := c.tab(phone)
	customer.open(colleague.Invite(id))
	customer.click("#consent")
	customer.press("Connect your bank")
	customer.waitPath("/connect/attempts/")
	customer.waitFor("#opening-bank", "Opening the bank window")
	customer.shootAll("attempt-opening")
	first := customer.nonce()
	customer.press("Cancel") // nothing lies above it
	customer.waitFor("#attempt", "Nothing was linked")
	customer.wantNoWindow()
	if got := s.Attempt(id, first).State; got != store.AttemptClosed {
		c.t.Errorf("attempt = %v, want closed", got)
	}
	customer.log.forgive("X-Frame-Options")

	blocked.Close()
	site.Serve(c.t, addr, s.Sim)
	customer.press("Try again")
	customer.bank().identify("access-bank", "Bola123", "Ibadan")
}

// wantNoWindow fails if anything of the bank's window is left on the page.
func (b *tab) wantNoWindow() {
	b.t.Helper()
	const left = `[...document.querySelectorAll("iframe, dialog[open], body > div:not([class])")].map((e) => e.outerHTML).join(" ")`
	if got := eval[string](b, left); got != "" {
		b.t.Errorf("left on the page: %s", got)
	}
}

func twoFollowOneRefresh(c *chromium) {
	s := c.site
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	s.Sim.SetScenario(a.ProviderID, okrasim.WrongToken) // no webhook is heard until the test sends one
	viewers := []*tab{c.staff(), c.staff()}
	for i, page := range []string{"/customers/" + id, "/accounts/" + a.ID} {
		v := viewers[i]
		v.open(page)
		eval[bool](v, "globalThis.samePage = true")
	}
	viewers[1].click("#history summary") // it stays open
	for _, v := range viewers {          // the second joins the first
		v.click("#refresh-" + a.ID)
		v.waitFor(".account .progress", "Zenith Bank")
	}
	if err := s.Sim.SetBalance(a.ProviderID, "1300000", "1299000"); err != nil {
		c.t.Fatal(err)
	}
	bankAnswers(s, a.ProviderID)
	for _, v := range viewers {
		v.waitFor(".account .outcome", "New from Zenith Bank")
		if !eval[bool](v, "globalThis.samePage === true") {
			c.t.Error("a page was loaded again")
		}
	}
	viewers[1].waitFor("#history .extremes", "₦1,299,000.00")
	viewers[1].waitFor("#history details[open] td", "₦1,299,000.00")
	viewers[1].waitFor(".read output", "₦1,299,000.00") // the drawing is read that took the place of the old one
	if at := eval[string](viewers[1], `document.querySelector(".cursor line").getAttribute("x1")`); at == "0%" {
		c.t.Error("the cursor is at the beginning of the drawing")
	}
	if n := s.Sim.Calls("balance/refresh"); n != 1 {
		c.t.Errorf("the bank was asked %d times, want once", n)
	}
}

func followsTheWork(c *chromium) {
	w := c.site.Store.Board().Begin(progress.Copying, 7)
	defer w.End()
	w.Step(progress.TheFile, progress.Bytes, 2_000_000)
	viewer := c.staff()
	viewer.open("/status")
	eval[bool](viewer, "globalThis.samePage = true")
	viewer.waitFor("#work", "0.0 kB of about 2.0 MB")
	w.Reach(1_000_000)
	viewer.waitFor("#work", "1.0 MB of about 2.0 MB")
	w.Step(progress.TheRows, progress.Entries, 0)
	viewer.waitFor("#work", "Step 2 of 7")
	w.End()
	viewer.waitFor("#work", "Nothing that takes long is under way.")
	if !eval[bool](viewer, "globalThis.samePage === true") {
		c.t.Error("the page was loaded again")
	}
	viewer.press("See what has come of it")
	viewer.waitFor("h1", "Status")
}

func unlinksEverything(c *chromium) {
	s := c.site
	colleague := s.SignedIn()
	id := colleague.CustomerWith("Amina Bello", "", "LN-1")
	const password = "three little words"
	s.Connects(colleague, id, "Amina123").SetPassword(password)
	s.Connects(colleague, id, "Amina456")
	customer := c.tab(phone)
	customer.open("/me/login")
	customer.typeInto("#login", "LN-1")
	customer.typeInto("#password", password)
	customer.hit(kb.Enter)
	customer.waitFor("h1", "Your balances")
	customer.shootAll("me-two-banks")

	a := s.Accounts(id)["0123456789"]
	customer.open("/me/accounts/" + a.ID)
	customer.tabAnd(kb.Enter, "a[href$='/unlink']")
	customer.waitFor("h1", "Unlink")
	customer.tabTo("#scope-account")
	customer.hit(kb.ArrowDown)
	customer.shootAll("me-unlink-bank")
	customer.tabAnd(kb.Enter, "main button[type=submit]")
	customer.waitFor("h1", "unlinked")
	c.wantStatus(id, map[string]store.AccountStatus{"0123456789": store.AccountUnlinked, "0123456796": store.AccountUnlinked, "2230011442": store.AccountLinked})

	customer.open("/me")
	customer.shootAll("me-unlinked-bank")
	customer.open("/me/withdraw")
	customer.tabAnd(kb.Enter, "main button[type=submit]")
	customer.waitFor("h1", "Your consent is withdrawn")
	c.wantStatus(id, map[string]store.AccountStatus{"0123456789": store.AccountUnlinked, "0123456796": store.AccountUnlinked, "2230011442": store.AccountUnlinked})
}

// wantStatus fails unless the customer has these accounts in these states.
func (c *chromium) wantStatus(customerID string, want map[string]store.AccountStatus) {
	c.t.Helper()
	got := map[string]store.AccountStatus{}
	for nuban, a := range c.site.Accounts(customerID) {
		got[nuban] = a.Status
	}
	if !maps.Equal(got, want) {
		c.t.Errorf("accounts are %v, want %v", got, want)
	}
}

func replaysAWebhook(c *chromium) {
	s := c.site
	colleague := s.SignedIn()
	id, _ := s.Link(colleague, "Funke Alabi", "Funke123")
	a := s.Accounts(id)["2000000001"]
	colleague.Panel("/sim/accounts/"+a.ProviderID+"/webhook", map[string][]string{"mode": {"unknown-record"}})
	s.Eventually("it waits for its link", func() bool { return len(s.EventsWith(store.EventUnmatched)) == 1 })
	staff := c.staff()
	staff.press("Webhooks")
	staff.waitPath("/inbox")
	staff.pressAway("Unmatched")
	staff.click("tbody th a")
	staff.waitPath("/inbox/")
	staff.shootAll("inbox-unmatched")
	staff.pressAway("Replay")
	staff.pressAway("Audit log")
	staff.waitFor("tbody", "Had a stored webhook applied once more")
	staff.shootAll("audit")
}

func checksFundsAfterARefresh(c *chromium) {
	s := c.site
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	s.Sim.SetScenario(a.ProviderID, okrasim.WrongToken) // no webhook is heard until the test sends one
	staff := c.staff()
	staff.open("/accounts/" + a.ID)
	staff.fill("#funds-amount", "100")
	staff.click("#funds-refresh")
	staff.click(".funds button")
	staff.waitFor("#funds-answer", "Asking the bank")
	bankAnswers(s, a.ProviderID)
	staff.waitFor("#funds-answer", "Yes")
	staff.waitFor("#funds-check", "covers ₦100.00")
	staff.shootAll("funds-answered")
	staff.wantOneSheet("funds-answered")
	staff.emulate(emulation.SetEmulatedMediaParams{Media: "print"})
	for _, selector := range []string{".header", ".banner", ".back", ".footer"} {
		if eval[bool](staff, "!!"+seek(selector, "")) {
			c.t.Errorf("%s is printed", selector)
		}
	}
	staff.emulate(emulation.SetEmulatedMediaParams{})
	staff.click(".back a")
	staff.waitFor("#funds tbody", "Yes")
}

func hidesAmounts(c *chromium) {
	s := c.site
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	staff := c.staff()
	staff.open("/customers/" + id)
	staff.press("Hide amounts")
	staff.waitFor(".amounts", "Show amounts")
	for _, path := range []string{"/customers/" + id, "/accounts/" + a.ID, "/customers"} {
		staff.open(path)
		staff.reload()
		staff.waitFor(".money-hidden", "•••••")
		staff.wantNoNaira(path)
	}
	staff.shootAll("customers-hidden")
	staff.open("/accounts/" + a.ID)
	staff.click("#refresh-" + a.ID)
	staff.waitFor(".account .outcome", "")
	staff.wantNoNaira("the card after a refresh")
	staff.press("Show amounts")
	staff.waitFor(".account .figures", "₦")
}

func (b *tab) wantNoNaira(where string) {
	b.t.Helper()
	if eval[bool](b, `document.documentElement.outerHTML.includes("₦")`) {
		b.t.Errorf("%s has an amount: %s", where, b.text("main"))
	}
}
