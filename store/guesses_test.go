package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"balancelink/store"
)

// evaluated counts how many of so many guesses, spread over an hour, are
// looked at. None is right.
func (d *db) evaluated(guesses int, of func(i int) store.Guess) (n int) {
	d.t.Helper()
	for i := range guesses {
		if until := must(d.BeginGuess(d.t.Context(), of(i))); until.IsZero() {
			n++
		}
		d.advance(time.Hour / time.Duration(guesses))
	}
	return n
}

func TestOfTenThousandGuessesInAnHourAtMostFortyAreEvaluated(t *testing.T) {
	for name, of := range map[string]func(i int) store.Guess{
		"at one account from one address":      func(int) store.Guess { return store.GuessFor("a", "192.0.2.1") },
		"at one account from many addresses":   func(i int) store.Guess { return store.GuessFor("a", fmt.Sprint(i)) },
		"at many accounts from one address":    func(i int) store.Guess { return store.GuessFor(fmt.Sprint(i), "192.0.2.1") },
		"at many unknown ones from an address": func(i int) store.Guess { return store.GuessForNobody(fmt.Sprint(i), "192.0.2.1") },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDB(t)
			if n := d.evaluated(10_000, of); n > 40 || n < 10 {
				t.Errorf("%d guesses were evaluated, want at most 40 and some", n)
			}
		})
	}
}

func TestARestartDoesNotForgetGuesses(t *testing.T) {
	d := newDB(t)
	g := store.GuessFor("a", "192.0.2.1")
	d.evaluated(1000, func(int) store.Guess { return g })
	before := must(d.BeginGuess(t.Context(), g))
	d.reopen()
	if after := must(d.BeginGuess(t.Context(), g)); !after.Equal(before) || after.IsZero() {
		t.Errorf("after the restart one may guess at %v, before it was %v", after, before)
	}
}

func TestManyGuessesAtOnceAreNoWayAroundTheDelay(t *testing.T) {
	d := newDB(t)
	var evaluated atomic.Int64
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if until, err := d.BeginGuess(t.Context(), store.GuessFor("a", "192.0.2.1")); err == nil && until.IsZero() {
				evaluated.Add(1)
			}
		})
	}
	wg.Wait()
	if n := evaluated.Load(); n != 5 {
		t.Errorf("%d of 100 guesses at once were evaluated, want 5", n)
	}
}

func TestOnlyACompleteSignInClearsTheAccount(t *testing.T) {
	d := newDB(t)
	g := store.GuessFor("a", "192.0.2.1")
	for range 4 {
		must(d.BeginGuess(t.Context(), g))
	}
	number := func() int {
		return d.Number(t, `SELECT COALESCE(SUM(number), 0) FROM guesses WHERE subject = 'account:a'`)
	}
	must(d.BeginGuess(t.Context(), g))
	d.ok(d.EndGuess(t.Context(), g, false))
	if number() != 4 {
		t.Errorf("after a right password, a code still being asked: %d wrong guesses, want 4", number())
	}
	d.advance(time.Minute)
	must(d.BeginGuess(t.Context(), g))
	d.ok(d.EndGuess(t.Context(), g, true))
	if number() != 0 {
		t.Errorf("after the sign-in: %d wrong guesses, want none", number())
	}
	if n := d.Number(t, `SELECT number FROM guesses WHERE subject = 'address:192.0.2.1'`); n != 4 {
		t.Errorf("the address has %d wrong guesses, want 4: it belongs to others too", n)
	}
}

func TestWhatIsKeptOfGuessesAtUnknownAccountsIsBounded(t *testing.T) {
	d := newDB(t)
	for i := range 1100 {
		must(d.BeginGuess(t.Context(), store.GuessForNobody(fmt.Sprint("x", i), fmt.Sprint("y", i))))
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM guesses WHERE subject LIKE 'nobody:%'`); n > 1024 {
		t.Errorf("%d unknown accounts are kept, want at most 1,024", n)
	}
}

func TestWhatIsKeptOfGuessesIsBounded(t *testing.T) {
	d := newDB(t)
	d.Exec(t, `
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10500)
		INSERT INTO guesses (subject, number, last_at) SELECT 'address:' || i, 1, $1 FROM n`, noon.UnixMilli())
	d.advance(time.Second)
	must(d.BeginGuess(t.Context(), store.GuessFor("a", "192.0.2.1")))
	if n := d.Number(t, `SELECT COUNT(*) FROM guesses WHERE subject LIKE 'address:%'`); n != 10_000 {
		t.Errorf("%d addresses are kept, want 10,000", n)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM guesses WHERE subject = 'address:192.0.2.1'`); n != 1 {
		t.Error("the newest address is not among them")
	}
	for i := range 600 {
		must(d.BeginGuess(t.Context(), store.GuessForNobody(fmt.Sprint("x", i), fmt.Sprint("y", i))))
		if n := d.Number(t, `SELECT COUNT(*) FROM guesses WHERE subject LIKE 'address:%'`); n > 10_256 {
			t.Fatalf("%d addresses are kept after %d guesses, want 10,256 at most", n, i+1)
		}
	}
	d.advance(25 * time.Hour)
	must(d.BeginGuess(t.Context(), store.GuessFor("a", "192.0.2.1")))
	if n := d.Number(t, `SELECT COUNT(*) FROM guesses`); n != 2 {
		t.Errorf("%d subjects are kept after a day, want 2", n)
	}
}

func TestAClockThatWasSetBackLocksNobodyOut(t *testing.T) {
	d := newDB(t)
	g := store.GuessFor("a", "192.0.2.1")
	d.evaluated(1000, func(int) store.Guess { return g })
	d.advance(-1000 * time.Hour)
	if until := must(d.BeginGuess(t.Context(), g)); !until.IsZero() {
		t.Errorf("one may guess at %v, it is %v", until, d.clock())
	}
}
