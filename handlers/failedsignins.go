package handlers

import (
	"context"
	"fmt"
	"sync"
	"time"

	"balancelink/store"
)

// failedSignIns counts wrong passwords until they are written down, for each
// member of staff and for all addresses together that nobody has. Guessing
// fills no log so, and to write takes no time by which somebody who guesses
// could tell an address that exists.
type failedSignIns struct {
	mu     sync.Mutex
	counts map[string]int // by staff id; empty: nobody's
	since  time.Time      // when they were last written down
}

// failedEvery is how often failed sign-ins are written down.
const failedEvery = time.Minute

func (f *failedSignIns) add(staffID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.counts == nil {
		f.counts = map[string]int{}
	}
	f.counts[staffID]++
}

// take returns the counts if their time has come.
func (f *failedSignIns) take(now time.Time, always bool) map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !always && now.Sub(f.since) < failedEvery {
		return nil
	}
	counts := f.counts
	f.counts, f.since = nil, now
	return counts
}

// flushFailedSignIns writes down who tried to sign in and failed: at once if
// always, else once a minute.
func (s *Server) flushFailedSignIns(ctx context.Context, always bool) {
	for id, n := range s.failed.take(time.Now(), always) {
		act := store.Act{Actor: store.Nobody, Action: store.ActSignInFailed, Subject: id, Detail: fmt.Sprintf("%d times, with the address of a member of staff", n)}
		if id == "" {
			act.Detail = fmt.Sprintf("%d times, with addresses that nobody has", n)
		}
		if err := s.Store.Record(ctx, act); err != nil {
			s.Logger.Error("recording failed sign-ins", "err", err)
		}
	}
}
