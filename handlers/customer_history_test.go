package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"balancelink/store"
)

func TestTheAccountsOfACustomerAddUpOverTimeWithOfWhenEachPartIs(t *testing.T) {
	s, staff, id, accounts := withThreeAccounts(t)
	s.Said(accounts["0690000031"], 5*day, 90000000, store.Minor(3000000))
	s.Said(accounts["0690000048"], 3*day, 90000000, store.Minor(2000000))
	s.Said(accounts["0690000031"], 2*day, 90000000, store.Minor(3500000))
	s.Exec(`DELETE FROM balances WHERE account_id = $1`, accounts["0690000055"].ID)
	s.Exec(`DELETE FROM balances WHERE account_id IN (SELECT id FROM accounts) AND source = 'link'`)

	staff.Get("/customers/"+id).WantText("a[href$='/history']", "All accounts over time")
	p := staff.Get("/customers/" + id + "/history")
	p.WantStatus(http.StatusOK)
	p.WantText("h1", "Jumoke Balogun — All accounts over time")
	p.WantText("#history", "A total adds balances of different times")
	if n := p.Find("svg.plot").Length(); n != 1 {
		t.Fatalf("%d drawings, want one of naira", n)
	}
	var newest []string
	for _, part := range p.Find("#history tbody tr").First().Find("li").EachIter() {
		newest = append(newest, part.Text())
	}
	p.WantText("#history tbody tr:first-child td", "₦55,000.00")
	if len(newest) != 2 {
		t.Errorf("the newest total adds %q, want two accounts", newest)
	}
	p.WantText("#history tbody tr:last-child td", "₦30,000.00")
}

// The drawing ends where the total stands.
func TestWhatIsNotSharedAnyMoreIsInNoDrawingOfAllAccounts(t *testing.T) {
	s, staff, id, accounts := withThreeAccounts(t)
	for _, number := range []string{"0690000031", "0690000048"} {
		s.Said(accounts[number], day, 90000000, store.Minor(2000000))
	}
	if err := s.Store.Unshare(t.Context(), accounts["0690000048"].ID); err != nil {
		t.Fatal(err)
	}
	p := staff.Get("/customers/" + id + "/history")
	p.WantStatus(http.StatusOK)
	if text := p.TextOf("main"); strings.Contains(text, "ending 0048") || strings.Contains(text, "••0048") {
		t.Errorf("the page adds an account that is not shared: %s", text)
	}
}
