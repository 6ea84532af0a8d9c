package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func TestATestDeliveryGoesThroughTheFrontDoor(t *testing.T) {
	s := site.New(t)
	p := s.SignedIn().Post("/inbox/test", nil)
	p.WantStatus(http.StatusOK)
	p.WantText("tbody", "TEST / TEST_DELIVERY")
	s.Eventually("it is ignored", func() bool { return s.Events()[0].Result == store.EventIgnored })
}

func TestTheOverviewWarnsWhenNoWebhookComes(t *testing.T) {
	s := site.New(t, "WEBHOOK_SILENCE=1s")
	staff := s.SignedIn()
	staff.Get("/").WantStatus(http.StatusOK) // nobody is linked: nothing to warn of
	if text := staff.Get("/").TextOf("main"); strings.Contains(text, "webhook came") {
		t.Errorf("it warns although nobody is linked: %s", text)
	}
	s.Link(staff, "Amina Bello", "Amina456")
	s.Eventually("the overview warns", func() bool {
		return strings.Contains(staff.Get("/").TextOf("main"), "The last webhook came")
	})
}

func TestAnUnmatchedEventIsMatchedOnlyWhenTheProviderAgrees(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer("Funke Alabi")
	staff.AddCustomer("Funke Bello")
	s.Browser().Consent(staff.Invite(id))
	// A link that nobody here started: its webhooks name no attempt of ours.
	if _, err := s.Sim.Connect("Funke123", "", nil); err != nil {
		t.Fatal(err)
	}
	s.Eventually("the events are unmatched", func() bool {
		all := s.Events()
		return len(all) == 3 && all[0].Result == store.EventUnmatched && all[1].Result == store.EventUnmatched && all[2].Result == store.EventUnmatched
	})
	event := "/inbox/" + s.Events()[0].ID

	for typed, want := range map[string]string{
		"": "Enter the customer's name", "Nobody": "No customer has this name", "Funke": "Several customers fit",
		"Funke Bello": "has not agreed",
	} {
		p := staff.Post(event+"/match", url.Values{"customer": {typed}})
		p.WantStatus(http.StatusUnprocessableEntity)
		p.WantText("#customer-error", want)
	}
	staff.Post(event+"/match", url.Values{"customer": {"Funke Alabi"}}).WantStatus(http.StatusOK)
	s.Eventually("the account is linked and its events are applied", func() bool {
		return s.Accounts(id)["2000000001"].Figure == store.Minor(15337) && s.Events()[0].Result == store.EventApplied
	})
	p := staff.Get("/inbox/" + s.Events()[0].ID)
	p.WantText("main", "Funke Alabi")
}

func TestAnEventShowsWhatItChangedAndNoAccountNumber(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Funke Alabi", "Funke123")
	a := s.Accounts(id)["2000000001"]
	s.Eventually("the link's webhooks are applied", func() bool { return len(s.Events()) == 3 && s.Events()[0].Result == store.EventApplied })
	if err := s.Sim.SetBalance(a.ProviderID, "200.5", "180"); err != nil {
		t.Fatal(err)
	}
	if err := s.Sim.SendBalanceWebhook(a.ProviderID); err != nil {
		t.Fatal(err)
	}
	s.Eventually("it is applied", func() bool { return s.Accounts(id)["2000000001"].Figure == store.Minor(20050) })
	p := staff.Get("/inbox/" + s.Events()[0].ID)
	p.WantStatus(http.StatusOK)
	p.WantText("section[aria-labelledby=effect]", "₦200.50")
	p.WantText("section[aria-labelledby=effect]", "₦180.00")
	if text := p.TextOf("main"); strings.Contains(text, "2000000001") || !strings.Contains(text, "••••0001") {
		t.Errorf("the page shows the account number: %s", text)
	}
}

func TestWebhooksWithoutAnAvailableBalanceCannotUseUpTheProvidersBudget(t *testing.T) {
	s := site.New(t, "TRANSACTIONS=on")
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Chidi Okafor", "Chidi123")
	s.Eventually("the link's webhooks are applied", func() bool { return len(s.Events()) == 3 && s.Events()[0].Result == store.EventApplied })
	a := s.Accounts(id)["2009876541"]
	before := s.Sim.Calls("transactions/getByAccount")
	for range 25 {
		if err := s.Sim.SendBalanceWebhook(a.ProviderID); err != nil {
			t.Fatal(err)
		}
	}
	s.Eventually("all are applied", func() bool {
		waiting, err := s.Store.EventsToApply(t.Context(), "okra", 1)
		return err == nil && len(waiting) == 0
	})
	if n := s.Sim.Calls("transactions/getByAccount") - before; n > 1 {
		t.Errorf("25 webhooks caused %d calls to the provider", n)
	}
}

// A page follows a replay by itself, and says nothing of before meanwhile.
func TestAReplayIsFollowedByItsPage(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	s.Link(staff, s.Holder("Amina123"), "Amina123")
	var applied store.Event
	s.Eventually("a webhook was applied", func() bool {
		events, err := s.Store.Events(t.Context(), store.EventApplied, "", 1)
		if err != nil || len(events) == 0 {
			return false
		}
		applied = events[0]
		return true
	})
	url := "/inbox/" + applied.ID
	if err := s.Store.ReplayEvent(t.Context(), store.Program, applied.ID); err != nil {
		t.Fatal(err)
	}
	s.Eventually("it is applied again", func() bool {
		e, err := s.Store.EventByID(t.Context(), applied.ID)
		return err == nil && e.Result == store.EventApplied
	})
	p := staff.HTMX("GET", url)
	if p.Find("#event:not([hx-get])").Length() != 1 || p.Find("#announce").Length() != 1 || p.Find("main").Length() != 0 {
		t.Errorf("the page is answered with %q", p.TextOf("body"))
	}
}

func TestAWebhookInTheInboxCanBeReadAndReplayedWithoutADoubleEffect(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	s.Eventually("the link's webhooks are applied", func() bool { return len(s.Events()) == 3 && s.Events()[0].Result == store.EventApplied })
	if err := s.Sim.SetBalance(a.ProviderID, "12.5", "11"); err != nil {
		t.Fatal(err)
	}
	if err := s.Sim.SendBalanceWebhook(a.ProviderID); err != nil {
		t.Fatal(err)
	}
	s.Eventually("the balance is applied", func() bool { return s.Accounts(id)["2230011442"].Figure == store.Minor(1250) })
	before := s.History(a.ID)

	list := staff.Get("/inbox")
	list.WantStatus(http.StatusOK)
	list.WantText("tbody tr:first-child", "BALANCE / BALANCE_SUCCESS")
	list.WantText("tbody tr:first-child", "Amina Bello")
	link, _ := list.Find("tbody tr:first-child th a").Attr("href")
	detail := staff.Get(link)
	detail.WantStatus(http.StatusOK)
	detail.WantText("pre", `"ledger_balance": 12.5`)
	replay, _ := detail.Find("main form[action^='/inbox']").Attr("action")
	first := s.Events()[0]
	p := staff.Post(replay, nil)
	if p.WantStatus(http.StatusOK); p.Path != link {
		t.Errorf("after the replay at %s, want %s", p.Path, link)
	}
	s.Eventually("it is applied again", func() bool {
		e := s.Events()[0]
		return e.Result == store.EventApplied && e.AppliedAt.After(first.AppliedAt)
	})
	if after := s.History(a.ID); after != before {
		t.Errorf("%d balances after the replay, want %d as before", after, before)
	}
	for path, want := range map[string]int{"/inbox/nothing": 404, "/inbox?result=evil&before=zzz": 200} {
		if p := staff.Get(path); p.Status != want {
			t.Errorf("%s: %d, want %d", path, p.Status, want)
		}
	}
	staff.Post("/inbox/nothing/replay", nil).WantStatus(http.StatusNotFound)
}

func TestWebhooksAreFoundByWhoseTheyAreAndByTheProvidersIds(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina456")
	s.Link(staff, "Jumoke Balogun", "Jumoke123")
	if _, err := s.Sim.Connect("Funke123", "", nil); err != nil { // nobody's here
		t.Fatal(err)
	}
	s.Eventually("hers and nobody's have come", func() bool { return len(s.EventsWith(store.EventUnmatched)) > 0 })
	s.HeardAll()
	a, theirs := s.Accounts(id)["2230011442"], s.EventsWith(store.EventUnmatched)[0]
	today := s.Time.Now().In(s.Settings.Location).Format(time.DateOnly)
	found := func(query url.Values) (customers []string, n int) {
		t.Helper()
		p := staff.Get("/inbox?" + query.Encode())
		p.WantStatus(http.StatusOK)
		for _, row := range p.Find("tbody tr").EachIter() {
			n++
			if name := row.Find("td[data-label=Customer]").Text(); !slices.Contains(customers, strings.TrimSpace(name)) {
				customers = append(customers, strings.TrimSpace(name))
			}
		}
		return customers, n
	}
	for name, row := range map[string]struct {
		query url.Values
		want  []string
	}{
		"by name":                 {url.Values{"q": {"Amina Bello"}}, []string{"Amina Bello"}},
		"by account":              {url.Values{"q": {a.ProviderID}}, []string{"Amina Bello"}},
		"by record":               {url.Values{"q": {a.ProviderRecord}}, []string{"Amina Bello"}},
		"by name, and today":      {url.Values{"q": {"Amina Bello"}, "day": {today}}, []string{"Amina Bello"}},
		"by name, and long ago":   {url.Values{"q": {"Amina Bello"}, "day": {"2020-01-01"}}, nil},
		"by the record of nobody": {url.Values{"q": {theirs.ProviderRecord}}, []string{"not known yet"}},
		"by nothing that came":    {url.Values{"q": {"zzzz"}}, nil},
		"by a name of nobody":     {url.Values{"q": {"No Body"}}, nil},
		"by no day":               {url.Values{"day": {"yesterday"}}, nil},
	} {
		if got, _ := found(row.query); !slices.Equal(got, row.want) {
			t.Errorf("%s: webhooks of %q, want %q", name, got, row.want)
		}
	}
	if _, n := found(url.Values{"day": {today}}); n != len(s.Events()) {
		t.Errorf("%d came today, want all %d", n, len(s.Events()))
	}
}

func TestAllThatFailedIsReplayedAtOnceAndTheResultAppears(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	s.Link(staff, "Amina Bello", "Amina456")
	s.HeardAll()
	staff.Get("/inbox?result=failed").WantText("main", "No webhooks with this result")
	failed := s.Count(`SELECT COUNT(*) FROM events WHERE result = 'applied'`)
	s.Exec(`UPDATE events SET result = 'failed' WHERE result = 'applied'`)
	staff.Get("/inbox?result=failed").WantText("form[action='/inbox/replay'] button", "Replay all that failed")
	staff.Post("/inbox/replay", nil).WantText("#notice", "processed again")
	s.Eventually("they are applied", func() bool {
		return s.Count(`SELECT COUNT(*) FROM events WHERE result = 'applied'`) == failed
	})
	if n := s.Count(`SELECT COUNT(*) FROM audit WHERE action = 'webhook replayed'`); n != failed {
		t.Errorf("%d of %d are written down", n, failed)
	}
}
