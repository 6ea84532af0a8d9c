package samples

import (
	"context"
	"maps"
	"time"

	"github.com/a-h/templ"

	"balancelink/views"
)

// sampleFunds is a check that says yes; change tells what is special.
func sampleFunds(change func(*views.FundsCheck)) views.FundsCheck {
	f := views.FundsCheck{
		URL: "/funds-checks/f1", ID: "019a6f3e-5c80-7a11-8b4e-2d0c6f1a9b77", Reference: "2D0C6F1A",
		AccountURL: "/accounts/a1",
		Customer:   "Adaeze Okonkwo", CustomerURL: "/customers/1", CustomerReference: "C-1",
		Bank: "Guaranty Trust Bank", Name: "SAVINGS", NUBAN: "••••1442",
		Amount: naira(5000000), Answer: "yes", Available: naira(5000000), AsOf: sampleNow.Add(-9 * time.Minute),
		AsOfStated: true,
		FreshFor:   24 * time.Hour, AskedAt: sampleNow.Add(-time.Minute), AnsweredAt: sampleNow.Add(-time.Minute),
		By: "ngozi@adire.example",
	}
	if change != nil {
		change(&f)
	}
	return f
}

func fundsStates() map[string]views.FundsCheck {
	return map[string]views.FundsCheck{
		"yes": sampleFunds(nil),
		"no": sampleFunds(
			func(f *views.FundsCheck) { f.Answer, f.Available, f.AsOfStated = "no", naira(-1200), false },
		),
		"too old": sampleFunds(
			func(f *views.FundsCheck) { f.Answer, f.AsOf = "too_old", sampleNow.Add(-9*24*time.Hour) },
		),
		"never": sampleFunds(func(f *views.FundsCheck) {
			f.Answer, f.Reason, f.Available, f.AsOf = "unknown", "never", views.Money{Currency: "NGN"}, time.Time{}
		}),
		"not stated":    sampleFunds(func(f *views.FundsCheck) { f.Answer, f.Reason = "unknown", "not_stated" }),
		"needs sign-in": sampleFunds(func(f *views.FundsCheck) { f.Answer, f.Reason = "unknown", "needs_login" }),
		"not shared": sampleFunds(func(f *views.FundsCheck) {
			f.Answer, f.Reason, f.Available, f.AsOf = "unknown", "unshared", views.Money{Currency: "NGN"}, time.Time{}
		}),
		"shared": sampleFunds(func(f *views.FundsCheck) {
			f.Shared = views.Shared{Name: "Chidi Bello", URL: "/customers/sample"}
		}),
		"worked out": sampleFunds(func(f *views.FundsCheck) { f.Answer, f.Reason = "unknown", "worked_out" }),
		"asked first": sampleFunds(func(f *views.FundsCheck) {
			f.Refresh = ended(views.Refresh{Kind: "refresh", State: "changed", Trigger: "staff"})
		}),
		"asking": sampleFunds(func(f *views.FundsCheck) {
			f.Answer, f.Available, f.AsOf, f.AnsweredAt = "", views.Money{}, time.Time{}, time.Time{}
			f.Refresh = running(views.Refresh{Kind: "refresh", State: "waiting", Trigger: "staff"})
		}),
	}
}

// fundsGallery is a page of evidence for every answer, the lists, and the form.
func fundsGallery(ctx context.Context) map[string]templ.Component {
	pages, checks := map[string]templ.Component{}, []views.FundsCheck{}
	states := fundsStates()
	maps.Copy(states, vagueFunds())
	for name, f := range states {
		pages["funds/"+slug(name)] = views.FundsView(
			views.FundsPage{Frame: staffFrame(say(ctx, "Funds check %s", f.Reference), "customers"), Check: f},
		)
	}
	for _, name := range []string{"asking", "yes", "no", "too old", "never"} {
		checks = append(checks, fundsStates()[name])
	}
	list := views.FundsList{
		Frame: staffFrame(say(ctx, "Funds checks"), "customers"), BackURL: "/customers/1", BackLabel: "Adaeze Okonkwo",
	}
	pages["funds-list/empty"] = views.FundsListView(list)
	list.Checks, list.NextURL = checks, "/customers/1/funds-checks?before=f1"
	list.Sums = []views.FundsSum{fundsSumStates()["waiting"], fundsSumStates()["no"]}
	pages["funds-list/normal"] = views.FundsListView(list)
	pages["account/funds-wrong"] = views.AccountView(views.AccountPage{
		Frame: staffFrame(say(ctx, "Account"), "customers"), BackURL: "/customers/1",
		BackLabel: say(ctx, "Back to the customer"), Account: sampleAccount("a-plain", nil),
		History: sampleHistory(nil, nil),
		Funds: &views.FundsForm{
			URL: "/accounts/a1/funds-checks", Typed: "50.000",
			Error:  say(ctx, "Enter at most %d digits after the point. Use commas for thousands: 50,000.", 2),
			MayAsk: true, MayRefresh: true, Checks: checks, AllURL: "/accounts/a1/funds-checks",
		},
	})
	return pages
}
