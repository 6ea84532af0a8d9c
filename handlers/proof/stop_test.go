//go:build !race

package proof_test

import (
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"balancelink/handlers/sitetest"
	"balancelink/store/storetest"
)

func TestAStopThatABalancerFollowsRefusesNothingAndLosesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(storetest.Folder(t), "kept.db")
	p := drained(t, path, "DRAIN_FOR=5s")
	known, to := newLedger(), p.sender()
	to.http.Transport.(*http.Transport).DisableKeepAlives = true
	var number atomic.Int64
	var out atomic.Bool // of what requests are sent to
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for !out.Load() {
				if a, err := known.deliver(to, stranger(number.Add(1))); err != nil || a.Status != 200 {
					t.Errorf("a delivery was answered %d, %v", a.Status, err)
					return
				}
			}
		})
	}
	goesOn := func() {
		t.Helper()
		from := known.acks()
		sitetest.Await(t, "acknowledgements", func() string { return "none" }, func() bool { return known.acks() >= from+100 })
	}
	goesOn()
	p.signal(syscall.SIGTERM)
	untilNotReady(t, p.Settings.ListenAddr)
	goesOn() // until the balancer has looked
	out.Store(true)
	senders.Wait()
	if err := p.ended(); err != nil {
		t.Fatalf("the program ended with %v:\n%s", err, p.log)
	}
	known.wantKept(t, openDatabase(t, path))
	t.Logf("%d webhooks sent, %d acknowledged", number.Load(), known.acks())
}

func TestASecondSignalEndsAStopThatServesOn(t *testing.T) {
	t.Parallel()
	p := drained(t, filepath.Join(storetest.Folder(t), "kept.db"), "DRAIN_FOR=1h")
	p.signal(syscall.SIGTERM)
	untilNotReady(t, p.Settings.ListenAddr)
	p.signal(syscall.SIGTERM)
	ended := make(chan error, 1)
	go func() { ended <- p.ended() }()
	sitetest.Receive(t, ended, "the program to end")
}

// drained is the program on a database of its own, with settings of how it stops.
func drained(t *testing.T, path string, set ...string) *program {
	t.Helper()
	p := launch(t, slices.Concat(simulation(t, path, "MONO_SIMULATOR_ADDR="+sitetest.Addr(t), "DATA_KEY="+storetest.DataKey), set), binary(t))
	p.Database = path
	p.begin()
	return p
}
