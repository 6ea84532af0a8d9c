package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"balancelink/store"
)

func TestHowOftenAndHowFastABankAnswersIsKnownBeforeItIsAsked(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina Bello")
	health := func() []store.BankHealth { t.Helper(); return must(d.BankHealth(t.Context())) }
	ask := func(took time.Duration, e store.Ending) {
		t.Helper()
		d.advance(time.Hour)
		r := d.start(wish(a.ID))
		d.advance(took)
		if e.State == "" {
			e.Balance = &store.Balance{AccountID: a.ID, Source: store.SourceRefresh, Currency: "NGN", Figure: 1, AsOf: d.clock()}
		}
		d.ok(d.EndRefresh(t.Context(), r, e))
	}
	for range 3 {
		ask(8*time.Second, store.Ending{})
	}
	ask(time.Minute, store.Ending{State: store.RefreshFailed})
	if got := health(); len(got) != 0 {
		t.Errorf("after four requests %+v is said", got)
	}
	ask(50*time.Second, store.Ending{})
	ask(time.Second, store.Ending{State: store.RefreshNeedsLogin}) // says nothing of the bank
	want := []store.BankHealth{{Provider: a.Provider, Bank: a.Bank.Name, Asked: 5, Answered: 4, Most: time.Minute}}
	if diff := cmp.Diff(want, health()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	card := must(d.CardByID(t.Context(), store.Whole(), a.ID))
	if diff := cmp.Diff(&want[0], card.Health); diff != "" {
		t.Errorf("beside the account (-want +got):\n%s", diff)
	}
	d.advance(8 * 24 * time.Hour)
	if got := health(); len(got) != 0 {
		t.Errorf("a week later %+v is said", got)
	}
	d.advance(30 * 24 * time.Hour)
	ask(time.Second, store.Ending{State: store.RefreshTimedOut})
	if n := d.Number(t, `SELECT COUNT(*) FROM bank_answers`); n != 1 {
		t.Errorf("%d rows are kept after a month, want the newest", n)
	}
}
