package browser_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"balancelink/handlers/sitetest/site"
)

func TestALostConnectionIsSaidAndThePageGoesOnByItself(t *testing.T) {
	s := site.New(t, "REFRESH_FIRST_POLL=3s", "REFRESH_DEADLINE=5m")
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	staff := newChromium(t, s).staff()
	staff.open("/customers/" + id)
	eval[bool](staff, "globalThis.samePage = true")
	a := s.Accounts(id)["0123456789"]
	if err := s.Sim.SetBalance(a.ProviderID, "1300000", "1299000"); err != nil {
		t.Fatal(err)
	}
	staff.click("#refresh-" + a.ID)
	staff.waitFor(".account .progress", "Guaranty Trust Bank")
	s.Stop()
	staff.waitFor("#offline", "Connection lost, trying again")
	staff.waitFor(".account", "₦1,250,340.75") // what was known stays
	staff.shootAll("offline")

	s.Start()
	staff.waitFor(".account .figures", "₦1,300,000.00")
	staff.wait("the warning to go", `document.querySelector("#offline").hidden`)
	if !eval[bool](staff, "globalThis.samePage === true") {
		t.Error("the page was loaded again")
	}
	staff.log.forgive("Failed to fetch") // htmx tells the console, too
}

func TestAPageLeftOpenUntilTheSessionEndedLeadsBackAfterSigningIn(t *testing.T) {
	s := site.New(t)
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	staff := newChromium(t, s).tab(phone) // where the button is far below the top of the page
	staff.open("/customers/" + id)
	staff.waitPath("/login")
	staff.signIn(site.StaffPassword)
	staff.waitPath("/customers/" + id)
	a := s.Accounts(id)["0123456789"]
	s.Advance(24 * time.Hour)
	staff.click("#refresh-" + a.ID)
	staff.waitFor("#notice", "Sign in again to go on")
	staff.wait("the notice on the screen", `document.querySelector("#notice p").getBoundingClientRect().top >= 0`)
	staff.click("#notice a")
	staff.waitPath("/login")
	staff.signIn(site.StaffPassword)
	staff.waitPath("/customers/" + id)
}

func TestBalancesGrowOldOnAPageThatStaysOpen(t *testing.T) {
	s := site.New(t, "FRESH_FOR=6h", "STALE_AFTER=48h")
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	staff := newChromium(t, s).staff()
	for _, page := range []string{"/customers", "/customers/" + id, "/accounts/" + s.Accounts(id)["0123456789"].ID} {
		staff.open(page)
		staff.waitFor("main [data-as-of]", "Up to date")
		for _, c := range []struct{ hours, ago, words string }{
			{"5", "5 h ago", "Up to date"},
			{"7", "7 h ago", "Getting old"},
			{"25", "1 day ago", "Getting old"},
			{"73", "3 days ago", "Out of date"},
		} {
			eval[bool](staff, `globalThis.clock ??= Date.now, !!(Date.now = () => clock() + `+c.hours+` * 3600000)`)
			staff.waitFor("main [data-ago]", c.ago)
			staff.wait("every balance to be "+c.words, `[...document.querySelectorAll("main [data-as-of]")].every((badge) => badge.innerText.trim() === `+quote(c.words)+`)`)
		}
		staff.shootAll("grown-old" + strings.ReplaceAll(page, "/", "-")[:9])
		if cards := eval[int](staff, `document.querySelectorAll(".account:not(.account-muted)").length`); cards > 0 {
			t.Errorf("%s: %d cards show what is out of date as if it were fresh", page, cards)
		}
	}
}

// The phone slept between the page and its script.
func TestBalancesAreAsOldAsTheyAreOnAPageWhoseScriptComesLate(t *testing.T) {
	s := site.New(t, "FRESH_FOR=1h", "STALE_AFTER=48h")
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	staff := newChromium(t, s).staff()
	staff.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
			Source: `(() => { const clock = Date.now; Date.now = () => clock() + 2 * 3600000 })()`,
		})
		return err
	}))
	staff.open("/customers/" + id)
	staff.waitFor("main [data-ago]", "2 h ago")
	staff.waitFor("main [data-as-of]", "Getting old")
}

// The page has stood open for two hours when the device's clock is set right.
func TestBalancesGrowNoYoungerWhenTheDevicesClockIsSetBack(t *testing.T) {
	s := site.New(t, "FRESH_FOR=1h", "STALE_AFTER=48h")
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	staff := newChromium(t, s).staff()
	staff.open("/customers/" + id)
	eval[bool](staff, `(() => {
		const [clock, since] = [Date.now, performance.now.bind(performance)]
		performance.now = () => since() + 2 * 3600000
		return !!(Date.now = () => clock() - 3 * 3600000)
	})()`)
	staff.waitFor("main [data-ago]", "2 h ago")
	staff.waitFor("main [data-as-of]", "Getting old")
}

func TestTheExactTimeIsThereForKeyboardAndFinger(t *testing.T) {
	s := site.New(t)
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	staff := newChromium(t, s).staff()
	staff.open("/customers/" + id)
	staff.tabTo(".account time")
	staff.shoot("exact-time")
	staff.do(viewport(phone))
	staff.shootAll("exact-time")
	shown := eval[string](staff, `getComputedStyle(document.activeElement, "::after").content`)
	if exact := eval[string](staff, `document.activeElement.title`); exact == "" || !strings.Contains(shown, exact) {
		t.Errorf("the time with the focus shows %s, want %q", shown, exact)
	}
}

func TestAPageOfAnEarlierVersionOffersToBeLoadedAgain(t *testing.T) {
	s := site.New(t)
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	staff := newChromium(t, s).staff()
	staff.open("/customers/" + id)
	a := s.Accounts(id)["0123456789"]
	staff.click("#refresh-" + a.ID)
	staff.waitFor(".account .outcome", "")
	if !eval[bool](staff, `document.querySelector("#outdated").hidden`) {
		t.Error("a page of this version is called outdated")
	}
	s.HeardAll() // what comes late moves what is clicked
	eval[string](staff, `document.documentElement.dataset.version = "earlier"`)
	staff.click("#reveal-" + a.ID)
	staff.waitFor("#outdated", "Load it again")
	staff.click("#outdated a")
	staff.wait("the page of now", `document.querySelector("#outdated")?.hidden === true`)
}

func TestEverythingButTheBankWindowWorksWithoutScripts(t *testing.T) {
	s := site.New(t, "REFRESH_COOLDOWN=1ms")
	staffClient := s.SignedIn()
	id := staffClient.AddCustomer("Amina Bello")
	link := staffClient.Invite(id)
	c := newChromium(t, s)

	customer := c.tab(phone).withoutScripts()
	customer.open(link)
	customer.waitFor("noscript", "needs JavaScript")
	customer.click("#consent")
	customer.press("Connect your bank")
	customer.waitPath("/connect/attempts/")
	nonce := strings.TrimPrefix(eval[string](customer, "location.pathname"), "/connect/attempts/")
	if _, err := s.Sim.Connect("Amina123", nonce, nil); err != nil { // the window; the webhooks tell the rest
		t.Fatal(err)
	}
	s.Eventually("the link is there", func() bool { return len(s.Accounts(id)) == 2 })
	a := s.Accounts(id)["0123456789"]
	customer.open("/me")
	customer.waitFor(".account", "₦1,250,340.75")
	if err := s.Sim.SetBalance(a.ProviderID, "1300000", "1299000"); err != nil {
		t.Fatal(err)
	}
	customer.click("#refresh-" + a.ID)
	customer.waitPath("/me/accounts/" + a.ID)
	s.Eventually("the balance has come", func() bool { return s.Accounts(id)["0123456789"].Figure.Minor == 130000000 })
	customer.reload()
	customer.waitFor(".account .figures", "₦1,300,000.00")
	customer.press("Hide amounts")
	customer.waitFor(".account .figures", "•••••")
	customer.shootAll("me-hidden")

	staff := c.tab(desktop).withoutScripts()
	staff.open("/login")
	staff.signIn(site.StaffPassword)
	staff.waitFor("h1", "Overview")
	staff.press("Customers")
	staff.waitFor("tbody", "Amina Bello")
	if err := s.Sim.SetBalance(a.ProviderID, "1400000", "1399000"); err != nil {
		t.Fatal(err)
	}
	staff.open("/accounts/" + a.ID)
	staff.pressAway("Refresh")
	s.Eventually("the balance has come", func() bool { return s.Accounts(id)["0123456789"].Figure.Minor == 140000000 })
	staff.reload()
	staff.waitFor(".account .figures", "₦1,400,000.00")
	staff.open("/inbox")
	staff.click("tbody th a")
	staff.waitPath("/inbox/")
	staff.pressAway("Replay")
	staff.waitFor("main", "Deliveries")
}

// withoutScripts makes the tab's pages run none of their own.
func (b *tab) withoutScripts() *tab {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
	return b
}

func TestAClickFollowsWhatMovesAwayUnderIt(t *testing.T) {
	staff := newChromium(t, site.New(t)).staff()
	staff.open("/customers")
	eval[bool](staff, `((link) => {
		link.scrollIntoView = (how) => {
			delete link.scrollIntoView
			link.scrollIntoView(how)
			setTimeout(() => { document.body.style.paddingTop = "9rem" })
		}
		return true
	})(document.querySelector("nav a[href='/audit']"))`)
	staff.click("nav a[href='/audit']")
	staff.waitPath("/audit")
}

func TestAClickIsRepeatedWhenItsButtonIsReplacedUnderIt(t *testing.T) {
	staff := newChromium(t, site.New(t)).staff()
	staff.open("/customers")
	eval[bool](staff, `((link) => {
		link.addEventListener("pointerdown", () => link.replaceWith(link.cloneNode(true)))
		return true
	})(document.querySelector("nav a[href='/audit']"))`)
	staff.click("nav a[href='/audit']")
	staff.waitPath("/audit")
}

// A finger that is impatient on a slow line presses a button again, or stops the answer.
func TestAFormIsSentOnceUntilItsAnswerTakesTooLong(t *testing.T) {
	s := site.New(t)
	c := newChromium(t, s)
	stranger := c.tab(phone)
	for path, form := range map[string]string{"/login": "form[action='/login']", "/me/login": "form[action='/me/login']"} {
		stranger.open(path)
		sent := func() int { return eval[int](stranger, `sent`) }
		eval[bool](stranger, `((form) => {
			const real = setTimeout
			globalThis.setTimeout = (later, ms) => ms < 10000 ? real(later, ms) : (globalThis.late = later, 0)
			globalThis.sent = 0
			form.noValidate = true
			form.addEventListener("submit", (event) => { event.preventDefault(); sent++ })
			return true
		})(document.querySelector("`+form+`"))`)
		stranger.click(form + " [type=submit]")
		stranger.click(form + " [type=submit]")
		if n := sent(); n != 1 {
			t.Errorf("%s: two presses sent the form %d times", path, n)
		}
		eval[bool](stranger, `late(), true`)
		stranger.click(form + " [type=submit]")
		if n := sent(); n != 2 {
			t.Errorf("%s: pressed after a while it was sent %d times, want once more", path, n)
		}
	}
}

// A finger sees no cursor: what was pressed looks so until its answer comes.
func TestAButtonOfACardLooksPressedWhileItsAnswerIsUnderWay(t *testing.T) {
	s := site.New(t)
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	staff := newChromium(t, s).tab(phone)
	staff.open("/customers/" + id)
	staff.waitPath("/login")
	staff.signIn(site.StaffPassword)
	staff.waitPath("/customers/" + id)
	button := "#refresh-" + s.Accounts(id)["0123456789"].ID
	eval[bool](staff, `(() => {
		const real = fetch
		window.fetch = async (...asked) => {
			await new Promise((go) => { globalThis.release = go })
			return real(...asked)
		}
		return true
	})()`)
	staff.click(button)
	staff.wait("the button to look as one that is off", `(() => {
		const probe = document.body.appendChild(document.createElement("i"))
		probe.style.backgroundColor = "var(--quiet-bg)"
		const off = getComputedStyle(probe).backgroundColor
		probe.remove()
		return getComputedStyle(document.querySelector("`+button+`")).backgroundColor === off
	})()`)
	eval[bool](staff, `release(), true`)
	staff.waitFor(".account .progress", "Guaranty Trust Bank")
}
