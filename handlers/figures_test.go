package handlers_test

import (
	"encoding/csv"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// saidVaguely saves a balance whose kind nobody states.
func saidVaguely(s *site.Site, a store.Account, minor int64, kind store.AsOfKind) {
	s.T.Helper()
	err := s.Store.SaveBalance(s.T.Context(), store.Balance{
		AccountID: a.ID, Source: store.SourceRefresh, Currency: a.Currency, Figure: minor, Basis: store.BasisUnspecified, AsOfKind: kind,
	})
	if err != nil {
		s.T.Fatal(err)
	}
}

func TestABalanceOfNoStatedKindIsCalledNothingElseOnAnyPage(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	s.Advance(time.Minute)
	saidVaguely(s, a, 5000000, store.AsOfAsked)
	card := "#account-" + a.ID
	for path, b := range map[string]*site.Browser{"/accounts/" + a.ID: staff, "/me/accounts/" + a.ID: customer} {
		p := b.Get(path)
		figures := p.Find(card + " .figures")
		if got := figures.Text(); strings.Contains(got, "Ledger") || !strings.Contains(got, "Balance") || !strings.Contains(got, "Not given by the bank") {
			t.Errorf("%s: the figures are %q", path, got)
		}
		p.WantText(card, "We are not told whether this is the ledger or the available balance.")
		p.WantText(card+" .dates", ": as of the answer")
		p.WantText("#history tbody tr:first-child td[data-label=Balance]", "kind not stated")
		p.WantText("#history tbody tr:last-child td[data-label=Ledger]", "ledger")
		if p.Find("#history tbody tr:first-child td[data-label=Balance] .change").Length() != 0 {
			t.Errorf("%s: the step from one kind to the other is a change", path)
		}
	}
	s.Connects(staff, id, "Amina123") // of one account there is no sum
	staff.Get("/customers/"+id).WantText("#sum-card", "balance, kind not stated")
	canCover(staff, a, "50,000").WantText("#funds-check strong", "Perhaps: the balance was ₦50,000.00, which covers ₦50,000.00, but we are not told whether it can be drawn.")
	canCover(staff, a, "50000.01").WantText("#funds-check strong", "We can't say: the balance was ₦50,000.00, which is less than ₦50,000.01")
	staff.Post("/accounts/"+a.ID+"/threshold", map[string][]string{"threshold": {"60,000"}}).
		WantText(card, "Below the threshold: the balance is less than ₦60,000.00. We are not told whether it can be drawn.")
	s.Advance(s.Settings.FreshFor + time.Second)
	staff = s.SignedIn()
	canCover(staff, a, "50,000").WantText("#funds-check strong", "We can't say: the newest balance, ₦50,000.00, was older than")
}

func TestASavedCopyIsNeverFreshOnAnyPage(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	s.Advance(time.Minute)
	saidVaguely(s, a, 4200, store.AsOfUnknown)
	card := "#account-" + a.ID
	for path, b := range map[string]*site.Browser{"/accounts/" + a.ID: staff, "/me/accounts/" + a.ID: customer} {
		p := b.Get(path)
		p.WantText(card+" .badge", "Age not known")
		p.WantText(card+" .dates", "saved copy; not later than")
		p.WantText("#history tbody tr:first-child th", "a saved copy, of when it was received or before")
		if p.Find(card+" .badge[data-as-of]").Length() != 0 || p.Find(".lines .tail").Length() == 0 {
			t.Errorf("%s: it ages, or is drawn, as if its time were known", path)
		}
	}
	s.Connects(staff, id, "Amina123") // of one account there is no sum
	staff.Get("/customers/"+id).WantText("#sum-card .badge", "Age not known")
	staff.Get("/customers?filter=stale").WantText("table", "Amina Bello")
	staff.Get("/customers").WantText("tbody tr", "Age not known")
	canCover(staff, a, "1").WantText("#funds-check strong", "We can't say: all we have is a saved copy of the balance, and nobody knows of when it is.")
}

func TestTheFileOfAHistoryNamesTheBasisAndTheKindOfTimeOfEachRow(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	s.Advance(time.Minute)
	saidVaguely(s, a, 100, store.AsOfAsked)
	s.Advance(time.Minute)
	saidVaguely(s, a, 200, store.AsOfUnknown)
	p := staff.Get("/accounts/" + a.ID + "/history.csv?range=30d")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.Text(), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	of := func(row int, column string) string { return rows[row][slices.Index(rows[0], column)] }
	for row, want := range map[int][]string{
		1: {"", "", "2.00", "unspecified", "unknown"}, 2: {"some", "", "1.00", "unspecified", "asked"}, 3: {"some", "some", "some", "ledger", "stated"},
	} {
		for i, column := range []string{"As of", "Ledger", "Balance", "Basis", "As of kind"} {
			got := of(row, column)
			if fits := got == want[i] || want[i] == "some" && got != ""; !fits {
				t.Errorf("row %d: %s is %q, want %q", row, column, got, want[i])
			}
		}
	}
}

func TestADifferenceThatNoAmountHoldsIsNotSaid(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	s.Advance(time.Minute)
	s.Said(a, 0, math.MaxInt64, store.Minor(-1))
	p := staff.Get("/accounts/" + a.ID)
	p.WantText("#account-"+a.ID+" .figures", "₦92,233,720,368,547,758.07")
	for _, wrong := range []string{"758.08", "held or pending", "more is available"} {
		if text := p.TextOf("#account-" + a.ID); strings.Contains(text, wrong) {
			t.Errorf("the card says %q: %s", wrong, text)
		}
	}
}

// The clock was a month ahead when the account was linked, and is right now.
func TestABalanceOfATimeThatHasNotComeIsNeverFreshOnAnyPage(t *testing.T) {
	s := site.New(t)
	const month = 30 * 24 * time.Hour
	s.Advance(month)
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	s.Eventually("the link's webhooks are applied", func() bool {
		all := s.Events()
		return len(all) == 3 && !slices.ContainsFunc(all, func(e store.Event) bool { return e.Result != store.EventApplied })
	})
	s.Advance(-month)
	staff := s.SignedIn()
	card := "#account-" + a.ID
	p := staff.Get("/accounts/" + a.ID)
	p.WantText(card+" .badge", "Age not known")
	p.WantText(card+" .dates", "still to come")
	if p.Find(card+" .badge[data-as-of]").Length() != 0 || p.Find(".account-muted").Length() == 0 {
		t.Error("it ages as if its time were known")
	}
	staff.Get("/customers").WantText("tbody tr", "Age not known")
	staff.Get("/customers?filter=stale").WantText("table", "Amina Bello")
	canCover(staff, a, "1").WantText("#funds-check strong", "We can't say")
}
