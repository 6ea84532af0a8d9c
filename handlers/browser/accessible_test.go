package browser_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"balancelink/handlers/signin"
	"balancelink/handlers/sitetest/site"
	"balancelink/okra/okrasim"
	"balancelink/store"
	"balancelink/views/browsertest"
)

// wantAccessible checks the page as it stands on a phone, and that it is as wide
// as the screen on a desk too. The samples of all pages are held against every
// look, of the dark and of a desk too, by TestEverySampleIsAccessible in views.
func (b *tab) wantAccessible(axe, name string) {
	b.t.Helper()
	b.wait("the whole page", `document.readyState === "complete"`)
	if !eval[bool](b, `"axe" in window`) {
		eval[any](b, axe+"; true")
	}
	for _, width := range []int{desktop, phone} {
		if wide := eval[int](b.resized(width), "document.documentElement.scrollWidth"); wide > width {
			b.t.Errorf("%s is %d pixels wide on a screen of %d", name, wide, width)
		}
	}
	b.resized(phone).wantNoViolations(name)
	b.do(viewport(b.width))
	b.shootAll(name)
}

// wantNoViolations asks axe for the rules of the levels that pages hold to.
func (b *tab) wantNoViolations(name string) {
	b.t.Helper()
	type violation struct {
		ID    string
		Nodes []struct {
			Target         []any
			HTML           string
			FailureSummary string
		}
	}
	for _, v := range eval[[]violation](b, `axe.run(document, {
		iframes: false, preload: false, resultTypes: ["violations"],
		runOnly: `+browsertest.Levels+`,
	}).then((found) => found.violations)`, chromedp.EvalAwaitPromise) {
		for _, n := range v.Nodes {
			b.t.Errorf("%s at %d: %s at %v: %s %s", name, b.width, v.ID, n.Target, n.FailureSummary, n.HTML)
		}
	}
}

func TestEveryPageIsAccessible(t *testing.T) {
	axe := browsertest.Axe(t)
	s := site.New(t, "REFRESH_FIRST_POLL=1m", "REFRESH_DEADLINE=5m")
	c := newChromium(t, s)

	staff := c.tab(desktop)
	staff.open("/login")
	staff.wantAccessible(axe, "login")
	staff.signIn("not the password")
	staff.waitFor("#email-error", "")
	staff.wantAccessible(axe, "login-wrong")
	staff.signIn(site.StaffPassword)
	staff.waitFor("h1", "Overview")
	staff.wantAccessible(axe, "overview-new")
	staff.press("Customers")
	staff.waitPath("/customers")
	staff.wantAccessible(axe, "customers-none")

	colleague := s.SignedIn()
	amina, _ := s.Link(colleague, "Amina Bello", "Amina123")
	s.Link(colleague, "Bola Adeyemi", "Bola123")
	dayo, _ := s.Link(colleague, "Dayo Ogunleye", "Dayo123")
	staff.open("/customers")
	staff.wantAccessible(axe, "customers")
	staff.press("Add a customer")
	staff.fill("#customer-name", " ")
	staff.press("Add customer")
	staff.waitFor(".field-wrong", "")
	staff.wantAccessible(axe, "customers-wrong")
	staff.open("/customers?q=nobody")
	staff.wantAccessible(axe, "customers-no-match")
	staff.open("/")
	staff.wantAccessible(axe, "overview")
	staff.open("/customers/" + dayo)
	staff.wantAccessible(axe, "customer-overdrawn")

	a := s.Accounts(amina)["0123456789"]
	s.Sim.SetScenario(a.ProviderID, okrasim.WrongToken) // no webhook ends the refresh early
	staff.open("/customers/" + amina)
	staff.wantAccessible(axe, "customer")
	staff.click("#refresh-" + a.ID)
	staff.waitFor(".account .progress", "Guaranty Trust Bank")
	staff.wantAccessible(axe, "customer-refreshing")
	s.Said(a, 8*24*time.Hour, 950000, store.Amount{})
	s.Said(a, 5*24*time.Hour, -350000, store.Minor(-375000))
	staff.open("/accounts/" + a.ID + "?below=50000")
	staff.waitFor("figure.chart", "")
	staff.wantAccessible(axe, "account")
	staff.open("/refreshes")
	staff.wantAccessible(axe, "refreshes")
	staff.open("/inbox")
	staff.wantAccessible(axe, "inbox")
	staff.click("tbody th a")
	staff.waitPath("/inbox/")
	staff.wantAccessible(axe, "inbox-event")
	_, _, review := s.Doubtful(colleague, "Tope Bakare", "Funke123")
	staff.open("/reviews")
	staff.wantAccessible(axe, "reviews")
	staff.open(review)
	staff.wantAccessible(axe, "review")
	staff.fill("#refuse-reason", " ")
	staff.press("Reject and delete")
	staff.waitFor("#refuse-reason-error", "Enter a reason")
	staff.wantAccessible(axe, "review-wrong")
	staff.open("/nowhere")
	staff.wantAccessible(axe, "not-found")
	wantStaffPagesAccessible(axe, s, staff)

	staff.open("/")
	staff.addCustomer("Efe Oghenekaro")
	staff.wantAccessible(axe, "customer-new")
	link := staff.invite()
	staff.wantAccessible(axe, "invitation")

	customer := c.tab(phone)
	customer.open("/connect/a-link-that-nobody-made")
	customer.wantAccessible(axe, "connect-gone")
	customer.open(link)
	customer.wantAccessible(axe, "connect")
	customer.agree(link).click("#close")
	customer.waitFor("#attempt", "Nothing was linked")
	customer.wantAccessible(axe, "attempt-closed")
	customer.press("Try again")
	customer.wait("the page to go", `!document.querySelector("#retry")`)
	bank := customer.bank()
	customer.wantAccessible(axe, "attempt-open")
	bank.identify("first-city-monument-bank", "Efe123", "Warri")
	bank.click("input[name=account]")
	bank.click("#share")
	bank.click("#done")
	customer.waitFor("#attempt h2", "Your bank is connected")
	customer.wantAccessible(axe, "attempt-linked")
	customer.press("See your balances")
	customer.waitPath("/me")
	customer.wantAccessible(axe, "me")
	customer.press("Set a password")
	customer.waitPath("/me/password")
	customer.wantAccessible(axe, "me-password")
	customer.open("/me/login")
	customer.wantAccessible(axe, "me-login")
	customer.open("/me")
	customer.click(".account h3 a")
	customer.waitPath("/me/accounts/")
	customer.wantAccessible(axe, "me-account")
	customer.press("Sign out")
	customer.waitFor("h1", "You are signed out")
	if eval[bool](customer, seek("button", "Sign out")+" !== undefined") {
		t.Error("a customer who has signed out may sign out")
	}
	customer.wantAccessible(axe, "me-left")
}

// wantStaffPagesAccessible goes through the pages about the staff themselves.
func wantStaffPagesAccessible(axe string, s *site.Site, staff *tab) {
	s.T.Helper()
	staff.open("/staff")
	staff.press("Invite a colleague")
	staff.wantAccessible(axe, "staff")
	staff.fill("#email", "colleague@lender.example")
	staff.press("Make the link")
	staff.waitFor("h1", "Link for colleague@lender.example")
	staff.wantAccessible(axe, "staff-link")
	welcome := eval[string](staff, `new URL(document.querySelector("#link").value).pathname`)
	staff.open("/staff")
	staff.click("td summary")
	staff.wantAccessible(axe, "staff-change")
	staff.open("/confirm?next=/staff&again=1")
	staff.wantAccessible(axe, "confirm")
	staff.open("/profile")
	staff.wantAccessible(axe, "profile")
	staff.open("/profile/second-factor")
	staff.wantAccessible(axe, "second-factor")
	seed, ok := signin.ReadSeed(eval[string](staff, `document.querySelector("input[name=seed]").value`))
	if !ok {
		s.T.Fatal("the page shows no key")
	}
	staff.fill("#code", site.App{Site: s, Seed: seed}.Code(0))
	staff.press("Turn it on")
	staff.waitFor("h1", "Keep your recovery codes")
	staff.wantAccessible(axe, "recovery-codes")
	staff.press("Sign out")
	staff.waitPath("/login")
	staff.signIn(site.StaffPassword)
	staff.waitFor("h1", "Enter your code")
	staff.wantAccessible(axe, "login-code")
	staff.open(welcome)
	staff.wantAccessible(axe, "welcome")
	staff.open("/login")
	staff.signIn(site.StaffPassword)
	staff.waitFor("h1", "Enter your code")
	staff.fill("#code", site.App{Site: s, Seed: seed}.Code(1)) // one step ahead: this one was taken
	staff.press("Sign in")
	staff.waitFor("h1", "Overview")
}
