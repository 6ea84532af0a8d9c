package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/okra/okrasim"
	"balancelink/store"
)

// canCover asks whether an account can cover an amount, as staff do.
func canCover(b *site.Browser, a store.Account, amount string, more ...string) site.Page {
	b.T.Helper()
	form := url.Values{"amount": {amount}}
	for _, name := range more {
		form.Set(name, "1")
	}
	return b.Post("/accounts/"+a.ID+"/funds-checks", form)
}

// fundsChecks counts what is kept of the checks.
func fundsChecks(s *site.Site, accountID string) []store.LoggedFundsCheck {
	s.T.Helper()
	all, err := s.Store.FundsChecksByAccount(s.T.Context(), accountID, "", 100)
	if err != nil {
		s.T.Fatal(err)
	}
	return all
}

func TestAFundsCheckSaysYesNoUnknownOrTooOld(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	s.Said(a, -time.Second, 90000000, store.Minor(5000000)) // the ledger would cover it all

	for amount, want := range map[string]string{
		"50,000":   "Yes: ₦50,000.00 was available, which covers ₦50,000.00.",
		"50000.01": "No: ₦50,000.00 was available, which is less than ₦50,000.01.",
	} {
		p := canCover(staff, a, amount)
		p.WantStatus(http.StatusOK)
		p.WantText("#funds-check strong", want)
		p.WantText("main", "Zenith Bank ••••1442")
	}
	s.Advance(s.Settings.FreshFor + 2*time.Second)
	staff = s.SignedIn() // the old session has ended
	canCover(staff, a, "1").WantText("#funds-check strong", "We can't say: the newest balance, ₦50,000.00 available, was older than")
	s.Said(a, 0, 90000000, store.Amount{})
	canCover(staff, a, "1").WantText("#funds-check strong", "We can't say: the bank's newest answer gives no available balance.")
}

func TestAnAmountThatCannotBeReadIsRefusedWithASentenceAndKept(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	for _, typed := range []string{"", "0", "-5", "fifty", "50.000", "1e9", "99999999999999999999"} {
		p := canCover(staff, a, typed)
		p.WantStatus(http.StatusUnprocessableEntity)
		if got, _ := p.Find("#funds-amount").Attr("value"); got != typed || p.TextOf("#funds-amount-error") == "" {
			t.Errorf("%q: the field holds %q and the error says %q", typed, got, p.TextOf("#funds-amount-error"))
		}
	}
	if n := len(fundsChecks(s, a.ID)); n != 0 {
		t.Errorf("%d checks were written down", n)
	}
}

func TestAFundsCheckThatAsksTheBankFirstEndsInAnAnswer(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		scenario okrasim.Scenario
		want     string
	}{
		"the bank answers":     {okrasim.Normal, "Yes"},
		"the bank cannot tell": {okrasim.Failed, "No"},
	} {
		t.Run(name, func(t *testing.T) {
			s := site.New(t)
			staff := s.SignedIn()
			id, _ := s.Link(staff, "Amina Bello", "Amina456")
			a := s.Accounts(id)["2230011442"]
			s.Sim.SetScenario(a.ProviderID, row.scenario)
			if err := s.Sim.SetBalance(a.ProviderID, "9000000", "9000000"); err != nil {
				t.Fatal(err)
			}
			p := canCover(staff, a, "5,000,000", "refresh")
			p.WantStatus(http.StatusOK)
			check := fundsChecks(s, a.ID)[0]
			s.Eventually("the check is answered", func() bool { return fundsChecks(s, a.ID)[0].Answer != "" })
			staff.Get(p.Path).WantText("#funds-answer", row.want)
			fragment := staff.HTMX("GET", p.Path)
			if _, polls := fragment.Find("#funds-check").Attr("hx-trigger"); polls || !strings.HasPrefix(fragment.TextOf("#announce"), row.want+":") {
				t.Errorf("the page goes on asking, or announces %q", fragment.TextOf("#announce"))
			}
			if r, err := s.Store.RefreshByID(t.Context(), check.RefreshID); err != nil || r.Open() {
				t.Errorf("answered while the refresh is %+v, %v", r, err)
			}
			// Within the cool-down the last answer is as new as can be had.
			canCover(staff, a, "1", "refresh").WantText("#funds-answer", "Yes")
			if all := fundsChecks(s, a.ID); all[0].RefreshID != check.RefreshID {
				t.Error("the second check asked the bank once more")
			}
		})
	}
}

func TestAFundsCheckIsKeptWithWhoAskedAndListed(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	s.Said(a, -time.Second, 90000000, store.Minor(5000000))
	p := canCover(staff, a, "50,000")
	for _, path := range []string{"/accounts/" + a.ID, "/accounts/" + a.ID + "/funds-checks", "/customers/" + id + "/funds-checks"} {
		list := staff.Get(path)
		list.WantText("main td[data-label=Answer]", "Yes")
		list.WantText("main td[data-label=By]", site.StaffEmail)
		if link, _ := list.Find("main td[data-label=Reference] a").Attr("href"); link != p.Path {
			t.Errorf("%s leads to %q, want %q", path, link, p.Path)
		}
	}
	s.Said(a, -2*time.Second, 1, store.Minor(1))
	staff.Get(p.Path).WantText("#funds-check strong", "Yes: ₦50,000.00 was available")
	if n := len(fundsChecks(s, a.ID)); n != 1 {
		t.Errorf("%d checks are kept, want 1", n)
	}
	if got := customer.Get("/me/accounts/" + a.ID).Find("#funds").Length(); got != 0 {
		t.Error("the customer is offered a funds check")
	}
	if p := customer.Get(p.Path); p.Path != "/login" {
		t.Errorf("the customer gets to %s, want the sign-in", p.Path)
	}
}

func TestAnUnlinkedAccountCoversNothing(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	staff.Post("/accounts/"+a.ID+"/unlink", nil).WantStatus(http.StatusOK)
	canCover(staff, a, "1").WantStatus(http.StatusConflict)
	if got := staff.Get("/accounts/" + a.ID).Find("#funds form").Length(); got != 0 {
		t.Error("the page offers to ask")
	}
}
