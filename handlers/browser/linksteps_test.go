package browser_test

import (
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/views/browsertest"
)

// watched are the three pages on which staff see how far a link has come, each open in
// another tab and never loaded again by anybody.
type watched struct{ link, customer, list *tab }

func (w watched) want(text string) {
	w.link.t.Helper()
	w.link.waitFor("#steps [aria-current]", text)
	w.customer.waitFor("#links-made [aria-current]", text)
	w.list.waitFor("td[data-label=Status]", text)
}

func (w watched) shoot(name string) {
	w.link.shootAll(name + "-link")
	w.customer.shootAll(name + "-customer")
	w.list.shootAll(name + "-list")
}

func TestStaffSeeEachStepOfALinkWithoutLoadingAPageAgain(t *testing.T) {
	s := site.New(t)
	c := newChromium(t, s)
	link := c.staff().resized(phone)
	id := link.addCustomer("Amina Bello")
	url := link.invite()
	see := watched{link, c.staff(), c.staff()}
	see.customer.open("/customers/" + id)
	see.list.open("/customers")
	for _, b := range []*tab{see.link, see.customer, see.list} {
		eval[bool](b, "globalThis.samePage = true")
	}
	link.waitFor("#steps [aria-current]", "Made")
	see.list.waitFor("td[data-label=Status]", "Made")
	link.wantAccessible(browsertest.Axe(t), "link-steps")

	eval[any](link, `document.querySelector("a[data-message]").addEventListener("click", (e) => e.preventDefault())`)
	link.press("WhatsApp")
	see.want("Sent")

	customer := c.tab(phone)
	customer.open(url)
	see.want("Link opened")
	see.shoot("steps-opened")
	bank := customer.agree(url)
	see.want("At the bank")
	bank.click("#close")
	customer.waitFor("#attempt h2", "You closed the bank window")
	see.want("Closed by the customer")
	see.shoot("steps-closed")
	customer.press("Try again")
	bank = customer.bank()
	see.want("At the bank")
	for _, b := range []*tab{see.link, see.customer, see.list} {
		if !eval[bool](b, "globalThis.samePage === true") {
			t.Error("the page was loaded again")
		}
	}
	if wide := eval[int](link, "document.documentElement.scrollWidth"); wide > phone {
		t.Errorf("the page is %d px wide", wide)
	}

	bank.identify("guaranty-trust-bank", "Amina123", "Sokoto")
	bank.click("input[name=account][value='0123456789']")
	bank.click("#share")
	bank.click("#done")
	link.waitFor("#steps [aria-current]", "Connected: Guaranty Trust Bank")
	see.list.waitFor("td[data-label=Status]", "Connected: Guaranty Trust Bank")
	see.customer.waitFor(".account", "₦1,250,340.75") // by itself
	see.shoot("steps-connected")
}
