package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
	"balancelink/store"
	"balancelink/store/storetest"
)

// noon is when every test begins.
var noon = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

// db is a real database with a clock that stands still until it is moved.
type db struct {
	*store.Store
	t    testing.TB
	path string
	time *sitetest.Clock
}

// newDB lets its test run beside others that have a database of their own.
func newDB(t *testing.T) *db {
	t.Helper()
	t.Parallel()
	d := &db{t: t, path: filepath.Join(storetest.Folder(t), "test.db"), time: sitetest.NewClock(noon)}
	d.Store = storetest.Open(t, d.path, d.clock)
	return d
}

func (d *db) clock() time.Time { return d.time.Now() }

func (d *db) advance(by time.Duration) { d.time.Advance(by) }

// reopen closes the database and opens it again, as a restart does.
func (d *db) reopen() {
	d.t.Helper()
	d.ok(d.Close())
	d.Store = storetest.Open(d.t, d.path, d.clock)
}

// beside is another instance's database, which is the same, with keys made of those
// letters.
func (d *db) beside(letters ...byte) *db {
	d.t.Helper()
	return &db{t: d.t, path: d.path, time: d.time, Store: store.Beside(d.t, storetest.URL(d.t, d.path), store.Options{Now: d.clock, Keys: storetest.Keys(d.t, letters...)})}
}

func (d *db) ok(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *db) customer(name string) string {
	d.t.Helper()
	c, err := d.AddCustomer(d.t.Context(), store.Program, store.Customer{Name: name})
	d.ok(err)
	return c.ID
}

// attempt opens the bank window of a customer in a visit of its own.
func (d *db) attempt(customerID string) store.Attempt {
	d.t.Helper()
	i, _, err := d.AddInvitation(d.t.Context(), store.Program, customerID, "", time.Hour)
	d.ok(err)
	co, err := d.BeginVisit(d.t.Context(), store.Consent{CustomerID: customerID, InvitationID: i.ID, Version: "1", Scope: "balance"}, 30*time.Minute)
	d.ok(err)
	a, err := d.StartAttempt(d.t.Context(), store.Attempt{
		CustomerID: customerID, InvitationID: i.ID, ConsentID: co.ID, VisitID: co.VisitID, Provider: "okra", Env: "simulated",
	}, 30*time.Minute)
	d.ok(err)
	return a
}

func (d *db) report(nonce string, r store.Report) store.Attempt {
	d.t.Helper()
	a, err := d.ReportAttempt(d.t.Context(), nonce, r)
	d.ok(err)
	return a
}

func claim(by, record string) store.Report {
	return store.Report{State: store.AttemptClaimed, ClaimedBy: by, ProviderRecord: record}
}

// finish takes a new attempt of a customer to a confirmed link, and returns
// the attempt as it then is.
func (d *db) finish(customerID, record string, accounts ...store.LinkedAccount) store.Attempt {
	d.t.Helper()
	a := d.attempt(customerID)
	d.report(a.Nonce, claim("widget", record))
	d.ok(d.FinishLink(d.t.Context(), a.ID, store.Link{ProviderRecord: record, Bank: gtb, Accounts: accounts}))
	a, err := d.AttemptByNonce(d.t.Context(), store.OfCustomer(customerID), a.Nonce)
	d.ok(err)
	return a
}

var gtb = store.Bank{ID: "gtb", Name: "Guaranty Trust Bank", Slug: "guaranty-trust-bank"}

func naira(providerID, nuban string) store.LinkedAccount {
	return store.LinkedAccount{ProviderID: providerID, ProviderCustomer: "pc", Name: "SAVINGS", NUBAN: nuban, Type: "Savings", Currency: "NGN"}
}

// linked is the account of a new customer.
func (d *db) linked(name string) store.Account {
	d.t.Helper()
	id := d.customer(name)
	if a := d.finish(id, "record of "+name, naira("account of "+name, "0123456789")); a.State != store.AttemptLinked {
		d.t.Fatalf("attempt is %s: %s", a.State, a.Reason)
	}
	return d.only(id)
}

// only is a customer's only account.
func (d *db) only(customerID string) store.Account {
	d.t.Helper()
	all, err := d.AccountsByCustomer(d.t.Context(), customerID)
	d.ok(err)
	if len(all) != 1 {
		d.t.Fatalf("%d accounts, want one", len(all))
	}
	return all[0]
}

// account is an account as it is now.
func (d *db) account(id string) store.Account {
	d.t.Helper()
	a, err := d.AccountByID(d.t.Context(), id)
	d.ok(err)
	return a
}

// said is a balance in naira, as a webhook of that time tells it.
func said(accountID string, asOf time.Time, ledger int64, available store.Amount) store.Balance {
	return store.Balance{AccountID: accountID, Source: store.SourceWebhook, Currency: "NGN", Figure: ledger, Basis: store.BasisLedger, Available: available, AsOf: asOf}
}

func (d *db) save(o store.Balance) {
	d.t.Helper()
	d.ok(d.SaveBalance(d.t.Context(), o))
}

func (d *db) history(accountID string) []store.Balance {
	d.t.Helper()
	all, err := d.BalancesByAccount(d.t.Context(), accountID, 1000)
	d.ok(err)
	return all
}

// apply carries out an outcome of an event, whatever it names.
func (d *db) apply(id string, e store.Outcome) error {
	d.t.Helper()
	all := []store.DecidedEvent{{Event: must(d.EventByID(d.t.Context(), id)), Decide: does(e)}}
	return d.ApplyEvents(d.t.Context(), all)
}

// does judges that an event has that outcome, whatever it names.
func does(e store.Outcome) store.Decide {
	return func(store.EventTarget) (store.Outcome, bool) { return e, true }
}
