package views

import (
	"context"
	"time"

	"github.com/a-h/templ"
)

func sampleConsents() []ConsentRow {
	return []ConsentRow{
		{GivenAt: sampleNow.Add(-100 * time.Hour), Version: CurrentConsent(false).Version, Scope: "auth,balance", Business: "Adire Credit", Terms: sampleTerms, Reference: "9F3A21C0", URL: "/me/consents/1", FileURL: "/me/consents/1/file"},
		{GivenAt: sampleNow.Add(-900 * time.Hour), WithdrawnAt: sampleNow.Add(-200 * time.Hour), Version: "demo", Scope: "auth,balance", Business: "Adire Credit", Terms: sampleTerms, Reference: "0B77E1D4"},
	}
}

func sampleRemovals() []RemovalRow {
	return []RemovalRow{
		{State: "queued", RequestedAt: sampleNow.Add(-time.Hour), NextTryAt: sampleNow.Add(time.Hour), Tries: 2, Cause: "okra: customers/remove: unreachable: HTTP 503"},
		{State: "given_up", RequestedAt: sampleNow.Add(-100 * time.Hour), Tries: 12, Cause: "okra: customers/remove: unreachable", ProviderID: "5e9f0ab12c4d3e0001a7b9c1"},
		{State: "done", RequestedAt: sampleNow.Add(-300 * time.Hour)},
	}
}

// sampleTerms are what consents say.
var sampleTerms = ConsentTerms{ValidFor: 365 * 24 * time.Hour, UnusedFor: 180 * 24 * time.Hour}

// privacyGallery is every page about consent, unlinking and erasing.
func privacyGallery(ctx context.Context) map[string]templ.Component {
	row := sampleConsents()[0]
	text := CurrentConsent(false).For("Adire Credit", sampleTerms)
	unlink := Withdrawal{Frame: customerFrame(say(ctx, "Unlink")), BackURL: "/me/accounts/1", BackLabel: say(ctx, "Back to the account"), Action: "/me/accounts/1/unlink", Account: "GTBank ••••4471", Bank: "GTBank", Siblings: 3, MoreURL: "/me/withdraw"}
	single := unlink
	single.Siblings = 1
	everything := Withdrawal{Frame: customerFrame(say(ctx, "Withdraw consent")), BackURL: "/me/consents", BackLabel: say(ctx, "Your consent"), Action: "/me/withdraw", Everything: true, Accounts: []string{"GTBank ••••4471", "Access Bank ••••0098"}}
	byStaff := everything
	byStaff.Frame, byStaff.ForStaff = staffFrame(say(ctx, "Withdraw consent"), "customers"), true
	withPassword, staffWithPassword := everything, byStaff
	withPassword.Password, staffWithPassword.Password = true, true
	byLink := everything
	byLink.ByLink = true
	erase := Erase{Frame: staffFrame(say(ctx, "Erase %s", "Adaeze Okonkwo"), "customers"), Name: "Adaeze Okonkwo", Reference: "L-2041", BackURL: "/customers/1", Action: "/customers/1/erase"}
	wrong := erase
	wrong.Typed, wrong.Error, wrong.ReasonError = "Ada", say(ctx, "This is neither the customer's reference nor the name. Nothing was erased."), say(ctx, "Choose why the customer is erased.")
	return map[string]templ.Component{
		"consents/normal":  ConsentsView(Consents{Frame: customerFrame(say(ctx, "Your consent and your data")), Rows: sampleConsents(), WithdrawURL: "/me/withdraw", ExportURL: "/me/export"}),
		"consents/ended":   ConsentsView(Consents{Frame: customerFrame(say(ctx, "Your consent and your data")), Rows: sampleConsents(), Ended: ConsentEnded(ctx, false), RenewURL: "/me/consent", ExportURL: "/me/export"}),
		"consents/none":    ConsentsView(Consents{Frame: customerFrame(say(ctx, "Your consent and your data")), ExportURL: "/me/export"}),
		"consents/by-link": ConsentsView(Consents{Frame: customerFrame(say(ctx, "Your consent and your data")), Rows: sampleConsents()[:1], WithdrawURL: "/me/withdraw"}),
		"consent/normal":   ConsentView(ConsentPage{Frame: customerFrame(say(ctx, "Consent")), Text: text, Row: row, Back: "/me/consents"}),
		"consent/again":    ConsentView(ConsentPage{Frame: customerFrame(say(ctx, "Consent")), Text: text, Action: "/me/consent", Back: "/me", Error: say(ctx, "Tick the box to say that you agree. Without it nothing is read.")}),
		"unlink/normal":    WithdrawalView(unlink), "unlink/only-account": WithdrawalView(single), "withdraw/normal": WithdrawalView(everything), "withdraw/by-staff": WithdrawalView(byStaff), "withdraw/by-link": WithdrawalView(byLink),
		"withdraw/with-password": WithdrawalView(withPassword), "withdraw/by-staff-with-password": WithdrawalView(staffWithPassword),
		"unlink/done":   DoneView(Done{Frame: customerFrame(say(ctx, "Unlinked")), Heading: say(ctx, "It is unlinked"), Sentence: say(ctx, "The bank is not asked any more. The balances received so far stay here as a record."), Reference: "9F3A21C0", NextURL: "/me", NextLabel: say(ctx, "Go to my balances")}),
		"withdraw/done": DoneView(Done{Frame: strangerFrame(say(ctx, "Withdrawn")), Heading: say(ctx, "Your consent is withdrawn"), Sentence: WithdrawnWords(ctx, "Adire Credit", false), Reference: "9F3A21C0"}),
		"me/ended":      MeView(Me{Frame: customerFrame(say(ctx, "Your balances")), Banks: sampleBanks(), Sum: sampleSum(), Ended: Ended{ConsentEnded(ctx, false), "/me/consent"}}),
		"erase/normal":  EraseView(erase), "erase/wrong": EraseView(wrong),
		"erase/erased":        ErasedView(Erased{Frame: staffFrame(say(ctx, "Erased"), "customers"), At: sampleNow.Add(-time.Hour), By: "ngozi@adire.example", Reason: "asked", Reference: "0B77E1D4", RemovedAt: sampleNow.Add(-time.Hour), Removals: sampleRemovals()}),
		"erase/being removed": ErasedView(Erased{Frame: staffFrame(say(ctx, "Erased"), "customers"), At: sampleNow.Add(-time.Minute), By: "ngozi@adire.example", Reason: "asked", Reference: "0B77E1D4"}),
	}
}
