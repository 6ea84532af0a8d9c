package provider

import (
	"context"
	"testing"
	"time"
)

// clock is a time that a test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newTestBudget(perMinute int) (*Budget, *clock) {
	c := &clock{t: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	return NewBudget(perMinute, c.now), c
}

func fail(k Kind, after time.Duration) error { return &Error{Op: "test", Kind: k, RetryAfter: after} }

func ready(b *Budget, p Priority) bool {
	ok, _, _ := b.Ready(p)
	return ok
}

func TestTheLastCallsAreKeptForConfirmingLinks(t *testing.T) {
	b, c := newTestBudget(20)
	for range 12 {
		b.reserve(c.t)
	}
	for p, want := range map[Priority]bool{ForConfirm: true, ForRefresh: true, ForCheck: true, ForSchedule: false} {
		if got := ready(b, p); got != want {
			t.Errorf("with 8 of 20 left, priority %d may call: %v, want %v", p, got, want)
		}
	}
	ok, next, pause := b.Ready(ForSchedule)
	if ok || pause != (Pause{}) || !next.After(c.t) || next.After(c.t.Add(time.Minute)) {
		t.Errorf("Ready = %v, %v, %v; want the moment of the next try within a minute", ok, next, pause)
	}
}

func TestTheLimitHoldsInAnyMinuteAlsoOverARestart(t *testing.T) {
	const limit = 20
	c := &clock{t: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	var kept []time.Time
	start := func() *Budget {
		b := NewBudget(limit, c.now)
		b.Keep = func(_ context.Context, at time.Time) error { kept = append(kept, at); return nil }
		b.Resume(kept)
		return b
	}
	b := start()
	for second := range 600 {
		if second%45 == 44 {
			b = start()
		}
		for ready(b, ForConfirm) {
			if err := b.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		c.t = c.t.Add(time.Second)
	}
	for i := range kept[limit:] {
		if within := kept[i+limit].Sub(kept[i]); within < time.Minute {
			t.Fatalf("%d calls within %v", limit+1, within)
		}
	}
	if len(kept) < 9*limit {
		t.Errorf("%d calls in ten minutes, want nearly all of %d", len(kept), 10*limit)
	}
}

func TestEvenTheSmallestBudgetLetsEverybodyCallOnce(t *testing.T) {
	for p := ForConfirm; p <= ForSchedule; p++ {
		if b, _ := newTestBudget(1); !ready(b, p) {
			t.Errorf("a budget of one call a minute never lets priority %d call", p)
		}
	}
}

func TestALimitOfTheProviderPausesEverybodyUntilItSays(t *testing.T) {
	b, c := newTestBudget(20)
	b.Note(t.Context(), fail(KindRateLimited, 90*time.Second))
	ok, next, pause := b.Ready(ForConfirm)
	if ok || pause.Kind != KindRateLimited || !next.Equal(c.t.Add(90*time.Second)) {
		t.Errorf("Ready = %v, %v, %v", ok, next, pause)
	}
	c.t = c.t.Add(91 * time.Second)
	if !ready(b, ForSchedule) {
		t.Error("nobody may call after the limit has passed")
	}
}

func TestFiveCallsThatReachNobodyStopAllAndOneProbes(t *testing.T) {
	b, c := newTestBudget(60)
	for range breakAfter {
		if !ready(b, ForRefresh) {
			t.Fatal("stopped too early")
		}
		b.Note(t.Context(), fail(KindUnreachable, 0))
	}
	if ready(b, ForConfirm) {
		t.Fatal("calls go on although nobody answers")
	}
	c.t = c.t.Add(breakFor)
	if !ready(b, ForRefresh) {
		t.Fatal("no probe is let through")
	}
	if ready(b, ForRefresh) {
		t.Error("a second call is let through beside the probe")
	}
	b.Note(t.Context(), fail(KindUnreachable, 0))
	if ready(b, ForRefresh) {
		t.Error("one failed probe does not keep the circuit open")
	}
	c.t = c.t.Add(breakFor)
	if !ready(b, ForRefresh) {
		t.Fatal("no second probe")
	}
	b.Note(t.Context(), nil)
	for range 2 {
		if !ready(b, ForRefresh) {
			t.Error("calls stay stopped although the probe was answered")
		}
	}
}

func TestAnAnswerThatSaysNoIsNoOutage(t *testing.T) {
	b, _ := newTestBudget(60)
	for range 3 * breakAfter {
		b.Note(t.Context(), fail(KindUnreachable, 0))
		b.Note(t.Context(), fail(KindNeedsLogin, 0))
	}
	if !ready(b, ForRefresh) {
		t.Error("failures with answers between them opened the circuit")
	}
}

func TestAnUntrustedAnswerStopsAllCallsAtOnce(t *testing.T) {
	for _, k := range []Kind{KindUntrusted, KindRefused} {
		b, _ := newTestBudget(60)
		b.Note(t.Context(), fail(k, 0))
		if ok, _, pause := b.Ready(ForConfirm); ok || pause.Kind != k {
			t.Errorf("%s: Ready = %v, %v", k, ok, pause)
		}
	}
}

func TestOnlyAProbeThatPassedEndsDistrust(t *testing.T) {
	b, c := newTestBudget(60)
	b.Note(t.Context(), fail(KindUntrusted, 0))
	for what, then := range map[string]func(){
		"a day":                   func() { c.t = c.t.Add(24 * time.Hour) },
		"a clock set back":        func() { c.t = c.t.Add(-72 * time.Hour) },
		"a call that was on":      func() { b.Note(t.Context(), nil) },
		"a probe without answer":  func() { b.Probed(t.Context(), fail(KindUnreachable, 0)) },
		"a probe that is refused": func() { b.Probed(t.Context(), fail(KindUntrusted, 0)) },
	} {
		then()
		if ok, _, pause := b.Ready(ForConfirm); ok || pause.Kind != KindUntrusted {
			t.Errorf("%s ended distrust", what)
		}
	}
	b.Probed(t.Context(), nil)
	if !ready(b, ForConfirm) {
		t.Error("a probe that passed did not end distrust")
	}
}

func TestACallerWhoGivesUpSaysNothingAboutTheProvider(t *testing.T) {
	b, _ := newTestBudget(60)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 2 * breakAfter {
		b.Note(ctx, fail(KindUnreachable, 0))
	}
	if !ready(b, ForRefresh) {
		t.Error("cancelled calls opened the circuit")
	}
}

func TestAClockSetBackDoesNotProlongAPause(t *testing.T) {
	b, c := newTestBudget(60)
	b.Note(t.Context(), fail(KindRefused, 0))
	c.t = c.t.Add(-10 * time.Hour)
	if !ready(b, ForRefresh) {
		t.Error("the pause lasts ten hours longer because the clock was set back")
	}
}

func TestAProbeThatIsNeverMadeDoesNotStopCallsForEver(t *testing.T) {
	b, c := newTestBudget(60)
	b.Note(t.Context(), fail(KindRefused, 0))
	c.t = c.t.Add(refusedFor)
	if !ready(b, ForRefresh) {
		t.Fatal("no probe is let through")
	}
	c.t = c.t.Add(probeFor)
	if !ready(b, ForRefresh) {
		t.Error("nobody may probe because somebody who might have never did")
	}
}

func TestTheBudgetKnowsOneClock(t *testing.T) {
	b, c := newTestBudget(20)
	for _, year := range []int{2020, 2040} { // the machine's clock is behind and ahead of the budget's
		c.t = time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
		for range 20 {
			if err := b.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if left := b.State().Left; left != 0 {
			t.Errorf("in %d: %d calls are left of those that were all made at one moment", year, left)
		}
	}
}

func TestWhoeverHasFixedTheCauseNeedNotWaitForThePauseToEnd(t *testing.T) {
	b, c := newTestBudget(60)
	if b.TryNow() {
		t.Error("there was no pause to end")
	}
	for range breakAfter {
		ready(b, ForRefresh)
		b.Note(t.Context(), fail(KindUnreachable, 0))
	}
	if !b.TryNow() || !ready(b, ForRefresh) || ready(b, ForRefresh) {
		t.Fatal("not exactly one call is let through")
	}
	b.Note(t.Context(), nil)
	if !ready(b, ForRefresh) {
		t.Error("its answer lets nobody through")
	}
	b.Note(t.Context(), fail(KindRateLimited, time.Minute))
	if b.TryNow() || ready(b, ForRefresh) {
		t.Error("a pause that the provider asked for is ended")
	}
	c.t = c.t.Add(time.Minute)
	ready(b, ForRefresh)
	b.Note(t.Context(), fail(KindUntrusted, 0))
	if b.TryNow() || ready(b, ForRefresh) {
		t.Error("a pause for safety is ended")
	}
}

func TestCallsThatAreTakenUpAgainCountOnce(t *testing.T) {
	c := &clock{t: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	now := c.t
	b := NewBudget(20, c.now)
	for range 3 {
		if err := b.TakeTurn(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	kept := []time.Time{now, now, now, now.Add(-time.Second)}
	b.Resume(kept)
	b.Resume(kept)
	if left := b.State().Left; left != 16 {
		t.Errorf("%d calls are left, want 16", left)
	}
}
