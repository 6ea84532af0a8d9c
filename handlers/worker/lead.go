package worker

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"balancelink/store"
)

// The pace of a leader, within [store.LeaseFor]: it says so often that it is there, and
// after so long without having been heard it works no more, before another may begin.
const (
	beatEvery   = 2 * time.Second
	giveUpAfter = 8 * time.Second
)

// ErrSimulated says that another instance has the simulated providers of a database.
var ErrSimulated = errors.New("another instance simulates the banks of this database, and a simulation has one: " +
	"stop the other one")

// Lead has one of all instances on a database do what one alone may do. A new leader
// begins as a start of the program does: what there is to do lies in the database. One
// that was paused for long may end what it was at, and every change that it makes then
// asks whether it still may.
type Lead struct {
	Store     *store.Store
	Version   string
	Alone     bool // no other process can have the database open
	Simulates bool // the providers are simulated in this process
	// TakeUp comes before the work, to go on where the leader before was.
	TakeUp []func(context.Context) error
	Work   []func(context.Context) // what the leader does, each until its context ends
	Logger *slog.Logger
	Now    func() time.Time                     // nil: time.Now
	After  func(time.Duration) <-chan time.Time // by which Join waits; nil: time.After

	self    store.Instance
	joined  bool
	held    bool      // the lease, when it joined
	renewed time.Time // when the beat that renewed it began
	leads   atomic.Bool
	end     func() // ends the work and waits for that; nil: none is done
}

// ID tells this instance apart from others. [Lead.Join] comes before.
func (l *Lead) ID() string { return l.self.ID }

// Leads says whether this instance does the work.
func (l *Lead) Leads() bool { return l.leads.Load() }

func (l *Lead) now() time.Time {
	if l.Now == nil {
		return time.Now()
	}
	return l.Now()
}

// Join says that the instance is there, and takes the lead if it is free. Who is alone
// with the database takes it from whoever had it: that one is gone, and was perhaps killed
// just now. Who simulates waits for [store.LeaseFor] where another did, and then it is
// [ErrSimulated].
func (l *Lead) Join(ctx context.Context) error {
	if l.Alone {
		if err := l.Store.EndOthers(ctx); err != nil {
			return err
		}
	}
	l.self = l.Store.NewInstance(l.Version)
	held, err := l.enter(ctx)
	if err != nil {
		l.Leave(ctx)
		return err
	}
	l.held = slices.Contains(held, store.LeaseLeader)
	l.leads.Store(l.held)
	return nil
}

// enter says for the first time that the instance is there, and what it holds. Where
// another has the simulation it waits for as long as one holds it who was killed.
func (l *Lead) enter(ctx context.Context) (held []string, err error) {
	for waits := time.Duration(0); ; waits += beatEvery {
		l.renewed = l.now()
		if held, err = l.Store.Beat(ctx, l.self, l.leases()...); err != nil {
			return nil, err
		}
		l.joined = true
		switch {
		case !l.Simulates || slices.Contains(held, store.LeaseSimulation):
			return held, nil
		case waits > store.LeaseFor:
			return nil, ErrSimulated
		case waits == 0:
			l.Logger.Info("waiting for an instance that simulates the banks of this database: if it was killed it has ended",
				"within", store.LeaseFor)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-l.after(beatEvery):
		}
	}
}

func (l *Lead) after(d time.Duration) <-chan time.Time {
	if l.After == nil {
		return time.After(d)
	}
	return l.After(d)
}

// kept are the leases that are kept for as long as the instance runs.
func (l *Lead) kept() (names []string) {
	if l.Simulates {
		names = append(names, store.LeaseSimulation)
	}
	return names
}

// leases are all that the instance wants to hold.
func (l *Lead) leases() []string { return append(l.kept(), store.LeaseLeader) }

// Run works whenever this instance leads, until leads ends: another may lead at once then.
// Until ctx ends, which comes later where requests are served meanwhile, the instance goes on
// saying that it is there; then it leaves. [Lead.Join] comes before.
func (l *Lead) Run(ctx, leads context.Context) {
	var beside sync.WaitGroup
	if !l.Alone { // somebody else could be asked
		beside.Go(func() { every(ctx, beatEvery, l.Logger, "telling how far long work is", l.noteWork) })
	}
	l.lead(leads)
	if !l.Alone {
		l.last(ctx, "giving the lead up", func(ctx context.Context) error {
			return l.Store.GiveUp(ctx, l.self.ID, store.LeaseLeader)
		})
	}
	l.stay(ctx)
	beside.Wait()
	l.Leave(ctx)
}

// lead works whenever this instance leads, until ctx ends.
func (l *Lead) lead(ctx context.Context) {
	if l.held {
		l.begin(ctx)
	}
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			l.finish()
			l.leads.Store(false)
			return
		case <-tick.C:
			l.beat(ctx)
		}
	}
}

// stay says that the instance is there, and does not want to lead, until ctx ends.
func (l *Lead) stay(ctx context.Context) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if _, err := l.Store.Beat(ctx, l.self, l.kept()...); err != nil && ctx.Err() == nil {
				l.Logger.Warn("saying that this instance runs", "err", err)
			}
		}
	}
}

// noteWork has other instances know what this one is at that takes long.
func (l *Lead) noteWork(ctx context.Context) error { return l.Store.NoteWork(ctx, l.self.ID) }

// beat says that the instance is there, and begins or ends the work by what it holds.
func (l *Lead) beat(ctx context.Context) {
	began := l.now()
	held, err := l.renew(ctx, began)
	switch {
	case ctx.Err() != nil:
	case err == nil && held:
		l.renewed = began
		if l.end == nil {
			l.begin(ctx)
		}
	case l.end == nil: // another leads, or nobody can
	case err == nil:
		l.stop("another instance leads", nil)
	case l.Alone: // nobody else can lead meanwhile
	case l.now().Sub(l.renewed) >= giveUpAfter:
		l.stop("the lead could not be renewed", err)
	}
}

// renew takes or renews the lease, and says whether it is held. A leader waits no longer
// for that than it may lead.
func (l *Lead) renew(ctx context.Context, now time.Time) (held bool, err error) {
	if !l.Alone {
		left := giveUpAfter
		if l.end != nil {
			left -= now.Sub(l.renewed)
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, left)
		defer cancel()
	}
	all, err := l.Store.Beat(ctx, l.self, l.leases()...)
	return slices.Contains(all, store.LeaseLeader), err
}

func (l *Lead) begin(ctx context.Context) {
	if !l.Alone {
		l.Logger.Info("this instance leads", "instance", l.self.ID)
	}
	for _, takeUp := range l.TakeUp {
		if err := takeUp(ctx); err != nil && ctx.Err() == nil {
			l.Logger.Error("going on where the leader before was", "err", err)
		}
	}
	working, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	for _, work := range l.Work {
		wg.Go(func() { work(working) })
	}
	l.end = func() {
		cancel()
		wg.Wait()
	}
	l.leads.Store(true)
}

func (l *Lead) stop(why string, err error) {
	l.Logger.Warn("this instance leads no more", "instance", l.self.ID, "why", why, "err", err)
	l.leads.Store(false)
	l.finish()
}

// finish ends the work, if any is done, and waits for that.
func (l *Lead) finish() {
	if l.end != nil {
		l.end()
		l.end = nil
	}
}

// Leave says that the instance ends: another may lead at once. Without having joined, or
// the second time, it does nothing.
func (l *Lead) Leave(ctx context.Context) {
	if !l.joined {
		return
	}
	l.joined = false
	l.last(ctx, "saying that this instance ends", func(ctx context.Context) error {
		return l.Store.Leave(ctx, l.self.ID)
	})
}

// last tells the database what the others are to know, also when ctx has ended. Without it
// they find out later.
func (l *Lead) last(ctx context.Context, what string, tells func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), beatEvery)
	defer cancel()
	if err := tells(ctx); err != nil {
		l.Logger.Warn(what, "err", err)
	}
}

// leads says whether an instance leads, of which nil says that it does.
func leads(says func() bool) bool { return says == nil || says() }

// every takes a step now and each time that a pause has passed, until ctx ends. What goes
// wrong is logged as what.
func every(ctx context.Context, pause time.Duration, log *slog.Logger, what string, step func(context.Context) error) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		if err := step(ctx); err != nil && ctx.Err() == nil {
			log.Error(what, "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
