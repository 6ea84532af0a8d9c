package views

import (
	"maps"
	"time"

	"github.com/a-h/templ"
)

var (
	sampleNow   = at("2026-11-23 14:05:30")
	sampleClock = Clock{Now: sampleNow, Zone: lagos}
)

func staffFrame(title, nav string) Frame {
	return Frame{Title: title, Business: "Adire Credit", Env: "simulated", SimulatorURL: "http://127.0.0.1:8081/", Nav: nav, Staff: "ngozi@adire.example", Clock: sampleClock}
}

func customerFrame(title string) Frame {
	return Frame{Title: title, Business: "Adire Credit", Env: "simulated", SimulatorURL: "http://127.0.0.1:8081/", Customer: "Adaeze Okonkwo", Clock: sampleClock}
}

func strangerFrame(title string) Frame {
	return Frame{Title: title, Business: "Adire Credit", Env: "production", Clock: sampleClock}
}

// sampleAccount is an account as it mostly is; change tells what is special.
func sampleAccount(id string, change func(*Account)) Account {
	a := Account{
		ID: id, BankName: "GTBank", Name: "ADAEZE N. OKONKWO", NUBAN: "••••4471", Type: "Savings", Currency: "NGN",
		Ledger: naira(24835075), Available: naira(24485075), AvailableAsOf: sampleNow.Add(-3 * time.Hour), Difference: naira(350000),
		AsOf: sampleNow.Add(-3 * time.Hour), AsOfStated: true, CheckedAt: sampleNow.Add(-20 * time.Minute), Source: "refresh", Freshness: Fresh,
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
	a.ProviderNotes = []Detail{{"Provider account id", "5e9f0ab12c4d3e0001a7b9c1"}, {"Record", "5e9f0ab12c4d3e0001a7b9ff"}, {"Connected", "yes"}}
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
		"unlinked":   func(a *Account) { a.Unlinked = true },
		"queued":     func(a *Account) { a.Refresh = running(Refresh{Kind: "refresh", State: "queued"}) },
		"refreshing": func(a *Account) { a.Refresh = running(Refresh{Kind: "refresh", State: "waiting"}) },
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
		"unchanged": func(a *Account) { a.Refresh = ended(Refresh{State: "unchanged"}) },
		"check changed": func(a *Account) {
			forStaff(a)
			a.Refresh = ended(Refresh{Kind: "check", State: "changed", Changed: true})
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
		"timed out":   func(a *Account) { a.Refresh = ended(Refresh{State: "timed_out"}) },
		"interrupted": func(a *Account) { a.Refresh = ended(Refresh{State: "interrupted"}) },
		"bare":        func(a *Account) { *a = Account{ID: a.ID} },
	}
	states := map[string]Account{}
	for name, change := range changes {
		states[name] = sampleAccount("a-"+fileName(name), change)
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

// gallery is every page in every state that looks different.
func gallery() map[string]templ.Component {
	pages := map[string]templ.Component{
		"login":       LoginView(Login{Frame: strangerFrame("Sign in"), Next: "/"}),
		"login wrong": LoginView(Login{Frame: strangerFrame("Sign in"), Email: "ngozi@adire.example", Error: "E-mail and password do not fit."}),
		"error": ErrorView(ErrorPage{Frame: customerFrame("Not found"), Status: 404, Heading: "There is nothing here",
			Sentence: "The page does not exist, or it is not yours.", NextURL: "/me", NextLabel: "Your balances"}),
		"error broken": ErrorView(ErrorPage{Frame: strangerFrame("Sorry"), Status: 500, Heading: "Something broke on our side",
			Sentence: "It is noted. Please try again in a minute.", Reference: "q3f9-77ab"}),
		"me":       MeView(Me{Frame: customerFrame("Your balances"), Banks: sampleBanks(), Sum: sampleSum(), ConnectURL: "/me/connect"}),
		"me empty": MeView(Me{Frame: customerFrame("Your balances"), ConnectURL: "/me/connect"}),
	}
	maps.Copy(pages, staffGallery())
	maps.Copy(pages, linkGallery())
	return pages
}

func staffGallery() map[string]templ.Component {
	states := accountStates()
	flashed := staffFrame("Adaeze Okonkwo", "customers")
	flashed.Flash = "The link of 21 Nov is revoked."
	account := states["failed"]
	account.URL = ""
	event := EventPage{Frame: staffFrame("Webhook", "inbox"), Event: sampleEvents()[2], Reason: "No account has the provider's id 5e9f0ab12c4d3e0001a7b9c1.",
		Headers: []Detail{{"Content-Type", "application/json"}, {"Authorization", "(taken out)"}}, Payload: "{\n  \"method\": \"BALANCE\",\n  \"code\": \"BALANCE_UPDATED\",\n  \"callback_url\": \"https://api.example/v2/callback?record=5e9f0ab12c4d3e0001a7b9ff&method=BALANCE&and=so-on-for-quite-a-while\"\n}", ReplayURL: "/inbox/1/replay", Match: &Match{URL: "/inbox/1/match"}}
	wrong := event
	wrong.Match = &Match{URL: "/inbox/1/match", Customer: "Adaeze", Error: "Two customers are called that. Please give the reference."}
	applied := event
	applied.Event, applied.Reason, applied.Match, applied.AppliedAt = sampleEvents()[0], "", nil, sampleNow.Add(-time.Second)
	nothing := applied
	applied.AccountURL = "/accounts/a1"
	applied.Balances = []Observation{{AsOf: sampleNow.Add(-time.Minute), AsOfStated: true, Ledger: naira(24835075), Available: naira(24485075), AvailableWorked: true}}
	return map[string]templ.Component{
		"overview new": OverviewView(Overview{Frame: staffFrame("Overview", "overview"), WebhookURL: "https://balances.adire.example/webhooks/okra", ProviderURL: "http://127.0.0.1:8081"}),
		"overview": OverviewView(Overview{Frame: staffFrame("Overview", "overview"), Customers: 124, Linked: 98, NeverLinked: 21, NeedsLogin: 5, Stale: 3, NeedsReview: 1,
			WebhooksToday: 43, Unmatched: 0, RefreshesRunning: 2, LastWebhook: sampleNow.Add(-4 * time.Minute), WebhookURL: "https://balances.adire.example/webhooks/okra", ProviderURL: "http://127.0.0.1:8081", Recent: sampleRows()}),
		"overview silent": OverviewView(Overview{Frame: staffFrame("Overview", "overview"), Customers: 124, Linked: 98, LastWebhook: sampleNow.Add(-50 * time.Hour), Silent: true,
			WebhookURL: "https://balances.adire.example/webhooks/okra", ProviderURL: "http://127.0.0.1:8081"}),
		"customers":       CustomersView(Customers{Frame: staffFrame("Customers", "customers"), Rows: sampleRows(), Total: 124, NextURL: "/customers?after=5"}),
		"customers empty": CustomersView(Customers{Frame: staffFrame("Customers", "customers")}),
		"customers none":  CustomersView(Customers{Frame: staffFrame("Customers", "customers"), Query: "zzz", Filter: "stale", Total: 124, FirstURL: "/customers"}),
		"customers wrong": CustomersView(Customers{Frame: staffFrame("Customers", "customers"), Rows: sampleRows()[:1], Total: 1,
			Form: CustomerForm{Reference: "L-2041", Email: "nonsense", Errors: map[string]string{"name": "Please give a name.", "email": "This is not an e-mail address."}}}),
		"customer": CustomerView(CustomerPage{Frame: flashed, ID: "1", Name: "Adaeze Okonkwo", Reference: "L-2041", Email: "ada@example.com", Phone: "+234 803 555 0100",
			Added: sampleNow.Add(-300 * time.Hour), Status: "linked", Banks: []Bank{{"GTBank", []Account{states["failed"], states["checking"], states["needs login staff"]}}}, Sum: sampleSum(), InviteURL: "/customers/1/invitations",
			Invitations: []Invitation{{"1", sampleNow.Add(-time.Hour), sampleNow.Add(71 * time.Hour), "open", "/x"}, {"2", sampleNow.Add(-200 * time.Hour), sampleNow.Add(-128 * time.Hour), "used", ""}},
			Attempts:    []AttemptRow{{sampleNow.Add(-199 * time.Hour), "linked", "GTBank", "", "A-1"}, {sampleNow.Add(-200 * time.Hour), "failed", "", "widget_timeout: the window never loaded", "A-0"}},
			Consents:    []ConsentRow{{sampleNow.Add(-200 * time.Hour), "1", "account names, numbers and balances"}}}),
		"customer new": CustomerView(CustomerPage{Frame: staffFrame("Chidi Eze", "customers"), Name: "Chidi Eze", Added: sampleNow, Status: "not_linked", InviteURL: "/customers/3/invitations"}),
		"invitation": InvitationView(InvitationPage{Frame: staffFrame("Personal link", "customers"), CustomerName: "Adaeze Okonkwo", CustomerURL: "/customers/1",
			Link: "https://balances.adire.example/connect/qhC1m2nU6o3p4q5r6s7t8u9v0wAxByCzD", ExpiresAt: sampleNow.Add(72 * time.Hour)}),
		"account": AccountView(AccountPage{Frame: staffFrame("Account", "customers"), BackURL: "/customers/1", BackLabel: "Adaeze Okonkwo", Account: account,
			History: []Observation{{sampleNow.Add(-time.Hour), true, sampleNow.Add(-time.Hour), naira(1000), naira(500), true, "refresh"}, {sampleNow.Add(-30 * time.Hour), false, sampleNow.Add(-30 * time.Hour), naira(-1000), Money{}, false, "webhook"}},
			Refreshes: []Refresh{*running(Refresh{Kind: "refresh", State: "waiting", Trigger: "staff", By: "ngozi@adire.example", Polls: 3}),
				*ended(Refresh{Kind: "check", State: "failed", Trigger: "customer", Cause: "502", Reference: "R-1", Polls: 1})}}),
		"account new": AccountView(AccountPage{Frame: customerFrame("Account"), BackURL: "/me", BackLabel: "Your balances", Account: states["never"]}),
		"inbox":       InboxView(Inbox{Frame: staffFrame("Webhooks", "inbox"), Rows: sampleEvents(), NextURL: "/inbox?after=1", Endpoint: "https://balances.adire.example/webhooks/okra", Curl: "curl -H 'Authorization: Bearer …' -d '{}' https://x"}),
		"inbox empty": InboxView(Inbox{Frame: staffFrame("Webhooks", "inbox"), TestURL: "/inbox/test", Endpoint: "https://balances.adire.example/webhooks/okra", Curl: "curl --fail --header 'Authorization: Bearer YOUR_TOKEN' --json '{\"method\":\"BALANCE\"}' https://balances.adire.example/webhooks/okra"}),
		"inbox none":  InboxView(Inbox{Frame: staffFrame("Webhooks", "inbox"), Result: "failed", Endpoint: "https://balances.adire.example/webhooks/okra"}),
		"inbox rejected": InboxView(Inbox{Frame: staffFrame("Webhooks", "inbox"), Result: "rejected", Endpoint: "https://balances.adire.example/webhooks/okra", TestURL: "/inbox/test", Rejected: []Rejection{
			{sampleNow.Truncate(time.Hour), "unauthorized", 12, sampleNow.Add(-2 * time.Minute)}, {sampleNow.Truncate(time.Hour).Add(-30 * time.Hour), "not_stored", 1, sampleNow.Add(-29 * time.Hour)}}}),
		"inbox rejected none": InboxView(Inbox{Frame: staffFrame("Webhooks", "inbox"), Result: "rejected", Endpoint: "https://balances.adire.example/webhooks/okra", TestURL: "/inbox/test"}),
		"event":               EventView(event),
		"event wrong":         EventView(wrong),
		"event applied":       EventView(applied),
		"event nothing new":   EventView(nothing),
	}
}

func linkGallery() map[string]templ.Component {
	connect := Connect{Frame: strangerFrame("Connect your bank"), CustomerName: "Adaeze Okonkwo", Action: "/connect/s/attempts", ConsentVersion: "2026-11", ExpiresAt: sampleNow.Add(48 * time.Hour)}
	again := connect
	again.AlreadyLinked, again.MeURL, again.Error = []string{"GTBank"}, "/me", "Please tick the box first: without your agreement nothing is read."
	pages := map[string]templ.Component{"connect": ConnectView(connect), "connect again": ConnectView(again)}
	for _, state := range []string{"open", "claimed", "linked", "needs_review", "closed", "failed", "expired"} {
		p := Attempt{Frame: strangerFrame("Connect your bank"), State: state, Reference: "A-93KD"}
		switch state {
		case "open":
			p.Widget = &Widget{BaseURL: "http://127.0.0.1:8081", Options: map[string]any{"name": "</script>Adire"}, SuccessURL: "/s", CloseURL: "/c", ErrorURL: "/e", TimeoutMS: 3000}
		case "claimed":
			p.PollURL = "/connect/attempts/n"
		case "linked":
			p.Accounts, p.MeURL = []Account{sampleAccount("a1", nil), accountStates()["never"]}, "/me"
		case "closed", "expired", "failed":
			p.RetryURL, p.Reconnect = "/connect/s/attempts", state == "failed"
		}
		pages["attempt "+state] = AttemptView(p)
	}
	return pages
}
