package okra

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Priority says whose call goes first when few are left.
type Priority int

// The priorities, first to last.
const (
	ForConfirm Priority = iota
	ForRefresh
	ForCheck
	ForSchedule
)

// reserves are the shares of a minute's calls that a priority leaves for those
// before it.
var reserves = map[Priority]float64{ForConfirm: 0, ForRefresh: 0.1, ForCheck: 0.25, ForSchedule: 0.5}

// Circuit breaker: so many calls that reach nobody within a window stop all
// calls for a while; then one call probes.
const (
	breakAfter  = 5
	breakWindow = time.Minute
	breakFor    = time.Minute
	distrustFor = 5 * time.Minute
	probeFor    = 2 * time.Minute // longer than any call: whoever was let through and never called is forgotten
)

// Budget is shared by everything that calls the provider: the calls of a
// minute, the pauses that it asks for, and a circuit breaker. The documented
// limit is 20 calls a minute ("rate-limits").
type Budget struct {
	perMinute int
	now       func() time.Time
	limiter   *rate.Limiter

	mu       sync.Mutex
	pause    Pause
	failures []time.Time // calls that reached nobody, within breakWindow
	probing  time.Time   // when a call was let through to find out whether a pause is over; zero: none is
}

// Pause says until when no call is made, and why. The zero Pause is none.
type Pause struct {
	Until time.Time
	Kind  Kind // KindRateLimited, KindUnreachable, KindUntrusted or KindRefused
}

// NewBudget returns a budget of so many calls a minute. now is nil for time.Now.
func NewBudget(perMinute int, now func() time.Time) *Budget {
	if now == nil {
		now = time.Now
	}
	return &Budget{perMinute: perMinute, now: now, limiter: rate.NewLimiter(rate.Limit(float64(perMinute)/60), perMinute)}
}

// Ready reports whether a call of that priority may be made now. Otherwise it
// says when to ask again, and which pause is in the way, if one is. After a
// pause it lets one caller through, whose call decides for the others.
func (b *Budget) Ready(p Priority) (ok bool, next time.Time, pause Pause) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
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
	need := 1 + reserves[p]*float64(b.perMinute)
	if tokens := b.limiter.TokensAt(now); tokens < min(need, float64(b.perMinute)) {
		missing := min(need, float64(b.perMinute)) - tokens
		return false, now.Add(time.Duration(missing / float64(b.limiter.Limit()) * float64(time.Second))), Pause{}
	}
	return true, now, Pause{}
}

// Ready is [Budget.Ready] of the client's budget; without one it is always so.
func (c *Client) Ready(p Priority) (ok bool, next time.Time, pause Pause) {
	if c.Budget == nil {
		return true, time.Time{}, Pause{}
	}
	return c.Budget.Ready(p)
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
	return State{PerMinute: b.perMinute, Left: max(0, int(b.limiter.TokensAt(b.now()))), Pause: b.pause}
}

// wait takes a call out of the budget, waiting for its turn. A pause refuses
// all calls but the probe.
func (b *Budget) wait(ctx context.Context) error {
	b.mu.Lock()
	pause, now := b.pause, b.now()
	closed := !pause.Until.IsZero() && !b.isProbing(now) && now.Before(b.pausedUntil(now))
	b.mu.Unlock()
	if closed {
		return &Error{Kind: pause.Kind, NotSent: true, RetryAfter: pause.Until.Sub(now), Err: errPaused}
	}
	return b.takeTurn(ctx, now)
}

var (
	errPaused = errors.New("calls are paused")
	errNoRoom = errors.New("no call is left before the deadline")
)

// takeTurn is the limiter's Wait by the budget's clock: by two clocks the same
// budget would be both used up and full. A caller who cannot wait for so long
// takes nothing.
func (b *Budget) takeTurn(ctx context.Context, now time.Time) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	turn := b.limiter.ReserveN(now, 1)
	delay := turn.DelayFrom(now)
	if end, ok := ctx.Deadline(); ok && time.Until(end) < delay {
		turn.CancelAt(now)
		return errNoRoom
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
		turn.CancelAt(b.now())
		return ctx.Err()
	}
}

// note learns from the end of a call.
func (b *Budget) note(ctx context.Context, err error) {
	e, _ := errors.AsType[*Error](err)
	b.mu.Lock()
	defer b.mu.Unlock()
	now, probed := b.now(), !b.probing.IsZero()
	b.probing = time.Time{}
	switch {
	case e == nil, reached(e.Kind):
		b.pause, b.failures = Pause{}, nil
	case ctx.Err() != nil: // the caller gave up: that says nothing
	case e.Kind == KindRateLimited:
		b.pause = Pause{Until: now.Add(max(e.RetryAfter, time.Second)), Kind: e.Kind}
	case e.Kind == KindUntrusted, e.Kind == KindRefused:
		b.pause = Pause{Until: now.Add(distrustFor), Kind: e.Kind}
	default:
		b.failures = append(recent(b.failures, now), now)
		if probed || len(b.failures) >= breakAfter {
			b.pause, b.failures = Pause{Until: now.Add(breakFor), Kind: e.Kind}, nil
		}
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
