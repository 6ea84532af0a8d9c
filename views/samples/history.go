package samples

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/a-h/templ"

	"balancelink/views"
)

// sampleChart is a month of an account that is paid once and spends, until the
// balance that the cards of the samples show.
func sampleChart() views.Chart {
	ch := views.Chart{From: sampleNow.Add(-30 * 24 * time.Hour), To: sampleNow, Currency: "NGN", Basis: "ledger"}
	const points = 57
	held := int64(8200000)
	for i := range points {
		switch {
		case i == 24:
			held += 24500000
		case i%3 == 0:
			held -= int64(i%7)*230000 + 90000
		}
		p := views.ChartPoint{
			At:     ch.To.Add(time.Duration((i+1-points)*13-3) * time.Hour),
			Figure: naira(held + 350000 + int64((points-1-i)%5)*150000), Available: naira(held),
		}
		if i > 36 && i < 40 {
			p.Available = views.Money{Currency: "NGN"}
		}
		ch.Points = append(ch.Points, p)
	}
	raise(&ch, 24485075-held)
	return ch
}

// raise adds an amount to all that is known in a chart.
func raise(ch *views.Chart, by int64) {
	for i := range ch.Points {
		p := &ch.Points[i]
		p.Figure.Minor += by
		if p.Available.Known {
			p.Available.Minor += by
		}
	}
}

// sampleHistory is a history as it mostly is; draw tells what is special about
// its drawing, change what else is.
func sampleHistory(draw func(*views.Chart), change func(*views.History)) views.History {
	ch := sampleChart()
	if draw != nil {
		draw(&ch)
	}
	h := views.History{
		URL: "/accounts/a1", Range: "30d", Chart: ch, CSVURL: "/accounts/a1/history.csv?range=30d",
		NextURL: "/accounts/a1?range=30d&before=x",
		Lines: []views.LineFigures{
			sampleLine("available", ch, func(p views.ChartPoint) views.Money { return p.Available }),
			sampleLine("ledger", ch, func(p views.ChartPoint) views.Money { return p.Figure }),
		},
	}
	for i := len(ch.Points) - 1; i >= len(ch.Points)-2; i-- {
		p, before := ch.Points[i], ch.Points[i-1]
		h.Rows = append(h.Rows, views.Balance{
			AsOf: p.At, AsOfKind: "stated", ReceivedAt: p.At, Figure: p.Figure, Basis: "ledger", Available: p.Available, Source: "refresh",
			FigureChange:    sampleChange(before.Figure, p.Figure),
			AvailableChange: sampleChange(before.Available, p.Available),
		})
	}
	h.Rows[1].AvailableWorked = true
	h.Rows[1].AsOfKind, h.Rows[1].Source = "asked", "webhook"
	if change != nil {
		change(&h)
	}
	return h
}

// sampleChange is by how much a figure changed; not known where one of both is not.
func sampleChange(before, after views.Money) views.Money {
	if !before.Known || !after.Known {
		return views.Money{}
	}
	return naira(after.Minor - before.Minor)
}

// sampleLine is what is said of one line of a chart.
func sampleLine(name string, ch views.Chart, figure func(views.ChartPoint) views.Money) views.LineFigures {
	known := slices.DeleteFunc(slices.Clone(ch.Points), func(p views.ChartPoint) bool { return !figure(p).Known })
	if len(known) == 0 {
		return views.LineFigures{Name: name}
	}
	by := func(a, b views.ChartPoint) int { return cmp.Compare(figure(a).Minor, figure(b).Minor) }
	least, most := slices.MinFunc(known, by), slices.MaxFunc(known, by)
	return views.LineFigures{Name: name, Low: figure(least), High: figure(most), LowAt: least.At, HighAt: most.At}
}

// old moves all points of a chart back.
func old(ch views.Chart, by time.Duration) views.Chart {
	for i := range ch.Points {
		ch.Points[i].At = ch.Points[i].At.Add(-by)
	}
	ch.Stale = true
	return ch
}

func historyStates(ctx context.Context) map[string]views.History {
	day := 24 * time.Hour
	only := sampleChart().Points[:1]
	return map[string]views.History{
		"30 days":   sampleHistory(nil, nil),
		"stale":     sampleHistory(func(ch *views.Chart) { *ch = old(*ch, 9*day) }, nil),
		"overdrawn": sampleHistory(func(ch *views.Chart) { raise(ch, -20000000) }, nil),
		"one":       sampleHistory(nil, func(h *views.History) { h.Chart.Points, h.Rows = only, h.Rows[:1] }),
		"none in range": sampleHistory(nil, func(h *views.History) {
			h.Range, h.Rows, h.Chart.Points, h.Standing, h.NextURL = "7d", nil, only, &h.Rows[0], ""
		}),
		"none before": sampleHistory(nil, func(h *views.History) { h.Rows, h.Chart.Points, h.Lines = nil, nil, nil }),
		"below": sampleHistory(nil, func(h *views.History) {
			h.Below = views.Below{Amount: naira(5000000), Typed: "50,000", Days: 12, Known: 28, Range: 30}
		}),
		"below never": sampleHistory(
			nil, func(h *views.History) { h.Below = views.Below{Amount: naira(0), Typed: "0", Known: 30, Range: 30} },
		),
		"below wrong": sampleHistory(nil, func(h *views.History) {
			h.Below = views.Below{
				Typed: "50.000",
				Error: say(ctx, "Enter at most %d digits after the point. Use commas for thousands: 50,000.", 2),
			}
		}),
		"all": sampleHistory(func(ch *views.Chart) {
			ch.From = sampleNow.Add(-900 * day)
			for i := range ch.Points {
				ch.Points[i].At = ch.From.Add(time.Duration(i) * 16 * day)
			}
		}, func(h *views.History) {
			h.Range, h.FirstURL, h.Removed = "all", "/accounts/a1", sampleNow.Add(-901*day)
		}),
		"very large": sampleHistory(func(ch *views.Chart) {
			ch.Points[9].Figure, ch.Points[9].Available = naira(math.MaxInt64), naira(math.MinInt64)
		}, nil),
		"nothing in it": sampleHistory(func(ch *views.Chart) {
			for i := range ch.Points {
				ch.Points[i].Figure, ch.Points[i].Available = naira(0), views.Money{}
			}
		}, nil),
	}
}

// historyGallery is an account's page with every history that looks different.
func historyGallery(ctx context.Context) map[string]templ.Component {
	pages := map[string]templ.Component{}
	states := historyStates(ctx)
	maps.Copy(states, vagueHistories())
	for name, h := range states {
		pages["history/"+slug(name)] = views.AccountView(views.AccountPage{
			Frame: staffFrame(say(ctx, "Account"), "customers"), BackURL: "/customers/1",
			BackLabel: say(ctx, "Back to the customer"),
			Account:   sampleAccount("a-plain", nil), History: h,
		})
	}
	return pages
}
