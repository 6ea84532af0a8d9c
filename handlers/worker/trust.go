package worker

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
)

// Trust is whether the provider's hosts are the provider's. Only a probe that
// passed says so: at the start, every hour, and, after any call that failed,
// before the next bank window is opened. It never comes back by itself.
type Trust struct {
	Store  *store.Store
	Name   string // of the provider, as rows have it
	Env    string // of our rows
	Off    bool   // linking is turned off: no bank window is opened, whatever a probe says
	Probe  func(context.Context) error
	Budget *provider.Budget // stopped while the hosts are distrusted; nil: there is none
	Leads  func() bool      // whether this instance says for all; nil: it does
	Logger *slog.Logger
	Now    func() time.Time // nil: time.Now

	probing sync.Mutex // held while one probes

	mu       sync.Mutex // guards all below
	standing Standing
	theirs   bool // the leader, another instance, does not trust them
	doubts   int  // calls that failed since the start
}

// Standing is how trust stands.
type Standing struct {
	store.Trust               // as it was last known
	Off         bool          // linking is turned off
	Proven      bool          // a probe has passed since the start and since the last failure
	Cause       provider.Kind // why not; empty: nobody has looked since the start
	At          time.Time     // of the last probe; zero: there was none since the start
}

// Lost says that somebody else may answer in the provider's place.
func (s Standing) Lost() bool { return s.Cause == provider.KindUntrusted }

const (
	probeEvery = time.Hour
	probeFor   = 10 * time.Second // a probe may take
	// probePause is how long one that failed stands for those who come by.
	probePause = 5 * time.Second
)

func (t *Trust) now() time.Time {
	if t.Now == nil {
		return time.Now()
	}
	return t.Now()
}

// Recall takes up what was known before the start, or before this instance led: what was
// distrusted still is, until a probe has passed.
func (t *Trust) Recall(ctx context.Context) error {
	kept, err := t.Store.Trust(ctx, t.Name, t.Env)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.standing.Trust, t.theirs = kept, false
	if kept.Since.IsZero() || kept.Trusted {
		return nil
	}
	t.standing.Cause, t.standing.Proven = provider.KindUntrusted, false
	if t.Budget != nil {
		t.Budget.Distrust()
	}
	return nil
}

// follow takes up what the leader says: whom it does not trust nobody does. It says
// nothing for this instance, which may reach somebody else in the provider's place.
func (t *Trust) follow(ctx context.Context) {
	kept, err := t.Store.Trust(ctx, t.Name, t.Env)
	if err != nil {
		if ctx.Err() == nil {
			t.Logger.Error("reading whether the provider is trusted", "err", err)
		}
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.standing.Trust, t.theirs = kept, !kept.Since.IsZero() && !kept.Trusted
}

// Run probes now, every hour, and every minute while the last probe failed.
func (t *Trust) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if !leads(t.Leads) {
			t.follow(ctx)
		}
		t.probeIfDue(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (t *Trust) probeIfDue(ctx context.Context) {
	if s := t.Standing(); s.At.IsZero() || !t.lately(s.At, probeEvery) ||
		!s.Proven && !t.lately(s.At, provider.ProbeAgain) {
		t.probe(ctx, 0)
	}
}

func (t *Trust) lately(at time.Time, within time.Duration) bool { return lately(at, t.now(), within) }

// Doubt takes note of a call that failed. One that somebody else may have
// answered loses trust at once; after any, a probe comes before a bank window.
func (t *Trust) Doubt(err error) {
	t.mu.Lock()
	t.doubts++
	t.mu.Unlock()
	t.note(context.Background(), err)
}

// Standing returns how trust stands, without a probe.
func (t *Trust) Standing() Standing {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.standing
	s.Off = t.Off
	if t.theirs {
		s.Proven, s.Cause = false, provider.KindUntrusted
	}
	return s
}

// Asked returns how trust stands, after a probe where that is not proven.
func (t *Trust) Asked(ctx context.Context) Standing {
	if s := t.Standing(); s.Off || s.Proven && t.lately(s.At, probeEvery+time.Minute) {
		return s
	}
	t.probe(ctx, probePause)
	return t.Standing()
}

// probe probes, unless the last one is not older than pause. Who comes while one
// is under way waits for it.
func (t *Trust) probe(ctx context.Context, pause time.Duration) {
	t.probing.Lock()
	defer t.probing.Unlock()
	s := t.Standing()
	if passed := s.Proven && t.lately(s.At, probeEvery); pause > 0 &&
		(passed || s.Cause != "" && t.lately(s.At, pause)) {
		return
	}
	t.mu.Lock()
	doubts := t.doubts
	t.mu.Unlock()
	within, cancel := context.WithTimeout(ctx, probeFor)
	defer cancel()
	err := t.Probe(within)
	if ctx.Err() != nil {
		return // whoever asked has gone: that says nothing
	}
	t.mu.Lock()
	t.standing.At = t.now()
	late := t.doubts != doubts // a call failed meanwhile: it may know better
	t.mu.Unlock()
	if err != nil || !late {
		t.note(ctx, err)
	}
}

// note takes up what a probe or a call has found. That nobody answered is no
// reason to think better of who did, nor worse.
func (t *Trust) note(ctx context.Context, err error) {
	kind := provider.KindOf(err)
	t.mu.Lock()
	before := t.standing
	t.standing.Proven = err == nil
	if err == nil || !before.Lost() {
		t.standing.Cause = kind
	}
	t.mu.Unlock()
	if err != nil && kind != provider.KindUntrusted {
		return
	}
	if !leads(t.Leads) { // what stands in the database is the leader's word
		if err != nil && !before.Lost() {
			t.Logger.Error("the provider's hosts are not trusted any more, by this instance", "err", err)
		}
		return
	}
	reason := ""
	if err != nil {
		reason = err.Error()
	}
	kept, failure := t.Store.SetTrust(context.WithoutCancel(ctx), t.Name, t.Env, err == nil, reason)
	if failure != nil {
		t.Logger.Error("noting whether the provider is trusted", "err", failure)
		return
	}
	t.mu.Lock()
	t.standing.Trust = kept
	t.mu.Unlock()
	switch {
	case err != nil && !before.Lost():
		t.Logger.Error("the provider's hosts are not trusted any more", "err", err)
	case err == nil && before.Lost():
		t.Logger.Info("the provider's hosts are trusted again")
	}
}
