//go:build !race

package proof_test

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/money"
	"balancelink/store/storetest"
)

const (
	linkedAccounts = 50
	facts          = 1000
)

func TestShuffledDuplicatedDeliveriesConverge(t *testing.T) {
	t.Parallel()
	n, r := size(t, deliveries), seeded(t)
	told := tell(r, facts)
	storm := make([]webhook, max(n, len(told)))
	for i := range storm {
		storm[i] = told[i%len(told)]
	}
	r.Shuffle(len(storm), func(i, j int) { storm[i], storm[j] = storm[j], storm[i] })

	// What is true, told once each, oldest first.
	slices.SortStableFunc(told, func(a, b webhook) int { return a.EndedAt.Compare(b.EndedAt) })
	want := stateAfter(t, told, 1)
	got := stateAfter(t, storm, 16)
	if got.hash() != want.hash() {
		t.Errorf("the state after %d shuffled deliveries is not that after %d in order", len(storm), len(told))
	}
	if got.deliveries != len(storm) {
		t.Errorf("%d deliveries counted, want %d", got.deliveries, len(storm))
	}
	if distinct := distinctFacts(told); len(got.history) != distinct {
		t.Errorf("%d balances in the history, want %d", len(got.history), distinct)
	}
	wantNewest(t, told, want)
	t.Logf("%d deliveries of %d facts: state %s", len(storm), len(told), got.hash())
}

// tell makes up so many facts about every account: at some times more than one,
// some twice under another record, some without the available balance.
func tell(r *rand.Rand, n int) []webhook {
	var all []webhook
	for i := range n {
		w := webhook{
			Record:  fmt.Sprintf("64feca%018x", i),
			Account: accountID(i % linkedAccounts),
			EndedAt: time.Date(2023, 9, 11, 8, 0, r.IntN(12), 0, time.UTC),
			Ledger:  fmt.Sprintf("%d.%02d", r.IntN(2_000_000)-500_000, r.IntN(100)),
		}
		if r.IntN(4) > 0 {
			w.Available = fmt.Sprintf("%d.%02d", r.IntN(1_000_000), r.IntN(100))
		}
		if i >= linkedAccounts && r.IntN(10) == 0 {
			same := all[i-linkedAccounts]
			w.EndedAt, w.Ledger, w.Available = same.EndedAt, same.Ledger, same.Available
		}
		all = append(all, w)
	}
	return all
}

func accountID(i int) string { return fmt.Sprintf("64fec8%018x", i) }

func distinctFacts(told []webhook) int {
	seen := map[webhook]bool{}
	for _, w := range told {
		w.Record = ""
		seen[w] = true
	}
	return len(seen)
}

// state is what customers and staff are shown of the accounts, without ids
// and times of receipt.
type state struct {
	latest, history []string
	deliveries      int
}

func (s state) hash() string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(append(s.latest, s.history...), "\n"))))[:16]
}

// stateAfter delivers webhooks to a program of its own, by so many senders,
// and returns the state when all are applied.
func stateAfter(t *testing.T, hooks []webhook, senders int) state {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kept.db")
	fill(t, path, linkedAccounts)
	p := start(t, path)
	to := p.sender()
	each(senders, len(hooks), func(i int) {
		if a, err := to.deliver(hooks[i]); err != nil || a.Status != 200 {
			t.Errorf("a delivery: %v, %v", a, err)
		}
	})
	db := openDatabase(t, path)
	db.untilQuiet()
	p.stop()
	db.wantIntact()
	if n := db.number(`SELECT COUNT(*) FROM events WHERE result <> 'applied'`); n > 0 {
		t.Errorf("%d events are not applied", n)
	}
	return db.state()
}

// state is the state of a database in which nothing is left to be done.
func (d *database) state() state {
	d.t.Helper()
	return state{
		latest: d.texts(`
			SELECT provider_id || '|' || status || '|' || ledger || '|' || as_of || '|' || as_of_stated || '|' || source || '|' ||
				COALESCE(CAST(available AS TEXT), '') || '|' || COALESCE(CAST(available_as_of AS TEXT), '') || '|' || available_worked_out
			FROM accounts ORDER BY provider_id`),
		history: d.texts(`
			SELECT accounts.provider_id || '|' || fact || '|' || balances.source || '|' || balances.currency || '|' || balances.as_of || '|' ||
				balances.as_of_stated || '|' || ledger_balance || '|' || COALESCE(CAST(available_balance AS TEXT), '') || '|' ||
				balances.available_worked_out
			FROM balances JOIN accounts ON accounts.id = balances.account_id
			ORDER BY accounts.provider_id, fact`),
		deliveries: d.number(`SELECT SUM(deliveries) FROM events`),
	}
}

// fill makes a database with linked accounts of whom nothing is told yet.
func fill(t *testing.T, path string, accounts int) {
	t.Helper()
	fillOf(t, "sqlite:"+path, provider.EnvSimulated, accounts)
}

// fillOf is [fill] of any database, for one environment.
func fillOf(t *testing.T, url, env string, accounts int) {
	t.Helper()
	db, err := store.Open(t.Context(), url, store.Options{Env: env, Keys: storetest.Keys(t, 'k')})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	for i := range accounts {
		ctx, record := t.Context(), fmt.Sprintf("64fec9%018x", i)
		cu, err := db.AddCustomer(ctx, store.Program, store.Customer{Name: fmt.Sprint("Customer ", i)})
		must(err)
		co, err := db.AddConsent(ctx, store.Consent{CustomerID: cu.ID, Version: "1", Scope: "balance"})
		must(err)
		a, err := db.StartAttempt(ctx, store.Attempt{CustomerID: cu.ID, ConsentID: co.ID, Provider: "okra", Env: env}, time.Hour)
		must(err)
		_, err = db.ReportAttempt(ctx, a.Nonce, store.Report{State: store.AttemptClaimed, ProviderRecord: record, ClaimedBy: "widget"})
		must(err)
		must(db.FinishLink(ctx, a.ID, store.Link{
			ProviderRecord: record, Bank: store.Bank{ID: "5d6fe57a4099cc4b210b0001", Name: "Sample Bank", Slug: "sample-bank"},
			Accounts: []store.LinkedAccount{{ProviderID: accountID(i), Name: "Invented Person", NUBAN: fmt.Sprintf("%010d", i), Type: "SAVINGS", Currency: "NGN"}},
		}))
	}
}

// wantNewest checks the latest balances without the program's own rule: each
// is one of those that were told for the newest time.
func wantNewest(t *testing.T, told []webhook, s state) {
	t.Helper()
	newest, ledgers := map[string]time.Time{}, map[string][]string{}
	for _, w := range told {
		if w.EndedAt.After(newest[w.Account]) {
			newest[w.Account], ledgers[w.Account] = w.EndedAt, nil
		}
		if w.EndedAt.Equal(newest[w.Account]) {
			minor, err := money.Parse(w.Ledger, "NGN")
			if err != nil {
				t.Fatal(err)
			}
			ledgers[w.Account] = append(ledgers[w.Account], fmt.Sprintf("%d|%d", minor, w.EndedAt.UnixMilli()))
		}
	}
	for _, row := range s.latest {
		column := strings.Split(row, "|")
		if got := column[2] + "|" + column[3]; !slices.Contains(ledgers[column[0]], got) {
			t.Errorf("the latest ledger of %s is %s, want one of %v", column[0], got, ledgers[column[0]])
		}
	}
	if len(s.latest) != linkedAccounts {
		t.Errorf("%d accounts, want %d", len(s.latest), linkedAccounts)
	}
}
