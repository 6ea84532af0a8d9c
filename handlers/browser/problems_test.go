package browser_test

import (
	"testing"

	"balancelink/handlers/sitetest/site"
)

// onScreen says whether what has the focus is the summary of what is wrong,
// within what is seen of the page.
const onScreen = `(() => {
	const r = document.activeElement.getBoundingClientRect()
	return document.activeElement.id === "problems" && r.top >= 0 && r.bottom <= innerHeight && document.title.startsWith("Error: ")
})()`

func (b *tab) wantProblem(selector, sentence string) {
	b.t.Helper()
	b.waitFor(selector, sentence)
	b.wait("the summary with the focus, on the screen", onScreen)
}

func TestWhatIsWrongInAFormHasTheFocusAndIsOnTheScreen(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	made := staff.Post("/customers/"+staff.AddCustomer("Amina Bello")+"/invitations", map[string][]string{"code": {"on"}})
	html, err := made.Html()
	if err != nil {
		t.Fatal(err)
	}
	c := newChromium(t, s)

	customer := c.tab(phone)
	customer.open(site.PersonalLink.FindString(html))
	customer.click("#consent")
	customer.fill("#code", site.WrongCode(made.TextOf("#code")))
	customer.pressAway("Connect your bank")
	customer.wantProblem("#problems a[href='#code']", "You have 4 tries left.")
	customer.press("You have 4 tries left.")
	customer.wait("the field with the focus", `document.activeElement.id === "code"`)

	person := c.tab(phone)
	person.open("/me/login")
	person.fill("#login", "nobody@example.com")
	person.fill("#password", "not the password")
	person.pressAway("Sign in")
	person.wantProblem("#login-error", "Wrong phone number, e-mail, reference or password.")

	officer := c.tab(phone)
	officer.open("/login")
	officer.signIn("not the password")
	officer.wantProblem("#email-error", "Wrong e-mail")
	officer.signIn(site.StaffPassword)
	officer.waitFor("h1", "Overview")
	officer.open("/customers")
	officer.press("Add a customer")
	officer.fill("#customer-name", " ")
	officer.pressAway("Add customer")
	officer.wantProblem("#customer-name-error", "Enter the customer's name.")
}
