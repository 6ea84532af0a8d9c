package samples

import (
	"cmp"
	"context"
	"time"

	"github.com/a-h/templ"

	"balancelink/views"
)

// ownGallery is the customer's own page, and the card of an account in every state.
func ownGallery(ctx context.Context) map[string]templ.Component {
	me := func(change func(*views.Me)) templ.Component {
		p := views.Me{
			Frame: customerFrame(say(ctx, "Your balances")), Banks: sampleBanks(), Sum: sampleSum(),
			ConnectURL: "/me/attempts",
		}
		change(&p)
		return views.MeView(p)
	}
	pages := map[string]templ.Component{
		"me/normal": me(func(*views.Me) {}),
		"me/empty": views.MeView(
			views.Me{Frame: customerFrame(say(ctx, "Your balances")), ConnectURL: "/me/attempts"},
		),
		"seen/normal": me(func(p *views.Me) { p.HistoryURL, p.Seen = "/me/history", sampleSeen(ctx) }),
		"me/offline":  me(func(p *views.Me) { p.Shown = "offline" }),
		"me/outdated": me(func(p *views.Me) { p.Shown = "outdated" }),
		"me/unsent":   me(func(p *views.Me) { p.Shown = "unsent" }),
		"me/cut":      me(func(p *views.Me) { p.Shown = "cut" }),
	}
	for name, s := range vagueSums() {
		pages["me/"+slug(name)] = me(func(p *views.Me) { p.Sum = s })
	}
	for name, a := range accountStates() {
		pages["card/"+slug(name)] = views.MeView(views.Me{
			Frame: customerFrame(say(ctx, "Your balances")),
			Banks: []views.Bank{{Name: cmp.Or(a.BankName, say(ctx, "The bank")), Accounts: []views.Account{a}}},
		})
	}
	return pages
}

// sampleSeen is what staff read over pages that they see as the customer does.
func sampleSeen(ctx context.Context) *views.SeenAs {
	return &views.SeenAs{
		Sentence: say(ctx, "This is what %s sees with a password. You are not signed in as them: nothing here does anything, and your look is written down.", "Adaeze Okonkwo"),
		BackURL:  "/customers/1", Back: say(ctx, "Back to %s", "Adaeze Okonkwo"), Language: "en",
	}
}

// signInGallery is how staff come in.
func signInGallery(ctx context.Context) map[string]templ.Component {
	login := func(p views.Login) templ.Component {
		p.Frame = strangerFrame(say(ctx, "Sign in"))
		return views.LoginView(p)
	}
	return map[string]templ.Component{
		"login/normal": login(views.Login{Next: "/"}),
		"login/wrong": login(
			views.Login{Email: "ngozi@adire.example", Error: say(ctx, "Wrong e-mail or password.")},
		),
		"login/locked": login(views.Login{
			Email: "ngozi@adire.example",
			Error: say(ctx, "Too many wrong tries. Try again in %s.", say(ctx, "%d minutes", 8)),
		}),
		"login/signed-out": login(views.Login{SignedOut: true}),
		"login/undone":     login(views.Login{Undone: true, Next: "/customers"}),
		"login/expired":    login(views.Login{Next: "/customers?filter=stale"}),
	}
}

// errorGallery is every kind of page that says no.
func errorGallery(ctx context.Context) map[string]templ.Component {
	staff, customer, stranger := staffFrame("", ""), customerFrame(""), strangerFrame("")
	pages := map[string]templ.Component{}
	for name, p := range map[string]views.ErrorPage{
		"200 goodbye": {Frame: stranger, Status: 200, Heading: say(ctx, "You are signed out"), NextURL: "/me/login",
			NextLabel: say(ctx, "Sign in"),
			Sentence:  say(ctx, "To come back, sign in with your password if you have set one, or ask %s for a fresh personal link.", "Adire Credit")},
		"200 back from the bank": {Frame: stranger, Status: 200, Heading: say(ctx, "You are back from your bank"),
			NextURL: "/me/login", NextLabel: say(ctx, "Sign in"),
			Sentence: say(ctx, "What your bank shared reaches %s by itself; this page may be closed. Go on where you began, or sign in to see it.", "Adire Credit")},
		"401 signed out": {Frame: stranger, Status: 401, Heading: say(ctx, "Sign in to go on"), NextURL: "/me/login",
			NextLabel: say(ctx, "Sign in"),
			Sentence:  say(ctx, "For your safety we sign you out after a while. Sign in with your password, or ask %s for a fresh personal link.", "Adire Credit")},
		"403 role": {Frame: staff, Status: 403, Heading: say(ctx, "Your role does not allow this"), NextURL: "/",
			NextLabel: say(ctx, "Go to the overview"),
			Sentence:  say(ctx, "Nothing was changed. Ask an owner of this installation if you need it.")},
		"404 not found": {Frame: customer, Status: 404, Heading: say(ctx, "Page not found"), NextURL: "/me",
			NextLabel: say(ctx, "Go to my balances"),
			Sentence:  say(ctx, "There is nothing here, or it is not yours to see.")},
		"409 not linked": {Frame: customer, Status: 409, Heading: say(ctx, "This account is not linked any more"),
			NextURL: "/me", NextLabel: say(ctx, "Go to my balances"),
			Sentence: say(ctx, "Its last known balance stays here. Link it again to ask the bank.")},
		"410 link used": {Frame: stranger, Status: 410, Heading: say(ctx, "This link can't be used"),
			Sentence: say(
				ctx, "It may have expired, been used or been replaced. Ask %s for a new one.", "Adire Credit",
			)},
		"413 too much": {Frame: staff, Status: 413, Heading: say(ctx, "This is too large"), NextURL: "/",
			NextLabel: say(ctx, "Go to the overview"),
			Sentence:  say(ctx, "What was sent is larger than this page takes.")},
		"429 too early": {Frame: customer, Status: 429, Heading: say(ctx, "The bank was asked a moment ago"),
			NextURL: "/me/accounts/a1", NextLabel: say(ctx, "Back to the account"),
			Sentence: say(ctx, "It can be asked again at %s. Nothing was changed.", "14:06:12")},
		"429 too often": {Frame: stranger, Status: 429, Heading: say(ctx, "Too many tries"),
			Sentence: say(
				ctx, "There were too many requests from your network. Nothing was changed. Try again in %s.",
				say(ctx, "%d seconds", 12),
			)},
		"500 broken": {Frame: stranger, Status: 500, Heading: say(ctx, "Something went wrong"), Reference: "Q3F977ABXK",
			Sentence: say(ctx, "It is our fault and nothing was lost. Please try again in a minute.")},
		"503 paused": {Frame: customer, Status: 503, Heading: say(ctx, "Linking is paused for your safety"),
			NextURL: "/me", NextLabel: say(ctx, "Go to my balances"), Reference: "Q3F977ABXL",
			Sentence: say(ctx, "We can't safely open your bank right now. Nothing was shared. Your link still works: please try again later.")},
	} {
		p.Title = p.Heading
		pages["error/"+slug(name)] = views.ErrorView(p)
	}
	return pages
}

// overviewStates are the overview as staff may find it.
func overviewStates(ctx context.Context) map[string]views.Overview {
	const webhooks = "https://balances.adire.example/webhooks/okra"
	states := map[string]views.Overview{
		"new installation": {
			Providers: []views.Provider{{URL: "http://127.0.0.1:8081/v2/"}},
			Steps: []views.Step{
				{Name: "keys"}, {Name: "webhook"}, {Name: "customer"}, {Name: "link"}, {Name: "backup"}, {Name: "owner"},
			},
		},
		"no customers": {Providers: []views.Provider{{URL: "http://127.0.0.1:8081/v2/"}}},
		"normal": {Customers: 124, Linked: 98, NeverLinked: 21, NeedsLogin: 5, Stale: 3, NeedsReview: 1, Below: 4,
			BelowUnknown:  2,
			WebhooksToday: 43, Unmatched: 0, RefreshesRunning: 2, LastWebhook: sampleNow.Add(-4 * time.Minute),
			Providers: []views.Provider{sampleProvider()}, Recent: sampleRows()},
		"nothing to do": {
			Customers: 12, Linked: 12, WebhooksToday: 3, LastWebhook: sampleNow.Add(-time.Hour),
			Steps:     []views.Step{{Name: "backup", Done: true}, {Name: "owner"}},
			Providers: []views.Provider{{URL: "http://127.0.0.1:8081/v2/"}}, Recent: sampleRows()[:1],
		},
		"silent feed": {
			Customers: 124, Linked: 98, LastWebhook: sampleNow.Add(-50 * time.Hour), Silent: true,
			Providers: []views.Provider{{URL: "http://127.0.0.1:8081/v2/"}},
		},
		"provider down": {Customers: 124, Linked: 98, LastWebhook: sampleNow.Add(-4 * time.Minute),
			Providers: []views.Provider{{
				URL: "http://127.0.0.1:8081/v2/", Refreshes: 12, CallsPerMinute: 20, CallsLeft: 20,
				NextTry: sampleNow.Add(42 * time.Second), Pause: "unreachable",
			}}},
	}
	for name, p := range states {
		p.Frame, p.WebhookURL, p.ReviewsURL = staffFrame(say(ctx, "Overview"), "overview"), webhooks, "/reviews"
		if name == "provider down" {
			p.Alert = "The provider cannot be reached: no balance can be refreshed. We try again at 14:06:12."
		}
		states[name] = p
	}
	return states
}
