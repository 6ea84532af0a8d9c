package handlers

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"
)

// allowance is how often one address may do something: so many at once, and
// then one more each time that every has passed. They are wide, since a whole
// office, or all the phones of a mobile network, may stand behind one address.
type allowance struct {
	atOnce int
	every  time.Duration
}

// What costs much, or could be guessed. Passwords and codes are counted in the
// database besides (see guesses.go): they are short, and a restart must not
// forget them. A link's 256 bits are not to be guessed within any allowance.
var (
	wrongTokens = allowance{20, 3 * time.Second}         // at the webhooks' door
	links       = allowance{120, 500 * time.Millisecond} // opening a personal or staff link
	attempts    = allowance{60, time.Second}             // consents, and windows of the bank
	asks        = allowance{240, 250 * time.Millisecond} // refreshes and checks; each account has a cool-down too
	exports     = allowance{20, 3 * time.Second}         // everything that is taken out
)

// maxSenders bounds what is remembered, however many addresses knock.
const maxSenders = 10_000

// senders remembers what each address has left of an allowance.
type senders struct {
	allowance
	mu      sync.Mutex
	buckets map[netip.Prefix]*rate.Limiter
}

func newSenders(a allowance) *senders {
	return &senders{allowance: a, buckets: map[netip.Prefix]*rate.Limiter{}}
}

// take uses one up and returns zero, or how long to wait for one.
func (s *senders) take(sender netip.Addr, now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := network(sender)
	bucket := s.buckets[key]
	if bucket == nil {
		s.makeRoom(now)
		bucket = rate.NewLimiter(rate.Every(s.every), s.atOnce)
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
		if bucket.TokensAt(now) >= float64(s.atOnce) {
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
func (s *Server) limit(a allowance) gin.HandlerFunc {
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
