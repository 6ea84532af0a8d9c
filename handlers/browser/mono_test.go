package browser_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/settings"
	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/site"
	"balancelink/okra/mono/monosim"
	"balancelink/store"
	"balancelink/views/browsertest"
)

// ngozis is an account at the simulated Mono, of Ngozi Chidera Umeh.
const ngozis = "0712345604"

// newAtMono is a site whose links are made through Mono.
func newAtMono(t *testing.T) *site.Site {
	t.Helper()
	return newWithMono(t, settings.Mono)
}

// newWithMono is a site with both providers, whose links are made through one. Mono's
// page is of another site than ours, as Mono's is: browsers hold cookies back by that.
func newWithMono(t *testing.T, links string) *site.Site {
	t.Helper()
	_, port, _ := strings.Cut(sitetest.Addr(t), ":")
	return site.New(t, "LINK_PROVIDER="+links, "MONO_SIMULATOR_ADDR=localhost:"+port)
}

// toMono goes from a personal link to the page that leads to the bank.
func (b *tab) toMono(link string) (nonce, page string) {
	b.t.Helper()
	b.open(link)
	b.click("#consent")
	b.click("main form button[type=submit]")
	b.waitPath("/connect/attempts/")
	b.waitFor("#to-bank", "")
	return b.nonce(), eval[string](b, `document.querySelector("#to-bank").href`)
}

// signInAt takes Mono's page to the choice of accounts.
func (b *tab) signInAt(bank, username, password string) {
	b.t.Helper()
	b.waitFor("h1", "Choose your bank")
	b.pressAway(bank)
	b.fill("#username", username)
	b.fill("#password", password)
	b.pressAway("Log in")
	b.fill("#otp", "123456")
	b.pressAway("Confirm")
	b.waitFor("legend", "Which account")
}

// shareAt ends the sign-in with one account.
func (b *tab) shareAt(nuban string) {
	b.t.Helper()
	b.click(fmt.Sprintf("input[name=account][value='%s']", nuban))
	b.press("Link this account")
}

// linksAt goes to the bank, shares one account there and comes back.
func (b *tab) linksAt(bank, username, password, nuban string) {
	b.t.Helper()
	b.press("Go to your bank")
	b.signInAt(bank, username, password)
	b.shareAt(nuban)
	b.waitFor("#attempt h2", "Your bank is connected")
}

func ngoziAt(s *site.Site) (id, link string) {
	s.T.Helper()
	colleague := s.SignedIn()
	id = colleague.CustomerWith("Ngozi Umeh", "ngozi@example.com", "LN-1")
	return id, colleague.Invite(id)
}

func TestTheWholeJourneyThroughMonoInABrowser(t *testing.T) {
	axe := browsertest.Axe(t)
	s := newAtMono(t)
	c := newChromium(t, s)
	colleague := s.SignedIn()
	id := colleague.AddCustomer("Ngozi Umeh")
	link := colleague.Invite(id)

	customer := c.tab(phone)
	customer.open(link)
	customer.waitFor("h1", "Lender Ltd asks to see your bank balance")
	customer.waitFor("#reads-sends ~ ul", "Your name and your e-mail address go to Mono")
	customer.wantAccessible(axe, "mono-connect")
	customer.click("#consent")
	customer.fill("#email", "ngozi at home")
	eval[any](customer, `document.querySelector("main form").noValidate = true`)
	customer.pressAway("Connect your bank")
	customer.waitFor("#email-error", "e-mail address")
	customer.wantAccessible(axe, "mono-connect-wrong")
	customer.fill("#email", "ngozi@example.com")
	customer.press("Connect your bank")
	customer.waitPath("/connect/attempts/")
	customer.waitFor("#to-bank", "Go to your bank")
	customer.waitFor("#attempt", "You go on to a page of Mono")
	customer.wantAccessible(axe, "mono-attempt")
	nonce := customer.nonce()

	customer.press("Go to your bank")
	customer.waitFor("h1", "Choose your bank")
	if got := eval[string](customer, "document.referrer"); got != "" {
		t.Errorf("Mono is told where the customer comes from: %s", got)
	}
	customer.wantAccessible(axe, "mono-banks")
	customer.pressAway("Access Bank")
	customer.fill("#username", "ngozi.umeh")
	customer.fill("#password", "wrong")
	customer.pressAway("Log in")
	customer.waitFor("#wrong", "does not know this user name and password")
	customer.wantAccessible(axe, "mono-wrong-password")
	customer.fill("#password", "Nsukka-4")
	customer.pressAway("Log in")
	customer.wantAccessible(axe, "mono-otp")
	customer.fill("#otp", "123456")
	customer.pressAway("Confirm")
	customer.wantAccessible(axe, "mono-accounts")
	customer.shareAt(ngozis)

	customer.waitPath("/connect/attempts/" + nonce)
	customer.waitFor("#attempt h2", "Your bank is connected")
	customer.waitFor("#attempt li", "5604")
	customer.waitFor("#attempt li", "₦512,300.25")
	if got := eval[string](customer, "location.search"); got != "" {
		t.Errorf("the code stays in the address: %s", got)
	}
	customer.wantAccessible(axe, "mono-attempt-linked")
	customer.press("See your balances")
	customer.waitPath("/me")
	customer.waitFor(".account", "₦512,300.25")
	customer.wantAccessible(axe, "mono-me")
	if text := customer.text(".account"); strings.Contains(text, "Ledger") || strings.Contains(text, "Available") {
		t.Errorf("the figure is called what Mono does not call it: %s", text)
	}

	staff := c.staff()
	staff.open("/customers/" + id)
	staff.waitFor(".account", "₦512,300.25")
	staff.shootAll("mono-customer")
	if n := len(s.Accounts(id)); n != 1 {
		t.Errorf("%d accounts, want the chosen one alone", n)
	}
}

func TestThePageOfBalancesFollowsUntilTheFirstOneIsThere(t *testing.T) {
	s := newAtMono(t)
	s.Mono.SetScenarios(ngozis, monosim.SlowLink)
	id, link := ngoziAt(s)
	c := newChromium(t, s)
	customer := c.tab(phone)
	nonce, _ := customer.toMono(link)
	if _, err := s.Mono.Share(nonce, ngozis); err != nil {
		t.Fatal(err)
	}
	s.Eventually("the bank is linked", func() bool { return s.Attempt(id, nonce).State == store.AttemptLinked })
	staff := c.staff()
	staff.open("/customers/" + id)
	customer.open("/me")
	for _, page := range []*tab{customer, staff} {
		page.waitFor(".account .never", "No balance yet.")
	}
	customer.shootAll("first-balance-awaited")
	s.Advance(10 * time.Minute)
	for _, page := range []*tab{customer, staff} {
		page.waitFor(".account .figures", "₦512,300.25")
		page.waitFor(".account .figures", "₦512,300.25")
	}
}

// Whatever way a person takes on the bank's page and back, the page that waits for them
// says what became of it.
func TestEachWayFromMonosPageInABrowser(t *testing.T) {
	for name, way := range map[string]func(*testing.T, *chromium, string, string){
		"cancelled on the bank's page":                      cancelsAtMono,
		"the bank's page is closed and ours follows":        closesMonosPage,
		"back by the Back button and the address once more": returnsTwice,
		"half an hour is over":                              takesTooLong,
		"half an hour is over for who came by a link":       comesBackTooLate,
		"the return address is opened on another device":    returnsElsewhere,
		"the log-in of the sandbox":                         signsInAsAnybody,
	} {
		t.Run(name, func(t *testing.T) {
			s := newAtMono(t)
			id, link := ngoziAt(s)
			way(t, newChromium(t, s), id, link)
		})
	}
}

func cancelsAtMono(t *testing.T, c *chromium, id, link string) {
	axe := browsertest.Axe(t)
	b := c.tab(phone)
	nonce, _ := b.toMono(link)
	b.press("Go to your bank")
	b.waitFor("h1", "Choose your bank")
	b.press("Cancel")
	b.waitPath("/connect/attempts/" + nonce)
	b.waitFor("#attempt h2", "We are waiting for your bank")
	b.waitFor("#retry", "Try again")
	b.wantAccessible(axe, "mono-attempt-back")
	c.site.Advance(time.Minute)
	b.waitFor("#attempt h2", "No bank was connected")
	b.wantAccessible(axe, "mono-attempt-closed")
	b.press("Try again")
	b.wait("another attempt", `!location.pathname.endsWith(`+quote(nonce)+`)`)
	b.waitFor("#to-bank", "Go to your bank")
	if a := c.site.Attempt(id, nonce); a.State != store.AttemptClosed {
		t.Errorf("the attempt is %s", a.State)
	}
	b.linksAt("Access Bank", "ngozi.umeh", "Nsukka-4", ngozis)
}

func closesMonosPage(t *testing.T, c *chromium, id, link string) {
	c.site.Mono.NextLink(monosim.NeverReturns)
	b := c.tab(phone)
	_, page := b.toMono(link)
	eval[bool](b, "globalThis.samePage = true")
	bank := c.tab(phone)
	bank.open(page)
	bank.signInAt("Access Bank", "ngozi.umeh", "Nsukka-4")
	bank.shareAt(ngozis)
	bank.waitFor("h1", "Your account is linked")
	b.waitFor("#attempt h2", "Your bank is connected")
	b.waitFor("#attempt li", "₦512,300.25")
	if !eval[bool](b, "globalThis.samePage === true") {
		t.Error("the page was loaded again")
	}
	if n := len(c.site.Accounts(id)); n != 1 {
		t.Errorf("%d accounts", n)
	}
}

func returnsTwice(t *testing.T, c *chromium, id, link string) {
	b := c.tab(phone)
	nonce, _ := b.toMono(link)
	shared, err := c.site.Mono.Share(nonce, ngozis)
	if err != nil {
		t.Fatal(err)
	}
	b.open(shared.Back)
	b.waitFor("#attempt h2", "Your bank is connected")
	b.back()
	b.waitFor("#attempt h2", "Your bank is connected")
	b.open(shared.Back)
	b.waitFor("#attempt h2", "Your bank is connected")
	if n := len(c.site.Accounts(id)); n != 1 {
		t.Errorf("%d accounts", n)
	}
}

func takesTooLong(t *testing.T, c *chromium, id, link string) {
	const password = "three little words"
	person := c.site.Browser()
	first := person.Consent(link)
	c.site.Eventually("the page leads to the bank", func() bool { return c.site.Attempt(id, first).Page != "" })
	if _, err := c.site.Mono.Share(first, "0712345611"); err != nil {
		t.Fatal(err)
	}
	c.site.Eventually(
		"one bank is linked", func() bool { return c.site.Attempt(id, first).State == store.AttemptLinked },
	)
	person.SetPassword(password)
	b := c.tab(phone)
	b.open("/me/login")
	b.fill("#login", "LN-1")
	b.fill("#password", password)
	b.press("Sign in")
	b.waitFor("h1", "Your balances")
	b.press("Connect another bank")
	b.waitFor("#to-bank", "Go to your bank")
	nonce, page := b.nonce(), eval[string](b, `document.querySelector("#to-bank").href`)
	for range 3 { // nobody is signed out who looks
		c.site.Advance(11 * time.Minute)
		b.reload()
	}
	b.waitFor("#attempt h2", "This took too long")
	b.wantAccessible(browsertest.Axe(t), "mono-attempt-expired")
	bank := c.tab(phone) // where the page is open still
	bank.open(page)
	bank.signInAt("Access Bank", "ngozi.umeh", "Nsukka-4")
	bank.shareAt(ngozis)
	c.site.Eventually(
		"the bank is linked", func() bool { return c.site.Attempt(id, nonce).State == store.AttemptLinked },
	)
	b.reload()
	b.waitFor("#attempt h2", "Your bank is connected")
}

// Who came by a personal link is not let in for longer than the bank's page is open.
func comesBackTooLate(t *testing.T, c *chromium, id, link string) {
	b := c.tab(phone)
	nonce, _ := b.toMono(link)
	b.press("Go to your bank")
	b.signInAt("Access Bank", "ngozi.umeh", "Nsukka-4")
	c.site.Advance(31 * time.Minute)
	b.shareAt(ngozis)
	b.waitFor("h1", "You are back from your bank")
	c.site.Eventually(
		"the bank is linked", func() bool { return c.site.Attempt(id, nonce).State == store.AttemptLinked },
	)
	if n := len(c.site.Accounts(id)); n != 1 {
		t.Errorf("%d accounts", n)
	}
}

func returnsElsewhere(t *testing.T, c *chromium, id, link string) {
	b := c.tab(phone)
	_, page := b.toMono(link)
	other := c.tab(desktop)
	other.open(page)
	other.signInAt("Access Bank", "ngozi.umeh", "Nsukka-4")
	other.shareAt(ngozis)
	other.waitFor("h1", "You are back from your bank")
	other.wantAccessible(browsertest.Axe(t), "mono-stranded")
	if text := other.text("body"); strings.Contains(text, "Ngozi") || strings.Contains(text, "₦") {
		t.Errorf("a stranger's device is told whose it is: %s", text)
	}
	b.waitFor("#attempt h2", "Your bank is connected")
	if n := len(c.site.Accounts(id)); n != 1 {
		t.Errorf("%d accounts", n)
	}
}

func signsInAsAnybody(t *testing.T, c *chromium, id, link string) {
	b := c.tab(phone)
	b.toMono(link)
	b.linksAt("Access Bank", "user_good", "123456", ngozis)
}

func TestTheWayThroughMonoIsInFrench(t *testing.T) {
	s := newAtMono(t)
	colleague := s.SignedIn()
	id := colleague.AddCustomer("Ngozi Umeh")
	b := newChromium(t, s).tab(phone)
	b.open(colleague.Invite(id))
	b.click(".footer button[value=fr]")
	b.waitFor("h1", "Lender Ltd demande à voir")
	b.waitFor("#reads-sends ~ ul", "Mono")
	b.shootAll("mono-connect-fr")
	b.click("#consent")
	b.fill("#email", "ngozi@example.com")
	b.click("main form button[type=submit]")
	b.waitPath("/connect/attempts/")
	b.waitFor("#to-bank", "votre banque")
	b.shootAll("mono-attempt-fr")
	b.wantNoScroll("the page that leads to the bank")
	b.click("#to-bank")
	b.waitFor("h1", "Choose your bank")
	b.press("Cancel")
	b.waitFor("#attempt h2", "votre banque")
	b.wantNoScroll("the page that waits")
	b.shootAll("mono-attempt-back-fr")
	s.Advance(time.Minute)
	b.waitFor("#attempt h2", "Aucune banque")
	b.shootAll("mono-attempt-closed-fr")
	b.click("#retry")
	b.waitFor("#to-bank", "")
	b.click("#to-bank")
	b.signInAt("Access Bank", "ngozi.umeh", "Nsukka-4")
	b.shareAt(ngozis)
	b.waitFor("#attempt h2", "Votre banque est connectée")
	b.waitFor("#attempt li", "512")
	b.wantNoScroll("the page of a linked bank")
	b.shootAll("mono-attempt-linked-fr")
	b.click("#attempt a.button")
	b.waitFor(".account", "512")
	b.wantNoScroll("the customer's page")
	b.shootAll("mono-me-fr")

	other := newChromium(t, s).tab(phone)
	other.open("/me/login")
	other.click(".footer button[value=fr]")
	other.wait("the page in French", `document.documentElement.lang === "fr"`)
	other.open("/connect/attempts/" + url.PathEscape("nobody") + "/return")
	other.waitFor("h1", "Vous êtes de retour")
	other.wantNoScroll("the page on another device")
	other.shootAll("mono-stranded-fr")
}

// wantNoScroll fails if a page is wider than a phone.
func (b *tab) wantNoScroll(name string) {
	b.t.Helper()
	if wide := eval[int](b, "document.documentElement.scrollWidth"); wide > b.width {
		b.t.Errorf("%s is %d pixels wide on a screen of %d", name, wide, b.width)
	}
}
