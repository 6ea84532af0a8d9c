package handlers

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"balancelink/store/limits"
)

// senders remembers what each address, or each customer, has left of an allowance.
type senders[K comparable] struct {
	limits.Allowance
	mu      sync.Mutex
	buckets map[K]*rate.Limiter
}

func newSenders[K comparable](a limits.Allowance) *senders[K] {
	return &senders[K]{Allowance: a, buckets: map[K]*rate.Limiter{}}
}

// take uses one up and returns zero, or how long to wait for one.
func (s *senders[K]) take(key K, now time.Time) time.Duration {
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

// makeRoom forgets whoever has everything left, and everybody when that is not
// enough: a flood from everywhere is not to be stopped by address.
func (s *senders[K]) makeRoom(now time.Time) {
	if len(s.buckets) < limits.Senders {
		return
	}
	for key, bucket := range s.buckets {
		if bucket.TokensAt(now) >= float64(s.AtOnce) {
			delete(s.buckets, key)
		}
	}
	if len(s.buckets) >= limits.Senders {
		clear(s.buckets)
	}
}

// network is the address of one sender: with IPv6 a whole /64 is one.
func network(sender netip.Addr) netip.Prefix {
	return prefix(sender, 32, 64)
}

// prefix is the network of an address that so many bits name.
func prefix(a netip.Addr, of4, of6 int) netip.Prefix {
	bits := of6
	if a.Is4() {
		bits = of4
	}
	p, _ := a.Prefix(bits) // bits always fit; nobody's address is in no network
	return p
}

// limit lets an address do something as often as the allowance says. Routes
// that name the same returned handler share it.
func (s *Site) limit(a limits.Allowance) gin.HandlerFunc {
	known := newSenders[netip.Prefix](a)
	return func(c *gin.Context) {
		if wait := known.take(network(s.senderOf(c)), s.Now()); wait > 0 {
			s.serveError(c, tooOften(c, wait, say(c, "There were too many requests from your network. Nothing was changed. Try again in %s.", waitWords(c, wait))))
		}
	}
}

// tooOften is the answer to whoever has nothing left of an allowance.
func tooOften(c *gin.Context, wait time.Duration, sentence string) *httpError {
	return &httpError{Status: http.StatusTooManyRequests, RetryAfter: wait, Heading: say(c, "Too many tries"), Sentence: sentence}
}

// ofCustomer is an error when a customer has nothing left of an allowance,
// wherever they come from.
func (s *Site) ofCustomer(c *gin.Context, known *senders[string], customerID string) error {
	wait := known.take(customerID, s.Now())
	if wait == 0 {
		return nil
	}
	return tooOften(c, wait, say(c, "You have tried this many times in a short while. Nothing was changed. Try again in %s.", waitWords(c, wait)))
}

// limitBody caps the body of every request. One that says that it is larger is
// refused before anything of it is read, unless the route asks for more first.
func (s *Site) limitBody(c *gin.Context) {
	takes, ok := s.Bodies[c.FullPath()]
	if !ok {
		takes.Most = limits.Form
	}
	if c.Request.ContentLength > takes.Most && !takes.Asked {
		s.serveError(c, &http.MaxBytesError{Limit: takes.Most})
		return
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, takes.Most)
}

// waitWords are a delay as a person counts it, never shorter than it is.
func waitWords(c *gin.Context, d time.Duration) string {
	if d > time.Minute {
		return say(c, "%d minutes", int((d+time.Minute-1)/time.Minute))
	}
	return say(c, "%d seconds", int((d+time.Second-1)/time.Second))
}
