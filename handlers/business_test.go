package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func TestABusinessConnectsItsCorporateAccounts(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	p := staff.Post("/customers", url.Values{"name": {"Adire Foods Limited"}, "kind": {"business"}, "reference": {"LN-9"}})
	p.WantText(".facts", "A business")
	id := strings.TrimPrefix(p.Path, "/customers/")
	customer, link := s.Browser(), staff.Invite(id)
	customer.Get(link).WantText("main", "Sign in with the online banking of the business, not with your own.")
	nonce := customer.Consent(link)
	if widget := customer.Get("/connect/attempts/" + nonce).Find("#widget").Text(); !strings.Contains(widget, `"isCorporate":true`) {
		t.Errorf("the window is opened with %s", widget)
	}
	s.Shares(customer, nonce, id, "AdireFoods")
	if a := s.Accounts(id)["1015550199"]; a.Status != store.AccountLinked {
		t.Errorf("the account is %q", a.Status)
	}
	person := staff.AddCustomer("Amina Bello")
	link = staff.Invite(person)
	nonce = customer.Consent(link)
	if widget := customer.Get("/connect/attempts/" + nonce).Find("#widget").Text(); strings.Contains(widget, "isCorporate") {
		t.Errorf("a person's window is opened with %s", widget)
	}
	p = staff.Post("/customers/"+person+"/edit", url.Values{"name": {"Amina Bello"}, "kind": {"robot"}})
	p.WantStatus(http.StatusUnprocessableEntity)
	p.WantText("#customer-kind-error", "Say whether it is a person or a business.")
	if got := staff.Get("/customers/"+id+"/edit").Find("#customer-kind option[selected]").AttrOr("value", ""); got != "business" {
		t.Errorf("the form has the kind %q", got)
	}
}
