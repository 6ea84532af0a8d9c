package samples

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"balancelink/views"
)

// movingPages are an account that goes on at another provider, one of which staff have
// to say whether it does, the one before, and a customer who is to move.
func movingPages(ctx context.Context) map[string]templ.Component {
	linked := sampleNow.Add(-400 * 24 * time.Hour)
	older := views.OlderAccount{
		ID: "a0", URL: "/accounts/a0", Name: "Guaranty Trust Bank", NUBAN: "••••6789", Through: "Okra", LinkedAt: linked,
	}
	page := func(same views.SameAccount, a views.Account, h views.History) templ.Component {
		return views.AccountView(views.AccountPage{
			Frame: staffFrame(say(ctx, "Account"), "customers"), BackURL: "/customers/1",
			BackLabel: say(ctx, "Back to the customer"), Account: a, Same: same, History: h,
		})
	}
	account, before := accountStates()["plain"], accountStates()["plain"]
	also := accountStates()["plain"]
	also.AlsoURL, also.AlsoName = "/customers/2", "Chidi Eze"
	before.GoesOn, before.RefreshURL, before.CheckURL = true, "", ""
	question := views.Question{
		URL: "/accounts/a1#same", CustomerName: "Adaeze Okonkwo", Asked: "holder", At: sampleNow.Add(-time.Hour),
	}
	other := older
	other.ID, other.URL, other.NUBAN = "a2", "/accounts/a2", "••••4321"
	return map[string]templ.Component{
		"account/moved": page(views.SameAccount{Older: &older, PartURL: "/accounts/a1/part"}, account, seamHistory()),
		"account/also":  page(views.SameAccount{}, also, sampleHistory(nil, nil)),
		"account/same": page(views.SameAccount{
			Asked: "several", MayBe: []views.OlderAccount{older, other}, JoinURL: "/accounts/a1/join",
			PartURL: "/accounts/a1/part",
		}, account, sampleHistory(nil, nil)),
		"account/before": page(views.SameAccount{GoesOnURL: "/accounts/a1"}, before, sampleHistory(nil, nil)),
		"reviews/questions": views.ReviewsView(views.Reviews{
			Frame: staffFrame(say(ctx, "Links to review"), ""), Questions: []views.Question{question},
		}),
		"customer/to-move": views.CustomerView(views.CustomerPage{
			Frame: staffFrame("Chidi Eze", "customers"), Name: "Chidi Eze", Added: sampleNow, Status: "invited",
			InviteURL: "/customers/3/invitations", Move: views.Move{From: "Okra", To: "Mono"},
			Questions: []views.Question{question},
		}),
	}
}

// seamHistory goes on at another provider in the middle.
func seamHistory() views.History {
	return sampleHistory(func(ch *views.Chart) {
		ch.Points[30].Seam, ch.Basis = true, ""
	}, func(h *views.History) {
		h.Rows[0].Basis, h.Rows[0].FigureChange, h.Rows[0].AvailableChange = "unspecified", views.Money{}, views.Money{}
		h.Rows[0].Before = &views.Seam{
			Until: views.Told{At: h.Rows[1].AsOf, Through: "Okra", Basis: "ledger"},
			Since: views.Told{At: h.Rows[0].AsOf, Through: "Mono", Basis: "unspecified"},
		}
	})
}
