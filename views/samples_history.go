package views

import (
	"context"
	"math"
	"time"

	"github.com/a-h/templ"
)

// sampleChart is a month of an account that is paid once and spends.
func sampleChart() Chart {
	ch := Chart{From: sampleNow.Add(-30 * 24 * time.Hour), To: sampleNow, Currency: "NGN"}
	held := int64(8200000)
	for i := range 56 {
		switch {
		case i == 24:
			held += 24500000
		case i%3 == 0:
			held -= int64(i%7)*230000 + 90000
		}
		p := ChartPoint{At: ch.From.Add(time.Duration(i*13-20) * time.Hour), Ledger: naira(held + int64(i%5)*150000), Available: naira(held)}
		if i > 36 && i < 40 {
			p.Available = Money{Currency: "NGN"}
		}
		ch.Points = append(ch.Points, p)
	}
	return ch
}

// sampleHistory is a history as it mostly is; change tells what is special.
func sampleHistory(change func(*History)) History {
	h := History{
		URL: "/accounts/a1", Range: "30d", Chart: sampleChart(), CSVURL: "/accounts/a1/history.csv?range=30d", NextURL: "/accounts/a1?range=30d&before=x",
		Lines: []LineFigures{
			{"available", naira(120000), naira(24485075), sampleNow.Add(-20 * 24 * time.Hour), sampleNow.Add(-9 * 24 * time.Hour)},
			{"ledger", naira(-120000), naira(24835075), sampleNow.Add(-20 * 24 * time.Hour), sampleNow.Add(-9 * 24 * time.Hour)},
		},
		Rows: []Observation{
			{AsOf: sampleNow.Add(-time.Hour), AsOfStated: true, ReceivedAt: sampleNow.Add(-time.Hour), Ledger: naira(1000), Available: naira(500), AvailableWorked: true, Source: "refresh", AvailableChange: naira(-120000), LedgerChange: naira(2000)},
			{AsOf: sampleNow.Add(-30 * time.Hour), ReceivedAt: sampleNow.Add(-30 * time.Hour), Ledger: naira(-1000), Available: Money{}, Source: "webhook", LedgerChange: naira(0)},
		},
	}
	if change != nil {
		change(&h)
	}
	return h
}

// old moves all points of a chart back.
func old(ch Chart, by time.Duration) Chart {
	for i := range ch.Points {
		ch.Points[i].At = ch.Points[i].At.Add(-by)
	}
	ch.Stale = true
	return ch
}

func historyStates(ctx context.Context) map[string]History {
	day := 24 * time.Hour
	only := sampleChart().Points[:1]
	return map[string]History{
		"30 days": sampleHistory(nil),
		"stale":   sampleHistory(func(h *History) { h.Chart = old(h.Chart, 9*day) }),
		"overdrawn": sampleHistory(func(h *History) {
			for i := range h.Chart.Points {
				h.Chart.Points[i].Available.Minor -= 9000000
				h.Chart.Points[i].Ledger.Minor -= 9000000
			}
		}),
		"one": sampleHistory(func(h *History) { h.Chart.Points, h.Rows = only, h.Rows[:1] }),
		"none in range": sampleHistory(func(h *History) {
			h.Range, h.Rows, h.Chart.Points, h.Standing, h.NextURL = "7d", nil, only, &h.Rows[0], ""
		}),
		"none before": sampleHistory(func(h *History) { h.Rows, h.Chart.Points, h.Lines = nil, nil, nil }),
		"below": sampleHistory(func(h *History) {
			h.Below = Below{Amount: naira(5000000), Typed: "50,000", Days: 12, Known: 28, Range: 30}
		}),
		"below never": sampleHistory(func(h *History) { h.Below = Below{Amount: naira(0), Typed: "0", Known: 30, Range: 30} }),
		"below wrong": sampleHistory(func(h *History) {
			h.Below = Below{Typed: "50.000", Error: say(ctx, "Enter at most %d digits after the point. Use commas for thousands: 50,000.", 2)}
		}),
		"all": sampleHistory(func(h *History) {
			h.Range, h.Chart.From, h.FirstURL, h.Removed = "all", sampleNow.Add(-900*day), "/accounts/a1", sampleNow.Add(-901*day)
			for i := range h.Chart.Points {
				h.Chart.Points[i].At = h.Chart.From.Add(time.Duration(i) * 16 * day)
			}
		}),
		"very large": sampleHistory(func(h *History) {
			h.Chart.Points[9].Ledger, h.Chart.Points[9].Available = naira(math.MaxInt64), naira(math.MinInt64)
		}),
		"nothing in it": sampleHistory(func(h *History) {
			for i := range h.Chart.Points {
				h.Chart.Points[i].Ledger, h.Chart.Points[i].Available = naira(0), Money{}
			}
		}),
	}
}

// historyGallery is an account's page with every history that looks different.
func historyGallery(ctx context.Context) map[string]templ.Component {
	pages := map[string]templ.Component{}
	for name, h := range historyStates(ctx) {
		pages["history/"+slug(name)] = AccountView(AccountPage{
			Frame: staffFrame(say(ctx, "Account"), "customers"), BackURL: "/customers/1", BackLabel: "Adaeze Okonkwo",
			Account: sampleAccount("a-plain", nil), History: h,
		})
	}
	return pages
}
