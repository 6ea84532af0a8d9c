package store_test

import (
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/storetest"
)

// checks are what was found last, as a database knows it.
func (d *db) checks() store.SelfChecks {
	d.t.Helper()
	return must(d.SelfChecks(d.t.Context()))
}

// checkBalances looks, and is how many rows contradict each other.
func (d *db) checkBalances() int {
	d.t.Helper()
	c, all, err := d.CheckBalances(d.t.Context())
	d.ok(err)
	if len(all) != c.Found {
		d.t.Errorf("%d are named of %d", len(all), c.Found)
	}
	return c.Found
}

func TestWhatOneInstanceFindsWrongAllKnowAlsoAfterAStart(t *testing.T) {
	d := newDB(t)
	d.save(said(d.linked("Amina").ID, d.clock(), 100, store.Minor(90)))
	other := d.beside('k')
	if c := other.checks(); !c.Balances.At.IsZero() || !c.Audit.At.IsZero() {
		t.Errorf("before anybody has looked it is known that %+v", c)
	}
	d.Exec(t, `UPDATE accounts SET ledger = ledger * 10`)
	d.Exec(t, `UPDATE audit SET actor = 'somebody' WHERE seq = 2`)
	if n := d.checkBalances(); n != 1 {
		t.Fatalf("%d rows contradict each other, want 1", n)
	}
	chain := must(d.CheckAudit(t.Context()))
	if chain.Found.BadRow != 2 {
		t.Fatalf("the log is %+v", chain.Found)
	}
	want := store.SelfChecks{Balances: store.Checked[int]{Found: 1, At: d.clock()}, Audit: chain}
	if got := other.checks(); got != want {
		t.Errorf("the other one knows %+v, want %+v", got, want)
	}
	d.reopen()
	if got := d.checks(); got != want {
		t.Errorf("after a start it knows %+v, want %+v", got, want)
	}
}

func TestWhatIsWrongStandsUntilSomebodyLooksAgainAndFindsItWell(t *testing.T) {
	d := newDB(t)
	d.save(said(d.linked("Amina").ID, d.clock(), 100, store.Minor(90)))
	other := d.beside('k')
	d.Exec(t, `UPDATE accounts SET ledger = ledger * 10`)
	d.checkBalances()
	d.Exec(t, `UPDATE accounts SET ledger = ledger / 10`)
	d.advance(48 * time.Hour)
	if c := d.checks(); c.Balances.Found != 1 {
		t.Errorf("nobody has looked, and it says %+v", c)
	}
	if n := other.checkBalances(); n != 0 {
		t.Fatalf("%d rows contradict each other", n)
	}
	if c := d.checks().Balances; c.Found != 0 || !c.At.Equal(d.clock()) {
		t.Errorf("another has found it well, and it says %+v", c)
	}
}

func TestWhoeverBeganToLookBeforeTakesNothingBack(t *testing.T) {
	d := newDB(t)
	d.save(said(d.linked("Amina").ID, d.clock(), 100, store.Minor(90)))
	d.checkBalances()
	began := d.clock()
	d.advance(time.Minute)
	d.Exec(t, `UPDATE accounts SET ledger = ledger * 10`)
	d.checkBalances()
	if err := d.KeepBalancesCheck(t.Context(), began, 0); err != nil {
		t.Fatal(err)
	}
	if c := d.checks(); c.Balances.Found != 1 {
		t.Errorf("a look that began before it was wrong has it be well: %+v", c)
	}
}

func TestAFindingOfAClockThatWasSetBackIsReplaced(t *testing.T) {
	d := newDB(t)
	d.save(said(d.linked("Amina").ID, d.clock(), 100, store.Minor(90)))
	d.Exec(t, `UPDATE accounts SET ledger = ledger * 10`)
	d.checkBalances()
	d.Exec(t, `UPDATE accounts SET ledger = ledger / 10`)
	d.advance(-24 * time.Hour)
	d.checkBalances()
	if c := d.checks(); c.Balances.Found != 0 {
		t.Errorf("for a day it says %+v", c)
	}
}

func TestALookThatFindsWhatTheOneBeforeFoundWritesNothingForAnHour(t *testing.T) {
	if storetest.OnPostgres() {
		t.Skip("there all that anybody commits counts as a write")
	}
	d := newDB(t)
	look := func() {
		d.checkBalances()
		must(d.CheckAudit(t.Context()))
	}
	look()
	first := d.clock()
	d.advance(time.Minute)
	d.customer("Amina") // so that the log is longer
	before := d.Writes()
	look()
	if d.Writes() != before {
		t.Error("what was known already is written")
	}
	if c := d.checks(); !c.Balances.At.Equal(first) || !c.Audit.At.Equal(first) {
		t.Errorf("it says %+v", c)
	}
	d.advance(time.Hour)
	look()
	if c := d.checks(); !c.Balances.At.Equal(d.clock()) || !c.Audit.At.Equal(d.clock()) || c.Audit.Found.Rows != 1 {
		t.Errorf("after an hour it says %+v", c)
	}
}
