package samples

import (
	"time"

	"balancelink/views"
)

// figureChanges are the cards of accounts by what their main figure is, how it is
// known of when that is, and whether it is told what is available.
func figureChanges() map[string]func(*views.Account) {
	changes := map[string]func(*views.Account){}
	for _, basis := range []string{"ledger", "current", "unspecified"} {
		for _, kind := range []string{"stated", "asked", "unknown"} {
			changes[basis+" "+kind] = func(a *views.Account) { figured(a, basis, kind) }
			changes[basis+" "+kind+" alone"] = func(a *views.Account) {
				figured(a, basis, kind)
				a.Available, a.Difference = views.Money{}, views.Money{}
				for i := range a.Recent.Points {
					a.Recent.Points[i].Available = views.Money{}
				}
			}
		}
	}
	changes["unspecified unknown staff"] = func(a *views.Account) {
		changes["unspecified unknown alone"](a)
		forStaff(a)
		a.Threshold = sampleThreshold("unknown")
	}
	changes["unspecified overdrawn"] = func(a *views.Account) {
		changes["unspecified asked alone"](a)
		a.Figure = naira(-20000)
	}
	for _, standing := range []string{"below", "above"} {
		changes["unspecified "+standing] = func(a *views.Account) {
			changes["unspecified asked alone"](a)
			forStaff(a)
			a.Threshold = sampleThreshold(standing)
			a.Threshold.Basis = "unspecified"
		}
	}
	return changes
}

func figured(a *views.Account, basis, kind string) {
	a.Basis, a.AsOfKind, a.Recent.Basis = basis, kind, basis
	if basis != "ledger" {
		a.Difference = views.Money{}
	}
	if kind == "unknown" {
		a.Freshness, a.Source, a.CheckedAt = views.Undated, "schedule", sampleNow.Add(-4*24*time.Hour)
	}
}

// vagueHistories are histories of balances of no stated kind, alone and after
// others, and with a saved copy.
func vagueHistories() map[string]views.History {
	alone := func(ch *views.Chart) {
		ch.Basis = "unspecified"
		for i := range ch.Points {
			ch.Points[i].Available = views.Money{Currency: "NGN"}
		}
	}
	rows := func(h *views.History) {
		h.Lines = []views.LineFigures{
			sampleLine("unspecified", h.Chart, func(p views.ChartPoint) views.Money { return p.Figure }),
		}
		for i := range h.Rows {
			o := &h.Rows[i]
			o.Basis, o.AsOfKind, o.AvailableWorked, o.AvailableChange = "unspecified", "asked", false, views.Money{}
			o.Available, o.Source = views.Money{Currency: "NGN"}, "refresh"
		}
		h.Rows[0].AsOfKind, h.Rows[0].Source = "unknown", "schedule"
	}
	return map[string]views.History{
		"unspecified": sampleHistory(alone, rows),
		"two bases": sampleHistory(func(ch *views.Chart) { ch.Basis = "" }, func(h *views.History) {
			h.Rows[0].Basis, h.Rows[0].FigureChange, h.Lines[1].Name = "unspecified", views.Money{}, ""
		}),
		"unspecified before": sampleHistory(alone, func(h *views.History) {
			rows(h)
			h.Range, h.Standing, h.Rows, h.Chart.Points, h.NextURL = "7d", &h.Rows[0], nil, nil, ""
		}),
	}
}

// vagueFunds are checks by a balance of which nobody says whether it can be drawn.
func vagueFunds() map[string]views.FundsCheck {
	vague := func(answer, reason string, figure int64) views.FundsCheck {
		return sampleFunds(func(f *views.FundsCheck) {
			f.Answer, f.Reason, f.Figure, f.Basis = answer, reason, naira(figure), "unspecified"
			f.Available, f.AsOfStated = views.Money{Currency: "NGN"}, false
		})
	}
	old := vague("too_old", "", 9000000)
	old.AsOf = sampleNow.Add(-9 * 24 * time.Hour)
	return map[string]views.FundsCheck{
		"perhaps": vague("perhaps", "", 9000000), "less": vague("unknown", "less", 100), "too old vague": old,
		"copy": sampleFunds(func(f *views.FundsCheck) { f.Answer, f.Reason, f.AsOfStated = "unknown", "copy", false }),
	}
}

// vagueSums are what accounts hold in all, where nobody says of some what is
// available.
func vagueSums() map[string]views.Sum {
	alone := []views.Total{{Unspecified: naira(9000000)}}
	return map[string]views.Sum{
		"total vague": {Totals: alone, OldestAsOf: sampleNow.Add(-3 * time.Hour), Freshness: views.Fresh},
		"total mixed": {
			Totals:     []views.Total{{Money: naira(48970150), Unknown: 1, Unspecified: naira(9000000)}},
			OldestAsOf: sampleNow.Add(-3 * time.Hour), Freshness: views.Undated,
		},
		"total undated": {Totals: alone, Freshness: views.Undated},
	}
}
