package okra

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Kind is what a failed call means to its caller.
type Kind string

// The kinds of failure.
const (
	KindUnreachable Kind = "unreachable"  // no connection, a timeout, a reset, 5xx
	KindUntrusted   Kind = "untrusted"    // a redirect, a TLS failure, a private address, a web page
	KindBadAnswer   Kind = "bad answer"   // empty, invalid, too big, of another shape or account
	KindRefused     Kind = "refused"      // key, plan or wallet: 401, 402, 403
	KindRateLimited Kind = "rate limited" // 429, or our own limit
	KindNeedsLogin  Kind = "needs login"  // the person must connect the bank again
	KindNoRecord    Kind = "no record"    // Okra does not know the record
	KindBusy        Kind = "busy"         // Okra's queue took no more
	KindBadRequest  Kind = "bad request"  // 400, 404, 422
	KindFetchFailed Kind = "fetch failed" // the bank gave no answer
)

// Error is a failed call. Its text never holds what Okra wrote (but for the
// words of a closed list), nor the key.
type Error struct {
	// Op is the path of the endpoint.
	Op   string
	Kind Kind
	// Status is the HTTP status, 0 where there was no answer.
	Status int
	// Type and Code are Okra's, where they are of the documented kind.
	Type string
	Code string
	// NotSent says that nothing of the call has left: it may be made again.
	NotSent bool
	// RetryAfter is how long to wait, 0 where it is not stated.
	RetryAfter time.Duration
	Err        error
}

// Error describes the failure for an operator.
func (e *Error) Error() string {
	words := []string{"okra: " + e.Op, string(e.Kind)}
	if e.Status != 0 {
		words = append(words, "HTTP "+strconv.Itoa(e.Status))
	}
	if reason := cmp.Or(e.Type, e.Code); reason != "" {
		words = append(words, reason)
	}
	if e.Err != nil {
		words = append(words, e.Err.Error())
	}
	return strings.Join(words, ": ")
}

// Unwrap returns the cause, which may be nil.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of a failed call, or "" when err is not one.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

var errNotAsked = fmt.Errorf("%w: not what was asked for", ErrBadShape)

func badAnswer(op string, err error) error {
	return &Error{Op: op, Kind: KindBadAnswer, Status: http.StatusOK, Err: err}
}

// kindByType has the error types that the documents of api-errors call "safe
// for programmatic use", as far as a balance can meet them.
var kindByType = map[string]Kind{
	"SUSPENDED":        KindRefused,
	"PLAN":             KindRefused,
	"RATE_LIMIT":       KindRateLimited,
	"EXPIRED":          KindNeedsLogin,
	"NO_RECORD_ID":     KindNoRecord,
	"QUEUE_FAILED":     KindBusy,
	"DUPLICATED_QUEUE": KindBusy,
	"MAX_RETRY":        KindBusy,
	"FAILED_QUEUE":     KindBusy,
	"EMPTY_QUEUE":      KindBusy,
}

// kindByCode has the codes of the documents of widget-errors and bankerrors.
var kindByCode = map[string]Kind{
	"1000": KindBadRequest,  // validation
	"1002": KindFetchFailed, // transactions
	"1003": KindFetchFailed, // balance
	"1004": KindRefused,     // no plan
	"1005": KindRefused,     // wallet empty
	"1006": KindRefused,     // credentials
	"1007": KindRefused,     // plan expired
	"1008": KindFetchFailed, // extraction
	"1009": KindBadRequest,  // validation
	"1010": KindNeedsLogin,  // wrong token
	"1011": KindNeedsLogin,  // wrong security question
	"1012": KindFetchFailed, // stopped for inactivity
}

// failure classifies an answer that says no. The type and code are at the top
// or in data; the message is in neither, since it is no contract.
func failure(op string, resp *http.Response, o object) *Error {
	data := o.object("data")
	e := &Error{Op: op, Status: resp.StatusCode}
	e.Type = first(o.knownType(), data.knownType())
	e.Code = first(o.knownCode(), data.knownCode())
	e.Kind = cmp.Or(kindByHardStatus(e.Status), kindByType[e.Type], kindByCode[e.Code], kindByStatus(e.Status))
	e.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	if e.RetryAfter == 0 && e.Kind == KindRateLimited {
		e.RetryAfter = defaultRetryAfter
	}
	return e
}

// knownType returns the type if it is one we know: webhooks have a type too
// ("CALLBACK"), and the bank errors say "error".
func (o object) knownType() string {
	if t := o.word("type"); kindByType[t] != "" {
		return t
	}
	return ""
}

func (o object) knownCode() string {
	if code := o.scalar("code"); kindByCode[code] != "" {
		return code
	}
	return ""
}

// kindByHardStatus has the statuses that mean the same whatever the body says.
func kindByHardStatus(status int) Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden:
		return KindRefused
	case http.StatusTooManyRequests:
		return KindRateLimited
	}
	if status >= 300 && status < 400 {
		return KindUntrusted
	}
	return ""
}

func kindByStatus(status int) Kind {
	switch {
	case status >= 500:
		return KindUnreachable
	case status >= 400:
		return KindBadRequest
	}
	return KindBadAnswer
}

// defaultRetryAfter is what the documents of api-errors say for a 429.
const defaultRetryAfter = time.Minute

// retryAfter reads a Retry-After header, seconds or a date, as 1 s to 1 h. It
// returns 0 for one that is absent or cannot be read.
func retryAfter(header string, now time.Time) time.Duration {
	if date, err := http.ParseTime(header); err == nil {
		return min(max(date.Sub(now), time.Second), time.Hour)
	}
	seconds, err := strconv.ParseInt(header, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0
	}
	return time.Duration(min(max(seconds, 1), 3600)) * time.Second
}
