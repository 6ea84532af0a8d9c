package samples

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"balancelink/views"
)

// sampleFundsSum is a check over three accounts that says yes; change tells what is special.
func sampleFundsSum(change func(*views.FundsSum)) views.FundsSum {
	at := sampleNow.Add(-time.Minute)
	f := views.FundsSum{
		URL: "/customers/1/funds-checks/f2", ID: "019a6f3e-5c80-7a11-8b4e-2d0c6f1a9b78", Reference: "2D0C6F1B",
		Customer: "Adaeze Okonkwo", CustomerURL: "/customers/1", CustomerReference: "L-2041",
		CustomerPhone: "+234 803 555 0100",
		Amount:        naira(5000000), Answer: "yes", Available: naira(6120000), FreshFor: time.Hour,
		AskedAt: at, AnsweredAt: at, By: "ngozi@adire.example",
		Parts: []views.FundsPart{
			{
				Bank: "GTBank", NUBAN: "••••1442", URL: "/accounts/a1", Available: naira(4000000), AsOf: at, AsOfKind: "stated",
				CheckedAt: at, Lowest: naira(120000), LowestAt: at.Add(-200 * time.Hour), DaysBelow: 12, DaysKnown: 30,
			},
			{
				Bank: "UBA", NUBAN: "••••6672", URL: "/accounts/a2", Available: naira(2120000), AsOf: at, AsOfKind: "answered",
				CheckedAt: at, Lowest: naira(-9900), LowestAt: at.Add(-300 * time.Hour), DaysBelow: 30, DaysKnown: 30,
			},
			{
				Bank: "Zenith Bank", NUBAN: "••••0031", URL: "/accounts/a3", LeftOut: "needs_login",
				Available: naira(90000), AsOf: at.Add(-99 * time.Hour), AsOfKind: "stated", CheckedAt: at,
			},
		},
		Form: views.FundsDecisionForm{URL: "/customers/1/funds-checks/f2/decision"},
	}
	if change != nil {
		change(&f)
	}
	return f
}

func fundsSumStates() map[string]views.FundsSum {
	due := sampleNow.Add(20 * time.Hour)
	none := func(f *views.FundsSum) {
		f.Answer, f.Parts, f.AnsweredAt, f.Available, f.Form = "", nil, time.Time{}, views.Money{}, views.FundsDecisionForm{}
	}
	return map[string]views.FundsSum{
		"yes": sampleFundsSum(nil),
		"no": sampleFundsSum(func(f *views.FundsSum) {
			f.Answer, f.Available, f.Parts = "no", naira(4000000), f.Parts[:1]
			f.Decisions = []views.FundsDecision{
				{Decision: "declined", Note: "Asks again after the salary.", By: "ngozi@adire.example", At: sampleNow},
				{Decision: "later", At: sampleNow},
			}
		}),
		"perhaps": sampleFundsSum(func(f *views.FundsSum) {
			f.Answer, f.Unspecified, f.AgainURL = "perhaps", naira(990000), "/x/again"
			f.Parts[2].LeftOut, f.Parts[2].Available, f.Parts[2].Figure = "vague", views.Money{}, naira(990000)
		}),
		"owed": sampleFundsSum(func(f *views.FundsSum) { f.Answer, f.Reason, f.AgainURL = "perhaps", "owed", "/x/again" }),
		"too old": sampleFundsSum(func(f *views.FundsSum) {
			f.Answer, f.AgainURL, f.Available = "too_old", "/x/again", naira(4000000)
			f.Parts[1].LeftOut, f.Parts[2].LeftOut = "too_old", "too_old"
		}),
		"left out": sampleFundsSum(func(f *views.FundsSum) {
			f.Answer, f.Reason, f.AgainURL, f.Available = "unknown", "left_out", "/x/again", naira(4000000)
			f.Parts[1].LeftOut, f.Parts[1].AsOfKind, f.Parts[1].AsOf = "copy", "unknown", time.Time{}
		}),
		"wrong": sampleFundsSum(func(f *views.FundsSum) { f.Form.DecisionError = "Choose what you decide." }),
		"waiting": sampleFundsSum(func(f *views.FundsSum) {
			none(f)
			f.DueAt, f.Waiting, f.CancelURL = due, true, "/x/cancel"
		}),
		"asking": sampleFundsSum(none),
		"late": sampleFundsSum(func(f *views.FundsSum) {
			f.DueAt, f.Late, f.SeenURL = sampleNow.Add(-50*time.Hour), true, "/x/seen"
		}),
		"seen": sampleFundsSum(func(f *views.FundsSum) {
			f.DueAt, f.SeenAt, f.SeenBy = sampleNow.Add(-2*time.Hour), sampleNow, "ngozi@adire.example"
		}),
		"cancelled": sampleFundsSum(func(f *views.FundsSum) {
			none(f)
			f.DueAt, f.CancelledAt = due, sampleNow
		}),
	}
}

// sampleFundsForm is the form on a customer's page with what was asked before.
func sampleFundsForm() *views.FundsSumForm {
	states := fundsSumStates()
	return &views.FundsSumForm{
		URL: "/customers/1/funds-checks", Currency: "NGN", Currencies: []string{"NGN", "USD"}, AskFirst: true,
		MayRefresh: true, MinDay: "2026-11-03", MaxDay: "2027-11-03", AllURL: "/customers/1/funds-checks",
		Checks: []views.FundsSum{states["too old"], states["no"], states["waiting"]},
	}
}

// fundsSumGallery is a page of evidence for every answer over several accounts.
func fundsSumGallery(ctx context.Context) map[string]templ.Component {
	pages := map[string]templ.Component{}
	for name, f := range fundsSumStates() {
		pages["funds/all-"+slug(name)] = views.FundsSumView(views.FundsSumPage{
			Frame: staffFrame(say(ctx, "Funds check %s", f.Reference), "customers"), Check: f,
		})
	}
	return pages
}
