package sitetest

import (
	"testing"
	"time"
)

const (
	// Never is how long something that has to happen may take before a test
	// says that it never will. No test depends on it when all is well.
	Never = 3 * time.Minute

	// between two looks there is a pause that grows: who looks all the time takes
	// the processor from what is waited for.
	firstPause, longestPause = 5 * time.Millisecond, 80 * time.Millisecond

	faster = 5 // is how much faster a clock goes meanwhile
)

// Await looks until it holds. If it never does the test fails with what was
// waited for and what is seen instead. From one look to the next the clock goes
// on, faster than time.
func (c *Clock) Await(t testing.TB, what string, seen func() string, holds func() bool) {
	t.Helper()
	await(t, what, seen, holds, func(pause time.Duration) { c.Advance(faster * pause) })
}

// Await is [Clock.Await] without a clock.
func Await(t testing.TB, what string, seen func() string, holds func() bool) {
	t.Helper()
	await(t, what, seen, holds, func(time.Duration) {})
}

func await(t testing.TB, what string, seen func() string, holds func() bool, meanwhile func(pause time.Duration)) {
	t.Helper()
	never := time.NewTimer(Never)
	defer never.Stop()
	for pause := firstPause; !holds(); pause = min(2*pause, longestPause) {
		meanwhile(pause)
		select {
		case <-time.After(pause):
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
