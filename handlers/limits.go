package handlers

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"balancelink/limits"
)

// maxSenders bounds what is remembered, however many addresses knock.
const maxSenders = 10_000

// senders remembers what each address has left of an allowance.
type senders struct {
	limits.Allowance
	mu      sync.Mutex
	buckets map[netip.Prefix]*rate.Limiter
}

func newSenders(a limits.Allowance) *senders {
	return &senders{Allowance: a, buckets: map[netip.Prefix]*rate.Limiter{}}
}

// take uses one up and returns zero, or how long to wait for one.
func (s *senders) take(sender netip.Addr, now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := network(sender)
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
func (s *senders) makeRoom(now time.Time) {
	if len(s.buckets) < maxSenders {
		return
	}
	for key, bucket := range s.buckets {
		if bucket.TokensAt(now) >= float64(s.AtOnce) {
			delete(s.buckets, key)
		}
	}
	if len(s.buckets) >= maxSenders {
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
func (s *Server) limit(a limits.Allowance) gin.HandlerFunc {
	known := newSenders(a)
	return func(c *gin.Context) {
		wait := known.take(s.senderOf(c), s.Now())
		if wait == 0 {
			return
		}
		s.serveError(c, &httpError{
			Status: http.StatusTooManyRequests, RetryAfter: wait, Heading: say(c, "That was too often"),
			Sentence: say(c, "There were too many requests from your network. Nothing was changed. Try again in %s.", waitWords(c, wait)),
		})
	}
}

const (
	formLimit   = 16 << 10
	reportLimit = 256 << 10
)

// bodyLimits are the routes that take more than a form.
var bodyLimits = map[string]int64{
	"/webhooks/okra":                   webhookLimit,
	"/connect/attempts/:nonce/success": reportLimit,
	"/connect/attempts/:nonce/close":   reportLimit,
	"/connect/attempts/:nonce/error":   reportLimit,
}

// limitBody caps the body of every request. One that says that it is larger is
// refused before anything of it is read; only the webhooks' door asks for its
// token first.
func (s *Server) limitBody(c *gin.Context) {
	most, ok := bodyLimits[c.FullPath()]
	if !ok {
		most = formLimit
	}
	if c.Request.ContentLength > most && c.FullPath() != "/webhooks/okra" {
		s.serveError(c, &http.MaxBytesError{Limit: most})
		return
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, most)
}
