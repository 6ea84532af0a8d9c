package sitetest

import (
	"testing"
	"time"
)

const (
	// Never is how long something that has to happen may take before a test
	// says that it never will. No test depends on it when all is well.
	Never = 3 * time.Minute

	between = 10 * time.Millisecond // of two looks
	passes  = 50 * time.Millisecond // of a clock's time meanwhile
)

// Await looks until it holds. If it never does the test fails with what was
// waited for and what is seen instead. From one look to the next the clock goes
// on a little.
func (c *Clock) Await(t testing.TB, what string, seen func() string, holds func() bool) {
	t.Helper()
	Await(t, what, seen, func() bool {
		held := holds()
		if !held {
			c.Advance(passes)
		}
		return held
	})
}

// Await is [Clock.Await] without a clock.
func Await(t testing.TB, what string, seen func() string, holds func() bool) {
	t.Helper()
	never, again := time.NewTimer(Never), time.NewTicker(between)
	defer never.Stop()
	defer again.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-t.Context().Done():
			t.Fatalf("the test ended while it waited for %s; seen instead: %s", what, seen())
		case <-never.C:
			t.Fatalf("waited %v in vain for %s; seen instead: %s", Never, what, seen())
		}
	}
}

// Receive returns what comes, and fails the test when nothing ever does.
func Receive[T any](t testing.TB, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(Never):
		t.Fatalf("waited %v in vain for %s", Never, what)
		panic("unreachable")
	}
}
