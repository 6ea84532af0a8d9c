//go:build !race

package proof_test

import (
	"sync"
	"testing"
)

// ledger is what the senders know of each webhook: how often they sent it and
// how often they were told that it is stored.
type ledger struct {
	mu    sync.Mutex
	sent  map[webhook]int
	acked map[webhook]int
}

func newLedger() *ledger { return &ledger{sent: map[webhook]int{}, acked: map[webhook]int{}} }

// deliver sends a webhook and writes down what came of it.
func (l *ledger) deliver(s *sender, w webhook) (answer, error) {
	l.mu.Lock()
	l.sent[w]++
	l.mu.Unlock()
	a, err := s.deliver(w)
	if err == nil && a.acknowledged() {
		l.mu.Lock()
		l.acked[w]++
		l.mu.Unlock()
	}
	return a, err
}

func (l *ledger) acks() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range l.acked {
		n += k
	}
	return n
}

// wantKept fails unless the inbox has every acknowledged webhook in one row,
// and counts neither fewer deliveries than were acknowledged nor more than
// were sent.
func (l *ledger) wantKept(t *testing.T, db *database) {
	t.Helper()
	db.wantIntact()
	count, rows := db.events(), map[string]int{}
	for e := range count {
		rows[e.Record]++
	}
	lost, doubled, miscounted := 0, 0, 0
	for w, sent := range l.sent {
		n := count[event{w.Record, w.key(t)}]
		if n == 0 && l.acked[w] > 0 {
			lost++
		}
		if rows[w.Record] > 1 {
			doubled++
		}
		if n > sent || n > 0 && n < l.acked[w] {
			miscounted++
		}
	}
	if lost+doubled+miscounted > 0 {
		t.Errorf("of %d webhooks %d are lost, %d doubled, %d counted wrongly", len(l.sent), lost, doubled, miscounted)
	}
}
