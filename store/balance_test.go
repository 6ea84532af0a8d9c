package store_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"balancelink/store"
)

// latest is what an account says of its balance.
func latest(a store.Account) store.Account {
	return store.Account{
		Figure: a.Figure, AsOf: a.AsOf, Basis: a.Basis, AsOfKind: a.AsOfKind, Source: a.Source,
		Available: a.Available, AvailableAsOf: a.AvailableAsOf, AvailableWorkedOut: a.AvailableWorkedOut,
	}
}

func TestTheNewestBalanceWinsWhateverTheOrderOfArrival(t *testing.T) {
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	told := []store.Balance{
		said("", at(-30), 100, store.Minor(90)),
		said("", at(-20), 200, store.Amount{}),
		said("", at(-10), 300, store.Minor(250)),
		said("", at(-5), 400, store.Amount{}),
		said("", at(-5), 401, store.Amount{}), // two at the same moment
		said("", at(-5), 401, store.Amount{}), // and one twice
		said("", at(-10), 300, store.Minor(260)),
	}
	d := newDB(t)
	var want store.Account
	for i := range 8 {
		a := d.linked(string(rune('a' + i)))
		for _, n := range rand.Perm(len(told)) {
			o := told[n]
			o.AccountID = a.ID
			d.save(o)
		}
		got := latest(d.account(a.ID))
		if i == 0 {
			want = got
			if got.AsOf != at(-5) || got.AvailableAsOf != at(-10) {
				t.Fatalf("as of %v, available as of %v; want %v, %v", got.AsOf, got.AvailableAsOf, at(-5), at(-10))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("order %d gives another balance (-first +this):\n%s", i, diff)
		}
		if n := len(d.history(a.ID)); n != 6 {
			t.Errorf("%d observations, want 6: a repeat is no news", n)
		}
	}
}

func TestAnOlderBalanceStaysInTheHistoryOnly(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.save(said(a.ID, noon.Add(-time.Minute), 500, store.Minor(400)))
	d.save(said(a.ID, noon.Add(-time.Hour), 999, store.Minor(999)))
	if got := d.account(a.ID); got.Figure != store.Minor(500) || got.Available != store.Minor(400) {
		t.Errorf("latest = %v/%v, want the newer 500/400", got.Figure, got.Available)
	}
	if n := len(d.history(a.ID)); n != 2 {
		t.Errorf("%d observations in the history, want both", n)
	}
}

func TestAnUnknownAvailableNeverWipesOutAKnownOne(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.save(said(a.ID, noon.Add(-time.Hour), 500, store.Minor(400)))
	d.save(said(a.ID, noon, 600, store.Amount{}))
	got := d.account(a.ID)
	if got.Figure != store.Minor(600) || got.Available != store.Minor(400) || got.AvailableAsOf != noon.Add(-time.Hour) {
		t.Errorf("got ledger %v, available %v as of %v; want 600, and 400 of an hour ago", got.Figure, got.Available, got.AvailableAsOf)
	}
}

func TestAnAvailableThatIsZeroIsKnown(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	if got := d.account(a.ID); got.Available.Known || got.Figure.Known {
		t.Fatalf("before the first balance: %+v", latest(got))
	}
	d.save(said(a.ID, noon, 0, store.Minor(0)))
	if got := d.account(a.ID); got.Figure != store.Minor(0) || got.Available != store.Minor(0) {
		t.Errorf("got %+v, want a known zero", latest(got))
	}
}

func TestABalanceIsDatedWhenReceivedUnlessItsOwnTimeCanBe(t *testing.T) {
	d := newDB(t)
	for name, row := range map[string]struct {
		asOf, want time.Time
		stated     bool
	}{
		"its own time":             {noon.Add(-time.Hour), noon.Add(-time.Hour), true},
		"a clock slightly ahead":   {noon.Add(5 * time.Minute), noon.Add(5 * time.Minute), true},
		"from the future":          {noon.Add(5*time.Minute + time.Millisecond), noon, false},
		"from the far future":      {noon.AddDate(10, 0, 0), noon, false},
		"no time":                  {time.Time{}, noon, false},
		"finer than a millisecond": {noon.Add(-time.Hour + 999*time.Nanosecond), noon.Add(-time.Hour), true},
	} {
		t.Run(name, func(t *testing.T) {
			a := d.linked(name)
			d.save(said(a.ID, row.asOf, 1, store.Amount{}))
			if got := d.account(a.ID); !got.AsOf.Equal(row.want) || (got.AsOfKind == store.AsOfStated) != row.stated {
				t.Errorf("as of %v, stated %v; want %v, %v", got.AsOf, got.AsOfKind, row.want, row.stated)
			}
		})
	}
}

func TestABalanceKeepsAllThatTheProviderSaid(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	o := said(a.ID, noon.Add(-time.Minute), math.MaxInt64, store.Minor(math.MinInt64))
	o.AvailableWorkedOut = true
	o.Provided = store.ProvidedBalance{
		ID: "b", Account: "a", Connected: `["o"]`, Customer: "c", Record: "r", Owner: "o", Env: "production-sandbox",
		CreatedAt: noon.AddDate(-1, 0, 0), LastUpdated: noon.Add(-time.Minute),
	}
	d.save(o)
	got := d.history(a.ID)[0]
	o.ID, o.Provider, o.AsOfKind, o.ReceivedAt = got.ID, "okra", store.AsOfStated, noon
	if diff := cmp.Diff(o, got); diff != "" {
		t.Error(diff)
	}
}

func TestABalanceInAnotherCurrencyIsRefusedAndNothingIsSaved(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	o := said(a.ID, noon, 1, store.Amount{})
	o.Currency = "USD"
	if err := d.SaveBalance(t.Context(), o); !errors.Is(err, store.ErrCurrencyChanged) {
		t.Errorf("err = %v, want ErrCurrencyChanged", err)
	}
	if got := d.account(a.ID); got.Figure.Known || len(d.history(a.ID)) != 0 {
		t.Errorf("something was saved: %+v", latest(got))
	}
}

func TestTotals(t *testing.T) {
	acc := func(currency string, available store.Amount) store.Account {
		return store.Account{CustomerID: "c", Currency: currency, Status: store.AccountLinked, Available: available, AsOf: noon, AvailableAsOf: noon}
	}
	unlinked, old := acc("NGN", store.Minor(7)), acc("NGN", store.Minor(7))
	unlinked.Status = store.AccountUnlinked
	old.AvailableAsOf = noon.Add(-time.Second)
	total := func(currency string, available store.Amount, unknown int) store.Total {
		return store.Total{CustomerID: "c", Currency: currency, Available: available, Unknown: unknown}
	}
	for name, row := range map[string]struct {
		accounts []store.Account
		want     []store.Total
	}{
		"nothing":                         {nil, nil},
		"never across currencies":         {[]store.Account{acc("NGN", store.Minor(1)), acc("USD", store.Minor(2)), acc("NGN", store.Minor(3))}, []store.Total{total("NGN", store.Minor(4), 0), total("USD", store.Minor(2), 0)}},
		"debts count":                     {[]store.Account{acc("NGN", store.Minor(5)), acc("NGN", store.Minor(-8))}, []store.Total{total("NGN", store.Minor(-3), 0)}},
		"unknown is not zero":             {[]store.Account{acc("NGN", store.Amount{})}, []store.Total{total("NGN", store.Amount{}, 1)}},
		"older than the ledger is no sum": {[]store.Account{old, acc("NGN", store.Minor(1))}, []store.Total{total("NGN", store.Minor(1), 1)}},
		"unlinked ones are left out":      {[]store.Account{unlinked}, nil},
		"known zero":                      {[]store.Account{acc("NGN", store.Minor(0))}, []store.Total{total("NGN", store.Minor(0), 0)}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(row.want, store.Totals(row.accounts)); diff != "" {
				t.Error(diff)
			}
		})
	}
	for name, pair := range map[string][2]int64{"above": {math.MaxInt64, 1}, "below": {math.MinInt64, -1}} {
		t.Run("overflow "+name+" is unknown, not wrong", func(t *testing.T) {
			got := store.Totals([]store.Account{acc("NGN", store.Minor(pair[0])), acc("NGN", store.Minor(pair[1]))})
			if len(got) != 1 || got[0].Unknown == 0 || got[0].Available.Known && got[0].Available.Minor != pair[0] {
				t.Errorf("got %+v", got)
			}
		})
	}
}
