package okra

import (
	"cmp"
	"fmt"
	"net/http"
	"time"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

var errNotAsked = fmt.Errorf("%w: not what was asked for", provider.ErrBadShape)

// nameOf is an endpoint as errors name it.
func nameOf(op string) string { return "okra: " + op }

// because is a failure that the adapter found, for a reason in words for staff.
func because(op string, kind provider.Kind, reason string) *provider.Error {
	return provider.Because(nameOf(op), kind, reason)
}

func badAnswer(op string, err error) error {
	return &provider.Error{Op: nameOf(op), Kind: provider.KindBadAnswer, Status: http.StatusOK, Err: err}
}

// kindByType has the error types that the documents of api-errors call "safe
// for programmatic use", as far as a balance can meet them.
var kindByType = map[string]provider.Kind{
	"SUSPENDED":        provider.KindRefused,
	"PLAN":             provider.KindRefused,
	"RATE_LIMIT":       provider.KindRateLimited,
	"EXPIRED":          provider.KindNeedsLogin,
	"NO_RECORD_ID":     provider.KindNoRecord,
	"QUEUE_FAILED":     provider.KindBusy,
	"DUPLICATED_QUEUE": provider.KindBusy,
	"MAX_RETRY":        provider.KindBusy,
	"FAILED_QUEUE":     provider.KindBusy,
	"EMPTY_QUEUE":      provider.KindBusy,
}

// kindByCode has the codes of the documents of widget-errors and bankerrors.
var kindByCode = map[string]provider.Kind{
	"1000": provider.KindBadRequest,  // validation
	"1002": provider.KindFetchFailed, // transactions
	"1003": provider.KindFetchFailed, // balance
	"1004": provider.KindRefused,     // no plan
	"1005": provider.KindRefused,     // wallet empty
	"1006": provider.KindRefused,     // credentials
	"1007": provider.KindRefused,     // plan expired
	"1008": provider.KindFetchFailed, // extraction
	"1009": provider.KindBadRequest,  // validation
	"1010": provider.KindNeedsLogin,  // wrong token
	"1011": provider.KindNeedsLogin,  // wrong security question
	"1012": provider.KindFetchFailed, // stopped for inactivity
}

// failure classifies an answer that says no. The type and code are at the top
// or in data; the message is in neither, since it is no contract.
func failure(a wire.Answer) *provider.Error {
	o, data := a.Object, a.Object.Object("data")
	e := &provider.Error{Status: a.Status}
	e.Type = first(knownType(o), knownType(data))
	e.Code = first(knownCode(o), knownCode(data))
	e.Kind = cmp.Or(kindByHardStatus(e.Status), kindByType[e.Type], kindByCode[e.Code], kindByStatus(e.Status))
	e.RetryAfter = wire.RetryAfter(a.Header.Get("Retry-After"), time.Now())
	if e.RetryAfter == 0 && e.Kind == provider.KindRateLimited {
		e.RetryAfter = defaultRetryAfter
	}
	return e
}

// knownType returns the type if it is one we know: webhooks have a type too
// ("CALLBACK"), and the bank errors say "error".
func knownType(o wire.Object) string {
	if t := o.Word("type"); kindByType[t] != "" {
		return t
	}
	return ""
}

func knownCode(o wire.Object) string {
	if code := o.Scalar("code"); kindByCode[code] != "" {
		return code
	}
	return ""
}

// kindByHardStatus has the statuses that mean the same whatever the body says.
func kindByHardStatus(status int) provider.Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden:
		return provider.KindRefused
	case http.StatusTooManyRequests:
		return provider.KindRateLimited
	}
	if status >= 300 && status < 400 {
		return provider.KindUntrusted
	}
	return ""
}

func kindByStatus(status int) provider.Kind {
	switch {
	case status >= 500:
		return provider.KindUnreachable
	case status >= 400:
		return provider.KindBadRequest
	}
	return provider.KindBadAnswer
}

// defaultRetryAfter is what the documents of api-errors say for a 429.
const defaultRetryAfter = time.Minute
