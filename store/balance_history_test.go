package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"balancelink/store"
	"balancelink/store/days"
)

func TestHistoryIsPagedNewestFirstAndEachRowKnowsTheOneBefore(t *testing.T) {
	d := newDB(t)
	a, other := d.linked("Amina"), d.linked("Bola")
	for i := range 10 {
		at := noon.Add(-time.Duration(i) * time.Hour)
		d.save(said(a.ID, at, int64(100-i), store.Minor(int64(50-i))))
		d.save(said(other.ID, at, 7, store.Minor(7)))
	}
	d.save(said(a.ID, noon, 1000, store.Amount{})) // two at one moment
	var got []int64
	q := store.HistoryQuery{Scope: store.Whole(), AccountID: a.ID, From: noon.Add(-7 * time.Hour), Limit: 4}
	for pages := 1; ; pages++ {
		p, err := d.History(t.Context(), q)
		d.ok(err)
		for _, o := range p.Rows {
			got = append(got, o.Figure)
		}
		if p.Older == nil || (p.More != !p.Older.AsOf.Before(q.From)) {
			t.Fatalf("page %d: the one before its last row is %v", pages, p.Older)
		}
		if !p.More {
			if pages != 3 || p.Older.Figure != 92 {
				t.Errorf("%d pages, before them %d; want 3 and 92", pages, p.Older.Figure)
			}
			break
		}
		q.Before = p.Rows[len(p.Rows)-1].ID
	}
	want := map[int64]bool{1000: true, 100: true, 99: true, 98: true, 97: true, 96: true, 95: true, 94: true, 93: true}
	seen := map[int64]bool{}
	for _, v := range got {
		seen[v] = true
	}
	if diff := cmp.Diff(want, seen); diff != "" || len(got) != len(want) {
		t.Errorf("rows %v (-want +got):\n%s", got, diff)
	}
	p, err := d.History(t.Context(), store.HistoryQuery{Scope: store.Whole(), AccountID: other.ID, Before: q.Before, Limit: 4})
	if d.ok(err); len(p.Rows) != 0 {
		t.Error("another account's row leads into this one's history")
	}
}

func TestPointsBeginWithWhatStoodAndEndNow(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	ago := func(h int) time.Time { return noon.Add(-time.Duration(h) * time.Hour) }
	for _, h := range []int{50, 40, 30, 2, 1} {
		d.save(said(a.ID, ago(h), int64(h), store.Amount{}))
	}
	for name, row := range map[string]struct {
		from time.Time
		want []int64
	}{
		"between two":     {ago(35), []int64{40, 30, 2, 1}},
		"at one":          {ago(30), []int64{30, 2, 1}},
		"after all":       {ago(0), []int64{1}},
		"before all":      {ago(60), []int64{50, 40, 30, 2, 1}},
		"from the start":  {time.Time{}, []int64{50, 40, 30, 2, 1}},
		"a clock gone on": {ago(-99), []int64{1}},
	} {
		points, err := d.PointsByAccount(t.Context(), store.Whole(), a.ID, row.from)
		d.ok(err)
		var got []int64
		for _, p := range points {
			got = append(got, p.Figure)
		}
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestDaysBelowCountTheBalanceThatStoodAtAnyTimeOfTheDay(t *testing.T) {
	zone := time.FixedZone("WAT", 3600)
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, zone) }
	stood := func(t time.Time, minor int64) store.Point { return store.Point{At: t, Available: store.Minor(minor)} }
	unknown := func(t time.Time) store.Point { return store.Point{At: t, Figure: 1} }
	for name, row := range map[string]struct {
		points       []store.Point
		amount       int64
		below, known int
	}{
		"none":                           {nil, 100, 0, 0},
		"one that still stands":          {[]store.Point{stood(at(18, 9), 50)}, 100, 3, 3},
		"exactly the amount":             {[]store.Point{stood(at(18, 9), 100)}, 100, 0, 3},
		"stood before the range":         {[]store.Point{stood(at(1, 9), 50), stood(at(15, 12), 200)}, 100, 2, 7},
		"below for an hour":              {[]store.Point{stood(at(16, 9), 200), stood(at(17, 9), 50), stood(at(17, 10), 200)}, 100, 1, 5},
		"below over midnight":            {[]store.Point{stood(at(16, 9), 200), stood(at(17, 23), 50), stood(at(18, 1), 200)}, 100, 2, 5},
		"up again at midnight":           {[]store.Point{stood(at(16, 9), 50), stood(at(17, 0), 200)}, 100, 1, 5},
		"not said for some days":         {[]store.Point{stood(at(14, 9), 50), unknown(at(15, 9)), stood(at(19, 9), 200)}, 100, 2, 4},
		"corrected at the same moment":   {[]store.Point{stood(at(18, 9), 50), stood(at(18, 9), 200)}, 100, 0, 3},
		"overdrawn counts below nothing": {[]store.Point{stood(at(20, 9), -1)}, 0, 1, 1},
		"seen after the last that holds": {[]store.Point{stood(at(20, 23), 50)}, 100, 1, 1},
	} {
		below, known := store.DaysBelow(row.points, row.amount, at(14, 0), at(20, 12), zone)
		if below != row.below || known != row.known {
			t.Errorf("%s: %d of %d days, want %d of %d", name, below, known, row.below, row.known)
		}
	}
}

func TestDaysBelowComeToAnEndWhereMidnightDoesNotExist(t *testing.T) {
	for _, row := range []struct{ zone, change string }{ // the day whose first hour, or second midnight, is odd
		{"America/Santiago", "2026-09-06"}, {"America/Santiago", "2026-04-04"}, {"Atlantic/Azores", "2027-03-28"}, {"America/Havana", "2027-03-14"},
		{"America/Havana", "2026-11-01"}, {"Africa/Cairo", "2026-04-24"}, {"Asia/Beirut", "2026-03-29"}, {"America/Asuncion", "2023-10-01"},
	} {
		zone, err := time.LoadLocation(row.zone)
		if err != nil {
			t.Fatal(err)
		}
		change, err := time.ParseInLocation(time.DateOnly, row.change, zone)
		if err != nil {
			t.Fatal(err)
		}
		from := days.Shift(change.Add(12*time.Hour), -3)
		points := []store.Point{{At: from.Add(-time.Hour), Available: store.Minor(50)}, {At: from.Add(36 * time.Hour), Available: store.Minor(200)}}
		below, known := store.DaysBelow(points, 100, from, days.Shift(from, 7).Add(-1), zone)
		if below != 2 || known != 7 {
			t.Errorf("%s about %s: %d of %d days, want 2 of 7", row.zone, row.change, below, known)
		}
	}
}

func TestExtremesKnowWhatStoodAndLeaveOutWhatIsUnknown(t *testing.T) {
	points := []store.Point{
		{At: noon.Add(-9 * time.Hour), Available: store.Minor(30)}, {At: noon.Add(-5 * time.Hour)},
		{At: noon.Add(-4 * time.Hour), Available: store.Minor(-10)}, {At: noon.Add(-3 * time.Hour), Available: store.Minor(-10)},
	}
	low, high := store.Extremes(points, noon.Add(-6*time.Hour), func(p store.Point) store.Amount { return p.Available })
	want := []store.Extreme{{store.Minor(-10), noon.Add(-4 * time.Hour)}, {store.Minor(30), noon.Add(-6 * time.Hour)}}
	if diff := cmp.Diff(want, []store.Extreme{low, high}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if low, high := store.Extremes(points[1:2], noon, func(p store.Point) store.Amount { return p.Available }); low.Known || high.Known {
		t.Error("something is the lowest of nothing known")
	}
}

func TestWhatAnAccountHeldAtAMomentIsTheNewestOfBefore(t *testing.T) {
	d := newDB(t)
	old, now := d.moved("Amina") // a figure from each, a day apart
	ago := func(h int) time.Time { return d.clock().Add(-time.Duration(h) * time.Hour) }
	d.save(said(now.ID, ago(2), 2, store.Minor(20)))
	d.save(said(now.ID, ago(5), 5, store.Amount{}))
	for name, c := range map[string]struct {
		before time.Time
		want   int64 // 0: nothing is known
	}{
		"now": {ago(-1), 10000}, "just before the newest": {ago(1), 2}, "at one of them": {ago(2), 5}, "after it": {ago(4), 5},
		"before the newer account said anything": {ago(6), 50000}, "before all": {ago(30), 0},
	} {
		o, err := d.BalanceAt(t.Context(), store.Whole(), now.ID, c.before)
		if c.want == 0 && !errors.Is(err, store.ErrNotFound) || c.want != 0 && (err != nil || o.Figure != c.want) {
			t.Errorf("%s: %d of %s, %v; want %d", name, o.Figure, o.AccountID, err, c.want)
		}
	}
	if o, err := d.BalanceAt(t.Context(), store.Whole(), old.ID, ago(-1)); err != nil || o.Figure != 50000 {
		t.Errorf("the older account held %d, %v", o.Figure, err)
	}
}

func TestASavedCopyStandsWhereItWasReceived(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.save(said(a.ID, noon.Add(-5*time.Hour), 500, store.Minor(1)))
	d.advance(time.Hour)
	d.save(store.Balance{AccountID: a.ID, Source: store.SourceRefresh, Currency: "NGN", Figure: 700, AsOfKind: store.AsOfUnknown})
	for before, want := range map[time.Time]int64{noon: 500, noon.Add(time.Hour): 500, noon.Add(2 * time.Hour): 700} {
		if o, err := d.BalanceAt(t.Context(), store.Whole(), a.ID, before); err != nil || o.Figure != want {
			t.Errorf("before %v it held %d, %v; want %d", before, o.Figure, err, want)
		}
	}
	q := store.HistoryQuery{Scope: store.Whole(), AccountID: a.ID, From: noon.Add(-6 * time.Hour), Until: noon.Add(time.Hour), Limit: 10}
	if p := must(d.History(t.Context(), q)); len(p.Rows) != 1 || p.Rows[0].Figure != 500 {
		t.Errorf("until the copy came the history is %v", p.Rows)
	}
}
