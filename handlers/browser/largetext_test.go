package browser_test

import (
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
				.filter((money) => [...money.getClientRects()].some((line) => line.right > Math.min(box(money).right, innerWidth) + 1))
				.map((money) => money.innerText + " in " + money.parentElement.tagName + "." + money.parentElement.className + " of " + money.parentElement.parentElement.className)
		})()`)
		if len(cut) > 0 {
			t.Errorf("%s cuts off %q", page, cut)
		}
		staff.shootAll("large-text")
	}
}
