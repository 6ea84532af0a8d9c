package api

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/store"
)

// Code says in a word why a request was not done. The list is closed: what is not in it
// is not answered within this version of the API.
type Code string

// The codes.
const (
	codeUnauthorized    Code = "unauthorized"
	codeScopeMissing    Code = "scope_missing"
	codeNotFound        Code = "not_found"
	codeNotAllowed      Code = "method_not_allowed"
	codeTooLarge        Code = "too_large"
	codeTooManyRequests Code = "too_many_requests"
	codeMalformed       Code = "malformed"
	codeInvalid         Code = "invalid"
	codeMediaType       Code = "unsupported_media_type"
	codeReferenceTaken  Code = "reference_taken"

	codeCoolDown   Code = "cool_down"
	codeNoConsent  Code = "no_consent"
	codeUnlinked   Code = "unlinked"
	codeNoProvider Code = "provider_not_configured"

	codeManyEndpoints Code = "too_many_endpoints"
	codeDisabled      Code = "endpoint_disabled"
	codeEventsGone    Code = "events_gone"

	codeIdempotencyMissing Code = "idempotency_key_missing"
	codeIdempotencyReused  Code = "idempotency_key_reused"
	codeUnavailable        Code = "unavailable"
	codeInternal           Code = "internal"
)

// problem is an answer that says no, as RFC 9457 has it.
type problem struct {
	status     int
	code       Code
	detail     string
	field      string        // of the request that is wrong; empty: none is
	id         string        // of what is there already; empty: nothing is
	next       string        // seq after which to read on; empty: none
	retryAfter time.Duration // when to come back; 0: whenever
	err        error         // for the log; only with a 5xx status
}

// Error implements error.
func (p *problem) Error() string { return string(p.code) + ": " + p.detail }

var (
	notFound   = &problem{status: http.StatusNotFound, code: codeNotFound, detail: "There is nothing here."}
	notAllowed = &problem{
		status: http.StatusMethodNotAllowed, code: codeNotAllowed,
		detail: "This address does not take that kind of request.",
	}
)

// problemJSON is a problem on the wire.
type problemJSON struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Code      Code   `json:"code"`
	Detail    string `json:"detail"`
	RequestID string `json:"request_id"`
	Field     string `json:"field,omitempty"`
	ID        string `json:"id,omitempty"`
	Next      string `json:"next,omitempty"`
}

// handle makes a gin handler of one that returns its error.
func (a *API) handle(h func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			a.refuse(c, err)
		}
	}
}

// statusGaveUp is what a request is counted as that nobody waits for any more.
const statusGaveUp = 499

// refuse answers a request that was not done. Only our own faults are logged as errors.
func (a *API) refuse(c *gin.Context, err error) {
	if store.GaveUp(c.Request.Context(), err) {
		c.AbortWithStatus(statusGaveUp)
		return
	}
	p := problemOf(err)
	if p.status >= 500 {
		a.Logger.Error(
			"request", "method", c.Request.Method, "route", c.FullPath(), "request", requestID(c), "err", p.err,
		)
	}
	a.Refused(c, actor(c), requestID(c), p.status)
	if p.retryAfter > 0 {
		c.Header("Retry-After", strconv.Itoa(int((p.retryAfter+time.Second-1)/time.Second)))
	}
	if p.status == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", "Bearer")
	}
	c.Abort()
	c.Header("Content-Type", "application/problem+json")
	c.JSON(p.status, problemJSON{
		Type: "about:blank", Title: http.StatusText(p.status), Status: p.status, Code: p.code, Detail: p.detail,
		RequestID: requestID(c), Field: p.field, ID: p.id, Next: p.next,
	})
}

// problemOf translates the store's sentinels; the rest is our fault.
func problemOf(err error) *problem {
	var p *problem
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &tooBig):
		return &problem{
			status: http.StatusRequestEntityTooLarge, code: codeTooLarge,
			detail: fmt.Sprintf("A body has at most %d bytes.", tooBig.Limit),
		}
	case errors.Is(err, store.ErrNotFound):
		return notFound
	case errors.Is(err, store.ErrOtherRequest):
		return &problem{
			status: http.StatusUnprocessableEntity, code: codeIdempotencyReused, field: idempotencyKey,
			detail: "This Idempotency-Key was used for another request. Nothing was done.",
		}
	case errors.Is(err, store.ErrLocked), store.Away(err):
		return &problem{
			status: http.StatusServiceUnavailable, code: codeUnavailable, retryAfter: time.Minute, err: err,
			detail: "Nothing can be stored at the moment, and nothing was changed.",
		}
	}
	return &problem{
		status: http.StatusInternalServerError, code: codeInternal, err: err,
		detail: "It is our fault. The log of the server says more, by request_id.",
	}
}
