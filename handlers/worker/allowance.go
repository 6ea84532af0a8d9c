package worker

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
)

// Allowance is how it stands with the calls to a provider, for every instance on a
// database: the leader makes them and keeps which pause it is in, the others read that.
type Allowance struct {
	Store  *store.Store
	Name   string // of the provider, as rows have it
	Env    string // of our rows
	Budget *provider.Budget
	Leads  func() bool // whether this instance does; nil: yes
	Logger *slog.Logger
	Now    func() time.Time // nil: time.Now

	kept store.Pause // the leader's, as it lies in the database

	mu     sync.Mutex // guards what another instance was in
	theirs provider.State
	read   time.Time
}

// pauseEvery is how often the leader looks whether a pause has begun or ended, and the
// oldest that others take for true.
const pauseEvery = time.Second

func (a *Allowance) now() time.Time {
	if a.Now == nil {
		return time.Now()
	}
	return a.Now()
}

// State returns how it stands with the calls.
func (a *Allowance) State() provider.State {
	if leads(a.Leads) {
		return a.Budget.State()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	if lately(a.read, now, pauseEvery) {
		return a.theirs
	}
	state, err := a.readState(context.Background(), now)
	if err != nil {
		a.Logger.Error("reading how it stands with the provider", "err", err)
		return a.theirs
	}
	a.theirs, a.read = state, now
	return state
}

// readState is what the leader has written down.
func (a *Allowance) readState(ctx context.Context, now time.Time) (s provider.State, err error) {
	p, err := a.Store.Pause(ctx, a.Name, a.Env)
	if err != nil {
		return s, err
	}
	calls, err := a.Store.Calls(ctx, a.Name, a.Env)
	s = a.Budget.State()
	s.Left, s.Pause = s.PerMinute, provider.Pause{Kind: provider.Kind(p.Kind), Until: p.Until}
	for _, at := range calls {
		if now.Sub(at) < time.Minute {
			s.Left = max(0, s.Left-1)
		}
	}
	return s, err
}

// TryNow ends a pause as [provider.Budget.TryNow] does, in whichever instance it is.
func (a *Allowance) TryNow(ctx context.Context) (bool, error) {
	if leads(a.Leads) {
		return a.Budget.TryNow(), nil
	}
	p, err := a.Store.Pause(ctx, a.Name, a.Env)
	kind := provider.Kind(p.Kind)
	if err != nil || kind != provider.KindUnreachable && kind != provider.KindRefused || !a.now().Before(p.Until) {
		return false, err
	}
	return a.Store.EndPause(ctx, a.Name, a.Env, p)
}

// TakeUp has the budget go on where that of the leader before was, at this or another
// instance. That the keys were refused is asked anew: they may be others now.
func (a *Allowance) TakeUp(ctx context.Context) error {
	calls, err := a.Store.Calls(ctx, a.Name, a.Env)
	if err != nil {
		return err
	}
	if a.kept, err = a.Store.Pause(ctx, a.Name, a.Env); err != nil {
		return err
	}
	a.Budget.Resume(calls)
	var p provider.Pause
	if k := provider.Kind(a.kept.Kind); k == provider.KindUnreachable || k == provider.KindRateLimited {
		p = provider.Pause{Kind: k, Until: a.kept.Until}
	}
	a.Budget.Recall(p)
	return nil
}

// Run keeps in which pause the budget is, until ctx ends. It is the leader's, and comes
// behind [Allowance.TakeUp].
func (a *Allowance) Run(ctx context.Context) {
	every(ctx, pauseEvery, a.Logger, "keeping how it stands with the provider", a.keep)
}

// keep ends a pause that somebody ended at another instance, and writes down another one.
func (a *Allowance) keep(ctx context.Context) error {
	there, err := a.Store.Pause(ctx, a.Name, a.Env)
	if err != nil {
		return err
	}
	if there != a.kept && there.Kind == a.kept.Kind {
		a.Budget.TryNow()
	}
	p := a.Budget.State().Pause
	is := store.Pause{Kind: string(p.Kind), Until: p.Until.Truncate(time.Millisecond).UTC()}
	if a.kept = there; is == there {
		return nil
	}
	if err := a.Store.KeepPause(ctx, a.Name, a.Env, is); err != nil {
		return err
	}
	a.kept = is
	return nil
}
