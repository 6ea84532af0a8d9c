package handlers_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"balancelink/handlers/sitetest/site"
	"balancelink/okra"
	"balancelink/okra/okrasim"
	"balancelink/okra/provider"
	"balancelink/store"
)

func TestTheListOfRefreshesSaysWhoAskedWhatAndHowItEnded(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	p := staff.Get("/refreshes")
	p.WantStatus(http.StatusOK)
	p.WantText(".empty h2", "No bank was asked yet")
	p.WantText("nav [aria-current=page]", "Requests")

	id, customer := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	staff.Post("/accounts/"+a.ID+"/refresh", nil).WantStatus(http.StatusOK)
	s.Settled(a.ID)
	s.Sim.SetScenario(a.ProviderID, okrasim.ServerError)
	s.Advance(2 * time.Minute)
	customer.Post("/me/accounts/"+a.ID+"/refresh", nil).WantStatus(http.StatusOK)
	s.Settled(a.ID)

	p = staff.Get("/refreshes")
	rows := p.Find("tbody tr")
	if n := rows.Length(); n != 2 {
		t.Fatalf("%d rows, want 2", n)
	}
	for i, want := range [][]string{
		{"Amina Bello", "Zenith Bank ••••1442", "the customer", "Failed", "can't be reached", "unreachable: HTTP 503"},
		{"Amina Bello", "Zenith Bank ••••1442", site.StaffEmail, "Changed", "New from Zenith Bank"},
	} {
		got := strings.Join(strings.Fields(rows.Eq(i).Text()), " ")
		for _, words := range want {
			if !strings.Contains(got, words) {
				t.Errorf("row %d reads %q, want %q in it", i, got, words)
			}
		}
	}
	if n := staff.Get("/refreshes?filter=failed").Find("tbody tr").Length(); n != 1 {
		t.Errorf("%d failed ones, want 1", n)
	}
	staff.Get("/refreshes?filter=running").WantText(".empty h2", "None is running")
	if href, _ := staff.Get("/").Find("main a[href='/refreshes']").Attr("href"); href == "" {
		t.Error("the overview does not lead to the list")
	}
	customer.Get("/refreshes").WantStatus(http.StatusOK)
	if got := customer.Get("/refreshes").Path; got != "/login" {
		t.Errorf("a customer gets to %s, want the sign-in", got)
	}
}

// fact is what the page says of the provider.
func fact(p site.Page, label string) string {
	found := p.Find("section[aria-labelledby=provider] dt").FilterFunction(func(_ int, dt *goquery.Selection) bool { return dt.Text() == label })
	return strings.Join(strings.Fields(found.Next().Text()), " ")
}

// wantFact fails unless the page says that of the provider.
func wantFact(p site.Page, label, want string) {
	p.T.Helper()
	if got := fact(p, label); got != want {
		p.T.Errorf("%s: %s: %q, want %q", p.Path, label, got, want)
	}
}

func TestTheListOfRefreshesIsReadPageByPageWithoutLossOrRepeat(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	const number = 45
	for range number {
		r, _, err := s.Store.StartRefresh(t.Context(), store.RefreshRequest{Scope: store.Whole(), AccountID: a.ID, Kind: store.KindRefresh, Trigger: "staff", Deadline: time.Minute})
		if err := errors.Join(err, s.Store.EndRefresh(t.Context(), r, store.Ending{State: store.RefreshFailed})); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	pages := 0
	for next := "/refreshes?filter=failed"; next != ""; pages++ {
		p := staff.Get(next)
		p.WantStatus(http.StatusOK)
		for _, reference := range p.Find("tbody tr td[data-label=Outcome] .stack > span:last-child").EachIter() {
			if seen[reference.Text()] {
				t.Errorf("%s stands twice", reference.Text())
			}
			seen[reference.Text()] = true
		}
		next, _ = p.Find("nav.pager a[rel=next]").Attr("href")
	}
	if len(seen) != number || pages != 3 {
		t.Errorf("%d refreshes on %d pages, want %d on 3", len(seen), pages, number)
	}
}

// limit gives the site a budget for the provider, as main does.
func limit(s *site.Site, perMinute int) *provider.Budget {
	s.T.Helper()
	s.Budget = provider.NewBudget(perMinute, s.Clock)
	s.Restart()
	return s.Budget
}

func TestWhatWaitsForTheProviderIsShownWithTheNextTry(t *testing.T) {
	s := site.New(t, "REFRESH_DEADLINE=5m") // longer than what is used up lasts
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	for _, path := range []string{"/", "/refreshes"} {
		wantFact(staff.Get(path), "Requests waiting", "none")
	}
	budget := limit(s, 6)
	for { // whatever uses them up
		if ok, _, _ := budget.Ready(provider.ForRefresh); !ok {
			break
		}
		client := okra.Client{BaseURL: s.APIURL(), SecretKey: s.Settings.OkraSecretKey, Budget: budget}
		if _, err := client.BalancesByCustomer(t.Context(), a.ProviderCustomer); err != nil {
			t.Fatal(err)
		}
	}
	staff.Post("/accounts/"+a.ID+"/refresh", nil).WantStatus(http.StatusOK)
	var held store.Refresh
	s.Eventually("the refresh waits for its turn", func() bool {
		all, err := s.Store.RefreshesByAccount(t.Context(), store.Whole(), a.ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		held = all[0]
		return held.Held || !held.Open()
	})
	if !held.Open() {
		t.Fatalf("the refresh ended as %s (%s)", held.State, held.Cause)
	}
	at := held.NextAt.In(s.Settings.Location).Format("15:04:05")
	for _, path := range []string{"/", "/refreshes"} {
		before := budget.State().Left // one at most: a probe of the provider may take it at any time
		p := staff.Get(path)
		wantFact(p, "Requests waiting", "1 request")
		wantFact(p, "Next try at", at+" The calls of this minute are used up.")
		if left := fact(p, "Calls left"); left != fmt.Sprintf("%d of 6 a minute", before) && left != fmt.Sprintf("%d of 6 a minute", budget.State().Left) || before > 1 {
			t.Errorf("%s: calls left: %q, want %d or %d", path, left, before, budget.State().Left)
		}
	}
	staff.Get("/refreshes?filter=running").WantText("tbody tr", "next try at "+at)
	customer.Get("/me").WantText("article.account .progress", "next try at "+at)
}

func TestAPauseOfTheProviderIsShownWithItsReasonAndItsEnd(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{http.StatusTooManyRequests: "It limits our calls.", http.StatusUnauthorized: "It refuses our key, plan or wallet."} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			s := site.New(t)
			staff := s.SignedIn()
			id, _ := s.Link(staff, "Amina Bello", "Amina456")
			a := s.Accounts(id)["2230011442"]
			budget := limit(s, 20)
			s.Faulty.Set(okrasim.Refuses(status), "balance/refresh")
			staff.Post("/accounts/"+a.ID+"/refresh", nil).WantStatus(http.StatusOK)
			s.Settled(a.ID)
			at := budget.State().Pause.Until.In(s.Settings.Location).Format("15:04:05")
			s.Eventually("every instance knows of the pause", func() bool {
				return !slices.ContainsFunc([]string{"/", "/refreshes"}, func(path string) bool {
					return fact(staff.Get(path), "Next try at") == ""
				})
			})
			for _, path := range []string{"/", "/refreshes"} {
				p := staff.Get(path)
				if got := fact(p, "Next try at"); !strings.HasPrefix(got, at+" "+want) {
					t.Errorf("%s: the next try is %q, want %q first", path, got, at+" "+want)
				}
				if strings.Contains(p.TextOf("#provider ~ dl"), "Calls left") {
					t.Error("calls that are not made are counted")
				}
			}
		})
	}
}

func TestALinkThatWaitsOutAPauseIsToldSoToTheCustomerAndWhyToStaff(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	customer := s.Browser()
	nonce := customer.Consent(staff.Invite(id))
	limit(s, 20)
	s.Faulty.Set(okrasim.WebPage(), "balance/refresh", "banks/list") // no probe ends it
	staff.Post("/accounts/"+a.ID+"/refresh", nil).WantStatus(http.StatusOK)
	s.Settled(a.ID)

	// The bank window was open already. What it brings is not tried in a pause.
	success, err := s.Sim.Connect("Amina456", nonce, nil)
	if err != nil {
		t.Fatal(err)
	}
	customer.PostJSON("/connect/attempts/"+nonce+"/success", string(success)).WantStatus(http.StatusAccepted)
	s.Trusted(false)
	attempt := "/connect/attempts/" + nonce
	s.Eventually("every instance says that linking is paused", func() bool {
		for range 2 {
			if !strings.Contains(customer.Get(attempt).TextOf("#attempt h2"), "Linking is paused for your safety") {
				return false
			}
		}
		return true
	})
	p := customer.Get(attempt)
	if got := p.TextOf("#attempt"); strings.Contains(got, "does not answer") {
		t.Errorf("the page says %q", got)
	}
	staff.Get("/customers/"+id).WantText("main > .notice-bad", "cannot be trusted")
	wantFact(staff.Get("/refreshes"), "Requests waiting", "1 link being confirmed")
	s.Faulty.Set(okrasim.Fault{})
	s.Advance(6 * time.Minute)
	s.Eventually("the link is confirmed after the pause", func() bool { return s.Attempt(id, nonce).State == store.AttemptLinked })
}
