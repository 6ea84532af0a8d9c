package hook

import (
	"context"
	"mime"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"balancelink/store/limits"
)

// guard decides which deliveries come in, before their body is read, and counts
// those that do not. What it keeps is bounded, however many knock.
type guard struct {
	authentic func(http.Header) bool
	strikes   *limits.Limiter[netip.Prefix] // those without a proof: a right one is never refused for a neighbour's

	mu       sync.Mutex
	rejected map[string]int // by code, since the last flush
}

func newGuard(authentic func(http.Header) bool) *guard {
	return &guard{
		authentic: authentic, strikes: limits.NewLimiter[netip.Prefix](limits.WrongTokens), rejected: map[string]int{},
	}
}

// refuse says why a delivery may not come in: first of all by its proof.
func (g *guard) refuse(r *http.Request, sender netip.Addr) *refusal {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	encoding := r.Header.Get("Content-Encoding")
	switch {
	case !g.authentic(r.Header):
		if g.strikes.Take(limits.Network(sender), time.Now()) > 0 {
			return &refusal{http.StatusTooManyRequests, "too_many"}
		}
		return &refusal{http.StatusUnauthorized, "unauthorized"}
	case kind != "application/json":
		return &refusal{http.StatusUnsupportedMediaType, "unsupported_type"}
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		return &refusal{http.StatusUnsupportedMediaType, "unsupported_encoding"}
	case r.ContentLength > Limit:
		return &refusal{http.StatusRequestEntityTooLarge, "too_large"}
	}
	return nil
}

func (g *guard) count(code string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rejected[code]++
}

// take returns the counts since it was last called.
func (g *guard) take() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	counts := g.rejected
	g.rejected = map[string]int{}
	return counts
}

// RecordRejections writes down how many deliveries were turned away since it last did.
func (s *Service) RecordRejections(ctx context.Context) {
	counts := s.guard.take()
	if len(counts) == 0 {
		return
	}
	if err := s.Store.CountRejections(ctx, counts); err != nil {
		s.Logger.Error("counting rejected deliveries", "err", err)
	}
}
