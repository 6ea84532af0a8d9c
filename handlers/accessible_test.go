package handlers_test

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"balancelink/okra/okrasim"
)

// axe is the accessibility checker that npm ci installs beside the page's scripts.
func axe(t testing.TB) string {
	t.Helper()
	script, err := os.ReadFile("../static/node_modules/axe-core/axe.min.js")
	if err != nil {
		unavailable(t, err)
	}
	return string(script)
}

// wantAccessible checks the page as it stands, on a phone and on a desk, in
// the light and in the dark.
func (b *tab) wantAccessible(axe, name string) {
	b.t.Helper()
	b.wait("the whole page", `document.readyState === "complete"`)
	if !eval[bool](b, `"axe" in window`) {
		eval[any](b, axe+"; true")
	}
	for _, width := range []int{phone, desktop} {
		r := b.resized(width)
		for _, scheme := range []string{"light", "dark"} {
			r.scheme(scheme)
			r.wantNoViolations(name + " " + scheme)
			r.shoot(name + map[string]string{"dark": "-dark"}[scheme])
		}
		if wide := eval[int](r, "document.documentElement.scrollWidth"); wide > width {
			b.t.Errorf("%s is %d pixels wide on a screen of %d", name, wide, width)
		}
	}
	b.scheme("light")
	b.do(viewport(b.width))
}

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
		iframes: false, resultTypes: ["violations"],
		runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
	}).then((found) => found.violations)`, chromedp.EvalAwaitPromise) {
		for _, n := range v.Nodes {
			b.t.Errorf("%s at %d: %s at %v: %s %s", name, b.width, v.ID, n.Target, n.FailureSummary, n.HTML)
		}
	}
}

func TestEveryPageIsAccessible(t *testing.T) {
	axe := axe(t)
	s := newSite(t, "REFRESH_FIRST_POLL=1m", "REFRESH_DEADLINE=5m")
	c := newChromium(t, s)

	staff := c.tab(desktop)
	staff.open("/login")
	staff.wantAccessible(axe, "login")
	staff.signIn("not the password")
	staff.waitFor("#login-error", "")
	staff.wantAccessible(axe, "login-wrong")
	staff.signIn(staffPassword)
	staff.waitFor("h1", "Overview")
	staff.wantAccessible(axe, "overview-new")
	staff.press("Customers")
	staff.waitPath("/customers")
	staff.wantAccessible(axe, "customers-none")

	colleague := s.signedIn()
	amina, _ := s.link(colleague, "Amina Bello", "Amina123")
	s.link(colleague, "Bola Adeyemi", "Bola123")
	dayo, _ := s.link(colleague, "Dayo Ogunleye", "Dayo123")
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

	a := s.accounts(amina)["0123456789"]
	s.Sim.SetScenario(a.ProviderID, okrasim.WrongToken) // no webhook ends the refresh early
	staff.open("/customers/" + amina)
	staff.wantAccessible(axe, "customer")
	staff.click("#refresh-" + a.ID)
	staff.waitFor(".account .progress", "Guaranty Trust Bank")
	staff.wantAccessible(axe, "customer-refreshing")
	staff.open("/accounts/" + a.ID)
	staff.wantAccessible(axe, "account")
	staff.open("/inbox")
	staff.wantAccessible(axe, "inbox")
	staff.click("tbody th a")
	staff.waitPath("/inbox/")
	staff.wantAccessible(axe, "inbox-event")
	staff.open("/nowhere")
	staff.wantAccessible(axe, "not-found")

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
