package samples

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"balancelink/views"
)

// againGallery is the way of a customer who is to sign in to an account again, and how
// staff send them on it.
func againGallery(ctx context.Context) map[string]templ.Component {
	first := views.AgainAccount{Bank: "First Bank of Nigeria", Number: "••••6672"}
	page := views.Connect{
		Frame: strangerFrame(say(ctx, "Sign in again")), CustomerName: "Adaeze Okonkwo", Again: first,
		Action: "/connect/s/attempts", NeedsScript: true, ExpiresAt: sampleNow.Add(48 * time.Hour),
	}
	ended, anew := page, page
	ended.Text = sampleConsent(ctx)
	anew.NeedsScript, anew.Email = false, &views.EmailAsked{Provider: "Mono"}
	attempt := func(state string) views.Attempt {
		return views.Attempt{
			Frame: strangerFrame(say(ctx, "Sign in again")), State: state, Reconnect: true, Again: first,
			Reference: "A-93KD", RetryURL: "/me/attempts",
		}
	}
	linked := attempt("linked")
	linked.Accounts, linked.MeURL = []views.Account{sampleAccount("a1", nil)}, "/me"
	done := first
	ask := sampleRows()[1:2]
	ask[0].Ask = []views.AskToSignIn{{URL: "/accounts/a1/sign-in-again", Account: "Zenith Bank ••••6672"}}
	return map[string]templ.Component{
		"connect/sign-in-again":         views.AgainView(page),
		"connect/sign-in-again-consent": views.AgainView(ended),
		"connect/sign-in-again-anew":    views.AgainView(anew),
		"attempt/other-account":         views.AttemptView(attempt("other_account")),
		"attempt/signed-in-again":       views.AttemptView(linked),
		"attempt/signed-in-unseen":      views.AttemptView(attempt("linked")),
		"me/sign-in-again": views.MeView(views.Me{
			Frame: customerFrame(say(ctx, "Your balances")), ByLink: true, Only: &first, ConnectURL: "/me/attempts",
		}),
		"me/signed-in-again": views.MeView(views.Me{
			Frame: customerFrame(say(ctx, "Your balances")), ByLink: true, Only: &done,
		}),
		"consents/agreed-before": views.ConsentsView(views.Consents{
			Frame: customerFrame(say(ctx, "Your consent and your data")), Before: true,
		}),
		"customers/sign-in-again": views.CustomersView(views.Customers{
			Frame: staffFrame(say(ctx, "Customers"), "customers"), Filter: "needs_login", Rows: ask, Some: true,
			AskAll: views.AskAllToSignIn{URL: "/customers/sign-in-again", Accounts: 260, Linked: 12, Most: 200},
		}),
		"customers/sign-in-again-renew": views.CustomersView(views.Customers{
			Frame: staffFrame(say(ctx, "Customers"), "customers"), Filter: "needs_login", Rows: ask, Some: true,
			AskAll: views.AskAllToSignIn{URL: "/customers/sign-in-again", Accounts: 1, Linked: 1, Most: 200},
		}),
	}
}
