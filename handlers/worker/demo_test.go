package worker

import (
	"fmt"
	"testing"
	"time"

	"balancelink/handlers/demo"
	"balancelink/handlers/settings"
	"balancelink/handlers/sitetest"
	"balancelink/store"
)

// customers says how far each has come.
func (b *bench) customers() string {
	b.t.Helper()
	all, err := b.Store.Customers(b.t.Context(), store.CustomerQuery{Limit: 100})
	b.ok(err)
	return fmt.Sprintf("%+v", all)
}

// seeded fills the installation as at its first start.
func (b *bench) seeded() {
	b.t.Helper()
	seeder := demo.Seeder{
		Store: b.Store, Env: b.Env, Scope: b.scope, Linkers: b.linkers(), Wake: b.Wake, Deadline: deadline, Now: b.clock,
	}
	seeded := make(chan error, 1)
	go func() { seeded <- seeder.Run(b.t.Context()) }()
	sitetest.Await(b.t, "the demo to be there", b.customers, func() bool {
		b.work()
		select {
		case err := <-seeded:
			b.ok(err)
			return true
		default:
			return false
		}
	})
}

func TestANewInstallationShowsTheCustomersOfTheReadme(t *testing.T) {
	b := newBench(t)
	b.seeded()
	for range 6 { // the bank is asked about who has to sign in
		b.work()
		b.advance(time.Minute)
	}
	for reference, want := range map[string]struct {
		accounts int
		age      time.Duration // of the oldest, at least
		status   store.AccountStatus
		review   bool
	}{
		"LN-1001": {accounts: 2, status: store.AccountLinked},
		"LN-1004": {accounts: 2, status: store.AccountNeedsLogin},
		"LN-1005": {accounts: 1, status: store.AccountLinked, age: 72 * time.Hour},
		"LN-1006": {},
		"LN-1007": {accounts: 1, status: store.AccountLinked, age: 5 * time.Hour},
		"LN-1008": {review: true},
	} {
		found, err := b.Store.Customers(t.Context(), store.CustomerQuery{Search: reference, Limit: 2})
		if b.ok(err); len(found) != 1 {
			t.Fatalf("%d customers are %s", len(found), reference)
		}
		accounts := b.accounts(found[0].ID)
		if len(accounts) != want.accounts || found[0].NeedsReview != want.review {
			t.Errorf("%s has %d accounts, to be reviewed: %v; want %+v", reference, len(accounts), found[0].NeedsReview, want)
		} else if len(accounts) > 0 && (accounts[0].Status != want.status || b.clock().Sub(accounts[0].AsOf) < want.age) {
			t.Errorf("%s is %s as of %v, want %+v", reference, accounts[0].Status, accounts[0].AsOf, want)
		}
	}
}

func TestTheAccountsOfANewInstallationHaveAPastThatSaysSo(t *testing.T) {
	b := newBench(t)
	b.seeded()
	for reference, want := range map[string]struct {
		days      int // of which there is a balance
		overdrawn bool
	}{"LN-1001": {90, false}, "LN-1003": {90, true}, "LN-1004": {22, true}, "LN-1007": {45, false}} {
		found, err := b.Store.Customers(t.Context(), store.CustomerQuery{Search: reference, Limit: 1})
		if b.ok(err); len(found) != 1 {
			t.Fatalf("there is no %s", reference)
		}
		a := b.accounts(found[0].ID)[0]
		all, err := b.Store.BalancesByAccount(t.Context(), a.ID, 200)
		b.ok(err)
		before, overdrawn := 0, false
		for _, o := range all {
			if o.Source == store.SourceDemo {
				before++
				overdrawn = overdrawn || o.Figure < 0
			}
		}
		if before != want.days || overdrawn != want.overdrawn {
			t.Errorf("%s has a past of %d balances, overdrawn: %v; want %+v", reference, before, overdrawn, want)
		}
		if a.Source == store.SourceDemo {
			t.Errorf("%s shows what was made up as its balance of now", reference)
		}
	}
}

// linkers link at the simulated Okra. The simulated Mono is not there.
func (b *bench) linkers() map[string]demo.Linker {
	return map[string]demo.Linker{
		settings.Okra: func(login string, a store.Attempt) (store.Report, error) {
			success, err := b.Sim.Connect(login, a.Nonce, nil)
			b.ok(err)
			claim, _, err := b.Okra.ReceiveClaim(success)
			return store.Report{State: store.AttemptClaimed, ClaimedBy: "widget", ProviderRecord: claim.Record, ProviderCustomer: claim.Customer}, err
		},
	}
}
