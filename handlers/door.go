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

	"balancelink/handlers/web"
	"balancelink/store/limits"
)

// door decides which deliveries come in, before their body is read, and counts
// those that do not. What it keeps is bounded, however many knock.
type door struct {
	tokens [][sha256.Size]byte // the webhook token, and the one before it while both are valid

	strikes *web.Limiter[netip.Prefix] // wrong tokens: a right one is never refused for those of a neighbour

	mu       sync.Mutex
	rejected map[string]int // by code, since the last flush
}

func newDoor(tokens ...string) *door {
	d := &door{strikes: web.NewLimiter[netip.Prefix](limits.WrongTokens), rejected: map[string]int{}}
	for _, t := range tokens {
		if t != "" {
			d.tokens = append(d.tokens, sha256.Sum256([]byte(t)))
		}
	}
	return d
}

// refuse says why a delivery may not come in: first of all by its token.
func (d *door) refuse(r *http.Request, sender netip.Addr) *refusal {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	encoding := r.Header.Get("Content-Encoding")
	switch {
	case !d.knows(r.Header.Get("Authorization")):
		if d.strikes.Take(web.Network(sender), time.Now()) > 0 {
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

func (s *Server) flushRejections(ctx context.Context) {
	counts := s.door.take()
	if len(counts) == 0 {
		return
	}
	if err := s.Store.CountRejections(ctx, counts); err != nil {
		s.Logger.Error("counting rejected deliveries", "err", err)
	}
}
