package web

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"balancelink/store/limits"
)

// Limiter remembers what each address, or each customer, has left of an allowance.
type Limiter[K comparable] struct {
	limits.Allowance
	mu      sync.Mutex
	buckets map[K]*rate.Limiter
}

// NewLimiter returns one in which everybody has the whole allowance.
func NewLimiter[K comparable](a limits.Allowance) *Limiter[K] {
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

// makeRoom forgets whoever has everything left, and everybody when that is not
// enough: a flood from everywhere is not to be stopped by address.
func (s *Limiter[K]) makeRoom(now time.Time) {
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

// Limit lets an address do something as often as the allowance says. Routes
// that name the same returned handler share it.
func (s *Site) Limit(a limits.Allowance) gin.HandlerFunc {
	known := NewLimiter[netip.Prefix](a)
	return func(c *gin.Context) {
		if wait := known.Take(Network(s.Sender(c)), s.Now()); wait > 0 {
			s.ServeError(c, tooOften(c, wait, Say(
				c, "There were too many requests from your network. Nothing was changed. Try again in %s.",
				WaitWords(c, wait),
			)))
		}
	}
}

// tooOften is the answer to whoever has nothing left of an allowance.
func tooOften(c *gin.Context, wait time.Duration, sentence string) *Error {
	return &Error{
		Status: http.StatusTooManyRequests, RetryAfter: wait, Heading: Say(c, "Too many tries"), Sentence: sentence,
	}
}

// LimitCustomer is an error when a customer has nothing left of an allowance,
// wherever they come from.
func (s *Site) LimitCustomer(c *gin.Context, known *Limiter[string], customerID string) error {
	wait := known.Take(customerID, s.Now())
	if wait == 0 {
		return nil
	}
	return tooOften(c, wait, Say(
		c, "You have tried this many times in a short while. Nothing was changed. Try again in %s.", WaitWords(c, wait),
	))
}

// LimitBody caps the body of every request. One that says that it is larger is
// refused before anything of it is read, unless the route asks for more first.
func (s *Site) LimitBody(c *gin.Context) {
	takes, ok := s.Bodies[c.FullPath()]
	if !ok {
		takes.Most = limits.Form
	}
	if c.Request.ContentLength > takes.Most && !takes.SelfChecked {
		s.ServeError(c, &http.MaxBytesError{Limit: takes.Most})
		return
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, takes.Most)
}

// WaitWords are a delay as a person counts it, never shorter than it is.
func WaitWords(c *gin.Context, d time.Duration) string {
	if d > time.Minute {
		return Say(c, "%d minutes", int((d+time.Minute-1)/time.Minute))
	}
	return Say(c, "%d seconds", int((d+time.Second-1)/time.Second))
}
