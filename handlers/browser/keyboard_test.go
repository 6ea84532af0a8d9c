package browser_test

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"balancelink/handlers/sitetest/site"
	"balancelink/okra/okrasim"
)

// focusSeen is a JavaScript expression: what has the focus is inside of the
// screen and has an outline, or is the bank's window, which has its own.
const focusSeen = `((e) => {
	const style = getComputedStyle(e), r = e.getBoundingClientRect()
	const seen = r.bottom > 0 && r.top < innerHeight && r.width > 0
	return e.matches("iframe") || (seen && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2)
})(document.activeElement)`

// tabTo presses Tab until the element has the focus, which has to be seen all
// the way there.
func (b *tab) tabTo(selector string) {
	b.t.Helper()
	b.wait(selector+" to be there", "!!"+seek(selector, ""))
	for range 80 {
		b.hit(kb.Tab)
		if eval[bool](b, "document.activeElement === "+seek(selector, "")) {
			b.wantFocusSeen()
			return
		}
		if eval[bool](b, "document.activeElement !== document.body") {
			b.wantFocusSeen()
		}
	}
	b.t.Fatalf("Tab does not lead to %s; the focus is on %s", selector, b.focus())
}

// wantFocusSeen waits, since the page scrolls to what gets the focus.
func (b *tab) wantFocusSeen() {
	b.t.Helper()
	b.wait("the focus to be seen on "+b.focus(), focusSeen)
}

// focus is the beginning of the element that has the focus.
func (b *tab) focus() string {
	b.t.Helper()
	return eval[string](b, "document.activeElement.cloneNode(false).outerHTML")
}

// hit presses a key, wherever the focus is.
func (b *tab) hit(key string) { b.t.Helper(); b.do(chromedp.KeyEvent(key)) }

// tabAnd goes to the element by Tab and presses a key there.
func (b *tab) tabAnd(key, selector string) { b.t.Helper(); b.tabTo(selector); b.hit(key) }

// typeInto goes to a field by Tab and types.
func (b *tab) typeInto(selector, text string) {
	b.t.Helper()
	b.tabTo(selector)
	b.typed(text)
}

// typed types where the focus is.
func (b *tab) typed(text string) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
}

// wantFocus waits until the element has the focus, for all to see: the page gives
// it back a moment after a part of it was renewed.
func (b *tab) wantFocus(selector string) {
	b.t.Helper()
	b.wait("the focus on "+selector, "document.activeElement.matches("+quote(selector)+")")
	b.wantFocusSeen()
}

// wantAnnounced waits until the region that was there when the page was loaded
// says the text to who does not see the page.
func (b *tab) wantAnnounced(text string) {
	b.t.Helper()
	b.wait("the announcement of "+text, "document.querySelector('#announce[role=status]') === globalThis.region && region.textContent.includes("+quote(text)+")")
}

// listen remembers the region of announcements as it is now.
func (b *tab) listen() {
	b.t.Helper()
	eval[bool](b, "(globalThis.region = document.querySelector('#announce')) !== null")
}

func TestALinkARefreshAndAFundsCheckByTheKeyboardAlone(t *testing.T) {
	s := site.New(t, "REFRESH_FIRST_POLL=1h", "REFRESH_DEADLINE=2h", "REFRESH_COOLDOWN=1ms") // webhooks alone end a refresh
	c := newChromium(t, s)
	colleague := s.SignedIn()
	id := colleague.AddCustomer("Jumoke Balogun")
	customer := c.tab(desktop)
	customer.open(colleague.Invite(id))
	customer.tabAnd(" ", "#consent")
	customer.tabAnd(kb.Enter, "form.form button")
	customer.waitPath("/connect/attempts/")
	bank := customer.bank()
	bank.tabAnd(kb.Enter, "button[data-bank=access-bank]")
	bank.typeInto("#username", "Jumoke123")
	bank.typeInto("#password", "Lokoja")
	bank.tabAnd(kb.Enter, "#sign-in")
	bank.typeInto("#otp", "11111")
	bank.tabAnd(kb.Enter, "#confirm-otp")
	bank.tabAnd(" ", "input[name=account][value='0690000055']")
	bank.tabAnd(kb.Enter, "#share")
	customer.waitFor("#attempt h2", "Your bank is connected")
	customer.tabAnd(kb.Enter, "#attempt a.button")
	customer.waitPath("/me")

	a := s.Accounts(id)["0690000055"]
	s.Sim.SetScenario(a.ProviderID, okrasim.WrongToken) // no webhook is heard until the test sends one
	customer.listen()
	customer.tabAnd(kb.Enter, "#refresh-"+a.ID)
	customer.waitFor(".account .progress", "Access Bank")
	customer.wantFocus("#refresh-" + a.ID)
	bankAnswers(s, a.ProviderID)
	customer.waitFor(".account .outcome", "balance") // new, or the same
	customer.wantAnnounced("balance")
	customer.wantFocus("#refresh-" + a.ID)
	customer.tabAnd(kb.Enter, "#reveal-"+a.ID)
	customer.waitFor(".account .number", "0690000055")
	customer.wantFocus("article.account") // the button is gone

	s.Sim.SetScenario(a.ProviderID, okrasim.WrongToken)
	staff := c.tab(desktop)
	staff.open("/accounts/" + a.ID)
	staff.waitPath("/login")
	staff.typeInto("#email", site.StaffEmail)
	staff.typeInto("#password", site.StaffPassword)
	staff.hit(kb.Enter)
	staff.waitPath("/accounts/" + a.ID)
	staff.typeInto("#funds-amount", "100")
	staff.tabAnd(" ", "#funds-refresh")
	staff.tabAnd(kb.Enter, ".funds button")
	staff.waitPath("/funds-checks/")
	staff.waitFor("#funds-answer", "Asking the bank")
	staff.listen()
	staff.tabTo("#funds-check p a")
	bankAnswers(s, a.ProviderID)
	staff.waitFor("#funds-answer", "Yes")
	staff.wantAnnounced("covers ₦100.00")
	staff.wantFocus("#funds-check") // the link is gone
}

// bankAnswers has the bank say by a webhook that is heard what the balance is now,
// and say the same from then on: other figures would be newer than the outcome.
func bankAnswers(s *site.Site, account string) {
	s.T.Helper()
	s.Sim.SetScenario(account, okrasim.Unchanged)
	if err := s.Sim.SendBalanceWebhook(account); err != nil {
		s.T.Fatal(err)
	}
}

// Two parts of a page are renewed at once when two answers arrive together.
func TestTheFocusIsKeptOverTwoSwapsThatOverlap(t *testing.T) {
	s := site.New(t)
	colleague := s.SignedIn()
	id, _ := s.Link(colleague, "Jumoke Balogun", "Jumoke123")
	staff := newChromium(t, s).staff()
	staff.open("/customers/" + id)
	staff.waitFor("article.account", "Access Bank")
	eval[bool](staff, `(() => {
		const card = document.querySelector("article.account"), region = document.querySelector("#announce")
		card.querySelector("[id^=refresh-]").focus()
		const swap = (target, text) => htmx.swap({ sourceElement: target, target, text, swap: "outerHTML" })
		swap(card, card.outerHTML.replaceAll('id="refresh-', 'id="other-'))
		swap(region, region.outerHTML)
		return true
	})()`)
	staff.wantFocus("article.account")
}
