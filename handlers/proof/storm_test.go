//go:build !race

package proof_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"balancelink/handlers/sitetest"
)

// storm is webhooks that come shuffled, each three times and then again, until it is over.
type storm struct {
	*ledger
	t     *testing.T
	to    *sender
	told  []webhook
	hooks []webhook

	rests   sync.Mutex // held while nothing more is to be sent
	over    chan struct{}
	senders sync.WaitGroup
	refused atomic.Int64 // with a 503 that says when to come again
	silent  atomic.Int64 // that were not answered
}

// senders are how many send at once.
const senders = 16

// storm begins one of facts about the accounts of [twins.fill].
func (w *twins) storm(r *rand.Rand) *storm {
	w.t.Helper()
	told := tell(r, facts)
	s := &storm{ledger: newLedger(), t: w.t, to: w.sender(), told: told, over: make(chan struct{})}
	for range 3 {
		s.hooks = append(s.hooks, told...)
	}
	r.Shuffle(len(s.hooks), func(i, j int) { s.hooks[i], s.hooks[j] = s.hooks[j], s.hooks[i] })
	var next atomic.Int64
	for range senders {
		s.senders.Go(func() {
			for !s.isOver() {
				s.deliver(s.hooks[int(next.Add(1))%len(s.hooks)])
			}
		})
	}
	return s
}

// isOver says whether nothing more is to be sent. Meanwhile it may rest.
func (s *storm) isOver() bool {
	s.rests.Lock()
	defer s.rests.Unlock()
	select {
	case <-s.over:
		return true
	default:
		return false
	}
}

// deliver sends a webhook, and says whether it was acknowledged.
func (s *storm) deliver(w webhook) bool {
	a, err := s.ledger.deliver(s.to, w)
	switch {
	case err != nil || a.Status == 502: // which only the balancer says
		s.silent.Add(1)
	case a.Status == 503 && a.RetryAfter != "":
		s.refused.Add(1)
	case a.Status != 200:
		s.t.Errorf("a delivery was answered %+v", a)
	}
	return err == nil && a.Status == 200
}

// goesOn waits until so many more are acknowledged.
func (s *storm) goesOn(by int) {
	s.t.Helper()
	from := s.acks()
	seen := func() string {
		return fmt.Sprintf("%d, %d refused, %d unanswered", s.acks()-from, s.refused.Load(), s.silent.Load())
	}
	sitetest.Await(s.t, fmt.Sprint(by, " more acknowledgements"), seen, func() bool { return s.acks()-from >= by })
}

// ends ends the storm. What was never acknowledged is sent until it is.
func (s *storm) ends() {
	s.t.Helper()
	close(s.over)
	s.senders.Wait()
	for _, w := range s.told {
		if s.acked[w] > 0 {
			continue
		}
		sitetest.Await(s.t, "what was refused to be taken", func() string { return w.Record }, func() bool { return s.deliver(w) })
	}
}

// wantConverged fails unless all of a storm that is over is kept, once, and every account
// has the newest of what was told.
func (w *twins) wantConverged(s *storm) {
	w.t.Helper()
	w.settled()
	s.wantKept(w.t, w.db)
	is := w.db.state()
	is.latest = w.db.ofStorm(is.latest)
	is.history = w.db.ofStorm(is.history)
	wantNewest(w.t, s.told, is)
	if n, want := len(is.history), distinctFacts(s.told); n != want {
		w.t.Errorf("%d balances in the history, want %d", n, want)
	}
	w.t.Logf("%d acknowledgements, %d refusals, %d without an answer; none lost", s.acks(), s.refused.Load(), s.silent.Load())
}

// ofStorm are the rows of a state that a storm tells of.
func (d *database) ofStorm(rows []string) (all []string) {
	for _, row := range rows {
		if strings.HasPrefix(row, accountID(0)[:12]) && !strings.Contains(row, "|demo|") {
			all = append(all, row)
		}
	}
	return all
}
