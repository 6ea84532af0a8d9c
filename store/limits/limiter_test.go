package limits

import (
	"net/netip"
	"testing"
	"time"
)

func TestWhatIsRememberedOfSendersIsBounded(t *testing.T) {
	l, now := NewLimiter[netip.Prefix](Links), time.Now()
	for i := range 50_000 {
		l.Take(Network(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})), now)
	}
	if n := len(l.buckets); n > 10_000 {
		t.Errorf("%d senders are kept, want 10,000 at most", n)
	}
}
