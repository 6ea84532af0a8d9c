package views

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"balancelink/store/days"
	"balancelink/views/locale"
)

func TestAmountTicksAreRoundAndHoldAllAmounts(t *testing.T) {
	for name, row := range map[string]struct {
		low, high int64
		want      []int64
	}{
		"nothing at all":  {0, 0, []int64{0, 50, 100}},
		"up to 9,500":     {0, 950000, []int64{0, 500000, 1000000}},
		"up to 350,000":   {0, 35000000, []int64{0, 10000000, 20000000, 30000000, 40000000}},
		"below zero only": {-180, 0, []int64{-200, -150, -100, -50, 0}},
		"around zero":     {-30, 90, []int64{-50, 0, 50, 100}},
		"one kobo":        {0, 1, []int64{0, 1}},
		"all there is":    {math.MinInt64, math.MaxInt64, []int64{math.MinInt64, math.MinInt64 + 5e18, math.MinInt64 + 1e19, math.MinInt64 + 1e19 + 5e18, math.MaxInt64}},
	} {
		if diff := cmp.Diff(row.want, amountTicks(row.low, row.high)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTicksAreWrittenShortly(t *testing.T) {
	for want, m := range map[string]Money{
		"₦0": naira(0), "₦200k": naira(20000000), "−₦1.5m": naira(-150000000), "₦2bn": naira(200000000000), "₦5tn": naira(500000000000000),
		"₦0.50": naira(50), "₦999": naira(99900), "₦1,234.56": naira(123456), "₦1,000tn": naira(100000000000000000),
		"JPY\u00a05k": {5000, "JPY", true}, "???\u00a05\u00a0minor units": {5, "???", true}, "−₦92,233,720,368,547,758.08": naira(math.MinInt64),
	} {
		if got := compact(t.Context(), m); got != want {
			t.Errorf("compact(t.Context(), %d) = %q, want %q", m.Minor, got, want)
		}
	}
}

func TestTimeTicksAreRoundInTheZoneAndFew(t *testing.T) {
	for name, row := range map[string]struct {
		from, to string
		want     string
	}{
		"ten minutes": {"2026-11-23 13:52:00", "2026-11-23 14:05:30", "13:55 14:00 14:05"},
		"an hour":     {"2026-11-23 13:00:00", "2026-11-23 14:05:30", "13:00 13:15 13:30 13:45 14:00"},
		"a day":       {"2026-11-22 14:00:00", "2026-11-23 14:05:30", "22 Nov, 18:00 23 Nov, 00:00 23 Nov, 06:00 23 Nov, 12:00"},
		"7 days":      {"2026-11-17 00:00:00", "2026-11-23 14:05:30", "17 Nov 19 Nov 21 Nov 23 Nov"},
		"30 days":     {"2026-10-25 00:00:00", "2026-11-23 14:05:30", "25 Oct 1 Nov 8 Nov 15 Nov 22 Nov"},
		"90 days":     {"2026-08-26 00:00:00", "2026-11-23 14:05:30", "Sep 2026 Oct 2026 Nov 2026"},
		"a year":      {"2025-11-24 00:00:00", "2026-11-23 14:05:30", "Jan 2026 Apr 2026 Jul 2026 Oct 2026"},
		"ten years":   {"2016-03-01 00:00:00", "2026-11-23 14:05:30", "2018 2020 2022 2024 2026"},
	} {
		var got []string
		for _, tick := range sampleClock.timeTicks(t.Context(), at(row.from), at(row.to)) {
			got = append(got, tick.Label)
		}
		if g := strings.Join(got, " "); g != row.want {
			t.Errorf("%s: %s, want %s", name, g, row.want)
		}
	}
}

func TestTicksOfDaysStandWhereTheDaysBegin(t *testing.T) {
	for zone, noon := range map[string]string{"America/Santiago": "2026-09-06T12:00:00-03:00", "America/Havana": "2026-11-01T12:00:00-05:00", "Pacific/Apia": "2011-12-31T12:00:00+14:00"} {
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, noon)
		if err != nil {
			t.Fatal(err)
		}
		c := Clock{Now: at, Zone: location}
		ticks := c.timeTicks(t.Context(), days.Shift(at.In(location), -2), at)
		for i, tick := range ticks {
			if tick.At.Add(-1).Format(time.DateOnly) == tick.At.Format(time.DateOnly) && tick.Label == tick.At.Format("2 Jan") {
				t.Errorf("%s: the tick %q is at %v, where no day begins", zone, tick.Label, tick.At)
			}
			if i > 0 && !tick.At.After(ticks[i-1].At) {
				t.Errorf("%s: the tick %q comes twice", zone, tick.Label)
			}
		}
		if len(ticks) == 0 {
			t.Errorf("%s: no ticks", zone)
		}
	}
}

func TestALineHoldsEachBalanceUntilTheNextAndLeavesGaps(t *testing.T) {
	from := sampleNow.Add(-100 * time.Hour)
	p := plot{from: from, to: sampleNow, low: 0, high: 100, top: 0, base: 100}
	points := func(at ...int64) (all []ChartPoint) { // pairs of hours and amounts; −1: not said
		for i := 0; i < len(at); i += 2 {
			all = append(all, ChartPoint{At: from.Add(time.Duration(at[i]) * time.Hour), Available: Money{at[i+1], "NGN", at[i+1] >= 0}})
		}
		return all
	}
	for name, row := range map[string]struct {
		points     []ChartPoint
		path, tail string
	}{
		"two":                  {points(0, 20, 50, 80), "M0 80H500V20", "M500 20H1000"},
		"stood before":         {points(-30, 20, 50, 80), "M0 80H500V20", "M500 20H1000"},
		"unchanged":            {points(0, 20, 50, 20), "M0 80H500", "M500 80H1000"},
		"not said for a while": {points(0, 20, 30, -1, 60, 40, 80, 50), "M0 80H300M600 60H800V50", "M800 50H1000"},
		"not said any more":    {points(0, 20, 30, -1), "M0 80H300", ""},
		"never said":           {points(0, -1, 30, -1), "", ""},
		"up to now":            {points(0, 20, 100, 80), "M0 80H1000V20", ""},
		"all at one moment":    {points(50, 1, 50, 99, 50, 5, 50, 50, 50, 60, 50, 40), "M500 99V1V60", "M500 60H1000"},
	} {
		ch := Chart{From: from, To: sampleNow, Points: row.points, Stale: true}
		l := ch.line(p, "available", ChartPoint.available)
		if l.Path != row.path || l.Tail != row.tail {
			t.Errorf("%s: %q and %q, want %q and %q", name, l.Path, l.Tail, row.path, row.tail)
		}
		ch.Stale = false
		if l := ch.line(p, "available", ChartPoint.available); l.Tail != "" {
			t.Errorf("%s: a balance that is not out of date has a tail", name)
		}
	}
}

func TestADrawingOfManyBalancesStaysSmall(t *testing.T) {
	ch := Chart{From: sampleNow.Add(-time.Hour * 1000), To: sampleNow, Currency: "NGN"}
	for i := range 100_000 {
		ch.Points = append(ch.Points, ChartPoint{At: ch.From.Add(time.Duration(i) * 36 * time.Second), Available: naira(int64(i * 7919 % 1000000)), Figure: naira(5)})
	}
	text, _ := render(t, chartView(sampleClock, ch))
	if len(text) > 64<<10 {
		t.Errorf("the drawing has %d bytes, want no more than 64 KiB", len(text))
	}
}

// paid is a chart of an account that is paid 300 now and then, and spends 10 a day.
func paid(days ...int) Chart {
	ch := Chart{From: sampleNow.Add(-60 * 24 * time.Hour), To: sampleNow, Currency: "NGN", Basis: basisLedger}
	held := int64(100000)
	for day := range 60 {
		held -= 1000
		if slices.Contains(days, day) {
			held += 30000
		}
		ch.Points = append(ch.Points, ChartPoint{At: ch.From.Add(time.Duration(day) * 24 * time.Hour), Available: naira(held), Figure: naira(held)})
	}
	return ch
}

func TestLargeAmountsInAreMarkedWithTheBalancesThatTheyLieBetween(t *testing.T) {
	ch := paid(10, 40)
	got := ch.rises()
	want := []rise{
		{Since: ch.Points[9].At, At: ch.Points[10].At, By: naira(29000)}, {Since: ch.Points[39].At, At: ch.Points[40].At, By: naira(29000)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, want := risesWords(t.Context(), sampleClock, got), "▲ Large amounts in, as a salary would be: +₦290.00 between 3 Oct and 4 Oct; +₦290.00 between 2 Nov and 3 Nov."; got != want {
		t.Errorf("said as %q, want %q", got, want)
	}
	ch.Points[10].Seam = true
	ch.Points[40].Available, ch.Points[39].Available = Money{}, Money{}
	if got := ch.rises(); len(got) != 0 {
		t.Errorf("over a seam and over a gap there are %d rises", len(got))
	}
}

func TestARiseThatNoAmountHoldsIsNotSaid(t *testing.T) {
	if got := risesWords(t.Context(), sampleClock, []rise{{Since: sampleNow, At: sampleNow}}); got != "" {
		t.Errorf("said as %q", got)
	}
}

func TestLabelsBelowADrawingDoNotRunIntoOneAnother(t *testing.T) {
	for _, span := range []int{1, 30, 90, 365, 901, 1200, 2500} {
		for _, language := range []string{"en", "fr"} {
			p := plot{from: sampleNow.AddDate(0, 0, -span), to: sampleNow}
			ctx := locale.In(t.Context(), language)
			ticks := p.labelled(sampleClock.timeTicks(ctx, p.from, p.to))
			for i, tick := range ticks[1:] {
				_, right := p.label(ticks[i])
				if left, _ := p.label(tick); left < right {
					t.Errorf("over %d days %q runs into %q", span, ticks[i].Label, tick.Label)
				}
			}
			if len(ticks) < 2 {
				t.Errorf("over %d days there are %d labels", span, len(ticks))
			}
		}
	}
}

func TestTheScaleFitsTheBalancesAndSaysWhenItLeavesZeroOut(t *testing.T) {
	for name, row := range map[string]struct {
		add  int64
		zero bool
	}{"near zero": {-85000, true}, "far above": {10000000, false}, "far below": {-10000000, false}} {
		ch := paid(10, 40)
		for i := range ch.Points {
			ch.Points[i].Available.Minor += row.add
			ch.Points[i].Figure.Minor += row.add
		}
		p, _ := ch.plot()
		low, high, _ := ch.bounds()
		if hasZero := p.low <= 0 && p.high >= 0; hasZero != row.zero || p.low > low || p.high < high {
			t.Errorf("%s: the scale goes from %d to %d, of balances from %d to %d", name, p.low, p.high, low, high)
		}
		if said := strings.Contains(chartNote(t.Context(), sampleClock, ch), "does not begin at zero"); said == row.zero {
			t.Errorf("%s: that zero is left out is said: %v", name, said)
		}
	}
}

func TestAPointOfASumIsReadOutWithOfWhenItsPartsAre(t *testing.T) {
	ch := Chart{From: sampleNow.Add(-time.Hour), To: sampleNow, Currency: "NGN", Added: true}
	ch.Points = []ChartPoint{{At: ch.From, Available: naira(30000), Parts: []ChartPart{
		{"GTBank ••4471", naira(10000), ch.From}, {"Opay ••1200", naira(20000), ch.From.Add(-49 * time.Hour)},
	}}, {At: ch.From.Add(time.Minute), Parts: []ChartPart{{"GTBank ••4471", Money{}, ch.From.Add(time.Minute)}}}}
	p, _ := ch.plot()
	want := []readOut{
		{X: 0, Y: 20, Lines: []string{"13:05: in all ₦300.00", "GTBank ••4471: ₦100.00, of 13:05", "Opay ••1200: ₦200.00, of 21 Nov, 12:05"}},
		{X: 16, Y: -1, Lines: []string{"13:06: no total, for a balance in it is not known", "GTBank ••4471: not said by the bank, of 13:06"}},
	}
	got := ch.readOuts(t.Context(), sampleClock, p)
	got[0].Y = 20 // where it lies is the line's
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
