package browser_test

import (
	"testing"

	"balancelink/handlers/sitetest/site"
)

// What was on the screen is not to be had again by the Back button.
func TestBackAfterSigningOutShowsTheSignInPage(t *testing.T) {
	s := site.New(t)
	c := newChromium(t, s)
	staff := c.staff()
	staff.addCustomer("Amina Bello")
	staff.press("Sign out")
	staff.waitPath("/login")
	for range 3 {
		staff.back()
		staff.wait("a page for strangers", `["/login", "/"].includes(location.pathname)`)
		if text := staff.text("body"); text == "" || eval[bool](staff, `document.body.innerText.includes("Amina")`) {
			t.Fatalf("after going back: %s", text)
		}
	}
}
