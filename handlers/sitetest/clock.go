package sitetest

import (
	"sync"
	"time"
)

// Clock is the time of a site under test. It stands still while a test does
// something, however long the machine takes for it, and goes on only when the
// test advances it or waits with [Clock.Await]. So what a test does within a
// minute of its site is within that minute on every machine.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that shows the wall clock's time and stands.
func NewClock() *Clock { return &Clock{now: time.Now()} }

// Now is the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance sets the clock forward.
func (c *Clock) Advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}
