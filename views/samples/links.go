package samples

import (
	"context"
	"maps"
	"time"

	"github.com/a-h/templ"

	"balancelink/views"
)

// linkGallery is what a customer meets on the way to a linked bank.
func linkGallery(ctx context.Context) map[string]templ.Component {
	connect := views.Connect{
		Frame: strangerFrame(say(ctx, "Connect your bank")), CustomerName: "Adaeze Okonkwo",
		Action: "/connect/s/attempts", Text: sampleConsent(ctx),
		ExpiresAt: sampleNow.Add(48 * time.Hour),
	}
	again := connect
	again.AlreadyLinked, again.MeURL, again.Error = []string{"GTBank"}, "/me", say(
		ctx, "Tick the box to say that you agree. Without it nothing is read.",
	)
	firm := connect
	firm.CustomerName, firm.Corporate = "Okonkwo Foods Ltd", true
	pages := map[string]templ.Component{
		"connect/business": views.ConnectView(firm),
		"connect/over":     over(ctx, time.Time{}), "connect/over-asked": over(ctx, sampleNow.Add(-time.Hour)),
		"connect/normal": views.ConnectView(connect), "connect/already-linked": views.ConnectView(again),
	}
	maps.Copy(pages, pageGallery(ctx, connect))
	for _, state := range []string{
		"open", "claimed", "linked", "needs_review", "refused", "closed", "failed", "expired",
	} {
		p := views.Attempt{Frame: strangerFrame(say(ctx, "Connect your bank")), State: state, Reference: "A-93KD"}
		switch state {
		case "open":
			p.Widget = &views.Widget{
				BaseURL: "http://127.0.0.1:8081", Options: map[string]any{"name": "</script>Adire"}, SuccessURL: "/s",
				CloseURL: "/c", ErrorURL: "/e", StepURL: "/p", TimeoutMS: 3000,
			}
		case "claimed":
			p.PollURL = "/connect/attempts/n"
		case "linked":
			p.Accounts, p.MeURL = []views.Account{sampleAccount("a1", nil), accountStates()["never"]}, "/me"
		case "closed", "expired", "failed":
			p.RetryURL, p.Reconnect = "/connect/s/attempts", state == "failed"
			p.Again = views.AgainAccount{Bank: "GTBank", Number: "••••4471"}
		}
		pages["attempt/"+slug(state)] = views.AttemptView(p)
		if state == "open" {
			for _, shown := range []string{"loading", "unavailable", "saving", "closing", "lost", "busy", "refused"} {
				p.Shown = shown
				pages["attempt/window-"+shown] = views.AttemptView(p)
			}
		}
		if state == "open" {
			for _, why := range []string{"off", "untrusted", "refused", "unreachable"} {
				closed := views.Attempt{Frame: p.Frame, State: "paused", Closed: why}
				pages["attempt/paused-"+why] = views.AttemptView(closed)
			}
		}
		if state == "claimed" {
			for _, why := range []string{"untrusted", "refused"} {
				p.Paused = why
				pages["attempt/claimed-"+why] = views.AttemptView(p)
			}
			p.Paused = ""
			for _, why := range []string{"not_yet", "bad_answer", "unreachable"} {
				p.Delay = why
				pages["attempt/claimed-"+slug(why)] = views.AttemptView(p)
			}
		}
	}
	return pages
}

// over is a personal link that has expired, for another of which somebody has asked, or nobody.
func over(ctx context.Context, asked time.Time) templ.Component {
	return views.ErrorView(views.ErrorPage{
		Frame: strangerFrame(say(ctx, "This link has expired")), Status: 410, Heading: say(ctx, "This link has expired"),
		Sentence: say(ctx, "It worked until %s. Nothing was connected with it.", "23 Nov"),
		NextURL:  "/me/login", NextLabel: say(ctx, "Sign in"),
		More: views.DeadLinkPart(views.DeadLink{
			Clock: sampleClock, Business: "Adire Credit", Phone: "+234 803 100 1002", AskURL: "/connect/s/ask", AskedAt: asked,
		}),
	})
}

// pageGallery is the same way where the provider has a page of its own.
func pageGallery(ctx context.Context, connect views.Connect) map[string]templ.Component {
	connect.Text = views.ConsentIn(ctx, views.ConsentVersion("mono", false)).For("Adire Credit", sampleTerms)
	asked, wrong := connect, connect
	asked.Email = &views.EmailAsked{Provider: "Mono"}
	wrong.ConsentTicked, wrong.Email = true, &views.EmailAsked{
		Provider: "Mono", Typed: "adaeze", Error: say(ctx, "Enter an e-mail address such as name@example.com."),
	}
	pages := map[string]templ.Component{
		"connect/mono": views.ConnectView(connect), "connect/mono-e-mail": views.ConnectView(asked),
		"connect/mono-e-mail-wrong": views.ConnectView(wrong),
	}
	const bank = "https://link.mono.example/ALQX7RT5KD"
	for state, p := range map[string]views.Attempt{
		"making":  {State: "open", Page: &views.BankPage{Provider: "Mono"}},
		"late":    {State: "open", Page: &views.BankPage{Provider: "Mono", Late: true}},
		"ready":   {State: "open", Page: &views.BankPage{Provider: "Mono", URL: bank}},
		"again":   {State: "open", Page: &views.BankPage{Provider: "Mono", URL: bank}, Reconnect: true, Again: views.AgainAccount{Bank: "GTBank", Number: "••••4471"}},
		"awaited": {State: "closed", Awaited: true, RetryURL: "/me/attempts", MeURL: "/me"},
		"closed":  {State: "closed", RetryURL: "/me/attempts", MeURL: "/me"},
		"expired": {State: "expired", RetryURL: "/me/attempts", MeURL: "/me"},
	} {
		p.Frame, p.Reference, p.Pages = strangerFrame(say(ctx, "Connect your bank")), "A-93KD", true
		if p.State == "open" || p.Awaited {
			p.PollURL = "/connect/attempts/n"
		}
		pages["attempt/page-"+state] = views.AttemptView(p)
	}
	return pages
}

// sampleSteps are those of a link whose bank window failed.
func sampleSteps() []views.LinkStep {
	at := func(minutes int) time.Time { return sampleNow.Add(time.Duration(minutes-20) * time.Minute) }
	return []views.LinkStep{
		{Name: "made", At: at(0)}, {Name: "sent", At: at(1)}, {Name: "opened", At: at(4)}, {Name: "agreed", At: at(6)},
		{Name: "bank", At: at(6), Bank: "GTBank"}, {Name: "failed", At: at(9), Reason: "The bank is away."},
	}
}

func reviewGallery(ctx context.Context) map[string]templ.Component {
	r := views.Review{
		URL: "/reviews/1", StartedAt: sampleNow.Add(-2 * time.Hour), CustomerName: "Adaeze Okonkwo",
		CustomerReference: "L-2041", CustomerURL: "/customers/1",
		Holder: "BOLA ADEYEMI", NameMatch: "different", Bank: "Guaranty Trust Bank",
		Why:       "The name on the account does not match the customer's.",
		Reference: "A-93KD", Record: "5e9f0ab12c4d3e0001a7b9ff", ClaimedBy: "widget",
		Accounts: []views.ReviewAccount{
			{Holder: "BOLA ADEYEMI", NUBAN: "••••4471", Type: "Savings", Currency: "NGN"},
			{Holder: "", NUBAN: "••••", Type: "", Currency: "USD"},
		},
	}
	held, empty, many := r, r, r
	many.Further, many.FurtherURL = 12, "/reviews?customer=1"
	held.Holders, held.Held = []views.ReviewHolder{
		{Name: "Bola Adeyemi", URL: "/customers/2", Linked: true},
		{Name: "Bashir & Sons Trading Company Limited", URL: "/customers/3", Linked: false},
	}, true
	empty.Accounts, empty.Holder, empty.NameMatch, empty.Why = nil, "", "", "The record belongs to another company."
	page := func(r views.Review, d views.Decision) templ.Component {
		return views.ReviewView(views.ReviewPage{
			Frame: staffFrame(say(ctx, "Link to review"), ""), Review: r, ApproveURL: "/reviews/1/approve",
			RefuseURL: "/reviews/1/refuse", Decision: d,
		})
	}
	return map[string]templ.Component{
		"reviews/normal": views.ReviewsView(
			views.Reviews{Frame: staffFrame(say(ctx, "Links to review"), ""), Rows: []views.Review{r, empty}},
		),
		"reviews/many": views.ReviewsView(views.Reviews{
			Frame: staffFrame(say(ctx, "Links to review"), ""), Rows: []views.Review{many, empty},
			FirstURL: "/reviews?", NextURL: "/reviews?after=1",
		}),
		"reviews/none":  views.ReviewsView(views.Reviews{Frame: staffFrame(say(ctx, "Links to review"), "")}),
		"review/normal": page(r, views.Decision{}),
		"review/held": page(held, views.Decision{What: "approve", Reason: "She called.", Error: say(
			ctx, "Another customer holds this account or connection now. Unlink it there first, then approve.",
		)}),
		"review/empty": page(empty, views.Decision{What: "refuse", Error: say(ctx, "Enter a reason.")}),
		"me/checked":   views.MeView(views.Me{Frame: customerFrame(say(ctx, "Your balances")), ConnectURL: "/me/attempts", Checks: []views.Check{{Bank: "GTBank", StartedAt: sampleNow, Refused: false, Reference: "A-93KD"}, {Bank: "", StartedAt: sampleNow, Refused: true, Reference: "A-93KE"}}}),
	}
}

func passwordGallery(ctx context.Context) map[string]templ.Component {
	by := []string{say(ctx, "your e-mail address %s", "ada@example.com"), say(ctx, "your phone number %s", "+234 803 100 1001"), say(ctx, "your reference %s", "L-2041")}
	page := func(p views.MePassword) templ.Component {
		p.Frame, p.EndURL = customerFrame(say(ctx, "Come back later")), "/me/sessions/end"
		p.Address = "balances.adire.example"
		return views.MePasswordView(p)
	}
	code := views.Connect{
		Frame: strangerFrame(say(ctx, "Connect your bank")), CustomerName: "Adaeze Okonkwo",
		Action: "/connect/s/attempts", Text: sampleConsent(ctx),
		ExpiresAt: sampleNow.Add(time.Hour), AskCode: true,
	}
	wrong := code
	wrong.ConsentTicked, wrong.CodeError = true, say(ctx, "That code is wrong. You have %d tries left.", 4)
	const link = "https://balances.adire.example/connect/qhC1m2nU6o3p4q5r6s7t8u9v0wAxByCzD"
	invitation := views.InvitationPage{
		Frame: staffFrame(say(ctx, "Personal link"), "customers"), CustomerName: "Adaeze Okonkwo",
		CustomerURL: "/customers/1", Link: link, ExpiresAt: sampleNow.Add(72 * time.Hour),
		Phone: "+2348031001001", Email: "ada@example.com", Language: "en",
		Message: "Hello Adaeze Okonkwo, this is Adire Credit. Please connect your bank here: " + link +
			" It works until 26 Nov, 14:05. Questions? +234 803 100 1002",
		QR:    views.QR{Path: "M4 4h1v1h-1zM6 4h1v1h-1z", Size: 12},
		Steps: views.LinkSteps{Clock: sampleClock, Steps: sampleSteps()[:1], Open: true, PollURL: "/steps", SentURL: "/sent"},
	}
	again := invitation
	again.Bank, again.Steps = "GTBank", views.LinkSteps{Clock: sampleClock, Steps: sampleSteps()[:3], Open: true, Again: true, PollURL: "/steps"}
	again.Message = "Hello Adaeze Okonkwo, this is Adire Credit. GTBank needs you to sign in again before it shows us your balance. Please do so here: " + link + " It works until 26 Nov, 14:05."
	withCode := invitation
	withCode.Code, withCode.Phone, withCode.Email = "042917", "", ""
	withCode.Steps = views.LinkSteps{Clock: sampleClock, Steps: sampleSteps(), Open: true, PollURL: "/steps"}
	return map[string]templ.Component{
		"door/normal":           views.DoorView(strangerFrame("")),
		"customer-login/normal": views.MeLoginView(views.MeLogin{Frame: strangerFrame(say(ctx, "Sign in"))}),
		"customer-login/wrong": views.MeLoginView(views.MeLogin{
			Frame: strangerFrame(say(ctx, "Sign in")), Login: "0803 100 1001",
			Error: say(ctx, "Wrong phone number, e-mail, reference or password. After many wrong tries even the right one does not work for a while."),
		}),
		"customer-login/codes": views.MeLoginView(views.MeLogin{
			Frame: strangerFrame(say(ctx, "Sign in")), Codes: true,
		}),
		"customer-code/ask": views.MeCodeView(views.MeCode{Frame: strangerFrame(say(ctx, "Sign in with a code"))}),
		"customer-code/wrong-address": views.MeCodeView(views.MeCode{
			Frame: strangerFrame(say(ctx, "Sign in with a code")), Login: "ada@",
			Error: say(ctx, "Enter an e-mail address such as name@example.com."),
		}),
		"customer-code/enter": views.MeEnterCodeView(views.MeEnterCode{
			Frame: strangerFrame(say(ctx, "Enter your code")), Login: "ada@example.com",
		}),
		"customer-code/number": views.MeEnterCodeView(views.MeEnterCode{
			Frame: strangerFrame(say(ctx, "Enter your code")), Login: "0803 100 1001",
		}),
		"customer-code/wrong": views.MeEnterCodeView(views.MeEnterCode{
			Frame: strangerFrame(say(ctx, "Enter your code")), Login: "ada@example.com",
			Error: say(ctx, "This is not the code, or it works no more. Type it once more, or ask for another."),
		}),
		"customer-password/normal":  page(views.MePassword{Action: "/me/password", SignInBy: by, ByLink: true}),
		"customer-password/change":  page(views.MePassword{Action: "/me/password", SignInBy: by, SetAt: sampleNow, Errors: map[string]string{"current": say(ctx, "Wrong password."), "password": say(ctx, "Use at least %d characters. A few words in a row are easy to remember.", 12), "again": say(ctx, "The passwords don't match. Type the new one twice.")}}),
		"customer-password/not-yet": page(views.MePassword{}),
		"customer-password/taken":   page(views.MePassword{Action: "/me/password", SignInBy: by[2:], PhoneTaken: true, ByLink: true}),
		"customer-password/none":    page(views.MePassword{EmailTaken: true, PhoneTaken: true, ByLink: true}),
		"customer-password/set":     page(views.MePassword{SignInBy: by, SetAt: sampleNow, ByLink: true}),
		"me/by-link": views.MeView(views.Me{
			Frame: customerFrame(say(ctx, "Your balances")), Banks: sampleBanks(), Sum: sampleSum(),
			ConnectURL: "/me/attempts", ByLink: true, Hidden: 2, PasswordURL: "/me/password",
		}),
		"connect/code":       views.ConnectView(code),
		"connect/code-wrong": views.ConnectView(wrong),
		"invitation/normal":  views.InvitationView(invitation),
		"invitation/again":   views.InvitationView(again),
		"invitation/code":    views.InvitationView(withCode),
		"customer/business": views.CustomerView(views.CustomerPage{
			Frame: staffFrame("Okonkwo Foods Ltd", "customers"), Name: "Okonkwo Foods Ltd", Corporate: true,
			Phone: "0803 100 1001", Added: sampleNow, Status: "not_linked", InviteURL: "/customers/3/invitations",
		}),
		"customer/password": views.CustomerView(views.CustomerPage{Frame: staffFrame("Chidi Eze", "customers"),
			Name: "Chidi Eze", Added: sampleNow, Status: "not_linked", InviteURL: "/customers/3/invitations",
			AskCode:       true,
			PasswordSetAt: sampleNow, SignsInBy: []string{say(ctx, "phone number"), say(ctx, "reference")}, RemovePasswordURL: "/customers/3/password/remove", Invitations: []views.Invitation{{ID: "1", CreatedAt: sampleNow, ExpiresAt: sampleNow.Add(time.Hour), State: "locked", RevokeURL: "/x", Steps: []views.LinkStep{{Name: "made", At: sampleNow}, {Name: "code"}, {Name: "locked"}}}}}),
	}
}
