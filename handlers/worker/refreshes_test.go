package worker

import (
	"testing"
	"time"

	"balancelink/okra/okrasim"
	"balancelink/okra/provider"
	"balancelink/store"
)

func TestEveryRefreshEndsInTheStateThatTheBankCauses(t *testing.T) {
	b := newBench(t)
	a := b.linked("Amina456")
	moved, stays := store.RefreshChanged, store.RefreshTimedOut
	for _, row := range []struct {
		scenario okrasim.Scenario
		asked    bool // the scenario begins when the question is out
		want     store.RefreshState
		cause    bool // staff are told one
	}{
		{okrasim.Normal, false, moved, false},
		{okrasim.Unchanged, false, store.RefreshUnchanged, false},
		{okrasim.SlowBank, false, stays, true},
		{okrasim.RateLimited, false, store.RefreshLimited, true},
		{okrasim.Failed, false, store.RefreshFailed, true},
		{okrasim.UndefinedURL, false, moved, false},
		{okrasim.ObjectIDs, false, moved, false},
		{okrasim.OldDates, false, moved, false},
		{okrasim.NoRecord, false, moved, false},
		{okrasim.ChangedOnly, false, moved, false},
		{okrasim.OldFigure, false, store.RefreshUnchanged, false},
		{okrasim.AvailableMissing, false, moved, false},
		{okrasim.PendingTransactions, false, moved, false},
		{okrasim.EarlyWebhook, false, moved, false},
		{okrasim.OtherHostURL, false, moved, false},
		{okrasim.Redirect, false, store.RefreshFailed, true},
		{okrasim.Redirect, true, store.RefreshFailed, true},
		{okrasim.ServerError, false, store.RefreshFailed, true},
		{okrasim.ServerError, true, stays, true},
		{okrasim.InvalidJSON, false, store.RefreshFailed, true},
		{okrasim.InvalidJSON, true, store.RefreshFailed, true},
		{okrasim.Timeout, true, stays, true},
		{okrasim.NeedsLogin, false, store.RefreshNeedsLogin, true},
	} {
		name := string(row.scenario)
		if row.asked {
			name += " after the question"
		}
		t.Run(name, func(t *testing.T) {
			b.Sim.SetScenario(a.ProviderID, okrasim.Normal)
			b.hears.Store(row.scenario == okrasim.EarlyWebhook)
			b.wire = nil
			b.advance(time.Hour)
			before, asked := b.account(a.ID), b.Sim.Calls("balance/refresh")
			r := b.start(a.ID, store.KindRefresh)
			if row.asked {
				b.work()
			}
			b.Sim.SetScenario(a.ProviderID, row.scenario)
			if row.scenario == okrasim.Timeout {
				b.wire = hangingUp
			}
			got := b.outcome(r)
			if got.State != row.want || row.cause && got.Cause == "" {
				t.Errorf("refresh = %s (%s), want %s", got.State, got.Cause, row.want)
			}
			if got.EndedAt.After(r.DeadlineAt.Add(time.Minute)) {
				t.Errorf("it ended at %v, long after its deadline %v", got.EndedAt, r.DeadlineAt)
			}
			after := b.account(a.ID)
			if changed := after.Figure != before.Figure; changed != (row.want == moved) {
				t.Errorf("ledger = %v", after.Figure)
			}
			if needs := after.Status == store.AccountNeedsLogin; needs != (row.want == store.RefreshNeedsLogin) {
				t.Errorf("account is %s", after.Status)
			}
			if limited := got.RetryAt.Equal(got.EndedAt.Add(time.Minute)); limited != (row.want == store.RefreshLimited) {
				t.Errorf("again at %v", got.RetryAt)
			}
			if n := b.Sim.Calls("balance/refresh") - asked; n != 1 {
				t.Errorf("the bank was asked %d times, want once", n)
			}
			if n := b.canary.Load(); n != 0 {
				t.Errorf("%d requests went to another host", n)
			}
		})
	}
}

func TestARefreshOutlivesAnOutageOfTheProvider(t *testing.T) {
	b := newBench(t)
	a := b.linked("Amina456")
	b.advance(time.Minute)
	r := b.start(a.ID, store.KindRefresh)
	b.work()
	b.Sim.SetScenario(a.ProviderID, okrasim.ServerError)
	b.advance(3 * time.Minute)
	b.work()
	if got := b.refresh(r.ID); got.State != store.RefreshWaiting || got.Polls != 1 || got.Cause == "" {
		t.Fatalf("in the outage: %s after %d polls (%s)", got.State, got.Polls, got.Cause)
	}
	b.Sim.SetScenario(a.ProviderID, okrasim.Normal)
	if got := b.outcome(r); got.State != store.RefreshChanged || got.Cause != "" {
		t.Errorf("refresh = %s (%s), want changed", got.State, got.Cause)
	}
}

func TestACheckSaysWhetherTheBalanceChangedAndSetsNone(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		ledger string
		want   store.RefreshState
	}{"changed": {"12", store.RefreshChanged}, "unchanged": {"3405000", store.RefreshUnchanged}} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			a := b.linked("Amina456")
			b.ok(b.Sim.SetBalance(a.ProviderID, row.ledger, row.ledger))
			got := b.outcome(b.start(a.ID, store.KindCheck))
			if got.State != row.want || got.Changed != (row.want == store.RefreshChanged) || got.LastChecked.IsZero() {
				t.Errorf("check = %s (%s), last checked %v; want %s", got.State, got.Cause, got.LastChecked, row.want)
			}
			if after := b.account(a.ID); after.Figure != a.Figure || !after.AsOf.Equal(a.AsOf) {
				t.Errorf("balance = %v as of %v: a check carries none", after.Figure, after.AsOf)
			}
			if refresh, check := b.Sim.Calls("balance/refresh"), b.Sim.Calls("balance/check"); refresh != 0 || check != 1 {
				t.Errorf("%d refreshes and %d checks, want one check", refresh, check)
			}
		})
	}
}

func TestARefreshReachesAnEndWhateverItWasWhenTheProgramEnded(t *testing.T) {
	t.Parallel()
	send := func(b *bench, r store.Refresh, a store.Account) {
		_, err := b.Store.MarkAsked(b.t.Context(), r.ID)
		b.ok(err)
		_, err = b.Okra.Ask(b.t.Context(), refOf(a), provider.Question(r.Kind))
		b.ok(err)
	}
	for name, row := range map[string]struct {
		kind   store.RefreshKind
		before func(*bench, store.Refresh, store.Account)
		after  func(*bench, store.Account)
		want   store.RefreshState
		asked  int
	}{
		"queued": {store.KindRefresh, func(*bench, store.Refresh, store.Account) {}, nil, store.RefreshChanged, 1},
		"asked, and sent, and a webhook comes": {store.KindRefresh, send, func(b *bench, a store.Account) {
			b.advance(time.Minute)
			b.hears.Store(true)
			b.ok(b.Sim.SetBalance(a.ProviderID, "1", "1"))
			b.ok(b.Sim.SendBalanceWebhook(a.ProviderID))
		}, store.RefreshChanged, 1},
		"asked, and never sent": {store.KindRefresh, func(b *bench, r store.Refresh, _ store.Account) {
			_, err := b.Store.MarkAsked(b.t.Context(), r.ID)
			b.ok(err)
		}, nil, store.RefreshTimedOut, 0}, // never "unchanged": nobody was asked
		"waiting":              {store.KindRefresh, func(b *bench, _ store.Refresh, _ store.Account) { b.work() }, nil, store.RefreshChanged, 1},
		"a check, queued":      {store.KindCheck, func(*bench, store.Refresh, store.Account) {}, nil, store.RefreshUnchanged, 1},
		"a check, waiting":     {store.KindCheck, func(b *bench, _ store.Refresh, _ store.Account) { b.work() }, nil, store.RefreshUnchanged, 1},
		"a check, asked, sent": {store.KindCheck, send, nil, store.RefreshFailed, 1}, // never "unchanged": nobody said so
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			a := b.linked("Amina456")
			b.advance(time.Minute)
			r := b.start(a.ID, row.kind)
			row.before(b, r, a)
			b.restart()
			if row.after != nil {
				row.after(b, a)
			}
			if got := b.outcome(r); got.State != row.want {
				t.Errorf("refresh = %s (%s), want %s", got.State, got.Cause, row.want)
			}
			if n := b.Sim.Calls("balance/refresh") + b.Sim.Calls("balance/check"); n != row.asked {
				t.Errorf("the bank was asked %d times, want %d", n, row.asked)
			}
		})
	}
}

func TestARefreshThatNobodyWasThereForIsInterruptedNotSent(t *testing.T) {
	b := newBench(t)
	a := b.linked("Amina456")
	r := b.start(a.ID, store.KindRefresh)
	b.advance(deadline)
	if got := b.outcome(r); got.State != store.RefreshInterrupted {
		t.Errorf("refresh = %s, want interrupted", got.State)
	}
	if n := b.Sim.Calls("balance/refresh"); n != 0 {
		t.Errorf("the bank was asked %d times, long after the click", n)
	}
}

func TestAnAnswerAfterTheDeadlineIsStillStored(t *testing.T) {
	b := newBench(t)
	a := b.linked("Amina456")
	b.Sim.SetScenario(a.ProviderID, okrasim.SlowBank)
	r := b.outcome(b.start(a.ID, store.KindRefresh))
	b.advance(time.Minute)
	b.hears.Store(true)
	b.ok(b.Sim.SetBalance(a.ProviderID, "17", "17"))
	b.ok(b.Sim.SendBalanceWebhook(a.ProviderID))
	b.work()
	if got := b.account(a.ID); got.Figure != store.Minor(1700) {
		t.Errorf("ledger = %v, want the late 1700", got.Figure)
	}
	if got := b.refresh(r.ID); got.State != store.RefreshTimedOut {
		t.Errorf("refresh = %s, want it to stay timed out", got.State)
	}
}
