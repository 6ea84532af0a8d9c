package browser_test

import (
	"net/http"
	"net/url"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/views/browsertest"
)

func TestEveryPageAboutConsentAndErasureIsAccessible(t *testing.T) {
	axe := browsertest.Axe(t)
	s := site.New(t)
	c := newChromium(t, s)
	colleague := s.SignedIn()
	amina := colleague.CustomerWith("Amina Bello", "", "LN-1")
	const password = "three little words"
	s.Connects(colleague, amina, "Amina123").SetPassword(password)

	customer := c.tab(phone)
	customer.open("/me/login")
	customer.fill("#login", "LN-1")
	customer.fill("#password", password)
	customer.press("Sign in")
	customer.waitPath("/me")
	customer.click(".account h3 a")
	customer.waitPath("/me/accounts/")
	customer.press("Unlink this account")
	customer.waitFor("h1", "Unlink")
	customer.wantAccessible(axe, "me-unlink")
	customer.press("Unlink")
	customer.waitFor("h1", "It is unlinked")
	customer.wantAccessible(axe, "me-unlinked")
	customer.open("/me/consents")
	customer.wantAccessible(axe, "me-consents")
	customer.click("main tbody a")
	customer.waitPath("/me/consents/")
	customer.wantAccessible(axe, "me-consent")
	customer.open("/me/consent")
	customer.wantAccessible(axe, "me-consent-again")
	customer.open("/me/withdraw")
	customer.wantAccessible(axe, "me-withdraw")
	customer.press("Withdraw consent")
	customer.waitFor("h1", "Your consent is withdrawn")
	customer.wantAccessible(axe, "withdrawn")

	staff := c.tab(desktop)
	staff.open("/login")
	staff.signIn(site.StaffPassword)
	staff.waitFor("h1", "Overview")
	staff.open("/customers/" + amina)
	staff.wantAccessible(axe, "customer-withdrawn")
	bola, _ := s.Link(colleague, "Bola Adeyemi", "Bola123")
	staff.open("/customers/" + bola + "/withdraw")
	staff.wantAccessible(axe, "customer-withdraw")
	staff.open("/customers/" + amina + "/erase")
	staff.wantAccessible(axe, "erase")
	colleague.Post("/customers/"+amina+"/erase", url.Values{"confirm": {"Amina Bello"}, "reason": {"asked"}}).WantStatus(http.StatusOK)
	staff.open("/customers/" + amina)
	staff.wantAccessible(axe, "customer-erased")
}
