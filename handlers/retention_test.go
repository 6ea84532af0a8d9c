package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"balancelink/store"
)

// runs lets the program run for some days, with nothing but its retention.
func runs(s *site, days int, keep store.Retention) {
	s.t.Helper()
	for range days {
		s.advance(24 * time.Hour)
		if err := s.Store.CountDay(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
		if _, err := s.Store.Purge(s.t.Context(), keep); err != nil {
			s.t.Fatal(err)
		}
	}
}

func TestARemovedPayloadIsSaidAndCannotBeReplayed(t *testing.T) {
	s := newSite(t)
	s.hook(`{"method":"SOMETHING"}`, nil)
	s.eventually("it is ignored", func() bool { return s.events()[0].Result == store.EventIgnored })
	path := "/inbox/" + s.events()[0].ID
	p := s.signedIn().get(path)
	p.wantText("pre", "SOMETHING")
	if p.Find("form[action$='/replay']").Length() != 1 {
		t.Fatal("it cannot be replayed while the payload is there")
	}
	runs(s, 33, store.Retention{Payloads: 30})
	staff := s.signedIn()
	p = staff.get(path)
	p.wantStatus(http.StatusOK)
	p.wantText("main", "The payload was removed after 30 days.")
	if p.Find("pre").Length() != 0 || p.Find("form[action$='/replay']").Length() != 0 {
		t.Error("the page shows a payload, or offers to replay it")
	}
	p = staff.post(path+"/replay", nil)
	p.wantStatus(http.StatusConflict)
	p.wantText("main", "Its payload was removed")
}

func TestTheHistorySaysWhatIsNotKeptAnyMore(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id, _ := s.link(staff, "Amina Bello", "Amina456")
	a := s.accounts(id)["2230011442"]
	s.said(a, 10*day, 5, store.Minor(4))
	if got := staff.get("/accounts/" + a.ID + "?range=all").text("#history"); strings.Contains(got, "not kept any more") {
		t.Errorf("it says so while everything is there: %s", got)
	}
	shown := s.accounts(id)["2230011442"]
	runs(s, 36, store.Retention{Balances: 32})
	staff = s.signedIn()
	staff.get("/accounts/"+a.ID+"?range=all").wantText("#history", "not kept any more")
	if got := s.accounts(id)["2230011442"]; got.Ledger != shown.Ledger || got.Available != shown.Available || !got.AsOf.Equal(shown.AsOf) {
		t.Errorf("the account shows %+v, showed %+v", got, shown)
	}
}
