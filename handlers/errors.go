package handlers

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/store"
	"balancelink/views"
)

// httpError is an answer that says no: a status and words for the person.
type httpError struct {
	Status             int
	Heading, Sentence  string
	NextURL, NextLabel string
	RetryAfter         time.Duration
	Err                error // for the log; only with a 5xx status
}

// Error implements error.
func (e *httpError) Error() string {
	if e.Err != nil {
		return e.Err.Error()
	}
	return e.Sentence
}

// Unwrap gives the cause.
func (e *httpError) Unwrap() error { return e.Err }

func notFound(c *gin.Context, err error) *httpError {
	return &httpError{
		Status: http.StatusNotFound, Err: err,
		Heading: say(c, "Page not found"), Sentence: say(c, "There is nothing here, or it is not yours to see."),
	}
}

func internal(c *gin.Context, err error) *httpError {
	return &httpError{
		Status: http.StatusInternalServerError, Err: err,
		Heading: say(c, "Something went wrong"), Sentence: say(c, "It is our fault and nothing was lost. Please try again in a minute."),
	}
}

// handle makes a gin handler of one that returns its error: whatever is not
// answered is answered here, in one way.
func (s *Site) handle(h func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			s.serveError(c, err)
		}
	}
}

// serveError answers a request that failed: in words for the person, as a page
// or, for HTMX, as a fragment. Only our own faults are logged as errors; that
// somebody was refused is logged too (see refusals.go).
func (s *Site) serveError(c *gin.Context, err error) {
	e := asHTTPError(c, err)
	if e.Status >= 500 {
		s.Logger.Error("request", "method", c.Request.Method, "route", c.FullPath(), "request", requestID(c), "err", e.Err)
	}
	s.logRefusal(c, e.Status)
	if e.RetryAfter > 0 {
		retryAfter(c, e.RetryAfter)
	}
	c.Abort()
	page := views.ErrorPage{
		Frame: s.frame(c, e.Heading, ""), Status: e.Status, Heading: e.Heading, Sentence: e.Sentence,
		NextURL: e.NextURL, NextLabel: e.NextLabel,
	}
	if page.NextURL == "" && page.Staff != "" {
		page.NextURL, page.NextLabel = "/", say(c, "Go to the overview")
	}
	if page.NextURL == "" && page.Customer != "" {
		page.NextURL, page.NextLabel = "/me", say(c, "Go to my balances")
	}
	if e.Status >= 500 {
		page.Reference = requestID(c)
	}
	component := views.ErrorView(page)
	if isHTMX(c) {
		component = views.ErrorFragment(page)
	}
	if err := render(c, e.Status, component); err != nil {
		s.Logger.Error("drawing the error page", slog.Any("err", err))
		c.String(http.StatusInternalServerError, "Something went wrong.")
	}
}

// retryAfter says in whole seconds when to come back, never too early.
func retryAfter(c *gin.Context, d time.Duration) {
	c.Header("Retry-After", strconv.Itoa(int((d+time.Second-1)/time.Second)))
}

// asHTTPError translates the store's sentinels; the rest is our fault.
func asHTTPError(c *gin.Context, err error) *httpError {
	var e *httpError
	var tooBig *http.MaxBytesError
	var sealed *store.SealError
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, store.ErrNotFound):
		return notFound(c, err)
	case errors.Is(err, store.ErrNoConsent):
		return &httpError{
			Status: http.StatusConflict, Heading: say(c, "The bank is not asked without consent"),
			Sentence: say(c, "The consent has ended and has to be given again. Nothing was asked; the last balances stay."),
		}
	case errors.Is(err, store.ErrManyClaims):
		return &httpError{
			Status: http.StatusTooManyRequests, RetryAfter: time.Minute, Heading: say(c, "Too many links at once"),
			Sentence: say(c, "Several links of yours are still being looked at. Wait until that is done before you link another bank."),
		}
	case errors.Is(err, store.ErrLocked):
		return &httpError{
			Status: http.StatusServiceUnavailable, Heading: say(c, "Please try again in a minute"), Err: err, RetryAfter: time.Minute,
			Sentence: say(c, "Nothing can be stored at the moment, and nothing was changed."),
		}
	case errors.As(err, &sealed):
		return &httpError{
			Status: http.StatusInternalServerError, Heading: say(c, "This cannot be shown"), Err: err,
			Sentence: say(c, "What is stored there was changed outside of the program, so nothing of it is shown. The log of the server says which row it is."),
		}
	case errors.As(err, &tooBig):
		return &httpError{Status: http.StatusRequestEntityTooLarge, Heading: say(c, "This is too large"), Sentence: say(c, "What was sent is larger than this page takes.")}
	}
	return internal(c, err)
}

func isHTMX(c *gin.Context) bool { return c.GetHeader("HX-Request") == "true" }
