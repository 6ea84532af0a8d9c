package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"balancelink/okra/okrasim"
	"balancelink/store"
)

// balances are an account's balances, newest first.
func balances(s *site, a store.Account) []store.Balance {
	s.t.Helper()
	all, err := s.Store.BalancesByAccount(s.t.Context(), a.ID, 100)
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// demo is a site with one linked account, of which all webhooks have come.
func demo(t *testing.T) (s *site, staff *browser, customerID string, a store.Account) {
	t.Helper()
	s = newSite(t)
	staff = s.signedIn()
	customerID, _ = s.link(staff, "Efe Oghenekaro", "Efe123")
	s.eventually("the link's own webhooks are there", func() bool {
		return len(s.events()) == 3 && len(s.eventsWith(store.EventReceived)) == 0
	})
	return s, staff, customerID, s.accounts(customerID)["4410023317"]
}

func TestABalanceSetOnThePanelIsToldToTheApp(t *testing.T) {
	s, staff, customerID, a := demo(t)
	staff.panel("/sim/accounts/"+a.ProviderID+"/balance", url.Values{"ledger": {"800000.01"}, "available": {"799999.99"}, "tell": {"yes"}}).
		wantText("#said", "The app answered 200 OK.")
	s.eventually("the app has the balance", func() bool { return s.accounts(customerID)[a.NUBAN].Ledger.Minor == 80000001 })
	staff.get("/customers/"+customerID).wantText("article.account", "₦799,999.99")
}

func TestAWebhookSentTwiceFromThePanelCountsOnce(t *testing.T) {
	s, staff, _, a := demo(t)
	before := len(balances(s, a))
	staff.panel("/sim/accounts/"+a.ProviderID+"/webhook", url.Values{"mode": {"twice"}}).
		wantText("#said", "The app answered 200 OK, then 200 OK.")
	s.eventually("it came twice", func() bool { return s.events()[0].Deliveries == 2 })
	s.eventually("it is applied", func() bool { return s.events()[0].Result == store.EventApplied })
	if got := len(balances(s, a)) - before; got != 1 {
		t.Errorf("%d balances more, want 1", got)
	}
}

func TestAForgedWebhookFromThePanelIsTurnedAwayAndCounted(t *testing.T) {
	s, staff, customerID, a := demo(t)
	if err := s.Sim.SetBalance(a.ProviderID, "1", "1"); err != nil {
		t.Fatal(err)
	}
	events := len(s.events())
	staff.panel("/sim/accounts/"+a.ProviderID+"/webhook", url.Values{"mode": {"wrong-token"}}).
		wantText("#said", "The app answered 401 Unauthorized.")
	s.eventually("it is counted", func() bool { return staff.get("/inbox?result=rejected").Find("table tbody tr").Length() == 1 })
	if got := len(s.events()); got != events {
		t.Errorf("%d events, want %d as before", got, events)
	}
	if got := s.accounts(customerID)[a.NUBAN].Ledger; got != a.Ledger {
		t.Errorf("ledger = %v, want it as before", got)
	}
}

func TestWebhooksInTheWrongOrderFromThePanelLeaveTheNewerFigure(t *testing.T) {
	s, staff, customerID, a := demo(t)
	staff.panel("/sim/accounts/"+a.ProviderID+"/webhook", url.Values{"mode": {"shuffled"}})
	s.eventually("both are applied", func() bool { return len(s.events()) == 5 && len(s.eventsWith(store.EventReceived)) == 0 })
	if got := s.accounts(customerID)[a.NUBAN].Ledger; got != a.Ledger {
		t.Errorf("ledger = %v, want the newer %v", got, a.Ledger)
	}
	found := false
	for _, o := range balances(s, a) {
		found = found || o.Ledger == a.Ledger.Minor-100000
	}
	if !found {
		t.Error("the older figure is not in the history")
	}
}

func TestAWebhookFromThePanelAboutSomebodyUnknownIsKept(t *testing.T) {
	s, staff, _, a := demo(t)
	staff.panel("/sim/accounts/"+a.ProviderID+"/webhook", url.Values{"mode": {"unknown-record"}})
	s.eventually("it waits for its link", func() bool { return len(s.eventsWith(store.EventUnmatched)) == 1 })
}

func TestTheAgeSetOnThePanelIsWhatTheAppShows(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	for _, c := range []struct{ login, hours, want string }{
		{"Funke123", "0", "Up to date"}, {"Amina456", "5", "Getting old"}, {"Efe123", "72", "Out of date"},
	} {
		for _, a := range s.Sim.Accounts() {
			if a.Login == c.login {
				staff.panel("/sim/accounts/"+a.ID+"/age", url.Values{"hours": {c.hours}})
			}
		}
		id, _ := s.link(staff, s.holder(c.login), c.login)
		staff.get("/customers/"+id).wantText("article.account .badge", c.want)
	}
}

func TestTheAppTakesAnOutageAsThePanelSays(t *testing.T) {
	s := newSite(t, "REFRESH_COOLDOWN=1ms", "REFRESH_DEADLINE=2s")
	staff := s.signedIn()
	id, _ := s.link(staff, "Amina Bello", "Amina456")
	a := s.accounts(id)["2230011442"]
	want := map[string]store.RefreshState{"busy": store.RefreshLimited, "half": store.RefreshTimedOut, okrasim.NoOutage: store.RefreshChanged, "window": store.RefreshChanged}
	for _, o := range slices.Backward(okrasim.Outages()) { // all is well at last
		staff.panel("/sim/outage", url.Values{"outage": {o.Name}})
		state, ok := want[o.Name]
		if !ok {
			state = store.RefreshFailed
		}
		if got := s.ended(staff, a); got.State != state {
			t.Errorf("under %s a refresh ends as %s (%s), want %s", o.Name, got.State, got.Cause, state)
		}
	}
}

func TestTheBanksClockDoesNotMoveTheApps(t *testing.T) {
	s := newSite(t, "REFRESH_COOLDOWN=1ms")
	staff := s.signedIn()
	id, _ := s.link(staff, "Amina Bello", "Amina456")
	linked := s.accounts(id)["2230011442"]

	staff.panel("/sim/clock", url.Values{"by": {"-24"}})
	staff.panel("/sim/accounts/"+linked.ProviderID+"/balance", url.Values{"ledger": {"5"}, "tell": {"yes"}})
	s.eventually("yesterday's figure is in the history", func() bool {
		all := balances(s, linked)
		return all[len(all)-1].Ledger == 500
	})
	if got := s.accounts(id)[linked.NUBAN]; got.Ledger != linked.Ledger || !got.AsOf.Equal(linked.AsOf) {
		t.Errorf("the latest is %v as of %v, want that of the link", got.Ledger, got.AsOf)
	}

	for _, by := range []string{"now", "192"} {
		staff.panel("/sim/clock", url.Values{"by": {by}})
	}
	staff.panel("/sim/accounts/"+linked.ProviderID+"/balance", url.Values{"ledger": {"6"}, "tell": {"yes"}})
	s.eventually("the figure of a week ahead is there", func() bool { return s.accounts(id)[linked.NUBAN].Ledger.Minor == 600 })
	if got := s.accounts(id)[linked.NUBAN]; got.AsOfStated || s.clock().Sub(got.AsOf).Abs() > time.Minute {
		t.Errorf("as of %v (stated %v), want when it was received", got.AsOf, got.AsOfStated)
	}

	customer := staff.addCustomer("Efe Oghenekaro")
	visitor := s.browser()
	nonce := visitor.consent(staff.invite(customer))
	success, err := s.Sim.Connect("Efe123", nonce, nil)
	if err != nil {
		t.Fatal(err)
	}
	visitor.postJSON("/connect/attempts/"+nonce+"/success", string(success)).wantStatus(http.StatusAccepted)
	s.eventually("the link waits for review", func() bool { return s.attempt(customer, nonce).State == store.AttemptNeedsReview })
}
