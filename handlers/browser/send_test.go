package browser_test

import (
	"net/url"
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/views/browsertest"
)

func TestThreePressesLeadFromANewCustomerToAMessageOnAPhone(t *testing.T) {
	s := site.New(t)
	staff := newChromium(t, s).staff()
	staff.do(viewport(phone))
	staff.open("/customers")
	if eval[bool](staff, `!document.querySelector("details.add").open`) {
		staff.press("Add a customer")
	}
	staff.fill("#customer-name", "Ngozi Umeh")
	staff.fill("#customer-phone", "0803 100 1001")
	staff.press("Add customer") // one
	staff.waitFor("h1", "Ngozi Umeh")
	staff.press("Make a personal link") // two
	staff.waitFor("h1", "Personal link for")
	const whatsApp = `document.querySelector("a[data-message]").href`
	link := eval[string](staff, `document.querySelector("#link").value`)
	if got := eval[string](staff, whatsApp); !strings.HasPrefix(got, "https://wa.me/2348031001001?text=Hello%20Ngozi") || !strings.Contains(got, url.QueryEscape(link)) {
		t.Errorf("three leads to %s", got)
	}
	if wide := eval[int](staff, "document.documentElement.scrollWidth"); wide > 360 {
		t.Errorf("the page is %d px wide", wide)
	}
	staff.wantAccessible(browsertest.Axe(t), "send-link")

	staff.fill("#message", "My own words & more: "+link)
	if got, want := eval[string](staff, whatsApp), "https://wa.me/2348031001001?text="+strings.ReplaceAll(url.QueryEscape("My own words & more: "+link), "+", "%20"); got != want {
		t.Errorf("changed words lead to %s, want %s", got, want)
	}
	eval[any](staff, `navigator.share = (what) => { globalThis.shared = what.text; return Promise.resolve() }`)
	if hidden := eval[bool](staff, `document.querySelector("[data-share]").hidden`); !hidden {
		staff.click("[data-share]")
		staff.wait("the message to be shared", `globalThis.shared.startsWith("My own words")`)
	}
}

func TestOnePressMakesOneLinkAndANewOneTakesThePlaceOfTheOpenOne(t *testing.T) {
	s := site.New(t)
	c := newChromium(t, s)
	staff := c.staff()
	staff.do(viewport(phone))
	staff.addCustomer("Ngozi Umeh")
	staff.press("Make a personal link")
	staff.waitFor("h1", "Personal link for")
	first := eval[string](staff, `document.querySelector("#link").value`)
	staff.press("Back to Ngozi Umeh")
	staff.waitFor("label", "only the new link works then")
	staff.click("#ask-code")
	staff.press("Make a personal link")
	staff.waitFor("#code", "")
	shown := func() string {
		return eval[string](staff, `document.querySelector("#link").value + " " + document.querySelector("#code").textContent`)
	}
	link, code, _ := strings.Cut(shown(), " ")
	for range 10 {
		staff.reload()
		if got := shown(); got != link+" "+code {
			t.Fatalf("loaded again the page shows %s", got)
		}
	}
	if open := s.Count(`SELECT COUNT(*) FROM invitations WHERE revoked_at IS NULL`); open != 1 {
		t.Errorf("%d links are open, want one", open)
	}
	customer := c.tab(phone)
	customer.open(first)
	customer.waitFor("h1", "cancelled")
	customer.open(link)
	customer.fill("#code", code)
	customer.click("#consent")
	customer.press("Connect your bank")
	customer.waitPath("/connect/attempts/")
}
