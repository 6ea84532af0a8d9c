package browser_test

import (
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// Of an amount that is cut off, what is left reads as an amount.
func TestNoAmountIsCutOffOnAPhoneWhoseTextIsTwiceAsLarge(t *testing.T) {
	s := site.New(t)
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	for i, a := range []string{"0123456789", "0123456796"} {
		s.Said(s.Accounts(id)[a], -time.Second, 1234567890123-int64(i), store.Minor(-1234567890123))
	}
	staff := newChromium(t, s).tab(phone)
	staff.open("/customers")
	staff.waitPath("/login")
	staff.signIn(site.StaffPassword)
	staff.waitPath("/customers")
	for _, page := range []string{"/customers", "/customers/" + id, "/accounts/" + s.Accounts(id)["0123456789"].ID, "/customers/" + id + "/seen", "/"} {
		staff.open(page)
		staff.waitFor("main .money", "")
		cut := eval[[]string](staff, `(() => {
			document.documentElement.style.fontSize = "200%"
			const box = (money) => (money.closest(".sum, .card, tr") ?? document.documentElement).getBoundingClientRect()
			return [...document.querySelectorAll("main .money")]
				.filter((money) => [...money.getClientRects()].some((line) => line.right > Math.min(box(money).right, 360) + 1))
				.map((money) => money.innerText + " in " + money.parentElement.tagName + "." + money.parentElement.className + " of " + money.parentElement.parentElement.className)
		})()`)
		if len(cut) > 0 {
			t.Errorf("%s cuts off %q", page, cut)
		}
		staff.shootAll("large-text")
	}
}

// cutOff are the texts of a page beyond the edge of a phone (innerWidth is that of the page,
// where it is wider), or beyond what hides them, with text of
// twice the size.
const cutOff = `(() => {
	document.documentElement.style.fontSize = "200%"
	for (const more of document.querySelectorAll("main details")) more.open = true
	const cut = []
	const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT)
	while (texts.nextNode()) {
		const { currentNode: text } = texts, of = text.parentElement
		if (!text.data.trim() || !of.checkVisibility({ visibilityProperty: true }) || of.closest(".visually-hidden, [aria-hidden=true], option")) continue
		const range = document.createRange()
		range.selectNodeContents(text)
		let [left, right] = [0, 360]
		for (let box = of; box && box !== document.body; box = box.parentElement) {
			if (getComputedStyle(box).overflowX === "visible") continue
			const { left: from, right: to } = box.getBoundingClientRect()
			;[left, right] = [Math.max(left, from), Math.min(right, to)]
		}
		if ([...range.getClientRects()].some((line) => line.right > right + 1 || line.left < left - 1)) {
			cut.push(text.data.trim() + " in " + of.tagName + "." + of.className + " of " + of.parentElement.tagName + "." + of.parentElement.className)
		}
	}
	return cut
})()`

// Of a state of which a part is cut off, what is left reads as another.
func TestNoWordOfWhatWaitsIsCutOffOnAPhoneWhoseTextIsTwiceAsLarge(t *testing.T) {
	s := site.New(t)
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	a := s.Accounts(id)["0123456789"]
	s.Said(a, -time.Second, 1234567890123, store.Minor(-1234567890123))
	staff := newChromium(t, s).tab(phone)
	staff.open("/accounts/" + a.ID)
	staff.waitPath("/login")
	staff.signIn(site.StaffPassword)
	staff.waitPath("/accounts/" + a.ID)
	staff.click("#refresh-" + a.ID)
	s.HeardAll()
	for _, page := range []string{
		"/refreshes", "/status", "/gallery/refreshes/normal", "/gallery/refreshes/empty", "/gallery/status/normal",
		"/gallery/status/new", "/gallery/status/wrong", "/gallery/status/flooded", "/gallery/status/busy",
		"/gallery/status/several", "/gallery/status/headless",
	} {
		staff.open(page)
		staff.waitFor("h1", "")
		if cut := eval[[]string](staff, cutOff); len(cut) > 0 {
			t.Errorf("%s cuts off %q", page, cut)
		}
		staff.shootAll("large-text" + strings.ReplaceAll(page, "/", "-"))
	}
}
