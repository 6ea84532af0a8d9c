package store_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"balancelink/store"
)

const never = time.Duration(-1 << 63)

func wish(accountID string) store.RefreshRequest {
	return store.RefreshRequest{Scope: store.Whole(), AccountID: accountID, Kind: store.KindRefresh, Trigger: "staff", CoolDown: time.Minute, Deadline: 10 * time.Minute}
}

func (d *db) start(q store.RefreshRequest) store.Refresh {
	d.t.Helper()
	r, _, err := d.StartRefresh(d.t.Context(), q)
	d.ok(err)
	return r
}

func (d *db) refresh(id string) store.Refresh {
	d.t.Helper()
	r, err := d.RefreshByID(d.t.Context(), id)
	d.ok(err)
	return r
}

// startAndEnd leaves a refresh behind that was started just now.
func (d *db) startAndEnd(q store.RefreshRequest) {
	d.t.Helper()
	d.ok(d.EndRefresh(d.t.Context(), d.start(q), store.Ending{State: store.RefreshFailed}))
}

func (d *db) wantCoolDown(q store.RefreshRequest, until time.Time) {
	d.t.Helper()
	_, _, err := d.StartRefresh(d.t.Context(), q)
	var tooSoon *store.CoolDownError
	if !errors.As(err, &tooSoon) || !tooSoon.Until.Equal(until) {
		d.t.Errorf("err = %v, want a cool-down until %v", err, until)
	}
}

func TestManyWhoRefreshAtOnceShareOneRefresh(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	ids := make([]string, 20)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			r, _, err := d.StartRefresh(t.Context(), wish(a.ID))
			if err != nil {
				t.Error(err)
			}
			ids[i] = r.ID
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("refreshes %s and %s are open at once", id, ids[0])
		}
	}
	if _, joined, err := d.StartRefresh(t.Context(), wish(a.ID)); err != nil || !joined {
		t.Errorf("joined = %v, %v; want to join the open one", joined, err)
	}
}

func TestTheCoolDownIsPerKindAndPerAccountAndOutlivesARestart(t *testing.T) {
	d := newDB(t)
	a, other := d.linked("Amina"), d.linked("Bola")
	check := wish(a.ID)
	check.Kind = store.KindCheck
	d.startAndEnd(wish(a.ID))
	d.reopen()
	d.advance(59 * time.Second)
	d.wantCoolDown(wish(a.ID), noon.Add(time.Minute))
	d.startAndEnd(check)
	d.startAndEnd(wish(other.ID))
	d.advance(time.Second)
	d.startAndEnd(wish(a.ID))
}

func TestALastStartInTheFutureBindsNobodyButLaterOnesStillDo(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.startAndEnd(wish(a.ID))
	d.advance(-time.Hour) // the clock is set back
	d.startAndEnd(wish(a.ID))
	d.advance(time.Second)
	d.wantCoolDown(wish(a.ID), noon.Add(-time.Hour+time.Minute))
}

func TestARefreshIsOnlyForAnAccountThatCanBeAsked(t *testing.T) {
	d := newDB(t)
	a, other := d.linked("Amina"), d.linked("Bola")
	foreign := wish(a.ID)
	foreign.Scope = store.OfCustomer(other.CustomerID)
	if _, _, err := d.StartRefresh(t.Context(), foreign); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another customer's account: %v, want ErrNotFound", err)
	}
	if _, _, err := d.StartRefresh(t.Context(), wish("nobody")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("unknown account: %v, want ErrNotFound", err)
	}
	d.ok(d.SetAccountStatus(t.Context(), a.ID, store.AccountUnlinked))
	if _, _, err := d.StartRefresh(t.Context(), wish(a.ID)); !errors.Is(err, store.ErrUnlinked) {
		t.Errorf("unlinked account: %v, want ErrUnlinked", err)
	}
}

func TestABalanceEndsTheOpenRefreshOnlyIfItIsYoungerThanTheQuestion(t *testing.T) {
	d := newDB(t)
	for name, row := range map[string]struct {
		ask  bool
		kind store.RefreshKind
		asOf time.Duration // after the question; never: not stated
		want store.RefreshState
	}{
		"younger":                {true, store.KindRefresh, time.Second, store.RefreshChanged},
		"at the same moment":     {true, store.KindRefresh, 0, store.RefreshChanged},
		"without a time":         {true, store.KindRefresh, never, store.RefreshChanged},
		"older":                  {true, store.KindRefresh, -time.Second, store.RefreshAsked},
		"before anybody asked":   {false, store.KindRefresh, time.Second, store.RefreshQueued},
		"a check is no question": {true, store.KindCheck, time.Second, store.RefreshAsked},
	} {
		t.Run(name, func(t *testing.T) {
			a := d.linked(name)
			q := wish(a.ID)
			q.Kind = row.kind
			r := d.start(q)
			d.advance(time.Minute)
			o := said(a.ID, d.clock().Add(row.asOf), 5, store.Minor(5))
			if row.asOf == never {
				o.AsOf = time.Time{}
			}
			if row.ask {
				_, err := d.MarkAsked(t.Context(), r.ID)
				d.ok(err)
			}
			d.advance(2 * time.Second)
			d.save(o)
			if got := d.refresh(r.ID); got.State != row.want {
				t.Errorf("state = %s, want %s", got.State, row.want)
			}
			if got := d.account(a.ID); got.Figure != store.Minor(5) {
				t.Errorf("ledger = %v: the balance is saved in any case", got.Figure)
			}
		})
	}
}

func TestARefreshThatHasEndedStaysAsItEndedAndTakesALateBalance(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	r := d.start(wish(a.ID))
	d.ok(d.EndRefresh(t.Context(), r, store.Ending{State: store.RefreshTimedOut, Cause: "no answer"}))
	o := said(a.ID, noon, 7, store.Minor(6))
	d.ok(d.EndRefresh(t.Context(), r, store.Ending{Balance: &o}))
	if got := d.refresh(r.ID); got.State != store.RefreshTimedOut || got.Cause != "no answer" {
		t.Errorf("refresh = %s, %q; want it to stay timed out", got.State, got.Cause)
	}
	if got := d.account(a.ID); got.Figure != store.Minor(7) {
		t.Errorf("ledger = %v, want the late answer's 7", got.Figure)
	}
	if ok, err := d.MarkAsked(t.Context(), r.ID); ok || err != nil {
		t.Errorf("MarkAsked = %v, %v; an ended refresh is not asked", ok, err)
	}
	d.ok(d.EndRefresh(t.Context(), r, store.Ending{State: store.RefreshNeedsLogin}))
	if got := d.account(a.ID); got.Status != store.AccountLinked {
		t.Errorf("status = %s: what an ended refresh hears changes no account", got.Status)
	}
}

func TestNoMoreQuestionsADayThanAreAllowedHoweverManyAreAskedAtOnce(t *testing.T) {
	d := newDB(t)
	const most = 3
	var marked, full atomic.Int32
	var wg sync.WaitGroup
	for i := range 4 * most {
		a := d.linked(fmt.Sprint("customer ", i))
		r := d.start(wish(a.ID))
		wg.Go(func() {
			ok, until, err := d.MarkAskedWithin(t.Context(), r.ID, a.Provider, most)
			d.ok(err)
			if ok {
				marked.Add(1)
			} else if until.Equal(d.clock().Add(24 * time.Hour)) {
				full.Add(1)
			}
		})
	}
	wg.Wait()
	if marked.Load() != most || full.Load() != 3*most {
		t.Errorf("%d were sent and %d told to wait for a day; want %d and %d", marked.Load(), full.Load(), most, 3*most)
	}
}

func TestARefreshSaysWhetherTheBalanceChangedSinceItWasAskedFor(t *testing.T) {
	d := newDB(t)
	for name, row := range map[string]struct {
		ledger    int64
		available store.Amount
		want      store.RefreshState
	}{
		"same":              {100, store.Minor(90), store.RefreshUnchanged},
		"not told again":    {100, store.Amount{}, store.RefreshUnchanged},
		"other ledger":      {101, store.Minor(90), store.RefreshChanged},
		"only the other is": {100, store.Minor(91), store.RefreshChanged},
	} {
		t.Run(name, func(t *testing.T) {
			a := d.linked(name)
			d.save(said(a.ID, noon.Add(-time.Hour), 100, store.Minor(90)))
			r := d.start(wish(a.ID))
			d.advance(time.Minute)
			o := said(a.ID, d.clock(), row.ledger, row.available)
			d.ok(d.EndRefresh(t.Context(), r, store.Ending{Balance: &o, Polled: true}))
			got := d.refresh(r.ID)
			if got.State != row.want || got.Polls != 1 || got.FigureBefore != store.Minor(100) || got.FigureAfter != store.Minor(row.ledger) {
				t.Errorf("got %s after %d polls, %v → %v; want %s", got.State, got.Polls, got.FigureBefore, got.FigureAfter, row.want)
			}
		})
	}
}

func TestNeedingASignInIsOverOnceTheBankAnswers(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.ok(d.EndRefresh(t.Context(), d.start(wish(a.ID)), store.Ending{State: store.RefreshNeedsLogin}))
	if got := d.account(a.ID); got.Status != store.AccountNeedsLogin {
		t.Fatalf("status = %s, want needs_login", got.Status)
	}
	d.advance(time.Minute)
	o := said(a.ID, d.clock(), 1, store.Amount{})
	d.ok(d.EndRefresh(t.Context(), d.start(wish(a.ID)), store.Ending{Balance: &o}))
	if got := d.account(a.ID); got.Status != store.AccountLinked {
		t.Errorf("status = %s, want linked", got.Status)
	}
}
