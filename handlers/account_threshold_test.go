package handlers_test

import (
	"net/http"
	"net/url"
	"testing"

	"balancelink/store"
)

func setThreshold(b *browser, a store.Account, typed string) page {
	b.t.Helper()
	return b.post("/accounts/"+a.ID+"/threshold", url.Values{"threshold": {typed}})
}

func TestStaffSetAThresholdSeeWhoIsBelowAndClearIt(t *testing.T) {
	s := newSite(t)
	staff, viewer := s.signedIn(), s.signedInAs(store.RoleViewer)
	id, customer := s.link(staff, "Amina Bello", "Amina456")
	a := s.accounts(id)["2230011442"]
	s.said(a, 0, 90000000, store.Minor(4999999))

	p := setThreshold(staff, a, "₦50,000")
	p.wantStatus(http.StatusOK)
	p.wantText("#account-"+a.ID, "Below the threshold: less than ₦50,000.00 is available.")
	p.wantText("#threshold dl", "₦50,000.00")
	p.wantText("#threshold dl", "by "+staffEmail)
	staff.get("/").wantText("a[href='/customers?filter=below_threshold']", "1")
	staff.get("/customers?filter=below_threshold").wantText("tbody", "Amina Bello")
	viewer.get("/accounts/"+a.ID).wantText("#threshold dl", "₦50,000.00")
	if viewer.get("/accounts/"+a.ID).Find("#threshold form").Length() != 0 {
		t.Error("a viewer is offered to change it")
	}
	if p := customer.get("/me/accounts/" + a.ID); p.Find("#threshold").Length() != 0 || p.Find(".outcome-bad").Length() != 0 {
		t.Error("the customer reads of the threshold")
	}

	s.said(a, 0, 90000000, store.Amount{})
	staff.get("/accounts/"+a.ID).wantText("#account-"+a.ID, "We can't say whether it is below the threshold of ₦50,000.00: the bank's newest answer gives no available balance")
	staff.get("/").wantText("a[href='/customers?filter=threshold_unknown']", "1")
	if staff.get("/customers?filter=below_threshold").Find("tbody tr").Length() != 0 {
		t.Error("unknown counts as below")
	}

	staff.post("/accounts/"+a.ID+"/threshold/clear", nil).wantStatus(http.StatusOK)
	if staff.get("/accounts/"+a.ID).Find("#threshold dl").Length() != 0 {
		t.Error("the threshold is still there")
	}
}

func TestAThresholdThatCannotBeReadIsRefusedWithASentenceAndKept(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id, _ := s.link(staff, "Amina Bello", "Amina456")
	a := s.accounts(id)["2230011442"]
	for _, typed := range []string{"", "-5", "fifty", "50.000", "1e9", "99999999999999999999"} {
		p := setThreshold(staff, a, typed)
		p.wantStatus(http.StatusUnprocessableEntity)
		if got, _ := p.Find("#threshold-amount").Attr("value"); got != typed || p.text("#threshold-amount-error") == "" {
			t.Errorf("%q: the field holds %q and the error says %q", typed, got, p.text("#threshold-amount-error"))
		}
	}
	if card, err := s.Store.CardByID(t.Context(), store.Whole(), a.ID); err != nil || card.Threshold != nil {
		t.Errorf("kept %+v, %v", card.Threshold, err)
	}
	setThreshold(staff, a, "0").wantText("#threshold dl", "₦0.00")
}
