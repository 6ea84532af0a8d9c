package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"balancelink/store"
)

// copied is a saved copy of no known time, whose basis nobody states.
func copied(accountID string, figure int64) store.Balance {
	return store.Balance{
		AccountID: accountID, Source: store.SourceSchedule, Currency: "NGN", Figure: figure, Basis: store.BasisUnspecified,
		AsOfKind: store.AsOfUnknown,
	}
}

// answered is the answer of a bank that was asked just now.
func answered(accountID string, figure int64) store.Balance {
	return store.Balance{
		AccountID: accountID, Source: store.SourceRefresh, Currency: "NGN", Figure: figure, Basis: store.BasisUnspecified,
		AsOfKind: store.AsOfAsked,
	}
}

// sound fails when the rows contradict each other.
func (d *db) sound() {
	d.t.Helper()
	if found := must(d.Contradictions(d.t.Context())); len(found) > 0 {
		d.t.Fatalf("%+v", found)
	}
}

func TestASavedCopyOfAnotherAmountIsShownAndLeavesTheAccountAsOldAsItWas(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.save(answered(a.ID, 100))
	before := d.account(a.ID)
	if before.AsOf != d.clock() || before.AsOfKind != store.AsOfAsked || before.Basis != store.BasisUnspecified {
		t.Fatalf("asked: %+v", latest(before))
	}
	d.advance(time.Hour)
	d.save(copied(a.ID, 90))
	got := d.account(a.ID)
	if got.Figure != store.Minor(90) || got.Dated() || !got.AsOf.Equal(before.AsOf) || !got.CheckedAt.Equal(before.CheckedAt) || !got.ReceivedAt.Equal(d.clock()) {
		t.Errorf("%v as of %v (%s), checked %v, received %v", got.Figure, got.AsOf, got.AsOfKind, got.CheckedAt, got.ReceivedAt)
	}
	d.sound()
	d.advance(time.Hour)
	d.save(copied(a.ID, 80))
	d.advance(time.Hour)
	d.save(copied(a.ID, 90))
	if got := d.account(a.ID); got.Figure != store.Minor(90) || !got.AsOf.Equal(before.AsOf) || len(d.history(a.ID)) != 4 {
		t.Errorf("%v as of %v, %d balances", got.Figure, got.AsOf, len(d.history(a.ID)))
	}
	d.sound()
}

func TestASavedCopyThatSaysTheSameChangesNothing(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.save(said(a.ID, noon.Add(-time.Hour), 100, store.Minor(90)))
	before := d.account(a.ID)
	for _, o := range []store.Balance{copied(a.ID, 100), {
		AccountID: a.ID, Source: store.SourceSchedule, Currency: "NGN", Figure: 100, Available: store.Minor(90), AsOfKind: store.AsOfUnknown,
	}} {
		d.advance(time.Hour)
		d.save(o)
		if got := d.account(a.ID); got != before || len(d.history(a.ID)) != 1 {
			t.Errorf("it became %+v, of %d balances", latest(got), len(d.history(a.ID)))
		}
	}
}

func TestAFirstSavedCopyIsShownAndAnythingWithATimeIsNewer(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.save(copied(a.ID, 100))
	got := d.account(a.ID)
	if got.Figure != store.Minor(100) || got.Dated() || !got.CheckedAt.IsZero() {
		t.Errorf("%v (%s), checked %v", got.Figure, got.AsOfKind, got.CheckedAt)
	}
	d.sound()
	d.save(said(a.ID, noon.Add(-24*time.Hour), 70, store.Amount{}))
	if got := d.account(a.ID); got.Figure != store.Minor(70) || got.AsOf != noon.Add(-24*time.Hour) || got.Basis != store.BasisLedger {
		t.Errorf("%v %s as of %v", got.Figure, got.Basis, got.AsOf)
	}
	d.sound()
}

func TestASavedCopyEndsNoRefreshAndDoesNotMakeOneAnAnswer(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	r := d.start(wish(a.ID))
	must(d.MarkAsked(t.Context(), r.ID))
	d.save(copied(a.ID, 100))
	if got := must(d.RefreshByID(t.Context(), r.ID)); !got.Open() {
		t.Fatalf("it ended the refresh: %s", got.State)
	}
	o := copied(a.ID, 90)
	d.ok(d.EndRefresh(t.Context(), r, store.Ending{State: store.RefreshFailed, Balance: &o, Fault: "fetch_failed"}))
	if got := must(d.RefreshByID(t.Context(), r.ID)); got.State != store.RefreshFailed {
		t.Errorf("refresh = %s", got.State)
	}
	if got := d.account(a.ID); got.Figure != store.Minor(90) || !got.CheckedAt.IsZero() {
		t.Errorf("%v, checked %v", got.Figure, got.CheckedAt)
	}
}

// Whatever comes in whatever order: what an account shows has the basis and the kind
// that it came with, and neither a saved copy nor a request that failed makes it any
// younger.
func TestNoSavedCopyAndNoFailureLowersAnAgeAndNoBasisIsMadeUp(t *testing.T) {
	d := newDB(t)
	bases := []store.Basis{store.BasisLedger, store.BasisCurrent, store.BasisUnspecified}
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 7))
		a := d.linked(fmt.Sprint("Amina ", seed))
		came := map[string]bool{}
		for range 12 {
			d.advance(time.Duration(1+random.IntN(100)) * time.Minute)
			before := d.account(a.ID)
			o := store.Balance{
				AccountID: a.ID, Source: store.SourceRefresh, Currency: "NGN", Figure: int64(random.IntN(4)), Basis: bases[random.IntN(3)],
			}
			ages := false // may lower the age
			switch random.IntN(4) {
			case 0:
				o.AsOfKind, ages = store.AsOfAsked, true
			case 1:
				o.AsOf, o.AsOfKind, ages = d.clock().Add(-time.Duration(random.IntN(300))*time.Minute), store.AsOfStated, true
			case 2:
				o.AsOfKind = store.AsOfUnknown
			case 3:
				d.ok(d.EndRefresh(t.Context(), d.start(wish(a.ID)), store.Ending{State: store.RefreshFailed, Fault: "fetch_failed"}))
			}
			if o.AsOfKind != "" {
				came[fmt.Sprint(o.Figure, o.Basis, o.AsOfKind)] = true
				d.save(o)
			}
			got := d.account(a.ID)
			if !ages && got.AsOfKind != before.AsOfKind && got.Dated() || !ages && before.Figure.Known && got.AsOf.After(before.AsOf) || !ages && !got.CheckedAt.Equal(before.CheckedAt) {
				t.Fatalf("seed %d: %+v made of %+v %+v", seed, o, latest(before), latest(got))
			}
			if got.Figure.Known && !came[fmt.Sprint(got.Figure.Minor, got.Basis, got.AsOfKind)] {
				t.Fatalf("seed %d: shown is %d %s %s, which never came", seed, got.Figure.Minor, got.Basis, got.AsOfKind)
			}
			d.sound()
		}
	}
}

func TestABalanceOfNoStatedKindNeverSaysYesOrNo(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		said   []store.Balance
		ago    time.Duration
		answer store.FundsAnswer
		reason string
	}{
		"it covers it":       {[]store.Balance{answered("", 5000)}, 0, store.FundsPerhaps, ""},
		"it does not":        {[]store.Balance{answered("", 4999)}, 0, store.FundsUnknown, "less"},
		"too old":            {[]store.Balance{answered("", 9000)}, 61 * time.Minute, store.FundsTooOld, ""},
		"a saved copy":       {[]store.Balance{answered("", 9000), copied("", 8000)}, 0, store.FundsUnknown, "copy"},
		"a saved copy alone": {[]store.Balance{copied("", 8000)}, 0, store.FundsUnknown, "copy"},
		"what is available is stated too": {[]store.Balance{{
			Source: store.SourceRefresh, Currency: "NGN", Figure: 1, Available: store.Minor(5000), Basis: store.BasisUnspecified,
		}}, 0, store.FundsYes, ""},
		"a current balance": {[]store.Balance{{
			Source: store.SourceRefresh, Currency: "NGN", Figure: 9000, Basis: store.BasisCurrent,
		}}, 0, store.FundsUnknown, "never"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDB(t)
			a := d.linked("Amina")
			for _, o := range row.said {
				o.AccountID = a.ID
				d.save(o)
			}
			d.advance(row.ago)
			got := d.asked(a, "")
			vague := got.Answer == store.FundsPerhaps || got.Answer == store.FundsTooOld || got.Reason == "less"
			if got.Answer != row.answer || got.Reason != row.reason || vague != (got.Basis == store.BasisUnspecified) || vague != got.Figure.Known {
				t.Errorf("answer %s (%s) by %v %s", got.Answer, got.Reason, got.Figure, got.Basis)
			}
		})
	}
}

func TestAThresholdIsComparedWithABalanceOfNoStatedKind(t *testing.T) {
	d := newDB(t)
	for name, row := range map[string]struct {
		said  store.Balance
		want  store.Standing
		basis store.Basis
	}{
		"less":         {answered("", 4999), store.StandsBelow, store.BasisUnspecified},
		"more":         {answered("", 5000), store.StandsAbove, store.BasisUnspecified},
		"a saved copy": {copied("", 1), store.StandsUnknown, ""},
	} {
		a := d.linked(name)
		d.threshold(a, 5000)
		row.said.AccountID = a.ID
		d.save(row.said)
		kept := d.kept(a)
		got, basis := kept.Of(d.account(a.ID), noon.Add(-time.Hour), noon)
		if got != row.want || basis != row.basis || kept.Below != (row.want == store.StandsBelow) {
			t.Errorf("%s: %s by %q, crossed: %v", name, got, basis, kept.Below)
		}
	}
}

func TestABalanceOfNoStatedKindIsInNoAvailableTotal(t *testing.T) {
	t.Parallel()
	vague := store.Account{Currency: "NGN", Figure: store.Minor(7), Basis: store.BasisUnspecified}
	known := vague
	known.Available = store.Minor(5)
	ledger := store.Account{Currency: "NGN", Figure: store.Minor(100), Basis: store.BasisLedger}
	got := store.Totals([]store.Account{vague, known, ledger, vague})
	want := store.Total{Currency: "NGN", Available: store.Minor(5), Unknown: 1, Unspecified: store.Minor(14), UnspecifiedCounted: 2}
	if len(got) != 1 || got[0] != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestASavedCopyStandsInTheHistoryWhereItWasReceived(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.save(answered(a.ID, 100))
	first := d.clock()
	d.advance(10 * 24 * time.Hour)
	d.save(copied(a.ID, 90))
	copiedAt := d.clock()
	d.advance(10 * 24 * time.Hour)
	d.save(answered(a.ID, 80))
	for _, row := range []struct {
		from time.Time
		want []int64
		rows int
	}{
		{first.Add(-time.Hour), []int64{100, 90, 80}, 3},
		{copiedAt.Add(-time.Hour), []int64{100, 90, 80}, 2},
		{copiedAt.Add(time.Hour), []int64{90, 80}, 1},
		{d.clock().Add(time.Hour), []int64{80}, 0},
		{time.Time{}, []int64{100, 90, 80}, 3},
	} {
		points := must(d.PointsByAccount(t.Context(), store.Whole(), a.ID, row.from))
		var got []int64
		for _, p := range points {
			got = append(got, p.Figure)
			if p.Copy != (p.Figure == 90) || p.Copy && !p.At.Equal(copiedAt) || p.Basis != store.BasisUnspecified {
				t.Errorf("%+v", p)
			}
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("from %v: %v, want %v", row.from, got, row.want)
		}
		page := must(d.History(t.Context(), store.HistoryQuery{Scope: store.Whole(), AccountID: a.ID, From: row.from, Limit: 10}))
		if len(page.Rows) != row.rows {
			t.Errorf("from %v: %d rows, want %d", row.from, len(page.Rows), row.rows)
		}
	}
	card := must(d.CardByID(t.Context(), store.Whole(), a.ID))
	if len(card.Recent) != 3 || !card.Recent[1].Copy || !card.Recent[1].At.Equal(copiedAt) {
		t.Errorf("the card draws %+v", card.Recent)
	}
}

func TestBalancesOfAnEarlierVersionAreLedgersAndKeepHowTheirTimeIsKnown(t *testing.T) {
	d := newDB(t)
	stated, asked, none := d.linked("Amina"), d.linked("Bola"), d.linked("Chidi")
	d.save(said(stated.ID, noon.Add(-time.Hour), 100, store.Minor(90)))
	d.save(said(asked.ID, time.Time{}, 100, store.Amount{}))
	before := []store.Account{d.account(stated.ID), d.account(asked.ID), d.account(none.ID)}
	d.MigrateTo(t, 25)
	d.reopen()
	for i, a := range before {
		a.Bank.Key = "ng:058" // which is told by the slug when that is added
		if got := d.account(a.ID); got != a {
			t.Errorf("%d became %+v, was %+v", i, latest(got), latest(a))
		}
	}
	d.sound()
	d.save(said(stated.ID, noon.Add(-time.Hour), 100, store.Minor(90)))
	if rows := d.history(stated.ID); len(rows) != 1 || rows[0].Basis != store.BasisLedger || rows[0].Provider != "okra" {
		t.Errorf("the same news heard again: %+v", rows)
	}
}

// What was received while the clock was ahead is of a time that has not come once the clock
// is right: nothing calls it fresh, until a bank is asked again.
func TestABalanceOfATimeThatHasNotComePassesForNoFreshOne(t *testing.T) {
	for _, kind := range []store.AsOfKind{store.AsOfStated, store.AsOfAsked} {
		for name, basis := range map[string]store.Basis{"available": store.BasisLedger, "vague": store.BasisUnspecified} {
			t.Run(string(kind)+" "+name, func(t *testing.T) {
				d := newDB(t)
				a := d.linked("Amina")
				d.threshold(a, 9000)
				d.advance(40 * 24 * time.Hour)
				o := store.Balance{
					AccountID: a.ID, Source: store.SourceRefresh, Currency: "NGN", Figure: 8000, Basis: basis, AsOfKind: kind, AsOf: d.clock(),
				}
				if basis == store.BasisLedger {
					o.Available = store.Minor(8000)
				}
				d.save(o)
				d.advance(-39 * 24 * time.Hour)
				if got := d.asked(a, ""); got.Answer != store.FundsTooOld {
					t.Errorf("a funds check says %s", got.Answer)
				}
				if got := d.askedTogether(a.CustomerID, time.Time{}, nil); got.Answer != store.FundsTooOld {
					t.Errorf("a funds check over all accounts says %s", got.Answer)
				}
				stale := d.clock().Add(-24 * time.Hour)
				if got, _ := d.kept(a).Of(d.account(a.ID), stale, d.clock()); got != store.StandsUnknown {
					t.Errorf("the account stands %s its threshold", got)
				}
				for filter, want := range map[store.Filter]int{store.StaleBalance: 1, store.ThresholdUnknown: 1, store.BelowThreshold: 0} {
					page := must(d.Customers(t.Context(), store.CustomerQuery{Filter: filter, StaleBefore: stale, Limit: 9}))
					if n := must(d.CountCustomers(t.Context(), filter, stale)); n != want || len(page) != want {
						t.Errorf("%s: %d, of whom %d are listed, want %d", filter, n, len(page), want)
					}
				}
				at := store.CountsAt{FreshSince: stale, StaleBefore: stale, EventsSince: noon}
				if got := must(d.Counts(t.Context(), at)); got.NotFresh != 1 {
					t.Errorf("%d are not fresh, want 1", got.NotFresh)
				}
				d.ok(d.MarkViewed(t.Context(), a.CustomerID))
				if due := must(d.AccountsToRefresh(t.Context(), "okra", stale, stale, 9)); len(due) != 1 {
					t.Errorf("%d are refreshed by themselves, want 1", len(due))
				}
				d.advance(time.Minute)
				d.save(store.Balance{
					AccountID: a.ID, Source: store.SourceRefresh, Currency: "NGN", Figure: 4000, Basis: store.BasisLedger, Available: store.Minor(4000),
				})
				if got := d.asked(a, ""); got.Answer != store.FundsNo {
					t.Errorf("after the bank was asked again a funds check says %s", got.Answer)
				}
			})
		}
	}
}

func TestABankThatWantsASignInIsHeardThoughTheBalanceShownIsOfATimeThatHasNotCome(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.advance(40 * 24 * time.Hour)
	d.save(answered(a.ID, 100))
	d.advance(-39 * 24 * time.Hour)
	must(d.ReceiveEvent(about(a, "k"), does(store.Outcome{Result: store.EventApplied, CustomerID: a.CustomerID, NeedsLogin: true})))
	if got := d.account(a.ID); got.Status != store.AccountNeedsLogin {
		t.Errorf("the account is %s", got.Status)
	}
}
