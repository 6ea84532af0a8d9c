package store_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"balancelink/store"
)

// A table of states stands over its type, where who changes one reads it.
// Promised are its cells, by what is done and from which state; stays is ".".
func promised(t *testing.T, file, typed string) (acts, states []string, cells map[[2]string]string) {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	comment := regexp.MustCompile(`((?://.*\n)+)type ` + typed + ` string`).FindSubmatch(source)
	if comment == nil {
		t.Fatalf("%s has no comment over %s", file, typed)
	}
	cells = map[[2]string]string{}
	for _, line := range strings.Split(string(comment[1]), "\n") {
		table, ok := strings.CutPrefix(line, "//\t")
		if !ok {
			continue
		}
		fields := regexp.MustCompile(`\s{2,}`).Split(strings.TrimSpace(table), -1)
		if states == nil {
			states = fields
			continue
		}
		if len(fields) != len(states)+1 {
			t.Fatalf("%s: %q has %d cells, want %d", file, table, len(fields)-1, len(states))
		}
		acts = append(acts, fields[0])
		for i, state := range states {
			cells[[2]string{fields[0], state}] = fields[i+1]
		}
	}
	return acts, states, cells
}

func TestARefreshGoesFromStateToStateAsItsTableSays(t *testing.T) {
	acts, states, cells := promised(t, "refresh.go", "RefreshState")
	d := newDB(t)
	ctx := t.Context()
	same := func(a store.Account) *store.Balance {
		o := said(a.ID, d.clock(), 100, store.Minor(90))
		return &o
	}
	do := map[string]func(a store.Account, r store.Refresh) error{
		"MarkAsked":    func(_ store.Account, r store.Refresh) error { _, err := d.MarkAsked(ctx, r.ID); return err },
		"UnaskRefresh": func(_ store.Account, r store.Refresh) error { return d.UnaskRefresh(ctx, r.ID, d.clock(), "") },
		"AskAgain":     func(_ store.Account, r store.Refresh) error { return d.AskAgain(ctx, r.ID, d.clock(), "") },
		"HoldRefresh":  func(_ store.Account, r store.Refresh) error { return d.HoldRefresh(ctx, r.ID, d.clock(), "") },
		"AwaitRefresh": func(_ store.Account, r store.Refresh) error {
			return d.AwaitRefresh(ctx, r.ID, "job", d.clock())
		},
		"Postpone":   func(_ store.Account, r store.Refresh) error { return d.PostponeRefresh(ctx, r.ID, d.clock(), "", "") },
		"AwaitWord":  func(_ store.Account, r store.Refresh) error { return d.AwaitWord(ctx, r.ID, d.clock(), "", "") },
		"RepeatPoll": func(_ store.Account, r store.Refresh) error { return d.RepeatPoll(ctx, r.ID, d.clock(), "") },
		"EndRefresh": func(_ store.Account, r store.Refresh) error {
			return d.EndRefresh(ctx, r, store.Ending{State: store.RefreshTimedOut})
		},
		"with news": func(a store.Account, r store.Refresh) error {
			return d.EndRefresh(ctx, r, store.Ending{Balance: same(a)})
		},
		"a webhook": func(a store.Account, _ store.Refresh) error { return d.SaveBalance(ctx, *same(a)) },
		"its failure": func(a store.Account, r store.Refresh) error {
			_, err := d.ReceiveEvent(about(a, r.ID), func(store.EventTarget) (store.Outcome, bool) {
				return store.Outcome{
					Result: store.EventIgnored, Ticket: "job", Ends: store.Ending{State: store.RefreshFailed},
				}, true
			})
			return err
		},
		"unlinking": func(a store.Account, _ store.Refresh) error {
			return d.UnlinkAccount(ctx, store.Program, store.Whole(), a.ID)
		},
	}
	for _, act := range acts {
		for _, state := range states {
			t.Run(act+" when "+state, func(t *testing.T) {
				a := d.linked(act + state)
				d.save(*same(a))
				r := d.start(wish(a.ID))
				switch store.RefreshState(state) {
				case store.RefreshQueued:
				case store.RefreshFailed:
					d.ok(d.EndRefresh(ctx, r, store.Ending{State: store.RefreshFailed}))
				default:
					_, err := d.MarkAsked(ctx, r.ID)
					d.ok(err)
					if state == string(store.RefreshWaiting) {
						d.ok(d.AwaitRefresh(ctx, r.ID, "job", d.clock()))
					}
				}
				d.advance(time.Minute)
				before := d.refresh(r.ID)
				if string(before.State) != state {
					t.Fatalf("begins as %s", before.State)
				}
				d.ok(do[act](a, before))
				after := d.refresh(r.ID)
				if want := meant(cells, act, state); string(after.State) != want {
					t.Errorf("is %s then, want %s", after.State, want)
				}
				if after.Open() != (after.State == store.RefreshQueued || after.State == store.RefreshAsked || after.State == store.RefreshWaiting) {
					t.Errorf("%s and open: %v", after.State, after.Open())
				}
			})
		}
	}
}

func TestAnAttemptGoesFromStateToStateAsItsTableSays(t *testing.T) {
	acts, states, cells := promised(t, "link_attempt.go", "AttemptState")
	d := newDB(t)
	ctx := t.Context()
	link := func(a store.Attempt) store.Link {
		return store.Link{ProviderRecord: a.ProviderRecord, Bank: gtb, Accounts: []store.LinkedAccount{naira("of "+a.ID, "0123456789")}}
	}
	do := map[string]func(a store.Attempt) error{
		"FinishLink": func(a store.Attempt) error { return d.FinishLink(ctx, a.ID, link(a)) },
		"FinishOther": func(a store.Attempt) error {
			d.Exec(t, `UPDATE invitations SET account_id = $2 WHERE id = $1`, a.InvitationID, "not "+a.ID)
			return d.FinishLink(ctx, a.ID, link(a))
		},
		"EndAttempt": func(a store.Attempt) error {
			return d.EndAttempt(ctx, a.Claim(), store.AttemptNeedsReview, "look at it")
		},
		"FailPage":    func(a store.Attempt) error { return d.FailPage(ctx, a.ID, "no page") },
		"ApproveLink": func(a store.Attempt) error { return d.ApproveLink(ctx, store.Program, a.ID, "known") },
		"RefuseLink":  func(a store.Attempt) error { return d.RefuseLink(ctx, store.Program, a.ID, "not known") },
		"ReopenLink":  func(a store.Attempt) error { return d.ReopenLink(ctx, store.Program, a.ID) },
		"withdrawing": func(a store.Attempt) error {
			_, err := d.WithdrawConsent(ctx, store.Program, store.OfCustomer(a.CustomerID))
			return err
		},
	}
	for _, report := range []string{"success", "webhook", "close", "error"} {
		do[report] = func(a store.Attempt) error {
			r := reports[report]
			if r.State == store.AttemptClaimed {
				r.ProviderRecord = "of " + a.CustomerID
			}
			_, err := d.ReportAttempt(ctx, a.Nonce, r)
			return err
		}
	}
	for _, act := range acts {
		for _, state := range states {
			t.Run(act+" when "+state, func(t *testing.T) {
				id := d.customer(act + state)
				before := d.state(d.among(store.AttemptState(state), id, "of "+id))
				if string(before.State) != state {
					t.Fatalf("begins as %s", before.State)
				}
				if err := do[act](before); err != nil {
					t.Logf("refused: %v", err)
				}
				if after, want := d.state(before), meant(cells, act, state); string(after.State) != want {
					t.Errorf("is %s then, want %s", after.State, want)
				}
			})
		}
	}
}

// meant is the state that a cell of a table means.
func meant(cells map[[2]string]string, act, state string) string {
	if cell := cells[[2]string{act, state}]; cell != "." {
		return cell
	}
	return state
}

// among brings a new attempt of a customer into any state, by a link that can be
// approved where it waits.
func (d *db) among(state store.AttemptState, customerID, record string) store.Attempt {
	d.t.Helper()
	if state != store.AttemptNeedsReview && state != store.AttemptRefused && state != store.AttemptOther {
		return d.in(state, customerID, record)
	}
	a := d.in(store.AttemptClaimed, customerID, record)
	if state == store.AttemptOther {
		d.Exec(d.t, `UPDATE invitations SET account_id = $2 WHERE id = $1`, a.InvitationID, "not "+a.ID)
	}
	d.ok(d.FinishLink(d.t.Context(), a.ID, store.Link{
		ProviderRecord: record, Bank: gtb, Accounts: []store.LinkedAccount{naira("of "+a.ID, "0123456789")},
		Holder: "BOLA ADEYEMI", NameMatch: store.NamesDifferent, Doubt: "another name",
	}))
	if state == store.AttemptRefused {
		d.ok(d.RefuseLink(d.t.Context(), store.Program, a.ID, "not known"))
	}
	return a
}
