package browser_test

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/site"
	"balancelink/okra"
	"balancelink/store"
	"balancelink/store/limits"
)

// staff opens a tab in which a member of staff has signed in by the form.
func (c *chromium) staff() *tab {
	c.t.Helper()
	b := c.tab(desktop)
	b.open("/login")
	b.signIn(site.StaffPassword)
	b.waitFor("h1", "Overview")
	return b
}

func (b *tab) signIn(password string) {
	b.t.Helper()
	b.fill("#email", site.StaffEmail)
	b.fill("#password", password)
	b.press("Sign in")
}

// addCustomer adds a customer by the form and returns the id.
func (b *tab) addCustomer(name string) string {
	b.t.Helper()
	b.press("Customers")
	b.waitPath("/customers")
	if eval[bool](b, `!document.querySelector("details.add").open`) {
		b.press("Add a customer")
	}
	b.fill("#customer-name", name)
	b.press("Add customer")
	b.waitFor("h1", name)
	return strings.TrimPrefix(eval[string](b, "location.pathname"), "/customers/")
}

// invite makes a personal link on the customer's page and reads it off.
func (b *tab) invite() string {
	b.t.Helper()
	b.press("Make a personal link")
	b.waitFor("h1", "Personal link for")
	return eval[string](b, `document.querySelector("#link").value`)
}

// agree opens a personal link, ticks and goes on. It returns the bank's window.
func (b *tab) agree(link string) *tab {
	b.t.Helper()
	b.open(link)
	b.click("#consent")
	b.press("Connect your bank")
	b.waitPath("/connect/attempts/")
	return b.bank()
}

// linking is a new customer of that name at the bank's window, whom a colleague
// has sent a personal link.
func (c *chromium) linking(name string) (staff *tab, id string, customer, bank *tab) {
	c.t.Helper()
	staff, customer = c.staff(), c.tab(phone)
	id = staff.addCustomer(name)
	return staff, id, customer, customer.agree(staff.invite())
}

// bank is the window of the bank, once it asks for one.
func (b *tab) bank() *tab {
	b.t.Helper()
	w := b.in(b.site.Settings.OkraWidgetURL)
	w.waitFor("#step-banks h1", "")
	return w
}

// identify takes the bank's window to the choice of accounts.
func (b *tab) identify(bank, username, password string) {
	b.t.Helper()
	b.click("button[data-bank=" + bank + "]")
	b.fill("#username", username)
	b.fill("#password", password)
	b.click("#sign-in")
	b.fill("#otp", "11111")
	b.click("#confirm-otp")
	b.waitFor("#share", "")
}

func (b *tab) nonce() string {
	b.t.Helper()
	return strings.TrimPrefix(eval[string](b, "location.pathname"), "/connect/attempts/")
}

// wantUnknown fails if a text stands anywhere in what the site has stored.
func wantUnknown(s *site.Site, text string) {
	s.T.Helper()
	events, err := s.Store.Events(s.T.Context(), "", "", 100)
	if err != nil || len(events) == 0 {
		s.T.Fatalf("events = %v, %v", events, err)
	}
	for _, e := range events {
		if bytes.Contains(e.Body, []byte(text)) {
			s.T.Errorf("the body of webhook %s %s holds %s", e.Method, e.Code, text)
		}
	}
	if s.Stored(text) {
		s.T.Errorf("%s is in the database", text)
	}
}

func TestTheWholeJourneyInABrowser(t *testing.T) {
	s := site.New(t)
	c := newChromium(t, s)

	staff := c.tab(desktop)
	staff.open("/")
	staff.shootAll("door")
	staff.press("Staff sign-in")
	staff.waitPath("/login")
	staff.shootAll("login")
	staff.fill("#password", "a secret")
	for _, shown := range []string{"text", "password"} {
		staff.press(map[string]string{"text": "Show password", "password": "Hide password"}[shown])
		if got := eval[string](staff, `document.querySelector("#password").type`); got != shown {
			t.Errorf("the password is shown as %s, want %s", got, shown)
		}
	}
	staff.signIn(site.StaffPassword)
	staff.waitFor("h1", "Overview")
	staff.shootAll("overview-new")
	id := staff.addCustomer("Amina Bello")
	staff.shootAll("customer-new")
	link := staff.invite()
	staff.shootAll("invitation")

	customer := c.tab(phone)
	customer.open(link)
	customer.waitFor("h1", "Lender Ltd asks to see your bank balance")
	customer.shootAll("connect")
	bank := customer.agree(link)
	customer.shootAll("bank-banks")
	bank.click("button[data-bank=guaranty-trust-bank]")
	bank.fill("#username", "Amina123")
	bank.fill("#password", "Lagos")
	bank.click("#sign-in")
	bank.waitFor("#login-error", "does not know this user name and password")
	customer.shoot("bank-wrong-password")
	bank.fill("#password", "Sokoto")
	bank.click("#sign-in")
	bank.fill("#otp", "22222")
	bank.click("#confirm-otp")
	bank.waitFor("#otp-error", "not the code that the bank sent")
	bank.fill("#otp", "11111")
	bank.click("#confirm-otp")
	bank.click("input[name=account][value='0123456789']")
	customer.shoot("bank-accounts")
	bank.click("#share")
	bank.click("#done")

	customer.waitFor("#attempt h2", "Your bank is connected")
	customer.waitFor("#attempt li", "6789")
	customer.shootAll("attempt-linked")
	customer.press("See your balances")
	customer.waitPath("/me")
	customer.waitFor(".account", "₦1,250,340.75")
	customer.waitFor(".account", "₦1,248,340.75")
	customer.shootAll("me")

	staff.open("/customers/" + id)
	staff.waitFor(".account", "₦1,250,340.75")
	for _, page := range []string{customer.text("body"), staff.text("body")} {
		for _, unshared := range []string{"6796", "USD", "$", "Domiciliary"} {
			if strings.Contains(page, unshared) {
				t.Errorf("a page shows %s of the account that was not shared: %s", unshared, page)
			}
		}
	}
	accounts := s.Accounts(id)
	if len(accounts) != 1 {
		t.Errorf("accounts = %v, want the shared one alone", accounts)
	}
	s.Eventually("the link's webhooks have come", func() bool { return len(s.Events()) == 3 })
	wantUnknown(s, "0123456796")

	a := accounts["0123456789"]
	if err := s.Sim.SetBalance(a.ProviderID, "1300000", "1299000"); err != nil {
		t.Fatal(err)
	}
	eval[bool](staff, "globalThis.samePage = true")
	staff.press("Refresh")
	staff.waitFor(".account .progress", "Guaranty Trust Bank")
	staff.shootAll("customer-refreshing")
	staff.waitFor(".account .figures", "₦1,300,000.00")
	staff.waitFor(".account .figures", "₦1,299,000.00")
	staff.waitFor(".account .outcome", "available balance is up by ₦50,659.25")
	if !eval[bool](staff, "globalThis.samePage === true") {
		t.Error("the page was loaded again")
	}
	staff.shootAll("customer-refreshed")

	if err := s.Sim.SetBalance(a.ProviderID, "1100000", "1100000"); err != nil {
		t.Fatal(err)
	}
	if err := s.Sim.SendBalanceWebhook(a.ProviderID); err != nil {
		t.Fatal(err)
	}
	s.Eventually("the webhook is applied", func() bool { return s.Accounts(id)["0123456789"].Figure == store.Minor(110000000) })
	staff.reload()
	staff.waitFor(".account .figures", "₦1,100,000.00")
	wantUnknown(s, "0123456796")
}

func TestClosingTheBankWindowSaysThatNothingWasLinked(t *testing.T) {
	s := site.New(t)
	staff, id, customer, bank := newChromium(t, s).linking("Bola Adeyemi")
	first := customer.nonce()

	bank.click("button[data-bank=access-bank]")
	bank.click("#close")
	customer.waitFor("#attempt", "Nothing was linked")
	customer.shootAll("attempt-closed")
	if got := s.Attempt(id, first).State; got != store.AttemptClosed {
		t.Errorf("attempt = %v, want closed", got)
	}
	s.Eventually("the step is kept", func() bool { return s.Attempt(id, first).Step == "BANK_SELECTED" })
	staff.open("/customers/" + id)
	staff.waitFor("#timeline", "last step: BANK_SELECTED")

	customer.press("Try again")
	customer.wait("another attempt", `!location.pathname.endsWith(`+quote(first)+`)`)
	customer.bank().identify("access-bank", "Bola123", "Ibadan")
	if second := s.Attempt(id, customer.nonce()); second.State != store.AttemptOpen {
		t.Errorf("second attempt = %v, want open", second.State)
	}
}

// windowAt starts the site anew with the bank window at another address, for
// browsers: who answers is proven where it was.
func windowAt(s *site.Site, addr string) {
	s.T.Helper()
	was, err := url.Parse(s.Settings.OkraWidgetURL)
	if err != nil {
		s.T.Fatal(err)
	}
	s.Prober = func(p *okra.Prober) { p.Widget = was }
	s.Settings.OkraWidgetURL = "http://" + addr
	s.Restart()
}

func TestABankWindowThatDoesNotLoadSaysSoWithinTenSeconds(t *testing.T) {
	s := site.New(t)
	windowAddr := sitetest.Addr(t) // where nobody listens yet
	windowAt(s, windowAddr)
	c := newChromium(t, s)
	staff := c.staff()
	staff.addCustomer("Chidi Okafor")
	customer := c.tab(phone)
	customer.open(staff.invite())
	customer.click("#consent")
	customer.press("Connect your bank")
	customer.waitPath("/connect/attempts/")
	if wait := eval[int](customer, `JSON.parse(document.querySelector("#widget").textContent).timeoutMs`); wait > 10000 {
		t.Errorf("the page waits %d ms for the window", wait)
	}
	customer.waitFor("#attempt", "could not be loaded, and nothing was shared")
	customer.wantNoWindow()
	customer.shootAll("bank-unavailable")

	site.Serve(t, windowAddr, s.Sim)
	customer.press("Try again")
	bank := customer.bank()
	bank.identify("united-bank-for-africa", "Chidi123", "Enugu")
	bank.click("input[name=account]")
	bank.click("#share")
	bank.click("#done")
	customer.waitFor("#attempt h2", "Your bank is connected")
}

func TestAForgedMessageFromAnotherWindowIsIgnored(t *testing.T) {
	s := site.New(t)
	_, id, customer, bank := newChromium(t, s).linking("Amina Bello")
	nonce := customer.nonce()

	const forged = `.postMessage({success: true, close: true, record: {id: "5f3f0c1d8e4f2b0017a3c9aa"}, record_id: "5f3f0c1d8e4f2b0017a3c9aa"}, "*")`
	eval[any](customer, "window"+forged)
	// The provider's own origin, but not the window that the page opened.
	eval[bool](customer, `new Promise((loaded) => {
		const frame = document.createElement("iframe")
		document.body.append(Object.assign(frame, {id: "forger", src: `+quote(bank.frame+"/help")+`, onload: () => loaded(true)}))
	})`, chromedp.EvalAwaitPromise)
	eval[any](bank, "parent"+forged) // from the newest frame of the origin
	eval[any](customer, `document.querySelector("#forger").remove()`)
	if a := s.Attempt(id, nonce); a.State != store.AttemptOpen || a.ProviderRecord != "" {
		t.Errorf("attempt = %v with record %q, want it open", a.State, a.ProviderRecord)
	}

	// The page takes messages in order: what it says to the genuine one shows
	// that it took none of the others.
	bank.click("#close")
	customer.waitFor("#attempt", "Nothing was linked")
	if a := s.Attempt(id, nonce); a.State != store.AttemptClosed || a.ProviderRecord != "" {
		t.Errorf("attempt = %v with record %q, want it closed", a.State, a.ProviderRecord)
	}
}

func TestALostSuccessIsHealedByTheWebhook(t *testing.T) {
	s := site.New(t)
	_, id, customer, bank := newChromium(t, s).linking("Jumoke Balogun")
	bank.identify("access-bank", "Jumoke123", "Lokoja")
	bank.click("input[name=account][value='0690000055']")
	bank.click("#share")

	customer.waitFor("#attempt h2", "Your bank is connected")
	customer.waitFor("#attempt li", "0055")
	if got := len(s.Accounts(id)); got != 1 {
		t.Errorf("%d accounts, want one", got)
	}
}

func TestAnAnswerThatComesTooOftenIsSaidAndGoesOnByItself(t *testing.T) {
	s := site.New(t)
	_, id, customer, bank := newChromium(t, s).linking("Dayo Ogunleye")
	bank.identify("first-bank-of-nigeria", "Dayo123", "Akure")
	refused := eval[int](customer, fmt.Sprintf(`(async () => {
		const { closeUrl } = JSON.parse(document.getElementById("widget").textContent)
		const answers = await Promise.all([...Array(%d)].map(() => fetch(closeUrl, { method: "POST", headers: { "Content-Type": "application/json" }, body: "no JSON" })))
		return answers.filter((a) => a.status === 429).length
	})()`, limits.ReportsOfCustomer.AtOnce+1), chromedp.EvalAwaitPromise)
	if refused == 0 {
		t.Fatal("none of many reports is refused")
	}
	bank.click("input[name=account][value='3044556672']")
	bank.click("#share")
	bank.click("#done")
	customer.waitFor(`#attempt [data-when="busy"]`, "try again by ourselves")
	if eval[bool](customer, `document.querySelector('[data-when="lost"]').checkVisibility()`) {
		t.Error("the connection is said to be lost")
	}
	s.Advance(limits.ReportsOfCustomer.Every)
	customer.waitFor("#attempt h2", "Your bank is connected")
	if got := len(s.Accounts(id)); got != 1 {
		t.Errorf("%d accounts, want one", got)
	}
	customer.log.forgive("429")
}

func TestReconnectingInABrowserRepairsTheSameAccount(t *testing.T) {
	s := site.New(t)
	_, id, customer, bank := newChromium(t, s).linking("Dayo Ogunleye")
	bank.identify("first-bank-of-nigeria", "Dayo123", "Akure")
	bank.click("input[name=account][value='3044556672']")
	bank.click("#share")
	bank.click("#done")
	customer.waitFor("#attempt h2", "Your bank is connected")
	customer.press("See your balances")
	customer.waitFor(".account", "₦40,210.10")
	before := s.Accounts(id)["3044556672"]
	history := observed(s, before.ID)

	customer.click("#refresh-" + before.ID)
	customer.waitFor(".account .notice", "wants you to sign in again")
	customer.waitFor(".account .badge", "Needs sign-in")
	customer.shootAll("me-reconnect")
	if err := s.Sim.SetBalance(before.ProviderID, "41000", "41000"); err != nil {
		t.Fatal(err)
	}
	customer.click("#reconnect-" + before.ID)
	customer.waitPath("/connect/attempts/")
	customer.waitFor("h1", "Sign in again: First Bank of Nigeria")
	nonce := customer.nonce()
	bank = customer.in(s.Settings.OkraWidgetURL)
	bank.waitFor("#step-login .bank-name", "First Bank") // reauth_bank: nobody chose one
	customer.shoot("bank-reconnect")
	bank.fill("#username", "Dayo123")
	bank.fill("#password", "Akure")
	bank.click("#sign-in")
	bank.fill("#otp", "11111")
	bank.click("#confirm-otp")
	bank.waitFor("input[name=account][value='3044556672']:checked", "") // reauth_account: nobody ticked it
	bank.click("#share")
	bank.click("#done")
	customer.waitFor("#attempt h2", "Reconnected; your history stays")
	customer.press("See your balances")
	customer.waitFor(".account .badge", "Up to date")
	customer.waitFor(".account .figures", "₦41,000.00")
	if eval[bool](customer, `Boolean(document.querySelector("#reconnect-`+before.ID+`"))`) {
		t.Error("the page still wants a new sign-in")
	}

	all := s.Accounts(id)
	after := all["3044556672"]
	if len(all) != 1 || after.ID != before.ID || after.Status != store.AccountLinked || after.ProviderRecord == before.ProviderRecord {
		t.Errorf("accounts = %+v, want the same one, linked through a new record", all)
	}
	if a := s.Attempt(id, nonce); a.AccountID != before.ID {
		t.Errorf("the attempt is for account %q, want %s", a.AccountID, before.ID)
	}
	kept := observed(s, before.ID)
	if len(kept) <= len(history) || kept[len(kept)-1].ID != history[len(history)-1].ID {
		t.Errorf("history = %d balances, want the %d from before and more", len(kept), len(history))
	}
	log, err := s.Store.RefreshesByAccount(t.Context(), store.Whole(), before.ID, 10)
	if err != nil || len(log) != 1 || log[0].State != store.RefreshNeedsLogin {
		t.Errorf("requests = %v, %v; want the one from before", log, err)
	}
}

// observed is every balance of an account, newest first.
func observed(s *site.Site, accountID string) []store.Balance {
	s.T.Helper()
	all, err := s.Store.BalancesByAccount(s.T.Context(), accountID, 100)
	if err != nil || len(all) == 0 {
		s.T.Fatalf("history = %v, %v", all, err)
	}
	return all
}
