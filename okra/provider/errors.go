package provider

import (
	"cmp"
	"errors"
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
	KindNoRecord    Kind = "no record"    // the provider does not know the record
	KindBusy        Kind = "busy"         // the provider's queue took no more
	KindBadRequest  Kind = "bad request"  // 400, 404, 422
	KindFetchFailed Kind = "fetch failed" // the bank gave no answer
	KindNotYet      Kind = "not yet"      // the provider is still at it
	KindMismatch    Kind = "mismatch"     // the answer is not about what was asked
	KindNotShared   Kind = "not shared"   // of a sign-in: the person shares no account with us
	KindForeign     Kind = "foreign"      // of a sign-in: it is not ours, or nobody's
	KindAbsent      Kind = "absent"       // the provider is not configured
)

// Error is a failed call. Its text never holds what the provider wrote (but for the
// words of a closed list), nor the key.
type Error struct {
	// Op is the provider's name and the endpoint's, such as "okra: balance/refresh".
	Op   string
	Kind Kind
	// Status is the HTTP status, 0 where there was no answer.
	Status int
	// Type and Code are the provider's, where they are of its documented words.
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
	words := []string{e.Op, string(e.Kind)}
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

// Because is a failure with a sentence for staff, see [Error.Reason].
func Because(op string, kind Kind, sentence string) *Error {
	return &Error{Op: op, Kind: kind, Err: errors.New(sentence)}
}

// AsError returns a failed call, or nil when err is not one.
func AsError(err error) *Error {
	e, _ := errors.AsType[*Error](err)
	return e
}

// KindOf returns the kind of a failed call, or "" when err is not one.
func KindOf(err error) Kind {
	if e := AsError(err); e != nil {
		return e.Kind
	}
	return ""
}

// Reason is a failure in the words for staff of those kinds that have some: its
// cause alone.
func (e *Error) Reason() string {
	if e.Err == nil {
		return string(e.Kind)
	}
	return e.Err.Error()
}

// What is read from outside can be wrong in two ways.
var (
	// ErrBadJSON reports a text that is not one clean JSON value.
	ErrBadJSON = errors.New("bad JSON")
	// ErrBadShape reports JSON that does not say what it has to say.
	ErrBadShape = errors.New("unexpected shape")
)
