package samples

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"balancelink/views"
)

func sampleConsents() []views.ConsentRow {
	return []views.ConsentRow{
		{
			GivenAt: sampleNow.Add(-100 * time.Hour), Version: views.CurrentConsent(false).Version,
			Scope: "auth,balance", Business: "Adire Credit", Terms: sampleTerms, Reference: "9F3A21C0",
			URL: "/me/consents/1", FileURL: "/me/consents/1/file",
		},
		{
			GivenAt: sampleNow.Add(-900 * time.Hour), WithdrawnAt: sampleNow.Add(-200 * time.Hour), Version: "demo",
			Scope: "auth,balance", Business: "Adire Credit", Terms: sampleTerms, Reference: "0B77E1D4",
		},
	}
}

func sampleRemovals() []views.RemovalRow {
	return []views.RemovalRow{
		{
			State: "queued", RequestedAt: sampleNow.Add(-time.Hour), NextTryAt: sampleNow.Add(time.Hour), Tries: 2,
			Cause: "okra: customers/remove: unreachable: HTTP 503",
		},
		{
			State: "given_up", RequestedAt: sampleNow.Add(-100 * time.Hour), Tries: 12,
			Cause: "okra: customers/remove: unreachable", ProviderID: "5e9f0ab12c4d3e0001a7b9c1",
		},
		{State: "done", RequestedAt: sampleNow.Add(-300 * time.Hour)},
	}
}

// sampleTerms are what consents say.
var sampleTerms = views.ConsentTerms{
	ValidFor: 365 * 24 * time.Hour, UnusedFor: 180 * 24 * time.Hour, KeptFor: 730 * 24 * time.Hour,
	Address: "14 Broad Street, Lagos", Licence: "MFB-0042", Phone: "+234 700 123 4567",
}

// privacyGallery is every page about consent, unlinking and erasing.
func privacyGallery(ctx context.Context) map[string]templ.Component {
	row := sampleConsents()[0]
	text := sampleConsent(ctx)
	unlink := views.Withdrawal{
		Frame: customerFrame(say(ctx, "Unlink")), BackURL: "/me/accounts/1", BackLabel: say(ctx, "Back to the account"),
		Action: "/me/accounts/1/unlink", Account: "GTBank ••••4471", Bank: "GTBank", Siblings: 3,
		MoreURL: "/me/withdraw",
	}
	single := unlink
	single.Siblings, single.Older = 1, true
	everything := views.Withdrawal{
		Frame: customerFrame(say(ctx, "Withdraw consent")), BackURL: "/me/consents",
		BackLabel: say(ctx, "Your consent"), Action: "/me/withdraw", Everything: true,
		Accounts: []string{"GTBank ••••4471", "Access Bank ••••0098"},
	}
	byStaff := everything
	byStaff.Frame, byStaff.ForStaff = staffFrame(say(ctx, "Withdraw consent"), "customers"), true
	withPassword, staffWithPassword := everything, byStaff
	withPassword.Password, staffWithPassword.Password = true, true
	byLink := everything
	byLink.ByLink = true
	erase := views.Erase{
		Frame: staffFrame(say(ctx, "Erase %s", "Adaeze Okonkwo"), "customers"), Name: "Adaeze Okonkwo",
		Reference: "L-2041", BackURL: "/customers/1", Action: "/customers/1/erase",
	}
	wrong := erase
	wrong.Typed, wrong.Error, wrong.ReasonError = "Ada", say(
		ctx, "This is neither the customer's reference nor the name. Nothing was erased.",
	), say(ctx, "Choose why the customer is erased.")
	return map[string]templ.Component{
		"consents/normal": views.ConsentsView(views.Consents{
			Frame: customerFrame(say(ctx, "Your consent and your data")), Rows: sampleConsents(),
			WithdrawURL: "/me/withdraw", ExportURL: "/me/export",
		}),
		"consents/ended": views.ConsentsView(views.Consents{
			Frame: customerFrame(say(ctx, "Your consent and your data")), Rows: sampleConsents(),
			Ended: views.Ended{Sentence: views.ConsentEnded(ctx, false), URL: "/me/consent"}, ExportURL: "/me/export",
		}),
		"consents/none": views.ConsentsView(
			views.Consents{Frame: customerFrame(say(ctx, "Your consent and your data")), ExportURL: "/me/export"},
		),
		"consents/by-link": views.ConsentsView(views.Consents{
			Frame: customerFrame(say(ctx, "Your consent and your data")), Rows: sampleConsents()[:1],
			WithdrawURL: "/me/withdraw",
		}),
		"consent/normal": views.ConsentView(
			views.ConsentPage{Frame: customerFrame(say(ctx, "Consent")), Text: text, Row: row, Back: "/me/consents"},
		),
		"consent/again": views.ConsentView(views.ConsentPage{
			Frame: customerFrame(say(ctx, "Consent")), Text: text, Action: "/me/consent", Back: "/me",
			Error: say(ctx, "Tick the box to say that you agree. Without it nothing is read."),
		}),
		"unlink/normal": views.WithdrawalView(unlink), "unlink/only-account": views.WithdrawalView(single),
		"withdraw/normal": views.WithdrawalView(everything), "withdraw/by-staff": views.WithdrawalView(byStaff),
		"withdraw/by-link":                views.WithdrawalView(byLink),
		"withdraw/with-password":          views.WithdrawalView(withPassword),
		"withdraw/by-staff-with-password": views.WithdrawalView(staffWithPassword),
		"unlink/done": views.DoneView(views.Done{
			Frame: customerFrame(say(ctx, "Unlinked")), Heading: say(ctx, "It is unlinked"),
			Sentence:  say(ctx, "The bank is not asked any more. The balances received so far stay here as a record."),
			Reference: "9F3A21C0", NextURL: "/me", NextLabel: say(ctx, "Go to my balances"),
		}),
		"withdraw/done": views.DoneView(views.Done{
			Frame: strangerFrame(say(ctx, "Withdrawn")), Heading: say(ctx, "Your consent is withdrawn"),
			Sentence: views.WithdrawnWords(ctx, "Adire Credit", false), Reference: "9F3A21C0",
		}),
		"me/ended": views.MeView(views.Me{
			Frame: customerFrame(say(ctx, "Your balances")), Banks: sampleBanks(), Sum: sampleSum(),
			Ended: views.Ended{Sentence: views.ConsentEnded(ctx, false), URL: "/me/consent"},
		}),
		"me/withdrawn": views.MeView(views.Me{
			Frame: customerFrame(say(ctx, "Your balances")), Ended: withdrawn(ctx, "customer", false),
			Banks: []views.Bank{{Name: "GTBank", Accounts: []views.Account{record(false)}}},
		}),
		"customer/withdrawn": views.CustomerView(views.CustomerPage{
			Frame: staffFrame("Adaeze Okonkwo", "customers"), ID: "1", Name: "Adaeze Okonkwo", Added: sampleNow,
			Status: "withdrawn", Ended: withdrawn(ctx, "staff", true), InviteURL: "/customers/1/invitations",
			Banks: []views.Bank{{Name: "GTBank", Accounts: []views.Account{record(true)}}}, Consents: sampleConsents(),
		}),
		"customer/withdrawn-empty": views.CustomerView(views.CustomerPage{
			Frame: staffFrame("Adaeze Okonkwo", "customers"), ID: "1", Name: "Adaeze Okonkwo", Added: sampleNow,
			Status: "withdrawn", Ended: withdrawn(ctx, "", true), InviteURL: "/customers/1/invitations",
		}),
		"erase/normal": views.EraseView(erase), "erase/wrong": views.EraseView(wrong),
		"erase/erased": views.ErasedView(views.Erased{
			Frame: staffFrame(say(ctx, "Erased"), "customers"), At: sampleNow.Add(-time.Hour),
			By: "ngozi@adire.example", Reason: "asked", Reference: "0B77E1D4", RemovedAt: sampleNow.Add(-time.Hour),
			Removals: sampleRemovals(),
		}),
		"erase/being removed": views.ErasedView(views.Erased{
			Frame: staffFrame(say(ctx, "Erased"), "customers"), At: sampleNow.Add(-time.Minute),
			By: "ngozi@adire.example", Reason: "asked", Reference: "0B77E1D4",
		}),
	}
}

// withdrawn is the notice that a consent is withdrawn.
func withdrawn(ctx context.Context, by string, forStaff bool) views.Ended {
	w := views.Withdrawn{On: "21 Nov", By: by, ForStaff: forStaff}
	if by == "staff" {
		w.Staff = "ngozi@adire.example"
	}
	e := views.Ended{Sentence: w.Sentence(ctx, "Adire Credit"), Withdrawn: w}
	if !forStaff {
		e.URL = "/me/consent"
	}
	return e
}

// record is an account of a consent that is withdrawn.
func record(forStaff bool) views.Account {
	a := sampleAccount("a1", nil)
	a.Unlinked, a.NoConsent, a.Record, a.RefreshURL, a.ForStaff = true, true, true, "", forStaff
	return a
}

// sampleConsent is what customers are asked to agree to now, in the reader's language.
func sampleConsent(ctx context.Context) views.ConsentText {
	return views.ConsentIn(ctx, views.CurrentConsent(false).Version).For("Adire Credit", sampleTerms)
}
