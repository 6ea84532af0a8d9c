package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/okra/okrasim"
	"balancelink/store"
)

// balances are an account's balances, newest first.
func balances(s *site.Site, a store.Account) []store.Balance {
	s.T.Helper()
	all, err := s.Store.BalancesByAccount(s.T.Context(), a.ID, 100)
	if err != nil {
		s.T.Fatal(err)
	}
	return all
}

// demo is a site with one linked account, of which all webhooks have come.
func demo(t *testing.T) (s *site.Site, staff *site.Browser, customerID string, a store.Account) {
	t.Helper()
	s = site.New(t)
	staff = s.SignedIn()
	customerID, _ = s.Link(staff, "Efe Oghenekaro", "Efe123")
	s.Eventually("the link's own webhooks are there", func() bool {
		return len(s.Events()) == 3 && len(s.EventsWith(store.EventReceived)) == 0
	})
	return s, staff, customerID, s.Accounts(customerID)["4410023317"]
}

func TestABalanceSetOnThePanelIsToldToTheApp(t *testing.T) {
	s, staff, customerID, a := demo(t)
	staff.Panel("/sim/accounts/"+a.ProviderID+"/balance", url.Values{"ledger": {"800000.01"}, "available": {"799999.99"}, "tell": {"yes"}}).
		WantText("#said", "The app answered 200 OK.")
	s.Eventually("the app has the balance", func() bool { return s.Accounts(customerID)[a.NUBAN].Figure.Minor == 80000001 })
	staff.Get("/customers/"+customerID).WantText("article.account", "₦799,999.99")
}

func TestAWebhookSentTwiceFromThePanelCountsOnce(t *testing.T) {
	s, staff, _, a := demo(t)
	before := len(balances(s, a))
	staff.Panel("/sim/accounts/"+a.ProviderID+"/webhook", url.Values{"mode": {"twice"}}).
		WantText("#said", "The app answered 200 OK, then 200 OK.")
	s.Eventually("it came twice", func() bool { return s.Events()[0].Deliveries == 2 })
	s.Eventually("it is applied", func() bool { return s.Events()[0].Result == store.EventApplied })
	if got := len(balances(s, a)) - before; got != 1 {
		t.Errorf("%d balances more, want 1", got)
	}
}

func TestAForgedWebhookFromThePanelIsTurnedAwayAndCounted(t *testing.T) {
	s, staff, customerID, a := demo(t)
	if err := s.Sim.SetBalance(a.ProviderID, "1", "1"); err != nil {
		t.Fatal(err)
	}
	events := len(s.Events())
	staff.Panel("/sim/accounts/"+a.ProviderID+"/webhook", url.Values{"mode": {"wrong-token"}}).
		WantText("#said", "The app answered 401 Unauthorized.")
	s.Eventually("it is counted", func() bool { return staff.Get("/inbox?result=rejected").Find("table tbody tr").Length() == 1 })
	if got := len(s.Events()); got != events {
		t.Errorf("%d events, want %d as before", got, events)
	}
	if got := s.Accounts(customerID)[a.NUBAN].Figure; got != a.Figure {
		t.Errorf("ledger = %v, want it as before", got)
	}
}

func TestWebhooksInTheWrongOrderFromThePanelLeaveTheNewerFigure(t *testing.T) {
	s, staff, customerID, a := demo(t)
	staff.Panel("/sim/accounts/"+a.ProviderID+"/webhook", url.Values{"mode": {"shuffled"}})
	s.Eventually("both are applied", func() bool { return len(s.Events()) == 5 && len(s.EventsWith(store.EventReceived)) == 0 })
	if got := s.Accounts(customerID)[a.NUBAN].Figure; got != a.Figure {
		t.Errorf("ledger = %v, want the newer %v", got, a.Figure)
	}
	found := false
	for _, o := range balances(s, a) {
		found = found || o.Figure == a.Figure.Minor-100000
	}
	if !found {
		t.Error("the older figure is not in the history")
	}
}

func TestAWebhookFromThePanelAboutSomebodyUnknownIsKept(t *testing.T) {
	s, staff, _, a := demo(t)
	staff.Panel("/sim/accounts/"+a.ProviderID+"/webhook", url.Values{"mode": {"unknown-record"}})
	s.Eventually("it waits for its link", func() bool { return len(s.EventsWith(store.EventUnmatched)) == 1 })
}

func TestTheAgeSetOnThePanelIsWhatTheAppShows(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	for _, c := range []struct{ login, hours, want string }{
		{"Funke123", "0", "Up to date"}, {"Amina456", "5", "Getting old"}, {"Efe123", "72", "Out of date"},
	} {
		for _, a := range s.Sim.Accounts() {
			if a.Login == c.login {
				staff.Panel("/sim/accounts/"+a.ID+"/age", url.Values{"hours": {c.hours}})
			}
		}
		id, _ := s.Link(staff, s.Holder(c.login), c.login)
		staff.Get("/customers/"+id).WantText("article.account .badge", c.want)
	}
}

func TestTheAppTakesAnOutageAsThePanelSays(t *testing.T) {
	s := site.New(t, "REFRESH_COOLDOWN=1ms", "REFRESH_DEADLINE=2s")
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	want := map[string]store.RefreshState{"busy": store.RefreshLimited, "half": store.RefreshTimedOut, okrasim.NoOutage: store.RefreshChanged, "window": store.RefreshChanged}
	for _, o := range slices.Backward(okrasim.Outages()) { // all is well at last
		staff.Panel("/sim/outage", url.Values{"outage": {o.Name}})
		state, ok := want[o.Name]
		if !ok {
			state = store.RefreshFailed
		}
		if got := s.Ended(staff, a); got.State != state {
			t.Errorf("under %s a refresh ends as %s (%s), want %s", o.Name, got.State, got.Cause, state)
		}
	}
}

func TestTheBanksClockDoesNotMoveTheApps(t *testing.T) {
	s := site.New(t, "REFRESH_COOLDOWN=1ms")
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina456")
	linked := s.Accounts(id)["2230011442"]

	staff.Panel("/sim/clock", url.Values{"by": {"-24"}})
	staff.Panel("/sim/accounts/"+linked.ProviderID+"/balance", url.Values{"ledger": {"5"}, "tell": {"yes"}})
	s.Eventually("yesterday's figure is in the history", func() bool {
		all := balances(s, linked)
		return all[len(all)-1].Figure == 500
	})
	if got := s.Accounts(id)[linked.NUBAN]; got.Figure != linked.Figure || !got.AsOf.Equal(linked.AsOf) {
		t.Errorf("the latest is %v as of %v, want that of the link", got.Figure, got.AsOf)
	}

	for _, by := range []string{"now", "192"} {
		staff.Panel("/sim/clock", url.Values{"by": {by}})
	}
	staff.Panel("/sim/accounts/"+linked.ProviderID+"/balance", url.Values{"ledger": {"6"}, "tell": {"yes"}})
	s.Eventually("the figure of a week ahead is there", func() bool { return s.Accounts(id)[linked.NUBAN].Figure.Minor == 600 })
	if got := s.Accounts(id)[linked.NUBAN]; got.AsOfKind == store.AsOfStated || s.Clock().Sub(got.AsOf).Abs() > time.Minute {
		t.Errorf("as of %v (stated %v), want when it was received", got.AsOf, got.AsOfKind)
	}

	customer := staff.AddCustomer("Efe Oghenekaro")
	visitor := s.Browser()
	nonce := visitor.Consent(staff.Invite(customer))
	success, err := s.Sim.Connect("Efe123", nonce, nil)
	if err != nil {
		t.Fatal(err)
	}
	visitor.PostJSON("/connect/attempts/"+nonce+"/success", string(success)).WantStatus(http.StatusAccepted)
	s.Eventually("the link waits for review", func() bool { return s.Attempt(customer, nonce).State == store.AttemptNeedsReview })
}
