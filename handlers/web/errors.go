package web

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"balancelink/store"
	"balancelink/views"
)

// Error is an answer that says no: a status and words for the person.
type Error struct {
	Status             int
	Heading, Sentence  string
	NextURL, NextLabel string
	More               templ.Component // what else the page offers; nil: nothing
	RetryAfter         time.Duration
	Err                error // for the log; only with a 5xx status
}

// Error implements error.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Err.Error()
	}
	return e.Sentence
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// NotFound is the answer when there is nothing, or nothing that is theirs to see.
func NotFound(c *gin.Context, err error) *Error {
	return &Error{
		Status: http.StatusNotFound, Err: err,
		Heading: Say(c, "Page not found"), Sentence: Say(c, "There is nothing here, or it is not yours to see."),
	}
}

// Internal is the answer to a fault of ours; err is for the log.
func Internal(c *gin.Context, err error) *Error {
	return &Error{
		Status: http.StatusInternalServerError, Err: err,
		Heading:  Say(c, "Something went wrong"),
		Sentence: Say(c, "It is our fault and nothing was lost. Please try again in a minute."),
	}
}

// Handle makes a gin handler of one that returns its error: whatever is not
// answered is answered here, in one way.
func (s *Site) Handle(h func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			s.ServeError(c, err)
		}
	}
}

// statusGaveUp is what a request is counted as that nobody waits for any more.
const statusGaveUp = 499

// ServeError answers a request that failed: in words for the person, as a page
// or, for HTMX, as a fragment; for a program as a line of text. Only our own faults are logged as errors; that
// somebody was refused is logged too (see refusals.go).
func (s *Site) ServeError(c *gin.Context, err error) {
	if store.GaveUp(c.Request.Context(), err) {
		c.AbortWithStatus(statusGaveUp)
		return
	}
	e := asHTTPError(c, err)
	if e.Status >= 500 {
		s.Logger.Error(
			"request", "method", c.Request.Method, "route", c.FullPath(), "request", RequestID(c), "err", e.Err,
		)
	}
	s.logRefusal(c, e.Status)
	if e.RetryAfter > 0 {
		RetryAfter(c, e.RetryAfter)
	}
	c.Abort()
	if s.forMachine(c.Request.URL.Path) {
		c.String(e.Status, line(c, e))
		return
	}
	page := views.ErrorPage{
		Frame: s.Frame(c, e.Heading, ""), Status: e.Status, Heading: e.Heading, Sentence: e.Sentence,
		NextURL: e.NextURL, NextLabel: e.NextLabel, More: e.More,
	}
	if page.NextURL == "" && page.Staff != "" {
		page.NextURL, page.NextLabel = "/", Say(c, "Go to the overview")
	}
	if page.NextURL == "" && page.Customer != "" {
		page.NextURL, page.NextLabel = "/me", Say(c, "Go to my balances")
	}
	if e.Status >= 500 {
		page.Reference = RequestID(c)
	}
	component := views.ErrorView(page)
	if IsHTMX(c) {
		component = views.ErrorFragment(page)
	}
	if err := Render(c, e.Status, component); err != nil {
		s.Logger.Error("drawing the error page", slog.Any("err", err))
		c.String(http.StatusInternalServerError, "Something went wrong.")
	}
}

// forMachine says whether a path is one that programs ask.
func (s *Site) forMachine(path string) bool {
	return slices.ContainsFunc(s.Machines, func(begin string) bool { return strings.HasPrefix(path, begin) })
}

// line is an error as a program is told it.
func line(c *gin.Context, e *Error) string {
	text := e.Sentence
	if e.Status >= 500 {
		text += " " + RequestID(c)
	}
	return text + "\n"
}

// RetryAfter says in whole seconds when to come back, never too early.
func RetryAfter(c *gin.Context, d time.Duration) {
	c.Header("Retry-After", strconv.Itoa(int((d+time.Second-1)/time.Second)))
}

// asHTTPError translates the store's sentinels; the rest is our fault.
func asHTTPError(c *gin.Context, err error) *Error {
	var e *Error
	var tooBig *http.MaxBytesError
	var sealed *store.SealError
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, store.ErrNotFound):
		return NotFound(c, err)
	case errors.Is(err, store.ErrSlowSearch):
		return &Error{
			Status: http.StatusServiceUnavailable, Heading: Say(c, "This search takes too long"), Err: err,
			Sentence: Say(c, "Type more of the name, or the whole reference or telephone number."),
		}
	case errors.Is(err, store.ErrNoConsent):
		return &Error{
			Status: http.StatusConflict, Heading: Say(c, "The bank is not asked without consent"),
			Sentence: Say(
				c, "The consent has ended and has to be given again. Nothing was asked; the last balances stay.",
			),
		}
	case errors.Is(err, store.ErrManyClaims):
		return &Error{
			Status: http.StatusTooManyRequests, RetryAfter: time.Minute, Heading: Say(c, "Too many links at once"),
			Sentence: Say(c, "We are still looking at some of your links. Wait until that is done before you link another bank."),
		}
	case errors.Is(err, store.ErrLocked), store.Away(err):
		return &Error{
			Status: http.StatusServiceUnavailable, Heading: Say(c, "Please try again in a minute"), Err: err,
			RetryAfter: time.Minute,
			Sentence:   Say(c, "Nothing can be stored at the moment, and nothing was changed."),
		}
	case errors.As(err, &sealed):
		return &Error{
			Status: http.StatusInternalServerError, Heading: Say(c, "This cannot be shown"), Err: err,
			Sentence: Say(c, "What is stored there was changed outside of the program, so nothing of it is shown. The log of the server says which row it is."),
		}
	case errors.As(err, &tooBig):
		return &Error{
			Status: http.StatusRequestEntityTooLarge, Heading: Say(c, "This is too large"),
			Sentence: Say(c, "What was sent is larger than this page takes."),
		}
	}
	return Internal(c, err)
}

// IsHTMX says whether a part of a page is asked for, to be put into it.
func IsHTMX(c *gin.Context) bool { return c.GetHeader("HX-Request") == "true" }
