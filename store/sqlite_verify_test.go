package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/progress"
	"balancelink/store/storetest"
)

// TestABalanceThatWasChangedByHandIsFound changes what accounts show, one thing
// at a time, and what they show it by.
func TestABalanceThatWasChangedByHandIsFound(t *testing.T) {
	d := newDB(t)
	a, other := d.linked("Amina"), d.linked("Bola")
	d.save(said(other.ID, d.clock(), 9, store.Minor(8)))
	for i := range 3 {
		d.advance(time.Minute)
		d.save(said(a.ID, d.clock(), int64(100+i), store.Minor(int64(90+i))))
	}
	d.advance(time.Minute)
	d.save(said(a.ID, d.clock(), 200, store.Amount{})) // the bank did not say what is available
	d.save(said(a.ID, d.clock().Add(-10*time.Minute), 1, store.Minor(1)))
	d.threshold(other, 9)
	if found := must(d.Contradictions(t.Context())); len(found) > 0 {
		t.Fatalf("nothing was changed, and found is %+v", found)
	}
	db := storetest.Database(t, d.path)
	for change, undo := range map[string]string{
		`UPDATE accounts SET ledger = ledger + 100`:                                                   `UPDATE accounts SET ledger = ledger - 100`,
		`UPDATE accounts SET available = available + 1`:                                               `UPDATE accounts SET available = available - 1`,
		`UPDATE accounts SET as_of = as_of + 60000`:                                                   `UPDATE accounts SET as_of = as_of - 60000`,
		`UPDATE accounts SET available_as_of = available_as_of + 60000`:                               `UPDATE accounts SET available_as_of = available_as_of - 60000`,
		`UPDATE accounts SET currency = 'USD'`:                                                        `UPDATE accounts SET currency = 'NGN'`,
		`UPDATE balances SET ledger_balance = ledger_balance * 10`:                                    `UPDATE balances SET ledger_balance = ledger_balance / 10`,
		`UPDATE customers SET watched = FALSE`:                                                        `UPDATE customers SET watched = TRUE`,
		`UPDATE customers SET fell_below = FALSE`:                                                     `UPDATE customers SET fell_below = TRUE`,
		`UPDATE balances SET as_of = as_of + 1`:                                                       `UPDATE balances SET as_of = as_of - 1`,
		`UPDATE records SET customer_id = (SELECT id FROM customers WHERE id <> customer_id LIMIT 1)`: ``,
	} {
		_, err := db.ExecContext(t.Context(), change)
		d.ok(err)
		if found := must(d.Contradictions(t.Context())); len(found) == 0 {
			t.Errorf("not found: %s", change)
		}
		if undo != "" {
			_, err = db.ExecContext(t.Context(), undo)
			d.ok(err)
		}
	}
}

// An account that goes on showing an older balance than it has is as wrong as one
// that shows a made-up one.
func TestAnAccountThatDoesNotShowItsNewestBalanceIsFound(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.save(said(a.ID, d.clock(), 100, store.Minor(90)))
	old := d.account(a.ID)
	d.advance(time.Minute)
	d.save(said(a.ID, d.clock(), 101, store.Minor(91)))
	db := storetest.Database(t, d.path)
	_, err := db.ExecContext(t.Context(), `
		UPDATE accounts
		SET (balance_id, ledger, as_of, as_of_stated, received_at, available, available_as_of) = (
			SELECT id, ledger_balance, as_of, as_of_stated, received_at, available_balance, as_of FROM balances WHERE account_id = $1 AND as_of = $2)`,
		a.ID, old.AsOf.UnixMilli())
	d.ok(err)
	found := must(d.Contradictions(t.Context()))
	if len(found) != 1 || found[0] != (store.Contradiction{What: "An account does not show its newest balance.", ID: a.ID}) {
		t.Errorf("found %+v", found)
	}
	d.advance(time.Minute)
	d.save(said(a.ID, d.clock(), 102, store.Minor(92)))
	if found := must(d.Contradictions(t.Context())); len(found) > 0 {
		t.Errorf("the next balance does not mend it: %+v", found)
	}
}

// What is far behind in a table is in none of the first rows that are looked at together.
func TestWhatIsWrongBehindThousandsOfRowsIsFound(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.save(said(a.ID, d.clock(), 100, store.Minor(90)))
	all, _ := d.Schema(t)
	columns := strings.Join(slices.DeleteFunc(all["balances"], func(c string) bool { return slices.Contains([]string{"id", "fact", "as_of"}, c) }), ", ")
	d.Exec(t, `
		WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 4001)
		INSERT INTO balances (id, fact, as_of, `+columns+`)
		SELECT 'b' || n, 'f' || n, as_of - n, `+columns+` FROM balances, numbers`)
	if found := must(d.Contradictions(t.Context())); len(found) > 0 {
		t.Fatalf("nothing was changed, and found is %+v", found)
	}
	d.Exec(t, `UPDATE balances SET as_of_stated = NOT as_of_stated WHERE id IN ('b1', 'b4001')`)
	if found := must(d.Contradictions(t.Context())); len(found) != 2 {
		t.Errorf("of two rows found are %+v", found)
	}
	d.Exec(t, `UPDATE balances SET as_of_stated = NOT as_of_stated`)
	if found := must(d.Contradictions(t.Context())); len(found) != 100 {
		t.Errorf("of thousands %d are named", len(found))
	}
}

// shows runs some work until somebody who looks at the board has seen it in each of these
// steps.
func (d *db) shows(work func(*progress.Board), steps ...progress.Step) {
	d.t.Helper()
	board := &progress.Board{}
	all := make(chan struct{})
	go func() {
		defer close(all)
		for left := steps; len(left) > 0 && d.t.Context().Err() == nil; runtime.Gosched() {
			for _, under := range board.UnderWay() {
				left = slices.DeleteFunc(left, func(s progress.Step) bool { return s == under.Step })
			}
		}
	}()
	for range 1000 {
		work(board)
		if under := board.UnderWay(); len(under) > 0 {
			d.t.Fatalf("what is over is still under way: %+v", under)
		}
		select {
		case <-all:
			return
		default:
		}
	}
	d.t.Errorf("nobody has seen all of the steps %v", steps)
}

func TestVerifyingSaysInWhichStepItIs(t *testing.T) {
	d := newDB(t)
	d.filled()
	d.shows(func(board *progress.Board) {
		v := must(store.Verify(t.Context(), "sqlite:"+d.path, storetest.Keys(t, 'k'), board))
		if v.Audit.BadRow != 0 || len(v.Contradictions) > 0 {
			t.Errorf("found is %+v", v)
		}
	}, progress.ThePages, progress.TheRows, progress.TheReferences, progress.TheNumber, progress.TheBalances, progress.TheAudit)
}

func TestVerifyingCanBeStopped(t *testing.T) {
	d := newDB(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := store.Verify(ctx, storetest.URL(t, d.path), storetest.Keys(t, 'k'), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want that it was stopped", err)
	}
}

func TestVerifyMakesNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.db")
	if _, err := store.Verify(t.Context(), "sqlite:"+path, nil, nil); err == nil {
		t.Error("what is not there is in order")
	}
	if found, _ := filepath.Glob(path + "*"); len(found) > 0 {
		t.Errorf("it made %v", found)
	}
}

// Once the clock has come to what it had run ahead for, that stands in the
// history as the newest, and so it must on the account, whoever heard of it last.
func TestWhatAClockAheadHadDatedIsShownWhenItsTimeHasCome(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.advance(time.Hour) // the clock is wrong
	d.save(said(a.ID, d.clock(), 100, store.Minor(90)))
	d.advance(-time.Hour + time.Minute)
	d.save(said(a.ID, d.clock(), 101, store.Minor(91)))
	if now := d.account(a.ID); now.Figure != store.Minor(101) {
		t.Fatalf("shown is %v: a figure of the future stands in the way", now.Figure)
	}
	d.advance(2 * time.Hour)
	check := wish(a.ID)
	check.Kind = store.KindCheck
	d.ok(d.EndRefresh(t.Context(), d.start(check), store.Ending{State: store.RefreshUnchanged}))
	if now := d.account(a.ID); now.Figure != store.Minor(100) || now.Available != store.Minor(90) {
		t.Errorf("shown are %v and %v, not what the history has as the newest", now.Figure, now.Available)
	}
	if found := must(d.Contradictions(t.Context())); len(found) > 0 {
		t.Errorf("found %+v", found)
	}
}

func TestAnAccountOfWhichOnlyTheFutureIsKnownKeepsWhatItShows(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.advance(time.Hour) // the clock is wrong
	d.save(said(a.ID, d.clock(), 100, store.Minor(90)))
	before := d.account(a.ID)
	d.advance(-time.Hour)
	check := wish(a.ID)
	check.Kind = store.KindCheck
	d.ok(d.EndRefresh(t.Context(), d.start(check), store.Ending{State: store.RefreshUnchanged}))
	if now := d.account(a.ID); now.Figure != before.Figure || now.Available != before.Available || !now.AsOf.Equal(before.AsOf) {
		t.Errorf("shown is %+v", now)
	}
}
