//go:build !race

package proof_test

import (
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

func TestKilledWithSendersInFlightNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	cycles, path := size(t, killCycles), filepath.Join(t.TempDir(), "kept.db")
	known := newLedger()
	senders := make([]*persistent, 8)
	var number atomic.Int64
	for i := range senders {
		senders[i] = &persistent{ledger: known, number: &number}
	}
	for range cycles {
		p := start(t, path)
		deliverUntilKilled(t, p, senders)
	}
	known.wantKept(t, openDatabase(t, path))
	t.Logf("%d kills, %d webhooks sent, %d acknowledgements, none lost", cycles, number.Load(), known.acks())
}

// persistent is a sender as the provider's: what was not acknowledged it sends
// again, and sometimes what was.
type persistent struct {
	*ledger
	tells   func(n int64) webhook // nil: of strangers
	number  *atomic.Int64
	current webhook
}

// deliverUntil sends until the program is gone.
func (s *persistent) deliverUntil(t *testing.T, to *sender, acknowledged func()) {
	for {
		if s.current.Record == "" {
			tells := stranger
			if s.tells != nil {
				tells = s.tells
			}
			s.current = tells(s.number.Add(1))
		}
		a, err := s.deliver(to, s.current)
		if err != nil {
			return
		}
		if a.Status != 200 {
			t.Errorf("a delivery was answered %d", a.Status)
			return
		}
		acknowledged()
		if rand.IntN(8) > 0 {
			s.current = webhook{}
		}
	}
}

func deliverUntilKilled(t *testing.T, p *program, senders []*persistent) {
	t.Helper()
	to, enough := p.sender(), make(chan bool)
	var acks atomic.Int64
	last := 1 + rand.Int64N(200) // the moment of the kill is chance, and comes on any machine
	acknowledged := func() {
		if acks.Add(1) == last {
			close(enough)
		}
	}
	var wg sync.WaitGroup
	for _, s := range senders {
		wg.Go(func() { s.deliverUntil(t, to, acknowledged) })
	}
	gone := make(chan bool)
	go func() { wg.Wait(); close(gone) }()
	select {
	case <-enough:
	case <-gone:
		t.Fatalf("the program ended by itself after %d acknowledgements", acks.Load())
	}
	p.kill()
	<-gone
}
