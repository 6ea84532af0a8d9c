package store_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"balancelink/handlers/sitetest"
	"balancelink/store"
	"balancelink/store/storetest"
)

// mixture is a database in which webhooks can do whatever they do, made by chance.
type mixture struct {
	*db
	accounts []string // the provider's ids, also of nobody's
}

const banked = 4 // customers, of two accounts each

func (d *db) mixture(r *rand.Rand) mixture {
	d.t.Helper()
	ctx := d.t.Context()
	c := mixture{db: d, accounts: []string{"", "unknown", "account of gone"}}
	m := must(d.AddStaff(ctx, store.Program, store.Staff{Email: "staff@lender.example", Role: "staff"}))
	d.ok(d.ChooseMails(ctx, m.ID, []store.MailKind{store.MailNeedsLogin, store.MailFellBelow}))
	if r.IntN(2) == 0 {
		must(d.AddEndpoint(ctx, store.Program, store.Endpoint{URL: "https://lender.example/told"}))
	}
	if r.IntN(2) == 0 {
		d.ok(d.Erase(ctx, store.Program, d.linked("gone").CustomerID, ""))
	}
	for i := range banked {
		name := fmt.Sprint("customer ", i)
		id := d.customer(name)
		one, other := fmt.Sprint("a", i), fmt.Sprint("b", i)
		d.finish(id, "record of "+name, naira(one, fmt.Sprintf("01234567%02d", 2*i)), naira(other, fmt.Sprintf("01234567%02d", 2*i+1)))
		c.accounts = append(c.accounts, one, other)
		for _, a := range must(d.AccountsByCustomer(ctx, id)) {
			c.unsettle(r, a)
		}
		if i == 0 && r.IntN(2) == 0 {
			must(d.WithdrawConsent(ctx, store.Program, store.OfCustomer(id)))
		}
	}
	waits := d.attempt(d.customer("who waits"))
	waits = d.report(waits.Nonce, claim("widget", "record that waits"))
	d.ok(d.RetryAttempt(ctx, waits.Claim(), noon.Add(time.Hour), "", ""))
	return c
}

// unsettle has things wait for an account's next balance.
func (c mixture) unsettle(r *rand.Rand, a store.Account) {
	c.t.Helper()
	ctx := c.t.Context()
	if r.IntN(3) > 0 {
		c.save(said(a.ID, noon.Add(-time.Hour), r.Int64N(100), store.Minor(r.Int64N(100))))
	}
	if r.IntN(2) == 0 {
		c.threshold(a, 50)
	}
	if r.IntN(2) == 0 {
		return
	}
	asked := c.start(wish(a.ID))
	if r.IntN(2) == 0 {
		must(c.AskFunds(ctx, store.FundsCheck{AccountID: a.ID, StaffID: "s", Amount: 50, FreshFor: time.Hour, RefreshID: asked.ID}))
	}
	if r.IntN(4) > 0 {
		must(c.MarkAsked(ctx, asked.ID))
		c.ok(c.AwaitRefresh(ctx, asked.ID, "ticket of "+a.ProviderID, noon.Add(time.Minute)))
	}
}

// batch are deliveries of a moment, some of them twice.
func (c mixture) batch(r *rand.Rand, round int) (all []store.DecidedEvent) {
	for i := range 1 + r.IntN(40) {
		e := event(fmt.Sprint(round, " ", i))
		e.ProviderAccount = c.accounts[r.IntN(len(c.accounts))]
		if r.IntN(3) == 0 {
			e.ProviderRecord = []string{"record that waits", "record of customer 1", "record of gone", "?"}[r.IntN(4)]
		}
		if r.IntN(4) == 0 {
			e.AttemptNonce = "of nobody"
		}
		if r.IntN(4) == 0 {
			e.FailedFor = "pc"
		}
		decided := store.DecidedEvent{Event: e, Decide: doing(e, r.IntN(8), r.Int64N(100), time.Duration(r.IntN(9)-5)*time.Minute*2)}
		all = append(all, slices.Repeat([]store.DecidedEvent{decided}, 1+r.IntN(5)/4)...)
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// doing decides that an event does something, where it names an account whose customer agrees.
func doing(e store.Event, what int, figure int64, since time.Duration) store.Decide {
	o := said("", noon.Add(since), figure, store.Amount{})
	return func(t store.EventTarget) (store.Outcome, bool) {
		customer := cmp.Or(t.CustomerID, t.RecordCustomer, t.NamedCustomer)
		out := store.Outcome{Result: store.EventApplied, CustomerID: customer}
		switch {
		case what == 7:
			return out, false
		case t.AccountID == "":
			return store.Outcome{Result: store.EventUnmatched, CustomerID: t.RecordCustomer}, true
		case !t.Consented || t.Status == store.AccountUnlinked:
			return store.Outcome{Result: store.EventIgnored, CustomerID: customer, DropBody: true}, true
		case what == 6:
			out.NeedsLogin, out.Since, out.Ticket = true, noon.Add(since), "ticket of "+e.ProviderAccount
			out.Ends = store.Ending{State: store.RefreshNeedsLogin, Cause: "so it is"}
			return out, true
		case what == 5:
			out.Result, out.Ticket = store.EventIgnored, "ticket of "+e.ProviderAccount
			out.Ends = store.Ending{State: store.RefreshFailed, Fault: "fetch_failed"}
			return out, true
		case what == 4:
			out.Unshared = figure < 20
			return out, true
		case what == 3:
			o.AsOf, o.AsOfKind = time.Time{}, store.AsOfUnknown
		case what > 0:
			o.Available = store.Minor(figure)
		}
		out.Balance = &o
		return out, true
	}
}

var anyID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// contents are all that webhooks change, with names in the place of ids.
func (d *db) contents() map[string][]string {
	d.t.Helper()
	var names []string
	for _, query := range []string{
		`SELECT id || '=' || name FROM customers`, `SELECT id || '=' || provider_id FROM accounts`,
		`SELECT id || '=' || dedup_key FROM events`, `SELECT id || '=refresh of ' || account_id FROM refreshes`,
		`SELECT id || '=balance ' || fact FROM balances`,
		`SELECT funds_checks.id || '=check of ' || account_id FROM funds_checks`,
	} {
		for _, row := range d.Texts(d.t, query) {
			id, name, _ := strings.Cut(row, "=")
			names = append(names, id, name)
		}
	}
	named := strings.NewReplacer(names...)
	all := map[string][]string{}
	for table, query := range map[string]string{
		"events": `dedup_key || provider_account || result || reason || COALESCE(customer_id, '') || deliveries || ' ' || last_received_at || ' ' ||
			COALESCE(applied_at, 0) || ' ' || LENGTH(body) || headers FROM events`,
		"balances": `id || account_id || event_id || ' ' || as_of || ' ' || ledger_balance || as_of_kind FROM balances`,
		"accounts": `id || status || ' ' || COALESCE(balance_id, '') || ' ' || COALESCE(ledger, -1) || ' ' || COALESCE(as_of, 0) || ' ' ||
			COALESCE(checked_at, 0) || ' ' || COALESCE(available, -1) || ' ' || COALESCE(available_as_of, 0) || ' ' || COALESCE(outdated_as_of, 0) FROM accounts`,
		"thresholds":    `account_id || CASE WHEN below THEN ' below ' ELSE ' above ' END || COALESCE(crossed_at, 0) FROM thresholds`,
		"refreshes":     `account_id || state || ' ' || COALESCE(ended_at, 0) || ' ' || next_at || fault || cause || COALESCE(ledger_after, -1) FROM refreshes`,
		"funds_answers": `check_id || answer || reason || balance_id FROM funds_answers`,
		// Of several accounts of a customer any one is named.
		"mails":        `kind || customer_id || CASE WHEN staff_id = '' THEN '' ELSE ' staff' END FROM mails`,
		"attempts":     `provider_record || state || ' ' || COALESCE(next_try_at, 0) FROM link_attempts`,
		"bank_answers": `provider || bank || within || ' ' || number FROM bank_answers`,
		"outbox":       `type || customer_id || account_id || subject || state || ' ' || COALESCE(figure, -1) FROM outbox ORDER BY seq`,
		"audit":        `action || customer_id || subject || detail FROM audit WHERE action LIKE 'webhook%' OR action LIKE '%threshold' OR action LIKE 'funds%answered' ORDER BY seq`,
	} {
		for _, row := range d.Texts(d.t, `SELECT `+query) {
			all[table] = append(all[table], anyID.ReplaceAllString(named.Replace(named.Replace(row)), "-"))
		}
		if !strings.Contains(query, "ORDER") {
			slices.Sort(all[table])
		}
	}
	return all
}

func TestABatchOfWebhooksDoesTheSameInTurnAndSideBySide(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			var found []map[string][]string
			for _, way := range []func(*store.Store){(*store.Store).InTurn, func(s *store.Store) { s.SideBySide() }} {
				found = append(found, together(t, seed, way))
			}
			if diff := gocmp.Diff(found[0], found[1]); diff != "" {
				t.Errorf("in turn, and side by side:\n%s", diff)
			}
		})
	}
}

// turns are how often a database is waited for within a batch of that many webhooks, of which
// each is about an account of its own.
func turns(t *testing.T, webhooks int, watched bool) int {
	t.Helper()
	d := &db{t: t, path: filepath.Join(storetest.Folder(t), "test.db"), time: sitetest.NewClock(noon)}
	d.Store = storetest.Open(t, d.path, d.clock)
	taken := d.SideBySide()
	var all []store.DecidedEvent
	for i := range webhooks {
		a := d.linked(fmt.Sprint(i))
		if watched {
			d.threshold(a, 50)
		}
		e := event(a.ProviderID)
		e.ProviderAccount = a.ProviderID
		all = append(all, store.DecidedEvent{Event: e, Decide: doing(e, 1, 40, 0)})
	}
	before := taken.Load()
	must(d.ReceiveTogether(all))
	if n := d.Number(t, `SELECT COUNT(*) FROM accounts WHERE ledger = 40`); n != webhooks {
		t.Errorf("%d accounts of %d have their balance", n, webhooks)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM thresholds WHERE below`); watched && n != webhooks {
		t.Errorf("%d accounts of %d fell below their threshold", n, webhooks)
	}
	return int(once(taken.Load() - before))
}

func TestABatchTakesAsManyTurnsHoweverManyWebhooksItHas(t *testing.T) {
	t.Parallel()
	for watched, most := range map[bool]int{false: 6, true: 9} {
		few, many := turns(t, 2, watched), turns(t, 24, watched)
		if few != many || few > most {
			t.Errorf("thresholds %v: of two: %d, of many: %d, want %d at most", watched, few, many, most)
		}
	}
}

// together is what batches of webhooks leave in a database that takes their statements in
// that way: first some that are received, then those of them that were left.
func together(t *testing.T, seed uint64, way func(*store.Store)) map[string][]string {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	d := &db{t: t, path: filepath.Join(storetest.Folder(t), "test.db"), time: sitetest.NewClock(noon)}
	d.Store = storetest.OpenWith(t, d.path, store.Options{Now: d.clock, Mails: true})
	c := d.mixture(r)
	way(d.Store)
	for round := range 3 {
		d.advance(time.Minute)
		batch := c.batch(r, round)
		if _, err := d.ReceiveTogether(batch); err != nil {
			t.Fatal(err)
		}
		var left []store.DecidedEvent
		for _, e := range must(d.EventsToApply(t.Context(), "okra", 1000)) {
			at := slices.IndexFunc(batch, func(b store.DecidedEvent) bool { return b.DedupKey == e.DedupKey })
			left = append(left, store.DecidedEvent{Event: e, Decide: doing(e, at%7, r.Int64N(100), time.Minute)})
		}
		d.ok(d.ApplyEvents(t.Context(), left))
	}
	if chain := d.chain(); chain.BadRow != 0 {
		t.Errorf("the audit log is broken at row %d: %s", chain.BadRow, chain.Problem)
	}
	return d.contents()
}
