// Package worker does the work that no browser waits for: it applies received
// webhooks, confirms links with the provider, drives refreshes, and tells programs
// of the business and people what happens. What there is to do lies in the database, so a restart loses nothing.
package worker

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/days"
)

// Config is what a [Worker] needs.
type Config struct {
	Store     *store.Store
	Providers provider.Set
	Env       string // of our rows: simulated, production-sandbox or production

	// ReturnURL is where a customer comes back to from a provider's page, by the nonce
	// of the attempt. nil: no provider has pages.
	ReturnURL func(nonce string) string

	// Transactions says that customers are asked for these: of them an available
	// balance is worked out that the bank does not state. Otherwise it is unknown.
	Transactions bool

	FirstPoll time.Duration // from asking for a balance to the first look at the answer
	PollEvery time.Duration // between looks; 0: as FirstPoll, 15 seconds at most
	Deadline  time.Duration // of refreshes that nobody asked for: of the schedule, of the demo
	// how long an account's transactions may take, of which an available balance is worked out; 0:
	// ten seconds
	LookUpFor time.Duration

	SweepEvery    time.Duration // how often saved balances are asked for; 0: never
	ScheduleEvery time.Duration // how often balances are refreshed by themselves; 0: never
	ScheduleCalls int           // how many of those refreshes there may be in a day

	// DailyCalls is how many questions may be sent in 24 hours to a provider who charges
	// for them, by name; none: as many as are asked.
	DailyCalls map[string]int

	Retain   store.Retention // how long things are kept
	Outgoing Outgoing        // how programs of the business are told what happens
	Mail     Mail            // how people are told by e-mail

	// Of the overview's counts: for how long a balance is fresh, from when on it is stale, and
	// where days begin.
	FreshFor   time.Duration
	StaleAfter time.Duration
	Location   *time.Location // nil: UTC

	Logger *slog.Logger
	Now    func() time.Time // nil: time.Now
}

// Worker works until its context ends. One is enough: it alone talks to the
// provider, however many pages are open. Of several instances on a database the
// leader's works: see [Lead].
type Worker struct {
	Config
	wakes [loops]chan struct{}
	beats [loops]atomic.Int64 // when each loop last came round, Unix seconds; 0: it does not run
	memory
	counted time.Time // when the overview's counts were last made
}

// memory is what the worker remembers beside the database, from when it begins until
// it ends.
type memory struct {
	lookups   lookups
	missed    missed
	scheduled time.Time // when the schedule last had its turn
	dropped   time.Time // when unmatched payloads were last dropped
	purged    time.Time // when what is over its time was last looked for
	trimmed   time.Time // when deliveries were last forgotten
	mailing   mailing
}

// The loops, each with its own pace.
const (
	inboxLoop = iota
	linkLoop
	pageLoop
	refreshLoop
	sweepLoop
	cleanLoop
	countLoop
	sendLoop
	mailLoop
	loops
)

// New returns a worker that does nothing before [Worker.Run].
func New(cfg Config) *Worker {
	w := &Worker{Config: cfg}
	w.LookUpFor = cmp.Or(w.LookUpFor, 10*time.Second)
	w.PollEvery = cmp.Or(w.PollEvery, min(w.FirstPoll, 15*time.Second))
	w.Location = cmp.Or(w.Location, time.UTC)
	if w.Now == nil {
		w.Now = time.Now
	}
	for i := range w.wakes {
		w.wakes[i] = make(chan struct{}, 1)
	}
	return w
}

// eachProvider does something at every provider that is configured, whatever becomes
// of it at the others.
func (w *Worker) eachProvider(do func(provider.Provider) error) error {
	var errs []error
	for _, p := range w.Providers {
		errs = append(errs, do(p))
	}
	return errors.Join(errs...)
}

// Wake tells the worker that there is something new to do. It never blocks;
// without it the worker finds out within a second.
func (w *Worker) Wake() {
	for i := range w.wakes {
		w.wake(i)
	}
}

// WakeInbox is [Worker.Wake] for a webhook that came in: there may be
// thousands a second, and nothing else has to look up.
func (w *Worker) WakeInbox() { w.wake(inboxLoop) }

func (w *Worker) wake(i int) {
	select {
	case w.wakes[i] <- struct{}{}:
	default:
	}
}

// stuckAfter is how long a loop may be busy before the worker counts as stuck:
// longer than a few calls to the provider that all run into their time limit.
const stuckAfter = 5 * time.Minute

// Alive says whether every loop that runs has come round lately. While another instance
// leads, none does.
func (w *Worker) Alive() bool {
	for i := range w.beats {
		last := w.beats[i].Load()
		if last != 0 && w.Now().Unix()-last > int64(stuckAfter.Seconds()) {
			return false
		}
	}
	return true
}

// Run works until ctx ends and what is under way has been put down. It may be run again
// then, and remembers nothing of before.
func (w *Worker) Run(ctx context.Context) {
	w.memory = memory{}
	var wg sync.WaitGroup
	for i, step := range [loops]func(context.Context) error{
		inboxLoop: w.applyEvents(&wg), linkLoop: w.confirmLinks(&wg), pageLoop: w.openPages(&wg),
		refreshLoop: w.driveRefreshes(&wg),
		sweepLoop:   w.sweepAndSchedule, cleanLoop: w.clean,
		sendLoop: w.sendOut(&wg), mailLoop: w.sendMail,
	} {
		if step != nil { // that of countLoop is not the leader's: see Prepare
			wg.Go(func() { w.loop(ctx, i, step) })
		}
	}
	wg.Wait()
}

// Prepare keeps ready what the pages of an instance show, whichever leads, until ctx ends:
// the overview's counts, and whom searches find.
func (w *Worker) Prepare(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { w.index(ctx) })
	w.loop(ctx, countLoop, w.count)
	wg.Wait()
}

// index has those customers found of a version before whom the start did not wait for. It
// may take long, and is tried again a minute after it failed. Instances share it: each
// takes a few at a time.
func (w *Worker) index(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		err := w.Store.IndexCustomers(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		w.Logger.Error("noting by which words customers are found", "err", err)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// clean removes from the disk what was deleted while somebody read it.
func (w *Worker) clean(ctx context.Context) error {
	if !w.Store.Unclean() {
		return nil
	}
	return w.Store.Clean(ctx)
}

// countEvery is how often the overview's counts are made: with what it takes they are
// shown for less than a minute.
const countEvery = 45 * time.Second

func (w *Worker) count(ctx context.Context) error {
	now := w.Now()
	if since := now.Sub(w.counted); since >= 0 && since < countEvery {
		return nil
	}
	w.counted = now
	return w.Store.KeepCounts(ctx, store.CountsAt{
		FreshSince: now.Add(-w.FreshFor), StaleBefore: now.Add(-w.StaleAfter),
		EventsSince: days.Start(now.In(w.Location)),
	})
}

// loop repeats a step whenever it is woken, and every second for what falls
// due by the clock.
func (w *Worker) loop(ctx context.Context, i int, step func(context.Context) error) {
	w.beats[i].Store(w.Now().Unix())
	defer w.beats[i].Store(0)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if err := step(ctx); err != nil && ctx.Err() == nil {
			w.Logger.Error("worker step", "err", err)
		}
		w.beats[i].Store(w.Now().Unix())
		select {
		case <-ctx.Done():
			return
		case <-w.wakes[i]:
		case <-tick.C:
		}
	}
}
