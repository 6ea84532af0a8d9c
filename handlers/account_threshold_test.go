package handlers_test

import (
	"net/http"
	"net/url"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func setThreshold(b *site.Browser, a store.Account, typed string) site.Page {
	b.T.Helper()
	return b.Post("/accounts/"+a.ID+"/threshold", url.Values{"threshold": {typed}})
}

func TestStaffSetAThresholdSeeWhoIsBelowAndClearIt(t *testing.T) {
	s := site.New(t)
	staff, viewer := s.SignedIn(), s.SignedInAs(store.RoleViewer)
	id, customer := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	s.Said(a, 0, 90000000, store.Minor(4999999))

	p := setThreshold(staff, a, "₦50,000")
	p.WantStatus(http.StatusOK)
	p.WantText("#account-"+a.ID, "Below the threshold: less than ₦50,000.00 is available.")
	p.WantText("#threshold dl", "₦50,000.00")
	p.WantText("#threshold dl", "by "+site.StaffEmail)
	staff.Get("/").WantText("a[href='/customers?filter=below_threshold']", "1")
	staff.Get("/customers?filter=below_threshold").WantText("tbody", "Amina Bello")
	viewer.Get("/accounts/"+a.ID).WantText("#threshold dl", "₦50,000.00")
	if viewer.Get("/accounts/"+a.ID).Find("#threshold form").Length() != 0 {
		t.Error("a viewer is offered to change it")
	}
	if p := customer.Get("/me/accounts/" + a.ID); p.Find("#threshold").Length() != 0 || p.Find(".outcome-bad").Length() != 0 {
		t.Error("the customer reads of the threshold")
	}

	s.Said(a, 0, 90000000, store.Amount{})
	staff.Get("/accounts/"+a.ID).WantText("#account-"+a.ID, "We can't say whether it is below the threshold of ₦50,000.00: the bank's newest answer gives no available balance")
	staff.Get("/").WantText("a[href='/customers?filter=threshold_unknown']", "1")
	if staff.Get("/customers?filter=below_threshold").Find("tbody tr").Length() != 0 {
		t.Error("unknown counts as below")
	}

	staff.Post("/accounts/"+a.ID+"/threshold/clear", nil).WantStatus(http.StatusOK)
	if staff.Get("/accounts/"+a.ID).Find("#threshold dl").Length() != 0 {
		t.Error("the threshold is still there")
	}
}

func TestAThresholdThatCannotBeReadIsRefusedWithASentenceAndKept(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	for _, typed := range []string{"", "-5", "fifty", "50.000", "1e9", "99999999999999999999"} {
		p := setThreshold(staff, a, typed)
		p.WantStatus(http.StatusUnprocessableEntity)
		if got, _ := p.Find("#threshold-amount").Attr("value"); got != typed || p.TextOf("#threshold-amount-error") == "" {
			t.Errorf("%q: the field holds %q and the error says %q", typed, got, p.TextOf("#threshold-amount-error"))
		}
	}
	if card, err := s.Store.CardByID(t.Context(), store.Whole(), a.ID); err != nil || card.Threshold != nil {
		t.Errorf("kept %+v, %v", card.Threshold, err)
	}
	setThreshold(staff, a, "0").WantText("#threshold dl", "₦0.00")
}
