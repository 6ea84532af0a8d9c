package samples

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"balancelink/views"
)

// sampleSums is what two accounts held together, of which one joins after some days.
func sampleSums(change func(*views.SumHistory)) views.SumHistory {
	names := []string{"GTBank savings ••4471", "First Bank current ••9020"}
	h := views.SumHistory{Currency: "NGN", Accounts: names, Apart: 50 * time.Hour}
	h.Chart = views.Chart{
		From: sampleNow.Add(-30 * 24 * time.Hour), To: sampleNow, Currency: "NGN", Basis: "ledger", Added: true,
	}
	for i, p := range sampleChart().Points {
		total, parts := p.Available, []views.ChartPart{{Name: names[0], Figure: p.Available, At: p.At}}
		if i >= 10 {
			at := p.At.Add(-time.Duration(i%5*10) * time.Hour)
			parts = append(parts, views.ChartPart{Name: names[1], Figure: naira(5000000), At: at})
			total.Minor += 5000000
		}
		h.Chart.Points = append(h.Chart.Points, views.ChartPoint{At: p.At, Available: total, Seam: i == 10, Parts: parts})
	}
	h.Chart = h.Chart.Begun()
	h.Rows, h.More = h.Chart.Points[len(h.Chart.Points)-3:], true
	if change != nil {
		change(&h)
	}
	return h
}

// sumGallery is what a customer's accounts held together, as staff see it and as they do.
func sumGallery(ctx context.Context) map[string]templ.Component {
	page := func(all ...views.SumHistory) templ.Component {
		p := views.CustomerHistory{
			Customer: "Adaeze Okonkwo", BackURL: "/customers/1", BackLabel: "Adaeze Okonkwo", URL: "/customers/1/history",
			Range: "30d", Currencies: all,
		}
		p.Frame = staffFrame(p.Title(ctx), "customers")
		return views.CustomerHistoryView(p)
	}
	dollars := sampleSums(func(h *views.SumHistory) {
		h.Currency, h.Accounts, h.Chart.Points, h.Rows = "USD", h.Accounts[:1], h.Chart.Points[:1], nil
	})
	own := views.CustomerHistory{
		BackURL: "/me", BackLabel: say(ctx, "My balances"), URL: "/me/history", Range: "30d",
		Currencies: []views.SumHistory{sampleSums(nil)},
	}
	own.Frame = customerFrame(own.Title(ctx))
	seen := own
	seen.Seen = sampleSeen(ctx)
	return map[string]templ.Component{
		"sums/normal":  page(sampleSums(nil), dollars),
		"sums/own":     views.CustomerHistoryView(own),
		"seen/history": views.CustomerHistoryView(seen),
		"sums/left-out": page(sampleSums(func(h *views.SumHistory) {
			h.Accounts, h.Left, h.Never = h.Accounts[:1], []string{"Opay ••1200"}, []string{"Kuda ••7781"}
			h.Chart.Stale = true
		})),
		"sums/none":           page(),
		"sums/amounts-hidden": hidden{page(sampleSums(nil))},
	}
}
