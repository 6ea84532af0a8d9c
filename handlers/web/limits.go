package web

import (
	"net/http"
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/store/limits"
)

// Limit lets an address do something as often as the allowance says. Routes
// that name the same returned handler share it.
func (s *Site) Limit(a limits.Allowance) gin.HandlerFunc {
	known := limits.NewLimiter[netip.Prefix](a)
	return func(c *gin.Context) {
		if wait := known.Take(limits.Network(s.Sender(c)), s.Now()); wait > 0 {
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
func (s *Site) LimitCustomer(c *gin.Context, known *limits.Limiter[string], customerID string) error {
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
