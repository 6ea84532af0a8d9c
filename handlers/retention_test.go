package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// runs lets the program run for some days, with nothing but its retention.
func runs(s *site.Site, days int, keep store.Retention) {
	s.T.Helper()
	for range days {
		s.Advance(24 * time.Hour)
		if err := s.Store.CountDay(s.T.Context()); err != nil {
			s.T.Fatal(err)
		}
		if _, err := s.Store.Purge(s.T.Context(), keep); err != nil {
			s.T.Fatal(err)
		}
	}
}

func TestARemovedPayloadIsSaidAndCannotBeReplayed(t *testing.T) {
	s := site.New(t)
	s.Hook(`{"method":"SOMETHING"}`, nil)
	s.Eventually("it is ignored", func() bool { return s.Events()[0].Result == store.EventIgnored })
	path := "/inbox/" + s.Events()[0].ID
	p := s.SignedIn().Get(path)
	p.WantText("pre", "SOMETHING")
	if p.Find("form[action$='/replay']").Length() != 1 {
		t.Fatal("it cannot be replayed while the payload is there")
	}
	runs(s, 33, store.Retention{Payloads: 30})
	staff := s.SignedIn()
	p = staff.Get(path)
	p.WantStatus(http.StatusOK)
	p.WantText("main", "The payload was removed after 30 days.")
	if p.Find("pre").Length() != 0 || p.Find("form[action$='/replay']").Length() != 0 {
		t.Error("the page shows a payload, or offers to replay it")
	}
	p = staff.Post(path+"/replay", nil)
	p.WantStatus(http.StatusConflict)
	p.WantText("main", "Its payload was removed")
}

func TestTheHistorySaysWhatIsNotKeptAnyMore(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	s.Said(a, 10*day, 5, store.Minor(4))
	if got := staff.Get("/accounts/" + a.ID + "?range=all").TextOf("#history"); strings.Contains(got, "not kept any more") {
		t.Errorf("it says so while everything is there: %s", got)
	}
	shown := s.Accounts(id)["2230011442"]
	runs(s, 36, store.Retention{Balances: 32})
	staff = s.SignedIn()
	staff.Get("/accounts/"+a.ID+"?range=all").WantText("#history", "not kept any more")
	if got := s.Accounts(id)["2230011442"]; got.Figure != shown.Figure || got.Available != shown.Available || !got.AsOf.Equal(shown.AsOf) {
		t.Errorf("the account shows %+v, showed %+v", got, shown)
	}
}
