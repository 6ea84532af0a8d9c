package limits

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limiter remembers what each address, customer or key has left of an allowance.
type Limiter[K comparable] struct {
	Allowance
	mu      sync.Mutex
	buckets map[K]*rate.Limiter
}

// NewLimiter returns one in which everybody has the whole allowance.
func NewLimiter[K comparable](a Allowance) *Limiter[K] {
	return &Limiter[K]{Allowance: a, buckets: map[K]*rate.Limiter{}}
}

// Take uses one up and returns zero, or how long to wait for one.
func (s *Limiter[K]) Take(key K, now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	bucket := s.buckets[key]
	if bucket == nil {
		s.makeRoom(now)
		bucket = rate.NewLimiter(rate.Every(s.Every), s.AtOnce)
		s.buckets[key] = bucket
	}
	r := bucket.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// Left is how many somebody has left.
func (s *Limiter[K]) Left(key K, now time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if bucket := s.buckets[key]; bucket != nil {
		return int(bucket.TokensAt(now))
	}
	return s.AtOnce
}

// makeRoom forgets whoever has everything left, and everybody when that is not
// enough: a flood from everywhere is not to be stopped by address.
func (s *Limiter[K]) makeRoom(now time.Time) {
	if len(s.buckets) < Senders {
		return
	}
	for key, bucket := range s.buckets {
		if bucket.TokensAt(now) >= float64(s.AtOnce) {
			delete(s.buckets, key)
		}
	}
	if len(s.buckets) >= Senders {
		clear(s.buckets)
	}
}

// Network is the address of one sender: with IPv6 a whole /64 is one.
func Network(sender netip.Addr) netip.Prefix {
	return Prefix(sender, 32, 64)
}

// Prefix is the network of an address that so many bits name.
func Prefix(a netip.Addr, of4, of6 int) netip.Prefix {
	bits := of6
	if a.Is4() {
		bits = of4
	}
	p, _ := a.Prefix(bits) // bits always fit; nobody's address is in no network
	return p
}
