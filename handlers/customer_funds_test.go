package handlers_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// Jumoke has three accounts in naira at one bank.
func withThreeAccounts(t *testing.T) (s *site.Site, staff *site.Browser, id string, accounts map[string]store.Account) {
	s = site.New(t)
	staff = s.SignedIn()
	id, _ = s.Link(staff, "Jumoke Balogun", "Jumoke123")
	s.Eventually("the link's own webhooks are there", func() bool {
		return len(s.Events()) == 7 && len(s.EventsWith(store.EventReceived)) == 0
	})
	return s, staff, id, s.Accounts(id)
}

func fundsSums(s *site.Site, id string) []store.FundsSum {
	s.T.Helper()
	all, err := s.Store.FundsSumsByCustomer(s.T.Context(), id, 10)
	if err != nil {
		s.T.Fatal(err)
	}
	return all
}

func TestAFundsCheckOnTheCustomersPageGoesOverAllAccountsAndSaysByWhat(t *testing.T) {
	s, staff, id, accounts := withThreeAccounts(t)
	ask := func(form url.Values) site.Page { return staff.Post("/customers/"+id+"/funds-checks", form) }
	s.Said(accounts["0690000031"], -time.Second, 90000000, store.Minor(3000000))
	s.Said(accounts["0690000048"], -time.Second, 90000000, store.Minor(2000000))
	s.Said(accounts["0690000055"], -time.Second, 90000000, store.Amount{})

	for typed, field := range map[string]string{"": "amount", "50.000": "amount", "x": "day", "2020-01-01": "day"} {
		form := url.Values{"amount": {"1"}}
		form.Set(field, typed)
		p := ask(form)
		p.WantStatus(http.StatusUnprocessableEntity)
		if p.TextOf("#funds-"+field+"-error") == "" {
			t.Errorf("%s %q: the page has no error beside the field", field, typed)
		}
	}
	if n := len(fundsSums(s, id)); n != 0 {
		t.Fatalf("%d checks were written down of what cannot be read", n)
	}

	p := ask(url.Values{"amount": {"50,000"}})
	p.WantStatus(http.StatusOK)
	p.WantText("h1", "Can Jumoke Balogun cover ₦50,000.00?")
	p.WantText("#funds-answer.answer-good", "Yes")
	p.WantText("#funds-check > p", "Yes: ₦50,000.00 was available in 2 of 3 accounts, which covers ₦50,000.00.")
	p.WantText("#funds-check .parts", "the bank's newest answer gives no available balance")
	if got := p.Find("#funds-check .parts li").Length(); got != 3 {
		t.Errorf("%d accounts are named, want each of 3 once", got)
	}

	// What is missing could make it enough: it is no no, and one press asks the banks.
	p = ask(url.Values{"amount": {"50,000.01"}})
	p.WantText("#funds-answer", "Unknown")
	again, _ := p.Find("#funds-check form[action$=again]").Attr("action")
	p = staff.Post(again, nil)
	p.WantStatus(http.StatusOK)
	s.Eventually("the banks have answered", func() bool { return fundsSums(s, id)[0].Answer != "" })
	staff.Get(p.Path).WantText("#funds-check > p", "was available in 3 accounts, which covers ₦50,000.01.")

	p = staff.Post(p.Path+"/decision", url.Values{"decision": {"approved"}, "note": {"Paid in three parts."}})
	p.WantText("#decision .decided", "Approved")
	p.WantText("#decision .decided", "Paid in three parts.")
	staff.Post(p.Path+"/decision", url.Values{"note": {"x"}}).WantStatus(http.StatusUnprocessableEntity)
	page := staff.Get("/customers/" + id)
	page.WantText(".funds-newest", "Approved")
	staff.Get("/customers/"+id+"/funds-checks").WantText("main td[data-label=Answer]", "Yes")
}

func TestAFundsCheckForADayIsAnsweredByItselfThatMorningAndStandsOnToday(t *testing.T) {
	s, staff, id, _ := withThreeAccounts(t)
	zone := s.Settings.Location
	tomorrow := s.Clock().In(zone).AddDate(0, 0, 1)
	p := staff.Post("/customers/"+id+"/funds-checks", url.Values{"amount": {"50,000"}, "day": {tomorrow.Format(time.DateOnly)}})
	p.WantStatus(http.StatusOK)
	p.WantText("#funds-answer", "Waiting for its day")
	if got := staff.Get("/today").Find("#awaited").Length(); got != 0 {
		t.Error("it stands on today the day before")
	}

	morning := time.Date(tomorrow.Year(), tomorrow.Month(), tomorrow.Day(), 8, 0, 0, 0, zone)
	s.Advance(morning.Sub(s.Clock()))
	s.Eventually("it is answered", func() bool { return fundsSums(s, id)[0].Answer != "" })
	f := fundsSums(s, id)[0]
	if f.BegunAt.Before(morning) || f.AnsweredAt.Before(f.BegunAt) || f.Answer != store.FundsYes {
		t.Errorf("begun at %v, answered %s at %v; want yes from %v on", f.BegunAt, f.Answer, f.AnsweredAt, morning)
	}
	staff = s.SignedIn() // the old session has ended
	today := staff.Get("/today")
	today.WantText("#awaited", "was available in 3 accounts, which covers ₦50,000.00.")
	seen, _ := today.Find("#awaited form").Attr("action")
	if left := staff.Post(seen, url.Values{"today": {"1"}}); left.Path != "/today" || left.Find("#awaited").Length() != 0 {
		t.Errorf("once it is seen, %s still has it", left.Path)
	}
	staff.Get(p.Path).WantText("main", "Seen")
}

func TestAnAmountIsNeverAskedForInAnotherCurrencyThanThePageShowed(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina123") // one account in naira, one in dollars
	p := staff.Get("/customers/" + id)
	if got := p.Find("#funds-currency option").Length(); got != 2 {
		t.Fatalf("%d currencies can be chosen, want 2", got)
	}
	ask := func(currency string) site.Page {
		return staff.Post("/customers/"+id+"/funds-checks", url.Values{"amount": {"500"}, "currency": {currency}})
	}
	for _, currency := range []string{"", "EUR", "usd"} {
		p := ask(currency)
		p.WantStatus(http.StatusUnprocessableEntity)
		p.WantText("#funds-amount-error", "Look at the currency")
	}

	s.Exec(`UPDATE accounts SET status = 'unlinked' WHERE currency = 'USD'`)
	ask("USD").WantStatus(http.StatusUnprocessableEntity)
	if n := len(fundsSums(s, id)); n != 0 {
		t.Errorf("%d checks were written down in another currency", n)
	}
	if got := staff.Get("/customers/"+id).Find("#funds [name=currency], form [name=currency]").AttrOr("value", ""); got != "NGN" {
		t.Errorf("the form for one currency says that it is for %q", got)
	}
	ask("NGN").WantText("h1", "₦500.00")
}
