package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"balancelink/store"
)

func (d *db) threshold(a store.Account, amount int64) {
	d.t.Helper()
	d.ok(d.SetThreshold(d.t.Context(), "s", a.ID, amount))
}

// kept is an account's threshold; nil: it has none.
func (d *db) kept(a store.Account) *store.Threshold {
	d.t.Helper()
	return must(d.CardByID(d.t.Context(), store.Whole(), a.ID)).Threshold
}

// noted are the acts about an account that speak of its threshold, oldest first.
func (d *db) noted(a store.Account) (acts []store.Action) {
	d.t.Helper()
	for _, action := range d.Texts(d.t, `SELECT action FROM audit WHERE subject = $1 ORDER BY seq`, a.ID) {
		known := []store.Action{store.ActThresholdSet, store.ActThresholdCleared, store.ActFellBelow, store.ActRoseAbove}
		if slices.Contains(known, store.Action(action)) {
			acts = append(acts, store.Action(action))
		}
	}
	return acts
}

func TestAnAccountIsBelowItsThresholdOnlyByAFreshFigureOfTheBank(t *testing.T) {
	t.Parallel()
	before := noon.Add(-24 * time.Hour)
	worked := said("", noon, 0, store.Minor(1))
	worked.AvailableWorkedOut = true
	for name, row := range map[string]struct {
		said []store.Balance
		want store.Standing
	}{
		"one less":              {[]store.Balance{said("", noon, 0, store.Minor(4999))}, store.StandsBelow},
		"overdrawn":             {[]store.Balance{said("", noon, 0, store.Minor(-1))}, store.StandsBelow},
		"exactly":               {[]store.Balance{said("", noon, 0, store.Minor(5000))}, store.StandsAbove},
		"as old as may be":      {[]store.Balance{said("", before, 0, store.Minor(1))}, store.StandsBelow},
		"less, but out of date": {[]store.Balance{said("", before.Add(-time.Millisecond), 0, store.Minor(1))}, store.StandsUnknown},
		"more, but out of date": {[]store.Balance{said("", before.Add(-time.Millisecond), 0, store.Minor(9000))}, store.StandsUnknown},
		"never fetched":         {nil, store.StandsUnknown},
		"a ledger only":         {[]store.Balance{said("", noon, 0, store.Amount{})}, store.StandsUnknown},
		"said before only":      {[]store.Balance{said("", noon.Add(-time.Hour), 0, store.Minor(1)), said("", noon, 0, store.Amount{})}, store.StandsUnknown},
		"worked out by us":      {[]store.Balance{worked}, store.StandsUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDB(t)
			a := d.linked("Amina")
			d.linked("without a threshold")
			d.threshold(a, 5000)
			for _, o := range row.said {
				o.AccountID = a.ID
				d.save(o)
			}
			if got, basis := d.kept(a).Of(d.account(a.ID), before, noon); got != row.want || basis != "" {
				t.Errorf("standing = %s, want %s", got, row.want)
			}
			for filter, of := range map[store.Filter]store.Standing{store.BelowThreshold: store.StandsBelow, store.ThresholdUnknown: store.StandsUnknown} {
				listed := len(d.names(store.CustomerQuery{Filter: filter, StaleBefore: before}))
				counted := must(d.CountCustomers(t.Context(), filter, before))
				if want := map[bool]int{true: 1}[row.want == of]; listed != want || counted != want {
					t.Errorf("%s: %d listed and %d counted, want %d", filter, listed, counted, want)
				}
			}
			counts := must(d.Counts(t.Context(), store.CountsAt{FreshSince: before, StaleBefore: before, EventsSince: noon}))
			if counts.Below+counts.BelowUnknown != map[bool]int{false: 1}[row.want == store.StandsAbove] {
				t.Errorf("the overview counts %d below and %d unknown", counts.Below, counts.BelowUnknown)
			}
			d.ok(d.UnlinkAccount(t.Context(), store.Program, store.Whole(), a.ID))
			if n := len(d.names(store.CustomerQuery{Filter: store.BelowThreshold, StaleBefore: before})) + len(d.names(store.CustomerQuery{Filter: store.ThresholdUnknown, StaleBefore: before})); n != 0 {
				t.Error("an unlinked account waits for somebody")
			}
		})
	}
}

func TestACrossingIsNotedOnceAndAnUnknownFigureCrossesNothing(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.save(said(a.ID, noon.Add(-time.Hour), 0, store.Minor(9000)))
	d.threshold(a, 5000)
	worked := said(a.ID, noon.Add(5*time.Minute), 0, store.Minor(9000))
	worked.AvailableWorkedOut = true
	set, fell, rose := store.ActThresholdSet, store.ActFellBelow, store.ActRoseAbove
	for i, row := range []struct {
		what string
		said store.Balance
		want []store.Action
	}{
		{"falls", said(a.ID, noon.Add(1*time.Minute), 0, store.Minor(4000)), []store.Action{set, fell}},
		{"falls further", said(a.ID, noon.Add(2*time.Minute), 0, store.Minor(10)), []store.Action{set, fell}},
		{"an older answer comes late", said(a.ID, noon.Add(-time.Minute), 0, store.Minor(9000)), []store.Action{set, fell}},
		{"the bank does not say", said(a.ID, noon.Add(3*time.Minute), 0, store.Amount{}), []store.Action{set, fell}},
		{"still below", said(a.ID, noon.Add(4*time.Minute), 0, store.Minor(4999)), []store.Action{set, fell}},
		{"worked out by us", worked, []store.Action{set, fell}},
		{"rises", said(a.ID, noon.Add(6*time.Minute), 0, store.Minor(5000)), []store.Action{set, fell, rose}},
		{"falls again", said(a.ID, noon.Add(7*time.Minute), 0, store.Minor(4999)), []store.Action{set, fell, rose, fell}},
	} {
		d.advance(time.Minute)
		d.save(row.said)
		if got := d.noted(a); !slices.Equal(got, row.want) {
			t.Fatalf("%d, %s: noted %v, want %v", i, row.what, got, row.want)
		}
	}
	if got := d.kept(a); !got.Below || !got.CrossedAt.Equal(d.clock()) {
		t.Errorf("kept %+v, want that it crossed now", got)
	}
}

func TestAThresholdIsKeptWithWhoSetItAndWhen(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.save(said(a.ID, noon, 0, store.Minor(4000)))
	d.threshold(a, 5000)
	want := store.Threshold{AccountID: a.ID, Amount: 5000, Currency: "NGN", StaffID: "s", SetAt: noon, Below: true}
	if got := d.kept(a); got == nil || *got != want {
		t.Errorf("kept %+v, want %+v", got, want)
	}
	d.advance(time.Hour)
	d.ok(d.SetThreshold(t.Context(), "other", a.ID, 3000))
	want.Amount, want.StaffID, want.SetAt, want.Below = 3000, "other", d.clock(), false
	if got := d.kept(a); got == nil || *got != want {
		t.Errorf("kept %+v, want %+v", got, want)
	}
	for range 2 {
		d.ok(d.ClearThreshold(t.Context(), "s", a.ID))
	}
	if got := d.kept(a); got != nil {
		t.Errorf("after clearing there is %+v", got)
	}
	set := store.ActThresholdSet
	if got, want := d.noted(a), []store.Action{set, set, store.ActThresholdCleared}; !slices.Equal(got, want) {
		t.Errorf("noted %v, want %v", got, want)
	}
	d.ok(d.UnlinkAccount(t.Context(), store.Program, store.Whole(), a.ID))
	if err := d.SetThreshold(t.Context(), "s", a.ID, 1); !errors.Is(err, store.ErrUnlinked) {
		t.Errorf("setting one of an unlinked account: %v, want ErrUnlinked", err)
	}
	if err := d.SetThreshold(t.Context(), "s", "nothing", 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("setting one of no account: %v, want ErrNotFound", err)
	}
}

func TestListsByThresholdFollowWhateverChangesAThreshold(t *testing.T) {
	d := newDB(t)
	amina, bola := d.linked("Amina"), d.linked("Bola")
	lists := func(when string, below, unknown []string) {
		t.Helper()
		for filter, want := range map[store.Filter][]string{store.BelowThreshold: below, store.ThresholdUnknown: unknown} {
			for _, order := range []store.Order{store.ByName, store.ByAge, store.ByNewest} {
				q := store.CustomerQuery{Filter: filter, Order: order, StaleBefore: noon.Add(-time.Hour)}
				got := d.pages(q, 5)
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Errorf("%s, by %q: %s has %q, want %q", when, order, filter, got, want)
				}
			}
		}
		if found := must(d.Contradictions(t.Context())); len(found) > 0 {
			t.Errorf("%s: %+v", when, found)
		}
	}
	lists("before", nil, nil)
	d.threshold(amina, 5000)
	d.threshold(bola, 5000)
	lists("set", nil, []string{"Amina", "Bola"})
	d.save(said(amina.ID, noon, 0, store.Minor(4999)))
	d.save(said(bola.ID, noon, 0, store.Minor(5000)))
	lists("one fell", []string{"Amina"}, nil)
	d.save(said(amina.ID, noon.Add(time.Second), 0, store.Minor(5000)))
	lists("it rose", nil, nil)
	d.threshold(bola, 5001)
	lists("set anew", []string{"Bola"}, nil)
	d.ok(d.ClearThreshold(t.Context(), "s", bola.ID))
	lists("cleared", nil, nil)
}
