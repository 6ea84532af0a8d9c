package web

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/store"
	"balancelink/store/limits"
)

// refusals bounds what is logged of requests that were refused: of one person
// on one route a line a minute, and no more than so many lines in all. A flood
// fills no log.
type refusals struct {
	mu      sync.Mutex
	since   time.Time
	seen    map[denial]bool
	further int // not logged one by one
}

// denial is what makes two refusals the same for the log.
type denial struct {
	status        int
	method, route string
	actor         string
}

// add says whether a refusal is to be logged, and how many were not in the
// minute before, if this one begins another.
func (r *refusals) add(one denial, now time.Time) (line bool, further int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.since).Abs() >= time.Minute {
		further, r.further = r.further, 0
		r.since, r.seen = now, map[denial]bool{}
	}
	if r.seen[one] || len(r.seen) >= limits.RefusalLines {
		r.further++
		return false, further
	}
	r.seen[one] = true
	return true, further
}

// isRefusal says whether an answer means that somebody wanted what they may not
// have. What is not there for a person who is signed in may be somebody else's.
func isRefusal(status int, actor string) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		return true
	case http.StatusNotFound:
		return actor != store.Nobody
	}
	return false
}

// logRefusal logs who was refused on which route: no address, no value.
func (s *Site) logRefusal(c *gin.Context, status int) {
	s.LogRefusal(c, ActorOf(c), RequestID(c), status)
}

// LogRefusal is that for who is no person, on a route that is none of the pages'.
func (s *Site) LogRefusal(c *gin.Context, actor, request string, status int) {
	if isRefusal(status, actor) {
		s.noteRefusal(denial{status, method(c.Request), c.FullPath(), actor}, slog.String("request", request))
	}
}

func (s *Site) noteRefusal(one denial, more ...any) {
	line, further := s.refused.add(one, s.Now())
	if further > 0 {
		s.Logger.Warn("further requests were refused", "number", further)
	}
	if line {
		s.Logger.Warn("request refused", append(
			[]any{"status", one.status, "method", one.method, "route", one.route, "actor", one.actor}, more...,
		)...)
	}
}
