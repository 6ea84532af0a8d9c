// Package samples draws every screen in every state, with made-up people and
// money: for the gallery, and for the tests that hold all pages to their rules.
package samples

import (
	"context"
	"fmt"
	"maps"
	"time"

	"balancelink/views"
	"balancelink/views/locale"
)

// The samples are of one moment, so that a picture of them does not change.
var (
	sampleZone  = time.FixedZone("WAT", 3600) // fixed: it needs no zone database
	sampleNow   = time.Date(2026, 11, 23, 14, 5, 30, 0, sampleZone)
	sampleClock = views.Clock{Now: sampleNow, Zone: sampleZone}
)

// say is [locale.Say].
func say(ctx context.Context, key string, parts ...any) string { return locale.Say(ctx, key, parts...) }

func naira(minor int64) views.Money { return views.Money{Minor: minor, Currency: "NGN", Known: true} }

func staffFrame(title, nav string) views.Frame {
	return views.Frame{
		Title: title, Business: "Adire Credit", Env: "simulated", SimulatorURL: "http://127.0.0.1:8081/", Nav: nav,
		Staff: "ngozi@adire.example", May: everything, Clock: sampleClock,
	}
}

func customerFrame(title string) views.Frame {
	return views.Frame{
		Title: title, Business: "Adire Credit", Env: "simulated", SimulatorURL: "http://127.0.0.1:8081/",
		Customer: "Adaeze Okonkwo", Clock: sampleClock,
	}
}

func strangerFrame(title string) views.Frame {
	return views.Frame{Title: title, Business: "Adire Credit", Env: "production", Clock: sampleClock}
}

// everything is what an owner may do.
var everything = views.Abilities{
	AskBanks: true, EditCustomers: true, RevealNumbers: true, UnlinkAccounts: true, DecideLinks: true,
	ReadInbox: true, HandleInbox: true,
	ReadAudit: true, ExportData: true, EraseCustomers: true, ManageStaff: true,
}

// sampleAccount is an account as it mostly is; change tells what is special.
func sampleAccount(id string, change func(*views.Account)) views.Account {
	a := views.Account{
		ID: id, BankName: "GTBank", Name: "ADAEZE N. OKONKWO", NUBAN: "••••4471", Type: "Savings", Currency: "NGN",
		Figure: naira(24835075), Basis: "ledger", Available: naira(24485075), AvailableAsOf: sampleNow.Add(-3 * time.Hour),
		Difference: naira(350000),
		AsOf:       sampleNow.Add(-3 * time.Hour), AsOfKind: "stated", CheckedAt: sampleNow.Add(-20 * time.Minute),
		Source: "refresh", Freshness: views.Fresh, Recent: sampleChart(),
		URL: "/me/accounts/" + id, RefreshURL: "/me/accounts/" + id + "/refresh",
		RevealURL: "/me/accounts/" + id + "/reveal",
	}
	if change != nil {
		change(&a)
	}
	if a.Refresh != nil && a.Refresh.Running {
		a.PollURL = "/me/refreshes/" + a.Refresh.ID
	}
	return a
}

func running(r views.Refresh) *views.Refresh {
	r.ID, r.Running, r.StartedAt = "r1", true, sampleNow.Add(-12*time.Second)
	return &r
}

func ended(r views.Refresh) *views.Refresh {
	if r.Kind == "" {
		r.Kind = "refresh"
	}
	r.ID, r.StartedAt, r.EndedAt = "r1", sampleNow.Add(-130*time.Second), sampleNow.Add(-5*time.Second)
	return &r
}

func forStaff(a *views.Account) {
	a.ForStaff, a.CheckURL = true, "/accounts/"+a.ID+"/check"
	a.Provider = views.ProviderIDs{
		Provider: "okra", Account: "5e9f0ab12c4d3e0001a7b9c1", Customer: "5e9f0ab12c4d3e0001a7b9c2",
		Record: "5e9f0ab12c4d3e0001a7b9ff",
	}
}

func sampleThreshold(standing string) *views.Threshold {
	return &views.Threshold{
		Amount: naira(30000000), Standing: standing, By: "ngozi@adire.example", SetAt: sampleNow.Add(-200 * time.Hour),
		CrossedAt: sampleNow.Add(-3 * time.Hour),
	}
}

func noBalance(a *views.Account) {
	a.AsOf, a.CheckedAt, a.Freshness, a.Figure, a.Available, a.Difference = time.Time{}, time.Time{}, views.Never, views.Money{}, views.Money{}, views.Money{}
}

func accountStates() map[string]views.Account {
	day := 24 * time.Hour
	changes := map[string]func(*views.Account){
		"plain": nil,
		"bank answers": func(a *views.Account) {
			a.Health, a.URL = &views.BankHealth{Bank: "GTBank", Asked: 50, Answered: 49, Most: 20 * time.Second}, ""
		},
		"bank rarely answers": func(a *views.Account) {
			a.Health = &views.BankHealth{Bank: "GTBank", Asked: 31, Answered: 9, Longest: 10 * time.Minute}
		},
		"bank never answers": func(a *views.Account) { a.Health = &views.BankHealth{Bank: "GTBank", Asked: 8} },
		"revealed":           func(a *views.Account) { a.NUBAN, a.Revealed = "0123454471", true },
		"never":              noBalance,
		"awaited": func(a *views.Account) {
			noBalance(a)
			a.PollURL = a.URL
		},
		"ageing": func(a *views.Account) {
			a.AsOf, a.AvailableAsOf, a.Freshness = sampleNow.Add(-2*day), sampleNow.Add(-2*day), views.Ageing
		},
		"stale": func(a *views.Account) {
			a.AsOf, a.AvailableAsOf, a.Freshness = sampleNow.Add(-12*day), sampleNow.Add(-12*day), views.Stale
		},
		"no time":           func(a *views.Account) { a.AsOfKind, a.Source = "asked", "webhook" },
		"available unknown": func(a *views.Account) { a.Available, a.Difference = views.Money{}, views.Money{} },
		"available older":   func(a *views.Account) { a.AvailableAsOf, a.Difference = sampleNow.Add(-4*day), views.Money{} },
		"worked out":        func(a *views.Account) { a.AvailableWorked = true },
		"overdrawn": func(a *views.Account) {
			a.Available, a.Figure, a.Difference = naira(-120000), naira(-20000), naira(100000)
		},
		"dollars": func(a *views.Account) {
			a.NUBAN = "••••9020"
			a.Currency, a.Type = "USD", "Domiciliary"
			a.Available, a.Figure = views.Money{
				Minor: 150, Currency: "USD", Known: true,
			}, views.Money{Minor: 150, Currency: "USD", Known: true}
			a.Difference = views.Money{Minor: 0, Currency: "USD", Known: true}
		},
		"very large": func(a *views.Account) { a.Available, a.Figure = naira(9223372036854775807), naira(9223372036854775807) },
		"long name": func(a *views.Account) {
			a.Name = "OKONKWO-ADEBAYO INTERNATIONAL IMPORT AND EXPORT LIMITED (DOMICILIARY)"
		},
		"unlinked":       func(a *views.Account) { a.Unlinked = true },
		"unshared":       func(a *views.Account) { a.Unlinked, a.Unshared = true, true },
		"unshared staff": func(a *views.Account) { forStaff(a); a.Unlinked, a.Unshared = true, true },
		"queued": func(a *views.Account) {
			a.Refresh = running(
				views.Refresh{Kind: "refresh", State: "queued"},
			)
		},
		"refreshing": func(a *views.Account) { a.Refresh = running(views.Refresh{Kind: "refresh", State: "waiting"}) },
		"checking": func(a *views.Account) {
			forStaff(a)
			a.Refresh = running(views.Refresh{Kind: "check", State: "asked"})
		},
		"cooling": func(a *views.Account) {
			a.RefreshAgain = sampleNow.Add(42 * time.Second)
			a.Refresh = ended(views.Refresh{State: "changed", Change: naira(500000), ChangeIn: "available"})
		},
		"went down": func(a *views.Account) {
			a.Refresh = ended(views.Refresh{State: "changed", Change: naira(-500000), ChangeIn: "ledger", Other: naira(120000)})
		},
		"unchanged": func(a *views.Account) { a.Refresh = ended(views.Refresh{State: "unchanged"}) },
		"no new figure": func(a *views.Account) {
			a.Outdated, a.Refresh = true, ended(views.Refresh{State: "unchanged", Changed: true})
		},
		"held": func(a *views.Account) {
			a.Refresh = running(
				views.Refresh{Kind: "refresh", State: "queued", Held: true, NextTry: sampleNow.Add(42 * time.Second)},
			)
		},
		"check changed": func(a *views.Account) {
			forStaff(a)
			a.Outdated = true
			a.Refresh = ended(views.Refresh{
				Kind: "check", State: "changed", Changed: true, LastChecked: sampleNow.Add(-time.Minute),
				LastFetched: sampleNow.Add(-3 * time.Hour),
			})
		},
		"needs login": func(a *views.Account) {
			a.NeedsLogin, a.ReconnectURL = true, "/me/accounts/"+a.ID+"/reconnect"
			a.Refresh = ended(views.Refresh{State: "needs_login"})
		},
		"needs login staff": func(a *views.Account) {
			forStaff(a)
			a.NeedsLogin, a.AskURL, a.CustomerName = true, "/accounts/"+a.ID+"/sign-in-again", "Adaeze Okonkwo"
			a.Refresh = ended(views.Refresh{State: "needs_login"})
		},
		"limited": func(a *views.Account) {
			a.Refresh = ended(views.Refresh{State: "limited", TryAgain: sampleNow.Add(time.Hour)})
		},
		"failed": func(a *views.Account) {
			forStaff(a)
			a.CheckAgain = sampleNow.Add(20 * time.Second)
			a.Refresh = ended(
				views.Refresh{State: "failed", Reference: "R-7K2P", Cause: "provider answered 502 three times"},
			)
		},
		"timed out":       func(a *views.Account) { a.Refresh = ended(views.Refresh{State: "timed_out"}) },
		"interrupted":     func(a *views.Account) { a.Refresh = ended(views.Refresh{State: "interrupted"}) },
		"below threshold": func(a *views.Account) { forStaff(a); a.Threshold = sampleThreshold("below") },
		"above threshold": func(a *views.Account) { forStaff(a); a.Threshold = sampleThreshold("above") },
		"threshold unknown": func(a *views.Account) {
			forStaff(a)
			a.Available, a.Difference, a.Threshold = views.Money{}, views.Money{}, sampleThreshold("unknown")
		},
		"threshold stale": func(a *views.Account) {
			forStaff(a)
			a.AsOf, a.AvailableAsOf, a.Freshness = sampleNow.Add(-12*day), sampleNow.Add(-12*day), views.Stale
			a.Threshold = sampleThreshold("unknown")
		},
		"bare": func(a *views.Account) { *a = views.Account{ID: a.ID} },
	}
	maps.Copy(changes, figureChanges())
	states := map[string]views.Account{}
	for name, change := range changes {
		states[name] = sampleAccount("a-"+slug(name), change)
	}
	return states
}

func sampleBanks() []views.Bank {
	s := accountStates()
	return []views.Bank{
		{Name: "GTBank", Accounts: []views.Account{s["cooling"], s["dollars"]}},
		{Name: "Access Bank", Accounts: []views.Account{sampleAccount("a3", func(a *views.Account) {
			a.BankName, a.Name, a.NUBAN = "Access Bank", "Rent and school fees", "••••0098"
			a.NeedsLogin, a.Freshness, a.ReconnectURL = true, views.Stale, "/me/accounts/a3/reconnect"
			a.AsOf = sampleNow.Add(-9 * 24 * time.Hour)
			a.AvailableAsOf = a.AsOf
		})}},
		{Name: "Zenith Bank", Accounts: []views.Account{sampleAccount("a4", func(a *views.Account) {
			a.BankName, a.Type = "Zenith Bank", "Current"
			a.Refresh = running(views.Refresh{Kind: "refresh", State: "waiting"})
		})}},
	}
}

func sampleSum() views.Sum {
	return views.Sum{Totals: sampleTotals(), OldestAsOf: sampleNow.Add(-3 * time.Hour), Freshness: views.Ageing}
}

func sampleTotals() []views.Total {
	return []views.Total{
		{Money: naira(48970150), Unknown: 1}, {Money: views.Money{Minor: 150, Currency: "USD", Known: true}, Twice: 1},
	}
}

func sampleRows() []views.CustomerRow {
	return []views.CustomerRow{
		{
			ID: "1", Name: "Adaeze Okonkwo", Reference: "L-2041", URL: "/customers/1",
			Banks: []string{"GTBank", "Access Bank"}, Accounts: 4, Status: "linked", Totals: sampleTotals(),
			OldestAsOf: sampleNow.Add(-3 * time.Hour), Freshness: views.Fresh,
		},
		{
			ID: "2", Name: "Bashir & Sons Trading Company Limited", Reference: "L-2042", URL: "/customers/2",
			Banks: []string{"Zenith Bank"}, Accounts: 1, Status: "needs_login",
			Totals: []views.Total{{Money: naira(-120000)}}, OldestAsOf: sampleNow.Add(-12 * 24 * time.Hour),
			Freshness: views.Stale,
		},
		{ID: "3", Name: "Chidi Eze", URL: "/customers/3", Status: "invited", Freshness: views.Never, Link: views.LinkStep{Name: "opened", At: sampleNow.Add(-7 * time.Minute)}, LinkOpen: true},
		{
			ID: "4", Name: "Damilola Ojo", URL: "/customers/4", Banks: []string{"UBA"}, Accounts: 2,
			Status: "needs_review", Totals: []views.Total{{Unknown: 2}}, Freshness: views.Never,
		},
		{ID: "5", Name: "Efe Igho", URL: "/customers/5", Status: "not_linked", Freshness: views.Never},
	}
}

func sampleEvents() []views.EventRow {
	var rows []views.EventRow
	for i, result := range []string{"applied", "duplicate", "unmatched", "ignored", "failed", "received"} {
		e := views.EventRow{
			ID: result, URL: "/inbox/" + result, ReceivedAt: sampleNow.Add(-time.Duration(i) * 26 * time.Hour),
			Method: "BALANCE", Code: "BALANCE_UPDATED", Env: "production-sandbox", Record: "5e9f0ab12c4d3e0001a7b9ff",
			Result: result, Deliveries: i,
		}
		if i%2 == 0 {
			e.CustomerName, e.CustomerURL = "Adaeze Okonkwo", "/customers/1"
		}
		rows = append(rows, e)
	}
	return rows
}

func sampleProvider() views.Provider {
	return views.Provider{URL: "http://127.0.0.1:8081/v2/", Refreshes: 3, Links: 1, CallsPerMinute: 20,
		NextTry: sampleNow.Add(42 * time.Second), Pause: "rate limited",
		Trust: views.Trust{
			State: "lost", Since: sampleNow.Add(-3 * time.Hour),
			Why: "okra: widget: untrusted: HTTP 200: the page is not the bank window's",
			At:  sampleNow.Add(-time.Minute), WidgetURL: "http://127.0.0.1:8081",
		}}
}

func sampleRefreshes(ctx context.Context) []views.RefreshRow {
	row := func(r *views.Refresh) views.RefreshRow {
		return views.RefreshRow{
			Refresh: *r, Customer: "Adaeze Okonkwo", CustomerURL: "/customers/1", Bank: "GTBank", NUBAN: "••••4471",
			AccountURL: "/accounts/a1",
		}
	}
	return []views.RefreshRow{
		row(running(views.Refresh{
			Kind: "refresh", State: "queued", Trigger: "customer", Held: true, NextTry: sampleNow.Add(42 * time.Second),
			Cause: say(ctx, "The calls of this minute are used up."),
		})),
		row(running(views.Refresh{
			Kind: "check", State: "waiting", Trigger: "staff", By: "ngozi@adire.example", Polls: 2,
			NextTry: sampleNow.Add(4 * time.Second),
		})),
		row(ended(views.Refresh{
			State: "changed", Change: naira(500000), ChangeIn: "ledger", Trigger: "schedule", Polls: 1,
			Reference: "9K2PLM4Q",
		})),
		row(ended(views.Refresh{State: "unchanged", Changed: true, Trigger: "customer", Polls: 4})),
		row(ended(views.Refresh{
			State: "failed", Fault: "unreachable", Trigger: "customer",
			Cause: "okra: balance/refresh: unreachable: HTTP 503", TryAgain: sampleNow.Add(time.Minute),
		})),
		row(ended(views.Refresh{State: "needs_login", Trigger: "staff", By: "ngozi@adire.example", Polls: 2})),
		row(ended(views.Refresh{State: "timed_out", Trigger: "schedule", Polls: 38})),
		row(ended(views.Refresh{State: "interrupted", Trigger: "customer"})),
		row(ended(views.Refresh{State: "limited", Trigger: "customer", TryAgain: sampleNow.Add(time.Hour)})),
	}
}

func sampleAudit(ctx context.Context, c views.AuditChain) views.Audit {
	return views.Audit{
		Frame: staffFrame(say(ctx, "Audit log"), "audit"), Chain: c, NextURL: "/audit?before=1200",
		CheckURL: "/audit/check", ExportURL: "/audit/export",
		Filter: views.AuditFilter{
			Customer: "Adaeze", CustomerName: "Adaeze Okonkwo", Actor: "staff:1", From: "2026-11-01",
			Actors: []views.Choice{
				{Value: "staff:1", Label: "ngozi@adire.example"}, {Value: "provider", Label: say(ctx, "The provider")},
			}, Actions: []string{"signed in", "balances seen"},
		},
		Rows: []views.AuditRow{
			{
				Seq: 1204, At: sampleNow.Add(-time.Minute), Actor: "ngozi@adire.example",
				Action: "account number shown", CustomerName: "Adaeze Okonkwo", CustomerURL: "/customers/1",
				SubjectURL: "/accounts/a1",
			},
			{
				Seq: 1203, At: sampleNow.Add(-time.Hour), Actor: say(ctx, "The provider"), Action: "webhooks applied",
				Detail: "31 webhooks, this one first", SubjectURL: "/inbox/1",
			},
			{
				Seq: 1202, At: sampleNow.Add(-30 * time.Hour), Actor: "A customer who was erased",
				Action: "consent given", CustomerName: "erased",
			},
			{Seq: 1201, At: sampleNow.Add(-31 * time.Hour), Actor: say(ctx, "The program"), Action: "settings changed", Detail: "LISTEN_ADDR=127.0.0.1:8080 PUBLIC_URL=https://balances.adire.example SESSION_KEY=1f09ab22 and so on for quite a while"},
		},
	}
}

func wrongAudit(ctx context.Context) views.Audit {
	p := sampleAudit(ctx, views.AuditChain{})
	p.Rows, p.Filter.CustomerName = nil, ""
	p.Filter.Errors = map[string]string{
		"customer": say(ctx, "No customer has this name or reference."),
		"from":     say(ctx, "Enter a date such as %s.", "2026-11-23"),
	}
	return p
}

// numbered gives accounts numbers of their own.
func numbered(accounts ...views.Account) []views.Account {
	for i := range accounts {
		accounts[i].NUBAN = fmt.Sprintf("••••%d", 4471+i)
	}
	return accounts
}
