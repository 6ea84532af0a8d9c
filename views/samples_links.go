package views

import (
	"context"
	"time"

	"github.com/a-h/templ"
)

// linkGallery is what a customer meets on the way to a linked bank.
func linkGallery(ctx context.Context) map[string]templ.Component {
	connect := Connect{Frame: strangerFrame(say(ctx, "Connect your bank")), CustomerName: "Adaeze Okonkwo", Action: "/connect/s/attempts", Text: CurrentConsent(false).For("Adire Credit", sampleTerms), ExpiresAt: sampleNow.Add(48 * time.Hour)}
	again := connect
	again.AlreadyLinked, again.MeURL, again.Error = []string{"GTBank"}, "/me", say(ctx, "Tick the box to say that you agree. Without it nothing is read.")
	pages := map[string]templ.Component{"connect/normal": ConnectView(connect), "connect/already-linked": ConnectView(again)}
	for _, state := range []string{"open", "claimed", "linked", "needs_review", "refused", "closed", "failed", "expired"} {
		p := Attempt{Frame: strangerFrame(say(ctx, "Connect your bank")), State: state, Reference: "A-93KD"}
		switch state {
		case "open":
			p.Widget = &Widget{BaseURL: "http://127.0.0.1:8081", Options: map[string]any{"name": "</script>Adire"}, SuccessURL: "/s", CloseURL: "/c", ErrorURL: "/e", StepURL: "/p", TimeoutMS: 3000}
		case "claimed":
			p.PollURL = "/connect/attempts/n"
		case "linked":
			p.Accounts, p.MeURL = []Account{sampleAccount("a1", nil), accountStates()["never"]}, "/me"
		case "closed", "expired", "failed":
			p.RetryURL, p.Reconnect = "/connect/s/attempts", state == "failed"
		}
		pages["attempt/"+slug(state)] = AttemptView(p)
		if state == "linked" {
			again := p
			again.Reconnect, again.Accounts = true, p.Accounts[:1]
			pages["attempt/already-linked"] = AttemptView(again)
		}
		if state == "open" {
			for _, shown := range []string{"loading", "unavailable", "saving", "closing", "lost", "busy", "refused"} {
				p.Shown = shown
				pages["attempt/window-"+shown] = AttemptView(p)
			}
		}
		if state == "open" {
			for _, why := range []string{"off", "untrusted", "refused", "unreachable"} {
				closed := Attempt{Frame: p.Frame, State: "paused", Closed: why}
				pages["attempt/paused-"+why] = AttemptView(closed)
			}
		}
		if state == "claimed" {
			for _, why := range []string{"untrusted", "refused"} {
				p.Paused = why
				pages["attempt/claimed-"+why] = AttemptView(p)
			}
			p.Paused = ""
			for _, why := range []string{"not_yet", "bad_answer", "unreachable"} {
				p.Delay = why
				pages["attempt/claimed-"+slug(why)] = AttemptView(p)
			}
		}
	}
	return pages
}

func reviewGallery(ctx context.Context) map[string]templ.Component {
	r := Review{
		URL: "/reviews/1", StartedAt: sampleNow.Add(-2 * time.Hour), CustomerName: "Adaeze Okonkwo", CustomerReference: "L-2041", CustomerURL: "/customers/1",
		Holder: "BOLA ADEYEMI", NameMatch: "different", Bank: "Guaranty Trust Bank", Why: "The name on the account does not match the customer's.",
		Reference: "A-93KD", Record: "5e9f0ab12c4d3e0001a7b9ff", ClaimedBy: "widget",
		Accounts: []ReviewAccount{{"BOLA ADEYEMI", "••••4471", "Savings", "NGN"}, {"", "••••", "", "USD"}},
	}
	held, empty, many := r, r, r
	many.Further, many.FurtherURL = 12, "/reviews?customer=1"
	held.Holders, held.Held = []ReviewHolder{{"Bola Adeyemi", "/customers/2", true}, {"Bashir & Sons Trading Company Limited", "/customers/3", false}}, true
	empty.Accounts, empty.Holder, empty.NameMatch, empty.Why = nil, "", "", "The record belongs to another company."
	page := func(r Review, d Decision) templ.Component {
		return ReviewView(ReviewPage{Frame: staffFrame(say(ctx, "Link to review"), ""), Review: r, ApproveURL: "/reviews/1/approve", RefuseURL: "/reviews/1/refuse", Decision: d})
	}
	return map[string]templ.Component{
		"reviews/normal": ReviewsView(Reviews{Frame: staffFrame(say(ctx, "Links to review"), ""), Rows: []Review{r, empty}}),
		"reviews/many":   ReviewsView(Reviews{Frame: staffFrame(say(ctx, "Links to review"), ""), Rows: []Review{many, empty}, FirstURL: "/reviews?", NextURL: "/reviews?after=1"}),
		"reviews/none":   ReviewsView(Reviews{Frame: staffFrame(say(ctx, "Links to review"), "")}),
		"review/normal":  page(r, Decision{}),
		"review/held":    page(held, Decision{What: "approve", Reason: "She called.", Error: say(ctx, "Another customer holds this account or connection now. Unlink it there first, then approve.")}),
		"review/empty":   page(empty, Decision{What: "refuse", Error: say(ctx, "Enter a reason.")}),
		"me/checked":     MeView(Me{Frame: customerFrame(say(ctx, "Your balances")), ConnectURL: "/me/attempts", Checks: []Check{{"GTBank", sampleNow, false, "A-93KD"}, {"", sampleNow, true, "A-93KE"}}}),
	}
}

func passwordGallery(ctx context.Context) map[string]templ.Component {
	by := []string{say(ctx, "your e-mail address %s", "ada@example.com"), say(ctx, "your reference %s", "L-2041")}
	page := func(p MePassword) templ.Component {
		p.Frame, p.EndURL = customerFrame(say(ctx, "Come back later")), "/me/sessions/end"
		return MePasswordView(p)
	}
	code := Connect{Frame: strangerFrame(say(ctx, "Connect your bank")), CustomerName: "Adaeze Okonkwo", Action: "/connect/s/attempts", Text: CurrentConsent(false).For("Adire Credit", sampleTerms), ExpiresAt: sampleNow.Add(time.Hour), AskCode: true}
	wrong := code
	wrong.ConsentTicked, wrong.CodeError = true, say(ctx, "That code is wrong. You have %d tries left.", 4)
	return map[string]templ.Component{
		"customer-login/normal":     MeLoginView(MeLogin{Frame: strangerFrame(say(ctx, "Sign in"))}),
		"customer-login/wrong":      MeLoginView(MeLogin{Frame: strangerFrame(say(ctx, "Sign in")), Login: "L-2041", Error: say(ctx, "Wrong e-mail, reference or password.")}),
		"customer-password/normal":  page(MePassword{Action: "/me/password", SignInBy: by, ByLink: true}),
		"customer-password/change":  page(MePassword{Action: "/me/password", SignInBy: by, SetAt: sampleNow, Errors: map[string]string{"current": say(ctx, "Wrong password."), "password": say(ctx, "Use at least %d characters. A few words in a row are easy to remember.", 12), "again": say(ctx, "The passwords don't match. Type the new one twice.")}}),
		"customer-password/not-yet": page(MePassword{}),
		"customer-password/set":     page(MePassword{SignInBy: by, SetAt: sampleNow, ByLink: true}),
		"me/by-link":                MeView(Me{Frame: customerFrame(say(ctx, "Your balances")), Banks: sampleBanks(), Sum: sampleSum(), ConnectURL: "/me/attempts", ByLink: true, Hidden: 2, PasswordURL: "/me/password"}),
		"connect/code":              ConnectView(code),
		"connect/code-wrong":        ConnectView(wrong),
		"invitation/code": InvitationView(InvitationPage{Frame: staffFrame(say(ctx, "Personal link"), "customers"), CustomerName: "Adaeze Okonkwo", CustomerURL: "/customers/1", Code: "042917",
			Link: "https://balances.adire.example/connect/qhC1m2nU6o3p4q5r6s7t8u9v0wAxByCzD", ExpiresAt: sampleNow.Add(72 * time.Hour)}),
		"customer/password": CustomerView(CustomerPage{Frame: staffFrame("Chidi Eze", "customers"), Name: "Chidi Eze", Added: sampleNow, Status: "not_linked", InviteURL: "/customers/3/invitations", AskCode: true,
			PasswordSetAt: sampleNow, RemovePasswordURL: "/customers/3/password/remove", Invitations: []Invitation{{"1", sampleNow, sampleNow.Add(time.Hour), "locked", "/x"}}}),
	}
}
