package views

import (
	"context"
	"time"
)

// The samples are of one moment, so that a picture of them does not change.
var (
	sampleZone  = time.FixedZone("WAT", 3600) // fixed: it needs no zone database
	sampleNow   = time.Date(2026, 11, 23, 14, 5, 30, 0, sampleZone)
	sampleClock = Clock{Now: sampleNow, Zone: sampleZone}
)

func naira(minor int64) Money { return Money{Minor: minor, Currency: "NGN", Known: true} }

func staffFrame(title, nav string) Frame {
	return Frame{Title: title, Business: "Adire Credit", Env: "simulated", SimulatorURL: "http://127.0.0.1:8081/", Nav: nav, Staff: "ngozi@adire.example", May: everything, Clock: sampleClock}
}

func customerFrame(title string) Frame {
	return Frame{Title: title, Business: "Adire Credit", Env: "simulated", SimulatorURL: "http://127.0.0.1:8081/", Customer: "Adaeze Okonkwo", Clock: sampleClock}
}

func strangerFrame(title string) Frame {
	return Frame{Title: title, Business: "Adire Credit", Env: "production", Clock: sampleClock}
}

// everything is what an owner may do.
var everything = Abilities{
	AskBanks: true, EditCustomers: true, RevealNumbers: true, UnlinkAccounts: true, DecideLinks: true, ReadInbox: true, HandleInbox: true,
	ReadAudit: true, ExportData: true, EraseCustomers: true, ManageStaff: true,
}

// sampleAccount is an account as it mostly is; change tells what is special.
func sampleAccount(id string, change func(*Account)) Account {
	a := Account{
		ID: id, BankName: "GTBank", Name: "ADAEZE N. OKONKWO", NUBAN: "••••4471", Type: "Savings", Currency: "NGN",
		Ledger: naira(24835075), Available: naira(24485075), AvailableAsOf: sampleNow.Add(-3 * time.Hour), Difference: naira(350000),
		AsOf: sampleNow.Add(-3 * time.Hour), AsOfStated: true, CheckedAt: sampleNow.Add(-20 * time.Minute), Source: "refresh", Freshness: Fresh, Recent: sampleChart(),
		URL: "/me/accounts/" + id, RefreshURL: "/me/accounts/" + id + "/refresh", RevealURL: "/me/accounts/" + id + "/reveal",
	}
	if change != nil {
		change(&a)
	}
	return a
}

func running(r Refresh) *Refresh {
	r.ID, r.Running, r.PollURL, r.StartedAt = "r1", true, "/me/refreshes/r1", sampleNow.Add(-12*time.Second)
	return &r
}

func ended(r Refresh) *Refresh {
	if r.Kind == "" {
		r.Kind = "refresh"
	}
	r.ID, r.StartedAt, r.EndedAt = "r1", sampleNow.Add(-130*time.Second), sampleNow.Add(-5*time.Second)
	return &r
}

func forStaff(a *Account) {
	a.ForStaff, a.CheckURL = true, "/accounts/"+a.ID+"/check"
	a.Provider = ProviderIDs{"okra", "5e9f0ab12c4d3e0001a7b9c1", "5e9f0ab12c4d3e0001a7b9c2", "5e9f0ab12c4d3e0001a7b9ff"}
}

func sampleThreshold(standing string) *Threshold {
	return &Threshold{Amount: naira(30000000), Standing: standing, By: "ngozi@adire.example", SetAt: sampleNow.Add(-200 * time.Hour), CrossedAt: sampleNow.Add(-3 * time.Hour)}
}

func accountStates() map[string]Account {
	day := 24 * time.Hour
	changes := map[string]func(*Account){
		"plain":    nil,
		"revealed": func(a *Account) { a.NUBAN, a.Revealed = "0123454471", true },
		"never": func(a *Account) {
			a.AsOf, a.CheckedAt, a.Freshness, a.Ledger, a.Available, a.Difference = time.Time{}, time.Time{}, Never, Money{}, Money{}, Money{}
		},
		"ageing": func(a *Account) {
			a.AsOf, a.AvailableAsOf, a.Freshness = sampleNow.Add(-2*day), sampleNow.Add(-2*day), Ageing
		},
		"stale": func(a *Account) {
			a.AsOf, a.AvailableAsOf, a.Freshness = sampleNow.Add(-12*day), sampleNow.Add(-12*day), Stale
		},
		"no time":           func(a *Account) { a.AsOfStated, a.Source = false, "webhook" },
		"available unknown": func(a *Account) { a.Available, a.Difference = Money{}, Money{} },
		"available older":   func(a *Account) { a.AvailableAsOf, a.Difference = sampleNow.Add(-4*day), Money{} },
		"worked out":        func(a *Account) { a.AvailableWorked = true },
		"overdrawn": func(a *Account) {
			a.Available, a.Ledger, a.Difference = naira(-120000), naira(-20000), naira(100000)
		},
		"dollars": func(a *Account) {
			a.Currency, a.Type = "USD", "Domiciliary"
			a.Available, a.Ledger = Money{150, "USD", true}, Money{150, "USD", true}
			a.Difference = Money{0, "USD", true}
		},
		"very large": func(a *Account) { a.Available, a.Ledger = naira(9223372036854775807), naira(9223372036854775807) },
		"long name": func(a *Account) {
			a.Name = "OKONKWO-ADEBAYO INTERNATIONAL IMPORT AND EXPORT LIMITED (DOMICILIARY)"
		},
		"unlinked":       func(a *Account) { a.Unlinked = true },
		"unshared":       func(a *Account) { a.Unlinked, a.Unshared = true, true },
		"unshared staff": func(a *Account) { forStaff(a); a.Unlinked, a.Unshared = true, true },
		"queued":         func(a *Account) { a.Refresh = running(Refresh{Kind: "refresh", State: "queued"}) },
		"refreshing":     func(a *Account) { a.Refresh = running(Refresh{Kind: "refresh", State: "waiting"}) },
		"checking": func(a *Account) {
			forStaff(a)
			a.Refresh = running(Refresh{Kind: "check", State: "asked"})
		},
		"cooling": func(a *Account) {
			a.RefreshAgain = sampleNow.Add(42 * time.Second)
			a.Refresh = ended(Refresh{State: "changed", Change: naira(500000), ChangeIn: "available"})
		},
		"went down": func(a *Account) {
			a.Refresh = ended(Refresh{State: "changed", Change: naira(-500000), ChangeIn: "ledger"})
		},
		"unchanged":     func(a *Account) { a.Refresh = ended(Refresh{State: "unchanged"}) },
		"no new figure": func(a *Account) { a.Outdated, a.Refresh = true, ended(Refresh{State: "unchanged", Changed: true}) },
		"held": func(a *Account) {
			a.Refresh = running(Refresh{Kind: "refresh", State: "queued", Held: true, NextTry: sampleNow.Add(42 * time.Second)})
		},
		"check changed": func(a *Account) {
			forStaff(a)
			a.Outdated = true
			a.Refresh = ended(Refresh{Kind: "check", State: "changed", Changed: true, LastChecked: sampleNow.Add(-time.Minute), LastFetched: sampleNow.Add(-3 * time.Hour)})
		},
		"needs login": func(a *Account) {
			a.NeedsLogin, a.ReconnectURL = true, "/me/accounts/"+a.ID+"/reconnect"
			a.Refresh = ended(Refresh{State: "needs_login"})
		},
		"needs login staff": func(a *Account) { forStaff(a); a.NeedsLogin = true; a.Refresh = ended(Refresh{State: "needs_login"}) },
		"limited":           func(a *Account) { a.Refresh = ended(Refresh{State: "limited", TryAgain: sampleNow.Add(time.Hour)}) },
		"failed": func(a *Account) {
			forStaff(a)
			a.CheckAgain = sampleNow.Add(20 * time.Second)
			a.Refresh = ended(Refresh{State: "failed", Reference: "R-7K2P", Cause: "provider answered 502 three times"})
		},
		"timed out":       func(a *Account) { a.Refresh = ended(Refresh{State: "timed_out"}) },
		"interrupted":     func(a *Account) { a.Refresh = ended(Refresh{State: "interrupted"}) },
		"below threshold": func(a *Account) { forStaff(a); a.Threshold = sampleThreshold("below") },
		"above threshold": func(a *Account) { forStaff(a); a.Threshold = sampleThreshold("above") },
		"threshold unknown": func(a *Account) {
			forStaff(a)
			a.Available, a.Difference, a.Threshold = Money{}, Money{}, sampleThreshold("unknown")
		},
		"threshold stale": func(a *Account) {
			forStaff(a)
			a.AsOf, a.AvailableAsOf, a.Freshness = sampleNow.Add(-12*day), sampleNow.Add(-12*day), Stale
			a.Threshold = sampleThreshold("unknown")
		},
		"bare": func(a *Account) { *a = Account{ID: a.ID} },
	}
	states := map[string]Account{}
	for name, change := range changes {
		states[name] = sampleAccount("a-"+slug(name), change)
	}
	return states
}

func sampleBanks() []Bank {
	s := accountStates()
	return []Bank{
		{"GTBank", []Account{s["cooling"], s["dollars"]}},
		{"Access Bank", []Account{sampleAccount("a3", func(a *Account) {
			a.BankName, a.Name, a.NUBAN = "Access Bank", "Rent and school fees", "••••0098"
			a.NeedsLogin, a.Freshness, a.ReconnectURL = true, Stale, "/me/accounts/a3/reconnect"
			a.AsOf = sampleNow.Add(-9 * 24 * time.Hour)
			a.AvailableAsOf = a.AsOf
		})}},
		{"Zenith Bank", []Account{sampleAccount("a4", func(a *Account) {
			a.BankName, a.Type = "Zenith Bank", "Current"
			a.Refresh = running(Refresh{Kind: "refresh", State: "waiting"})
		})}},
	}
}

func sampleSum() Sum {
	return Sum{Totals: sampleTotals(), OldestAsOf: sampleNow.Add(-3 * time.Hour), Freshness: Ageing}
}

func sampleTotals() []Total {
	return []Total{{Money: naira(48970150), Unknown: 1}, {Money: Money{150, "USD", true}}}
}

func sampleRows() []CustomerRow {
	return []CustomerRow{
		{ID: "1", Name: "Adaeze Okonkwo", Reference: "L-2041", URL: "/customers/1", Banks: []string{"GTBank", "Access Bank"}, Accounts: 4, Status: "linked", Totals: sampleTotals(), OldestAsOf: sampleNow.Add(-3 * time.Hour), Freshness: Fresh},
		{ID: "2", Name: "Bashir & Sons Trading Company Limited", Reference: "L-2042", URL: "/customers/2", Banks: []string{"Zenith Bank"}, Accounts: 1, Status: "needs_login", Totals: []Total{{Money: naira(-120000)}}, OldestAsOf: sampleNow.Add(-12 * 24 * time.Hour), Freshness: Stale},
		{ID: "3", Name: "Chidi Eze", URL: "/customers/3", Status: "invited", Freshness: Never},
		{ID: "4", Name: "Damilola Ojo", URL: "/customers/4", Banks: []string{"UBA"}, Accounts: 2, Status: "needs_review", Totals: []Total{{Unknown: 2}}, Freshness: Never},
		{ID: "5", Name: "Efe Igho", URL: "/customers/5", Status: "not_linked", Freshness: Never},
	}
}

func sampleEvents() []EventRow {
	var rows []EventRow
	for i, result := range []string{"applied", "duplicate", "unmatched", "ignored", "failed", "received"} {
		e := EventRow{ID: result, URL: "/inbox/" + result, ReceivedAt: sampleNow.Add(-time.Duration(i) * 26 * time.Hour), Method: "BALANCE", Code: "BALANCE_UPDATED", Env: "production-sandbox", Record: "5e9f0ab12c4d3e0001a7b9ff", Result: result, Deliveries: i}
		if i%2 == 0 {
			e.CustomerName, e.CustomerURL = "Adaeze Okonkwo", "/customers/1"
		}
		rows = append(rows, e)
	}
	return rows
}

func sampleProvider() Provider {
	return Provider{URL: "http://127.0.0.1:8081/v2/", Refreshes: 3, Links: 1, CallsPerMinute: 20, NextTry: sampleNow.Add(42 * time.Second), Pause: "rate limited",
		Trust: Trust{State: "lost", Since: sampleNow.Add(-3 * time.Hour), Why: "okra: widget: untrusted: HTTP 200: the page is not the bank window's", At: sampleNow.Add(-time.Minute), WidgetURL: "http://127.0.0.1:8081"}}
}

func sampleRefreshes(ctx context.Context) []RefreshRow {
	row := func(r *Refresh) RefreshRow {
		return RefreshRow{Refresh: *r, Customer: "Adaeze Okonkwo", CustomerURL: "/customers/1", Bank: "GTBank", NUBAN: "••••4471", AccountURL: "/accounts/a1"}
	}
	return []RefreshRow{
		row(running(Refresh{Kind: "refresh", State: "queued", Trigger: "customer", Held: true, NextTry: sampleNow.Add(42 * time.Second), Cause: say(ctx, "The calls of this minute are used up.")})),
		row(running(Refresh{Kind: "check", State: "waiting", Trigger: "staff", By: "ngozi@adire.example", Polls: 2, NextTry: sampleNow.Add(4 * time.Second)})),
		row(ended(Refresh{State: "changed", Change: naira(500000), ChangeIn: "ledger", Trigger: "schedule", Polls: 1, Reference: "9K2PLM4Q"})),
		row(ended(Refresh{State: "unchanged", Changed: true, Trigger: "customer", Polls: 4})),
		row(ended(Refresh{State: "failed", Fault: "unreachable", Trigger: "customer", Cause: "okra: balance/refresh: unreachable: HTTP 503", TryAgain: sampleNow.Add(time.Minute)})),
		row(ended(Refresh{State: "needs_login", Trigger: "staff", By: "ngozi@adire.example", Polls: 2})),
		row(ended(Refresh{State: "timed_out", Trigger: "schedule", Polls: 38})),
		row(ended(Refresh{State: "interrupted", Trigger: "customer"})),
		row(ended(Refresh{State: "limited", Trigger: "customer", TryAgain: sampleNow.Add(time.Hour)})),
	}
}

func sampleAudit(ctx context.Context, c AuditChain) Audit {
	return Audit{
		Frame: staffFrame(say(ctx, "Audit log"), "audit"), Chain: c, NextURL: "/audit?before=1200", CheckURL: "/audit/check", ExportURL: "/audit/export",
		Filter: AuditFilter{
			Customer: "Adaeze", CustomerName: "Adaeze Okonkwo", Actor: "staff:1", From: "2026-11-01",
			Actors: []Choice{{"staff:1", "ngozi@adire.example"}, {"provider", say(ctx, "The provider")}}, Actions: []string{"signed in", "balances seen"},
		},
		Rows: []AuditRow{
			{Seq: 1204, At: sampleNow.Add(-time.Minute), Actor: "ngozi@adire.example", Action: "account number shown", CustomerName: "Adaeze Okonkwo", CustomerURL: "/customers/1", SubjectURL: "/accounts/a1"},
			{Seq: 1203, At: sampleNow.Add(-time.Hour), Actor: say(ctx, "The provider"), Action: "webhooks applied", Detail: "31 webhooks, this one first", SubjectURL: "/inbox/1"},
			{Seq: 1202, At: sampleNow.Add(-30 * time.Hour), Actor: "A customer who was erased", Action: "consent given", CustomerName: "erased"},
			{Seq: 1201, At: sampleNow.Add(-31 * time.Hour), Actor: say(ctx, "The program"), Action: "settings changed", Detail: "LISTEN_ADDR=127.0.0.1:8080 PUBLIC_URL=https://balances.adire.example SESSION_KEY=1f09ab22 and so on for quite a while"},
		},
	}
}

func wrongAudit(ctx context.Context) Audit {
	p := sampleAudit(ctx, AuditChain{})
	p.Rows, p.Filter.CustomerName = nil, ""
	p.Filter.Errors = map[string]string{"customer": say(ctx, "No customer has this name or reference."), "from": say(ctx, "Enter a date such as %s.", "2026-11-23")}
	return p
}
