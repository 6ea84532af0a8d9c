package worker

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
	"balancelink/store"
	"balancelink/store/progress"
	"balancelink/store/storetest"
)

// instance is one of several on the bench's database, with the leader's work that only
// counts how often it was begun and is under way.
type instance struct {
	*Lead
	t            *testing.T
	begun, doing atomic.Int32
}

func (b *bench) instance() *instance {
	i := &instance{t: b.t, Lead: &Lead{Store: b.Store, Logger: b.Logger, Now: b.clock}}
	i.Work = []func(context.Context){func(ctx context.Context) {
		i.begun.Add(1)
		i.doing.Add(1)
		<-ctx.Done()
		i.doing.Add(-1)
	}}
	b.t.Cleanup(i.finish)
	return i
}

// starts is the start of an instance up to where it serves.
func (i *instance) starts() *instance {
	i.t.Helper()
	if err := i.Join(i.t.Context()); err != nil {
		i.t.Fatal(err)
	}
	i.beat(i.t.Context())
	return i
}

// works says whether the leader's work is done here, and what the instance says of that.
func (i *instance) works() bool {
	i.t.Helper()
	if i.Leads() {
		sitetest.Await(i.t, "the work is begun", func() string { return "not yet" }, func() bool { return i.doing.Load() == 1 })
	}
	if works := i.doing.Load() == 1; works != i.Leads() {
		i.t.Errorf("it leads: %v, it works: %v", i.Leads(), works)
	}
	return i.Leads()
}

func TestOfTwoInstancesOneWorksUntilItSaysNothing(t *testing.T) {
	b := newBench(t)
	first, second := b.instance().starts(), b.instance().starts()
	for range 10 {
		b.advance(beatEvery)
		first.beat(t.Context())
		second.beat(t.Context())
		if !first.works() || second.works() {
			t.Fatal("the wrong one works")
		}
	}
	b.advance(store.LeaseFor - time.Millisecond)
	if second.beat(t.Context()); second.works() {
		t.Error("it works before the lease of the other is over")
	}
	b.advance(time.Millisecond)
	if second.beat(t.Context()); !second.works() {
		t.Error("nobody works")
	}
	if first.beat(t.Context()); first.works() {
		t.Error("who was away goes on")
	}
	b.advance(time.Hour)
	if first.beat(t.Context()); !first.works() || first.begun.Load() != 2 {
		t.Errorf("it does not begin again; begun %d times", first.begun.Load())
	}
}

func TestALeaderThatCannotSaySoWorksNoMoreBeforeAnotherBegins(t *testing.T) {
	b := newBench(t)
	first, second := b.instance().starts(), b.instance().starts()
	first.Store = closed(t)
	b.advance(giveUpAfter - time.Millisecond)
	if first.beat(t.Context()); !first.works() {
		t.Error("it gives up at the first failure")
	}
	b.advance(time.Millisecond)
	if first.beat(t.Context()); first.works() {
		t.Error("it works without the lease")
	}
	if second.beat(t.Context()); second.works() {
		t.Error("the lease is over already: there was no time to give up")
	}
	b.advance(store.LeaseFor - giveUpAfter)
	if second.beat(t.Context()); !second.works() {
		t.Error("nobody works")
	}
}

// closed is a database that takes nothing any more.
func closed(t *testing.T) *store.Store {
	t.Helper()
	s := storetest.Open(t, filepath.Join(storetest.Folder(t), "test.db"), time.Now)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhoIsAloneWithTheDatabaseWorksWhateverBecomesOfIt(t *testing.T) {
	b := newBench(t)
	b.instance().starts() // was killed just now
	only := b.instance()
	only.Alone = true
	if only.starts(); !only.works() {
		t.Fatal("it waits for who was killed")
	}
	only.Store = closed(t)
	b.advance(time.Hour)
	if only.beat(t.Context()); !only.works() || only.begun.Load() != 1 {
		t.Error("a full disk ends the work")
	}
}

func TestALeaderThatIsToEndLetsAnotherLeadAtOnceAndIsThereWhileItServes(t *testing.T) {
	b := newBench(t)
	first, second := b.instance(), b.instance()
	ctx, end := context.WithCancel(t.Context())
	leads, told := context.WithCancel(ctx)
	b.ok(first.Join(ctx))
	var wg sync.WaitGroup
	wg.Go(func() { first.Run(ctx, leads) })
	if second.starts(); !first.works() || second.works() {
		t.Fatal("the wrong one works")
	}
	told()
	b.advance(time.Second) // less than a lease lasts
	sitetest.Await(t, "another to lead", func() string { return "nobody does" }, func() bool {
		second.beat(t.Context())
		return second.works()
	})
	if first.works() {
		t.Error("both work")
	}
	b.wantInstances(first, second)
	end()
	wg.Wait()
	b.wantInstances(second)
}

// wantInstances fails unless those run, as all can know, and the last one leads.
func (b *bench) wantInstances(want ...*instance) {
	b.t.Helper()
	all, err := b.Store.Instances(b.t.Context())
	if err != nil || len(all) != len(want) {
		b.t.Fatalf("instances = %+v, %v, want %d", all, err, len(want))
	}
	for i, is := range all {
		if last := i == len(want)-1; is.ID != want[i].self.ID || is.LeadsFrom.IsZero() == last {
			b.t.Errorf("instance %d = %+v, want %s, which leads: %v", i, is, want[i].self.ID, last)
		}
	}
}

func TestAnInstanceTellsTheOthersOfItsLongWorkUntilItEnds(t *testing.T) {
	for name, alone := range map[string]bool{"with others": false, "alone": true} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			i := b.instance()
			i.Alone = alone
			w := b.Store.Board().Begin(progress.Sealing, 1)
			defer w.End()
			b.advance(2 * time.Second)
			ctx, end := context.WithCancel(t.Context())
			defer end()
			b.ok(i.Join(ctx))
			var wg sync.WaitGroup
			wg.Go(func() { i.Run(ctx, ctx) })
			heard := func() []store.Work {
				under, err := b.Store.WorkElsewhere(t.Context(), "another")
				b.ok(err)
				return under
			}
			if !alone {
				sitetest.Await(t, "it is heard of", func() string { return "not yet" }, func() bool { return len(heard()) == 1 })
				if under := heard(); under[0].Instance != i.ID() || under[0].Name != progress.Sealing {
					t.Errorf("heard is %+v", under)
				}
			}
			end()
			wg.Wait()
			if under := heard(); len(under) > 0 {
				t.Errorf("in the end, or alone, heard is %+v", under)
			}
		})
	}
}

func TestASimulationHasOneInstance(t *testing.T) {
	b := newBench(t)
	first, second := b.instance(), b.instance()
	first.Simulates, second.Simulates = true, true
	first.starts()
	second.waits(b, func() { first.beat(t.Context()) })
	if err := second.Join(t.Context()); !errors.Is(err, ErrSimulated) {
		t.Errorf("the second one starts: %v", err)
	}
	first.Leave(t.Context())
	second.waits(b, func() { t.Error("it waits for one that has ended") })
	second.starts()
}

func TestASimulationWaitsForOneThatWasKilled(t *testing.T) {
	b := newBench(t)
	killed, next := b.instance(), b.instance()
	killed.Simulates, next.Simulates = true, true
	killed.starts()
	waits := 0
	next.waits(b, func() { waits++ })
	if next.starts(); waits == 0 || !next.works() {
		t.Errorf("it works: %v, having waited %d times", next.Leads(), waits)
	}
}

func TestASimulationThatIsStoppedWhileItWaitsLeavesNothing(t *testing.T) {
	b := newBench(t)
	first, second := b.instance(), b.instance()
	first.Simulates, second.Simulates = true, true
	first.starts()
	ctx, stop := context.WithCancel(t.Context())
	second.After = func(time.Duration) <-chan time.Time { stop(); return nil }
	if err := second.Join(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("it is stopped: %v", err)
	}
	if all, err := b.Store.Instances(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("instances = %+v, %v", all, err)
	}
}

// waits has the clock go on whenever an instance waits, and something happen then.
func (i *instance) waits(b *bench, then func()) {
	i.After = func(d time.Duration) <-chan time.Time {
		b.advance(d)
		then()
		over := make(chan time.Time, 1)
		over <- b.clock()
		return over
	}
}

func TestALeaderTakesUpWhatWasBeforeItBegins(t *testing.T) {
	b := newBench(t)
	i := b.instance()
	i.TakeUp = []func(context.Context) error{func(context.Context) error {
		if i.begun.Load() > 0 {
			t.Error("it has begun already")
		}
		return errors.New("is told of, and no reason not to work")
	}}
	if i.starts(); !i.works() {
		t.Error("it does not work")
	}
}

// Each moment of a refresh at which the leader may fall asleep, and the other one goes on.
func TestWhateverALeaderWasAtTheNextOneAsksTheBankNoSecondTime(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		sleeps func(b *bench, r store.Refresh, next func()) // next has the other one lead and do what is due
		want   store.RefreshState
	}{
		"queued": {func(_ *bench, _ store.Refresh, next func()) { next() }, store.RefreshChanged},
		"queued, and it wakes with the row of before": {func(b *bench, r store.Refresh, next func()) {
			next()
			b.ok(b.drive(b.t.Context(), r))
			b.ok(b.driveIfDue(b.t.Context(), r))
		}, store.RefreshChanged},
		"waiting": {func(b *bench, _ store.Refresh, next func()) { b.work(); next() }, store.RefreshChanged},
		"asking, and the answer comes when it wakes": {func(b *bench, _ store.Refresh, next func()) {
			b.wire = func(sim http.Handler, w *httptest.ResponseRecorder, r *http.Request) {
				if b.wire = nil; strings.HasSuffix(r.URL.Path, "balance/refresh") {
					sim.ServeHTTP(w, r)
					next()
				}
			}
			b.work()
		}, store.RefreshChanged},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			a := b.linked("Amina456")
			b.advance(time.Minute)
			first, second := b.instance().starts(), b.instance().starts()
			other := &bench{Worker: New(b.Config), t: t, Okra: b.Okra, Sim: b.Sim, bank: b.bank}
			r := b.start(a.ID, store.KindRefresh)
			row.sleeps(b, r, func() {
				b.advance(store.LeaseFor)
				if second.beat(t.Context()); !second.works() {
					t.Fatal("nobody goes on")
				}
				other.work()
			})
			if first.beat(t.Context()); first.works() {
				t.Error("both work")
			}
			got := other.outcome(r)
			if got.State != row.want {
				t.Errorf("refresh = %s (%s), want %s", got.State, got.Cause, row.want)
			}
			b.ok(b.Store.AwaitRefresh(t.Context(), r.ID, "late", b.clock()))
			b.ok(b.Store.EndRefresh(t.Context(), r, store.Ending{State: store.RefreshTimedOut, Cause: "late"}))
			if after := b.refresh(r.ID); after != got {
				t.Errorf("who wakes late makes %+v of %+v", after, got)
			}
			if n := b.Sim.Calls("balance/refresh"); n != 1 {
				t.Errorf("the bank was asked %d times, want once", n)
			}
		})
	}
}

func TestTwoWorkersOfWhichOneRunsAskOnce(t *testing.T) {
	b := newBench(t)
	a := b.linked("Amina456")
	b.advance(time.Minute)
	workers := []*Worker{b.Worker, New(b.Config)}
	var leads []*instance
	for _, w := range workers {
		i := b.instance()
		i.Work = append(i.Work, w.Run)
		leads = append(leads, i.starts())
	}
	r := b.start(a.ID, store.KindRefresh)
	wake := func() bool {
		for _, w := range workers {
			w.Wake()
		}
		return b.refresh(r.ID).State == store.RefreshWaiting
	}
	sitetest.Await(t, "the bank is asked", func() string { return string(b.refresh(r.ID).State) }, wake)
	b.advance(store.LeaseFor)
	for range 2 {
		leads[1].beat(t.Context())
		leads[0].beat(t.Context())
	}
	if leads[0].works() || !leads[1].works() {
		t.Fatal("the wrong one works")
	}
	sitetest.Await(t, "the refresh ends", func() string { return string(b.refresh(r.ID).State) }, func() bool {
		now := b.refresh(r.ID)
		if wait := now.NextAt.Sub(b.clock()); now.Open() && wait > 0 {
			b.advance(wait)
		}
		wake()
		return !now.Open()
	})
	if got := b.refresh(r.ID); got.State != store.RefreshChanged {
		t.Errorf("refresh = %s (%s)", got.State, got.Cause)
	}
	if n := b.Sim.Calls("balance/refresh"); n != 1 {
		t.Errorf("the bank was asked %d times, want once", n)
	}
	if !workers[0].Alive() || !workers[1].Alive() {
		t.Error("who has nothing to do counts as stuck")
	}
}

func TestAWorkerThatRunsAgainRemembersNothing(t *testing.T) {
	b := newBench(t)
	ctx, end := context.WithCancel(t.Context())
	end()
	b.lookups.allow("account", b.clock())
	b.mailing.tries = 3
	b.Run(ctx)
	if !b.lookups.allow("account", b.clock()) || b.mailing.tries != 0 {
		t.Error("it goes by what it remembers of when it led before")
	}
}
