package handlers

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"mime"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// door decides which deliveries come in, before their body is read, and counts
// those that do not. What it keeps is bounded, however many knock.
type door struct {
	tokens [][sha256.Size]byte // the webhook token, and the one before it while both are valid

	mu       sync.Mutex
	strikes  map[netip.Prefix]*rate.Limiter // wrong tokens by sender
	rejected map[string]int                 // by code, since the last flush
}

// Wrong tokens: so many at once, and then one every few seconds, per sender.
const (
	strikesAtOnce = 20
	strikeEvery   = 3 * time.Second
	maxSenders    = 10_000
)

func newDoor(tokens ...string) *door {
	d := &door{strikes: map[netip.Prefix]*rate.Limiter{}, rejected: map[string]int{}}
	for _, t := range tokens {
		if t != "" {
			d.tokens = append(d.tokens, sha256.Sum256([]byte(t)))
		}
	}
	return d
}

// refuse says why a delivery may not come in: first of all by its token.
func (d *door) refuse(r *http.Request, sender string) *refusal {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	encoding := r.Header.Get("Content-Encoding")
	switch {
	case !d.knows(r.Header.Get("Authorization")):
		if !d.strike(sender) {
			return &refusal{http.StatusTooManyRequests, "too_many"}
		}
		return &refusal{http.StatusUnauthorized, "unauthorized"}
	case kind != "application/json":
		return &refusal{http.StatusUnsupportedMediaType, "unsupported_type"}
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		return &refusal{http.StatusUnsupportedMediaType, "unsupported_encoding"}
	case r.ContentLength > webhookLimit:
		return &refusal{http.StatusRequestEntityTooLarge, "too_large"}
	}
	return nil
}

// knows compares the bearer token with every valid one, in constant time.
func (d *door) knows(authorization string) bool {
	token, ok := strings.CutPrefix(authorization, "Bearer ")
	sum, match := sha256.Sum256([]byte(token)), 0
	for _, t := range d.tokens {
		match |= subtle.ConstantTimeCompare(sum[:], t[:])
	}
	return ok && match == 1
}

// strike notes a wrong token and reports whether the sender may go on trying.
// A right token is never refused for the wrong ones of a neighbour.
func (d *door) strike(sender string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := network(sender)
	if d.strikes[key] == nil {
		if len(d.strikes) >= maxSenders {
			clear(d.strikes)
		}
		d.strikes[key] = rate.NewLimiter(rate.Every(strikeEvery), strikesAtOnce)
	}
	return d.strikes[key].Allow()
}

// network is the address of one sender: with IPv6 a whole /64 is one.
func network(sender string) netip.Prefix {
	addr, err := netip.ParseAddr(sender)
	if err != nil {
		return netip.Prefix{}
	}
	bits := addr.BitLen()
	if addr.Is6() && !addr.Is4In6() {
		bits = 64
	}
	prefix, _ := addr.Prefix(bits) // bits always fit
	return prefix
}

func (d *door) count(code string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rejected[code]++
}

// take returns the counts since it was last called.
func (d *door) take() map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	counts := d.rejected
	d.rejected = map[string]int{}
	return counts
}

// flushEvery is how often the counts of rejected deliveries are written down:
// a flood at the door costs the database nothing.
const flushEvery = 2 * time.Second

// Run writes down what was turned away, until ctx ends and once more after.
func (s *Server) Run(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			s.flushRejections(context.WithoutCancel(ctx))
			return
		case <-tick.C:
			s.flushRejections(ctx)
		}
	}
}

func (s *Server) flushRejections(ctx context.Context) {
	counts := s.door.take()
	if len(counts) == 0 {
		return
	}
	if err := s.Store.CountRejections(ctx, counts); err != nil {
		s.Logger.Error("counting rejected deliveries", "err", err)
	}
}
