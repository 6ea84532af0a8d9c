package simulate

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Tasks are what a simulator does later. Make them with NewTasks; their methods may
// be used by several goroutines at once.
type Tasks struct {
	after   func(time.Duration) <-chan time.Time
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	pending atomic.Int64

	mu     sync.Mutex // guards closed, and that nothing begins behind it
	closed bool
	tasks  sync.WaitGroup
}

// NewTasks returns tasks that wait by a clock; nil: time.After.
func NewTasks(after func(time.Duration) <-chan time.Time) *Tasks {
	if after == nil {
		after = time.After
	}
	t := &Tasks{after: after}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// Later runs f after d, unless the tasks are closed first.
func (t *Tasks) Later(d time.Duration, f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	t.pending.Add(1)
	over := t.after(d) // counts from here, not from when the task has its turn
	t.tasks.Go(func() {
		defer t.pending.Add(-1)
		if t.outlast(over) {
			f()
		}
	})
}

// Pending returns how many tasks are under way, or wait for their time.
func (t *Tasks) Pending() int { return int(t.pending.Load()) }

// Wait waits and reports whether it came to that: false when the tasks were closed.
func (t *Tasks) Wait(d time.Duration) bool { return t.outlast(t.after(d)) }

func (t *Tasks) outlast(over <-chan time.Time) bool {
	select {
	case <-t.ctx.Done():
		return false
	case <-over:
		return true
	}
}

// Context ends when the tasks are closed.
func (t *Tasks) Context() context.Context { return t.ctx }

// Close drops what waits, and waits until nothing runs.
func (t *Tasks) Close() {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.cancel()
	t.tasks.Wait()
}
