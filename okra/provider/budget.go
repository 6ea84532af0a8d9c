package provider

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
)

// Priority says whose call goes first when few are left.
type Priority int

// The priorities, first to last. A confirmation that is tried again comes after
// what people wait for: however many cannot be confirmed, they keep nobody up.
const (
	ForConfirm Priority = iota
	ForRefresh
	ForCheck
	ForRetry
	ForSchedule
)

// reserves are the shares of a minute's calls that a priority leaves for those
// before it.
var reserves = map[Priority]float64{ForConfirm: 0, ForRefresh: 0.1, ForCheck: 0.25, ForRetry: 0.4, ForSchedule: 0.5}

// Circuit breaker: so many calls that reach nobody within a window stop all
// calls for a while; then one call probes.
const (
	breakAfter  = 5
	breakWindow = time.Minute
	breakFor    = time.Minute
	refusedFor  = 5 * time.Minute
	probeFor    = 2 * time.Minute // longer than any call: whoever was let through and never called is forgotten
)

// Budget is shared by everything that calls the provider: the calls of a
// minute, the pauses that it asks for, and a circuit breaker. The documented
// limit is 20 calls a minute ("rate-limits").
type Budget struct {
	// Keep is told of every call before it is made, so that the limit holds over
	// a restart too (see Resume). A call that cannot be kept is not made. nil:
	// nobody keeps them. It must not change after the first call.
	Keep func(ctx context.Context, at time.Time) error

	// Called is told of every call that has ended, by how: ok or the kind of its error.
	// nil: nobody is. It must not change after the first call.
	Called func(how string)

	perMinute int
	now       func() time.Time

	mu       sync.Mutex
	calls    []time.Time // made within the last minute, or waiting for their turn, oldest first
	pause    Pause
	failures []time.Time // calls that reached nobody, within breakWindow
	probing  time.Time   // when a call was let through to find out whether a pause is over; zero: none is
}

// Pause says until when no call is made, and why. The zero Pause is none. One of
// KindUntrusted does not end by itself: Until is when the next probe is expected,
// and only a probe that passes (see [Prober]) ends it.
type Pause struct {
	Until time.Time
	Kind  Kind // KindRateLimited, KindUnreachable, KindUntrusted or KindRefused
}

// ProbeAgain is when distrusted hosts are probed again.
const ProbeAgain = time.Minute

// NewBudget returns a budget of so many calls a minute. now is nil for time.Now.
func NewBudget(perMinute int, now func() time.Time) *Budget {
	if now == nil {
		now = time.Now
	}
	return &Budget{perMinute: perMinute, now: now}
}

// Resume takes up the calls that were made before a restart, or by another process. Those
// that it knows count once: a kept one has lost what is less than a millisecond.
func (b *Budget) Resume(calls []time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	known := slices.Clone(b.calls)
	for _, at := range calls {
		same := func(call time.Time) bool { return call.UnixMilli() == at.UnixMilli() }
		if i := slices.IndexFunc(known, same); i >= 0 {
			known = slices.Delete(known, i, i+1)
		} else {
			b.calls = append(b.calls, at)
		}
	}
	slices.SortFunc(b.calls, time.Time.Compare)
}

// Recall takes up the pause that another process was in, which may be none. Whoever is
// distrusted stays so.
func (b *Budget) Recall(p Pause) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pause.Kind != KindUntrusted {
		b.pause, b.failures, b.probing = p, nil, time.Time{}
	}
}

// spent are the calls that count now. A turn that lies further ahead than any can
// comes from a clock that was set back. b.mu must be held.
func (b *Budget) spent(now time.Time) []time.Time {
	b.calls = slices.DeleteFunc(b.calls, func(at time.Time) bool {
		return now.Sub(at) >= time.Minute || at.Sub(now) > time.Hour
	})
	return b.calls
}

// Ready reports whether a call of that priority may be made now. Otherwise it
// says when to ask again, and which pause is in the way, if one is. After a
// pause it lets one caller through, whose call decides for the others. Without a
// budget it is always so.
func (b *Budget) Ready(p Priority) (ok bool, next time.Time, pause Pause) {
	if b == nil {
		return true, time.Time{}, Pause{}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if b.pause.Kind == KindUntrusted {
		return false, now.Add(time.Second), b.pause
	}
	if !b.pause.Until.IsZero() {
		if until := b.pausedUntil(now); now.Before(until) {
			return false, until, b.pause
		}
		if b.isProbing(now) {
			return false, now.Add(time.Second), b.pause
		}
		b.probing = now
		return true, now, Pause{}
	}
	spent := b.spent(now)
	need := min(int(math.Ceil(1+reserves[p]*float64(b.perMinute))), b.perMinute)
	if missing := need - (b.perMinute - len(spent)); missing > 0 {
		return false, spent[missing-1].Add(time.Minute), Pause{}
	}
	return true, now, Pause{}
}

// TryNow ends a pause after which nobody answered, or the keys were refused: the next call is
// let through and decides. One that the provider asked for, or that is for safety, stays. It
// says whether a pause was ended.
func (b *Budget) TryNow() bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if b.pause.Kind != KindUnreachable && b.pause.Kind != KindRefused || !now.Before(b.pausedUntil(now)) {
		return false
	}
	b.pause.Until = now
	return true
}

// pausedUntil is the end of the pause. One that lies further ahead than any
// pause can comes from a clock that was set back: it is over.
func (b *Budget) pausedUntil(now time.Time) time.Time {
	if b.pause.Until.After(now.Add(time.Hour)) {
		return now
	}
	return b.pause.Until
}

func (b *Budget) isProbing(now time.Time) bool {
	since := now.Sub(b.probing)
	return !b.probing.IsZero() && since >= 0 && since < probeFor
}

// State is what staff see of a budget.
type State struct {
	PerMinute int
	Left      int // calls that could be made at once
	Pause     Pause
}

// State returns how things stand.
func (b *Budget) State() State {
	b.mu.Lock()
	defer b.mu.Unlock()
	return State{PerMinute: b.perMinute, Left: max(0, b.perMinute-len(b.spent(b.now()))), Pause: b.pause}
}

// Wait takes a call out of the budget, waiting for its turn. A pause refuses
// all calls but the probe.
func (b *Budget) Wait(ctx context.Context) error {
	b.mu.Lock()
	pause, now := b.pause, b.now()
	closed := pause.Kind == KindUntrusted ||
		!pause.Until.IsZero() && !b.isProbing(now) && now.Before(b.pausedUntil(now))
	b.mu.Unlock()
	if closed {
		return &Error{
			Kind: pause.Kind, NotSent: true, RetryAfter: max(pause.Until.Sub(now), time.Second), Err: errPaused,
		}
	}
	return b.TakeTurn(ctx)
}

var (
	errPaused = errors.New("calls are paused")
	errNoRoom = errors.New("no call is left before the deadline")
)

// TakeTurn waits until a call may be made: no more than the limit in any minute.
// A caller who cannot wait for so long takes nothing.
func (b *Budget) TakeTurn(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	now := b.now()
	turn := b.reserve(now)
	delay := turn.Sub(now)
	if end, ok := ctx.Deadline(); ok && time.Until(end) < delay {
		b.release(turn)
		return errNoRoom
	}
	if b.Keep != nil {
		if err := b.Keep(ctx, turn); err != nil {
			b.release(turn)
			return err
		}
	}
	if delay == 0 {
		return nil
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		b.release(turn)
		return ctx.Err()
	}
}

// reserve takes the first turn that is free.
func (b *Budget) reserve(now time.Time) (turn time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	turn = now
	if spent := b.spent(now); len(spent) >= b.perMinute {
		turn = spent[len(spent)-b.perMinute].Add(time.Minute)
	}
	b.calls = append(b.calls, turn)
	return turn
}

func (b *Budget) release(turn time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := slices.IndexFunc(b.calls, turn.Equal); i >= 0 {
		b.calls = slices.Delete(b.calls, i, i+1)
	}
}

// Note learns from the end of a call.
func (b *Budget) Note(ctx context.Context, err error) {
	e, _ := errors.AsType[*Error](err)
	if b.Called != nil {
		b.Called(ending(err, e))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now, probed := b.now(), !b.probing.IsZero()
	b.probing = time.Time{}
	switch {
	case e != nil && e.Kind == KindUntrusted:
		b.pause = Pause{Until: now.Add(ProbeAgain), Kind: e.Kind}
	// whoever answered a call that was under way, only a probe tells who answers now
	case b.pause.Kind == KindUntrusted:
		b.pause.Until = now.Add(ProbeAgain)
	case e == nil, reached(e.Kind):
		b.pause, b.failures = Pause{}, nil
	case ctx.Err() != nil: // the caller gave up: that says nothing
	case e.Kind == KindRateLimited:
		b.pause = Pause{Until: now.Add(max(e.RetryAfter, time.Second)), Kind: e.Kind}
	case e.Kind == KindRefused:
		b.pause = Pause{Until: now.Add(refusedFor), Kind: e.Kind}
	default:
		b.failures = append(recent(b.failures, now), now)
		if probed || len(b.failures) >= breakAfter {
			b.pause, b.failures = Pause{Until: now.Add(breakFor), Kind: e.Kind}, nil
		}
	}
}

// ending says in a word how a call went.
func ending(err error, e *Error) string {
	switch {
	case err == nil:
		return "ok"
	case e == nil:
		return "failed"
	}
	return strings.ReplaceAll(string(e.Kind), " ", "_")
}

// Distrust stops all calls until a probe has passed.
func (b *Budget) Distrust() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pause = Pause{Until: b.now().Add(ProbeAgain), Kind: KindUntrusted}
}

// Probed learns from a probe of the API. One that passed ends distrust, and a
// pause for want of an answer; it says nothing of our key and our limit.
func (b *Budget) Probed(ctx context.Context, err error) {
	if err != nil {
		b.Note(ctx, err)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if k := b.pause.Kind; k == KindUntrusted || k == KindUnreachable {
		b.pause, b.failures = Pause{}, nil
	}
}

// reached says that somebody answered who may be believed to be the provider.
func reached(k Kind) bool {
	switch k {
	case KindUnreachable, KindUntrusted, KindRefused, KindRateLimited:
		return false
	}
	return true
}

// recent drops failures that lie outside the window, on either side.
func recent(failures []time.Time, now time.Time) []time.Time {
	var kept []time.Time
	for _, at := range failures {
		if age := now.Sub(at); age >= 0 && age < breakWindow {
			kept = append(kept, at)
		}
	}
	return kept
}
