package samples

import (
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"

	"balancelink/views"
)

// staffGallery is the work of staff.
func staffGallery(ctx context.Context) map[string]templ.Component {
	states := accountStates()
	flashed := staffFrame("Adaeze Okonkwo", "customers")
	flashed.Flash = "The link of 21 Nov is revoked."
	account := states["failed"]
	account.URL = ""
	event := views.EventPage{Frame: staffFrame(say(ctx, "Webhook"), "inbox"), Event: sampleEvents()[2],
		Reason:  "No account has the provider's id 5e9f0ab12c4d3e0001a7b9c1.",
		Headers: []views.Detail{{Label: "Content-Type", Value: "application/json"}, {Label: "Authorization", Value: "(taken out)"}}, Payload: "{\n  \"method\": \"BALANCE\",\n  \"code\": \"BALANCE_UPDATED\",\n  \"callback_url\": \"https://api.example/v2/callback?record=5e9f0ab12c4d3e0001a7b9ff&method=BALANCE&and=so-on-for-quite-a-while\"\n}", ReplayURL: "/inbox/1/replay", Match: &views.Match{URL: "/inbox/1/match"}}
	wrong := event
	wrong.Match = &views.Match{
		URL: "/inbox/1/match", Customer: "Adaeze", Error: "Two customers are called that. Please give the reference.",
	}
	applied := event
	applied.Event, applied.Reason, applied.Match, applied.AppliedAt = sampleEvents()[0], "", nil, sampleNow.Add(-time.Second)
	nothing := applied
	removed := nothing
	removed.Payload, removed.Headers, removed.ReplayURL, removed.Removed = "", nil, "", &views.RemovedPayload{
		At: sampleNow.Add(-40 * time.Hour), After: 30,
	}
	applied.AccountURL = "/accounts/a1"
	applied.Balances = []views.Balance{{
		AsOf: sampleNow.Add(-time.Minute), AsOfKind: "stated", Basis: "ledger", Figure: naira(24835075), Available: naira(24485075),
		AvailableWorked: true,
	}}
	pages := map[string]templ.Component{
		"customers/normal": views.CustomersView(views.Customers{
			Frame: staffFrame(say(ctx, "Customers"), "customers"), Rows: sampleRows(), Order: "oldest", Some: true,
			NextURL: "/customers?after=5", CSVURL: "/customers.csv?sort=oldest",
			BalancesURL: "/balances.csv", Today: "2026-11-23",
		}),
		"customers/empty": views.CustomersView(
			views.Customers{Frame: staffFrame(say(ctx, "Customers"), "customers")},
		),
		"customers/no-match": views.CustomersView(views.Customers{
			Frame: staffFrame(say(ctx, "Customers"), "customers"), Query: "zzz", Filter: "stale", Some: true,
			Indexing: true,
		}),
		"customers/nobody-waiting": views.CustomersView(views.Customers{
			Frame: staffFrame(say(ctx, "Customers"), "customers"), Filter: "below_threshold", Some: true,
		}),
		"customers/wrong": views.CustomersView(views.Customers{Frame: staffFrame(say(ctx, "Customers"), "customers"),
			Rows: sampleRows()[:1], Some: true,
			Form: views.CustomerForm{Reference: "L-2041", Email: "nonsense", Errors: map[string]string{
				"name": "Please give a name.", "email": say(ctx, "Enter an e-mail address such as name@example.com."),
			}}}),
		"edit/normal": views.EditView(views.EditPage{Frame: staffFrame(say(ctx, "Correct a customer"), "customers"),
			Name: "Adaeze Okonkwo", BackURL: "/customers/1", URL: "/customers/1/edit",
			Form: views.CustomerForm{
				Name: "Adaeze Okonkwo", Reference: "L-2041", Email: "ada@example.com", Phone: "+234 803 555 0100",
				Language: "en", Note: "Rings back after five.",
			}}),
		"edit/wrong": views.EditView(views.EditPage{Frame: staffFrame(say(ctx, "Correct a customer"), "customers"),
			Name: "Adaeze Okonkwo", BackURL: "/customers/1", URL: "/customers/1/edit",
			Form: views.CustomerForm{Name: "Adaeze Okonkwo", Kind: "business", Phone: "12", Note: strings.Repeat("x", 1001), Errors: map[string]string{"phone": say(ctx, "Enter one whole telephone number such as 0803\u00a0100\u00a01001 or +44\u00a07700\u00a0900123, or leave this empty."), "note": say(ctx, "This must be %d characters or fewer.", 1000)}}}),
		"customer/normal": views.CustomerView(views.CustomerPage{Frame: flashed, ID: "1", Name: "Adaeze Okonkwo",
			Reference: "L-2041", Email: "ada@example.com", Phone: "+234 803 555 0100",
			Language: "fr", Note: "Rings back after five.\nHer sister answers too.", EditURL: "/customers/1/edit",
			SameName: 2, SameNameURL: "/customers?q=Adaeze+Okonkwo",
			Added: sampleNow.Add(-300 * time.Hour), Status: "linked", Banks: []views.Bank{{
				Name:     "GTBank",
				Accounts: numbered(states["failed"], states["checking"], states["needs login staff"]),
			}}, Sum: sampleSum(), InviteURL: "/customers/1/invitations",
			Invitations: []views.Invitation{{ID: "1", CreatedAt: sampleNow.Add(-time.Hour), ExpiresAt: sampleNow.Add(71 * time.Hour), State: "open", RevokeURL: "/x", Steps: sampleSteps()}, {ID: "2", CreatedAt: sampleNow.Add(-200 * time.Hour), ExpiresAt: sampleNow.Add(-128 * time.Hour), State: "used", RevokeURL: ""}},
			Attempts: []views.AttemptRow{
				{StartedAt: sampleNow.Add(-199 * time.Hour), State: "linked", Bank: "GTBank", Reference: "A-1"},
				{
					StartedAt: sampleNow.Add(-200 * time.Hour), State: "failed",
					Reason: "The bank window could not be loaded.", Reference: "A-0",
				},
				{StartedAt: sampleNow.Add(-201 * time.Hour), State: "closed", Reference: "A-3", Step: "BANK_SELECTED"},
				{
					StartedAt: sampleNow.Add(-time.Hour), State: "needs_review", Bank: "UBA",
					Reason: "The name on the account does not match the customer's.", Reference: "A-2",
					ReviewURL: "/reviews/1",
				},
			},
			Funds: sampleFundsForm(), Timeline: sampleTimeline(), TimelineURL: "/audit?customer=1",
			RefreshURL: "/customers/1/refresh", RefreshAllURL: "/customers/1/refresh",
			Consents: sampleConsents(), WithdrawURL: "/customers/1/withdraw", ExportURL: "/customers/1/export",
			EraseURL: "/customers/1/erase", Ended: views.Ended{Sentence: views.ConsentEnded(ctx, true), URL: ""},
			Removals: sampleRemovals()}),
		"customer/new": views.CustomerView(views.CustomerPage{
			Frame: staffFrame("Chidi Eze", "customers"), Name: "Chidi Eze", Added: sampleNow, Status: "not_linked",
			InviteURL: "/customers/3/invitations",
		}),
		"account/normal": views.AccountView(views.AccountPage{Frame: staffFrame(say(ctx, "Account"), "customers"),
			BackURL: "/customers/1", BackLabel: say(ctx, "Back to the customer"), Account: account,
			History: sampleHistory(nil, nil),
			Refreshes: []views.Refresh{*running(
				views.Refresh{Kind: "refresh", State: "waiting", Trigger: "staff", By: "ngozi@adire.example", Polls: 3},
			),
				*ended(views.Refresh{
					Kind: "check", State: "failed", Trigger: "customer", Cause: "502", Reference: "R-1", Polls: 1,
				})}}),
		"account/own":  ownAccount(ctx, nil),
		"seen/account": ownAccount(ctx, sampleSeen(ctx)),
		"account/no-balance": views.AccountView(views.AccountPage{
			Frame: customerFrame(say(ctx, "Account")), BackURL: "/me", BackLabel: say(ctx, "My balances"),
			Account: states["never"], History: views.History{Never: true},
		}),
		"account/threshold": views.AccountView(views.AccountPage{Frame: staffFrame(say(ctx, "Account"), "customers"),
			BackURL: "/customers/1", BackLabel: say(ctx, "Back to the customer"),
			Account: states["below threshold"], History: sampleHistory(nil, nil),
			Threshold: &views.ThresholdForm{URL: "/accounts/a1/threshold", ClearURL: "/accounts/a1/threshold/clear"}}),
		"account/threshold-wrong": views.AccountView(views.AccountPage{Frame: staffFrame(say(ctx, "Account"), "customers"), BackURL: "/customers/1", BackLabel: say(ctx, "Back to the customer"),
			Account: states["plain"], History: sampleHistory(nil, nil),
			Threshold: &views.ThresholdForm{
				URL: "/accounts/a1/threshold", Typed: "50.000",
				Error: say(ctx, "Enter at most %d digits after the point. Use commas for thousands: 50,000.", 2),
			}}),
		"inbox/normal": views.InboxView(views.Inbox{
			Frame: staffFrame(say(ctx, "Webhooks"), "inbox"), Rows: sampleEvents(), NextURL: "/inbox?after=1",
			Endpoint: "https://balances.adire.example/webhooks/okra",
			Curl:     "curl -H 'Authorization: Bearer …' -d '{}' https://x",
		}),
		"inbox/empty": views.InboxView(views.Inbox{Frame: staffFrame(say(ctx, "Webhooks"), "inbox"), TestURL: "/inbox/test", Endpoint: "https://balances.adire.example/webhooks/okra", Curl: "curl --fail --header 'Authorization: Bearer YOUR_TOKEN' --json '{\"method\":\"BALANCE\"}' https://balances.adire.example/webhooks/okra"}),
		"inbox/none-of-these": views.InboxView(views.Inbox{
			Frame: staffFrame(say(ctx, "Webhooks"), "inbox"), Result: "failed",
			Endpoint: "https://balances.adire.example/webhooks/okra",
		}),
		"inbox/failed": views.InboxView(views.Inbox{
			Frame: staffFrame(say(ctx, "Webhooks"), "inbox"), Result: "failed", Rows: sampleEvents(),
			ReplayAllURL: "/inbox/replay", Find: views.EventFind{Text: "LN-1001", Day: "2026-11-23"},
		}),
		"inbox/not-found": views.InboxView(views.Inbox{
			Frame: staffFrame(say(ctx, "Webhooks"), "inbox"),
			Find:  views.EventFind{Text: "No such name", Error: say(ctx, "No customer has this name or reference.")},
		}),
		"inbox/rejected": views.InboxView(views.Inbox{Frame: staffFrame(say(ctx, "Webhooks"), "inbox"), Result: "rejected", Endpoint: "https://balances.adire.example/webhooks/okra", TestURL: "/inbox/test", Rejected: []views.Rejection{
			{Hour: sampleNow.Truncate(time.Hour), Code: "unauthorized", Number: 12, LastAt: sampleNow.Add(-2 * time.Minute)}, {Hour: sampleNow.Truncate(time.Hour).Add(-30 * time.Hour), Code: "not_stored", Number: 1, LastAt: sampleNow.Add(-29 * time.Hour)}}}),
		"inbox/none-rejected": views.InboxView(views.Inbox{
			Frame: staffFrame(say(ctx, "Webhooks"), "inbox"), Result: "rejected",
			Endpoint: "https://balances.adire.example/webhooks/okra", TestURL: "/inbox/test",
		}),
		"refreshes/normal": views.RefreshesView(views.Refreshes{
			Frame:     staffFrame(say(ctx, "Requests to the banks"), "refreshes"),
			Providers: []views.Provider{sampleProvider()},
			Rows:      sampleRefreshes(ctx), NextURL: "/refreshes?before=1",
			Health: []views.BankHealth{
				{Bank: "First Bank of Nigeria", Through: "Okra", Asked: 31, Answered: 12, Longest: 10 * time.Minute},
				{Bank: "GTBank", Through: "Okra", Asked: 50, Answered: 49, Most: 20 * time.Second},
				{Bank: "GTBank", Through: "Mono", Asked: 8},
			},
		}),
		"refreshes/empty": views.RefreshesView(views.Refreshes{
			Frame: staffFrame(say(ctx, "Requests to the banks"), "refreshes"),
			Providers: []views.Provider{{
				URL: "http://127.0.0.1:8081/v2/", CallsLeft: 20, CallsPerMinute: 20, Pause: "unreachable",
				NextTry: sampleNow.Add(4 * time.Minute), TryURL: "/refreshes/try",
			}},
		}),
		"refreshes/none-of-these": views.RefreshesView(views.Refreshes{
			Frame: staffFrame(say(ctx, "Requests to the banks"), "refreshes"), Filter: "failed",
			Providers: []views.Provider{{URL: "http://127.0.0.1:8081/v2/"}}, FirstURL: "/refreshes",
		}),
		"audit/normal": views.AuditView(sampleAudit(
			ctx, views.AuditChain{CheckedAt: sampleNow.Add(-time.Minute), Rows: 1204, Head: strings.Repeat("3fa9", 16)},
		)),
		"audit/broken": views.AuditView(sampleAudit(ctx, views.AuditChain{
			CheckedAt: sampleNow, Rows: 811, Head: strings.Repeat("3fa9", 16), BadRow: 812, Problem: "It is missing.",
		})),
		"audit/wrong":       views.AuditView(wrongAudit(ctx)),
		"audit/empty":       views.AuditView(views.Audit{Frame: staffFrame(say(ctx, "Audit log"), "audit")}),
		"event/unmatched":   views.EventView(event),
		"event/wrong":       views.EventView(wrong),
		"event/applied":     views.EventView(applied),
		"event/nothing-new": views.EventView(nothing),
		"event/removed":     views.EventView(removed),
	}
	for _, result := range []string{"duplicate", "ignored", "failed", "received"} {
		p := event
		p.Match, p.Reason = nil, ""
		if result == "failed" {
			p.Reason = "The balance is in another currency than its account."
		}
		p.Event.Result = result
		pages["event/"+result] = views.EventView(p)
	}
	for name, p := range overviewStates(ctx) {
		pages["overview/"+slug(name)] = views.OverviewView(p)
	}
	return pages
}

// ownAccount is the page of an account as its customer has it, or staff who see it so.
func ownAccount(ctx context.Context, seen *views.SeenAs) templ.Component {
	p := views.AccountPage{
		Frame: customerFrame(say(ctx, "Account")), BackURL: "/me", BackLabel: say(ctx, "My balances"),
		Account: sampleAccount("a1", nil), History: sampleHistory(nil, nil),
	}
	p.Seen = seen
	return views.AccountView(p)
}

// sampleTimeline is what happened about a customer, of every kind.
func sampleTimeline() (all []views.TimelineRow) {
	closed := views.AttemptRow{State: "closed", Bank: "UBA", Step: "BANK_SELECTED", Reference: "A-3"}
	review := views.AttemptRow{
		State: "needs_review", Bank: "UBA", Reason: "The name on the account does not match the customer's.",
		Reference: "A-2", ReviewURL: "/reviews/1",
	}
	for i, r := range []views.TimelineRow{
		{Action: "balances seen", By: "ngozi@adire.example"},
		{Action: "refresh started", By: "ngozi@adire.example", URL: "/refreshes/r1", Refresh: ended(views.Refresh{
			Kind: "refresh", State: "changed", Trigger: "staff",
		})},
		{Action: "bank window opened", Attempt: &review}, {Action: "bank window opened", Attempt: &closed},
		{Action: "consent given"}, {Opened: true},
		{Action: "personal link sent", By: "ngozi@adire.example"},
		{Action: "personal link made", By: "ngozi@adire.example"}, {Action: "customer added", By: "ngozi@adire.example"},
	} {
		r.At = sampleNow.Add(-time.Duration(i*i) * time.Hour)
		all = append(all, r)
	}
	return all
}

// todayGallery is who waits for a person.
func todayGallery(ctx context.Context) map[string]templ.Component {
	frame, rows := staffFrame(say(ctx, "Today"), "today"), sampleRows()
	frame.Env = "production"
	var all []views.TodayRow
	for i, reasons := range [][]string{{"needs_review"}, {"asked_link"}, {"needs_login", "stale"}, {"below_threshold"}, {"stale"}} {
		r := views.TodayRow{CustomerRow: rows[i%len(rows)], Reasons: reasons}
		r.Phone = "0803 100 1001"
		r.ID, r.NextID = r.ID+strings.Repeat("x", i), "none"
		if i == 1 {
			r.AskedAt, r.Note = sampleNow.Add(-5*time.Hour), "Rings back after four."
			r.ContactedAt, r.ContactedBy = sampleNow.Add(-26*time.Hour), "ngozi@adire.example"
		}
		all = append(all, r)
	}
	asking := fundsSumStates()["asking"]
	asking.DueAt = sampleNow.Add(-6 * time.Hour)
	off := all[1]
	off.PutOffUntil = sampleNow.Add(50 * time.Hour)
	return map[string]templ.Component{
		"today/normal": views.TodayView(views.Today{Frame: frame, Rows: all}),
		"today/funds": views.TodayView(views.Today{
			Frame: frame, Rows: all[:1], Funds: []views.FundsSum{fundsSumStates()["late"], asking},
		}),
		"today/more": views.TodayView(views.Today{
			Frame: frame, Rows: all, More: true, Asked: &views.AskedToday{All: 20, Ended: 7, URL: "/today/asked"},
		}),
		"today/all-asked": views.TodayView(views.Today{
			Frame: frame, Rows: all[:2], Asked: &views.AskedToday{All: 20, Ended: 20},
		}),
		"today/none-asked": views.TodayView(views.Today{Frame: frame, Rows: all[:2], Asked: &views.AskedToday{}}),
		"today/wrong": views.TodayView(views.Today{
			Frame: frame, Rows: all[:2], Problem: say(ctx, "Tick the customers whose banks are to be asked."),
		}),
		"today/nobody-put-off": views.TodayView(views.Today{Frame: frame, PutOff: true}),
		"today/put-off":        views.TodayView(views.Today{Frame: frame, Rows: []views.TodayRow{off}, PutOff: true}),
		"today/done": views.TodayView(views.Today{
			Frame: frame, Done: &views.DoneToday{What: "put-off", ID: "1", Name: "Adaeze Okonkwo", Until: off.PutOffUntil},
		}),
	}
}
