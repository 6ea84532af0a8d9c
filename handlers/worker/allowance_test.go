package worker

import (
	"errors"
	"testing"
	"time"

	"balancelink/okra/provider"
)

// allowances are those of two instances on the bench's database, of which the first leads
// until lead says otherwise.
func (b *bench) allowances() (first, second *Allowance, lead func(*Allowance)) {
	var leader *Allowance
	one := func() *Allowance {
		a := &Allowance{Store: b.Store, Name: "okra", Env: b.Env, Logger: b.Logger, Now: b.clock}
		budget, err := KeptBudget(b.t.Context(), b.Store, a.Name, a.Env, 20, b.clock)
		b.ok(err)
		a.Budget, a.Leads = budget, func() bool { return leader == a }
		return a
	}
	lead = func(a *Allowance) {
		b.t.Helper()
		leader = a
		b.ok(a.TakeUp(b.t.Context()))
	}
	first, second = one(), one()
	lead(first)
	return first, second, lead
}

// unreachable has so many calls reach nobody that all are paused.
func (a *Allowance) unreachable(t *testing.T) {
	t.Helper()
	for range 5 {
		a.Budget.Note(t.Context(), &provider.Error{Kind: provider.KindUnreachable, Err: errors.New("nobody")})
	}
	if a.Budget.State().Pause.Kind != provider.KindUnreachable {
		t.Fatal("the calls are not paused")
	}
}

// wantState is how it stands for an instance: of its own, or a second old at most.
func (b *bench) wantState(a *Allowance, kind provider.Kind, left int) {
	b.t.Helper()
	b.advance(pauseEvery)
	if got := a.State(); got.Pause.Kind != kind || got.Left != left || got.PerMinute != 20 {
		b.t.Errorf("it stands %+v, want %q with %d left", got, kind, left)
	}
}

func TestEveryInstanceSeesThePauseAndTheCallsOfTheLeader(t *testing.T) {
	b := newBench(t)
	first, second, _ := b.allowances()
	b.wantState(second, "", 20)
	b.ok(first.Budget.Wait(t.Context()))
	b.wantState(second, "", 19)
	first.unreachable(t)
	b.ok(first.keep(t.Context()))
	b.wantState(second, provider.KindUnreachable, 19)
	if got, want := second.State().Pause.Until, first.State().Pause.Until; !got.Equal(want) {
		t.Errorf("it lasts until %v, want %v", got, want)
	}
	first.Budget.Note(t.Context(), nil)
	b.ok(first.keep(t.Context()))
	b.wantState(second, "", 19)
}

func TestTheNextLeaderGoesOnInThePauseAndWithTheCallsOfTheOneBefore(t *testing.T) {
	b := newBench(t)
	first, second, lead := b.allowances()
	for range 3 {
		b.ok(first.Budget.Wait(t.Context()))
	}
	first.unreachable(t)
	b.ok(first.keep(t.Context()))
	lead(second)
	b.wantState(second, provider.KindUnreachable, 17)
	if ok, _, _ := second.Budget.Ready(provider.ForConfirm); ok {
		t.Error("it calls whom nobody reaches")
	}
	b.advance(time.Minute)
	second.Budget.Note(t.Context(), nil)
	b.ok(second.keep(t.Context()))
	lead(first)
	b.wantState(first, "", 20)
}

func TestAPauseIsEndedFromWhicheverInstanceSomebodySees(t *testing.T) {
	b := newBench(t)
	first, second, _ := b.allowances()
	first.unreachable(t)
	b.ok(first.keep(t.Context()))
	for _, want := range []bool{true, false} {
		if tried, err := second.TryNow(t.Context()); err != nil || tried != want {
			t.Errorf("tried: %v, %v; want %v", tried, err, want)
		}
	}
	b.ok(first.keep(t.Context()))
	if ok, _, pause := first.Budget.Ready(provider.ForRefresh); !ok {
		t.Errorf("the leader waits: %+v", pause)
	}
}

func TestALimitedPauseIsNotEndedByWhoCannotWait(t *testing.T) {
	b := newBench(t)
	first, second, _ := b.allowances()
	first.Budget.Note(t.Context(), &provider.Error{Kind: provider.KindRateLimited, RetryAfter: time.Minute, Err: errors.New("429")})
	b.ok(first.keep(t.Context()))
	if tried, err := second.TryNow(t.Context()); err != nil || tried {
		t.Errorf("tried: %v, %v", tried, err)
	}
}

// Whoever restarts may have put other keys in place, and does not wait to see that.
func TestANewLeaderAsksAnewWhetherItsKeysAreRefused(t *testing.T) {
	b := newBench(t)
	first, second, lead := b.allowances()
	first.Budget.Note(t.Context(), &provider.Error{Kind: provider.KindRefused, Err: errors.New("401")})
	b.ok(first.keep(t.Context()))
	b.wantState(second, provider.KindRefused, 20)
	lead(second)
	b.ok(second.keep(t.Context()))
	b.wantState(second, "", 20)
	b.wantState(first, "", 20)
}
