package okra

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

// Client calls Okra's API. It retries nothing. Its methods may be used by
// several goroutines at once; its fields must not change after the first call.
type Client struct {
	// BaseURL is where the endpoints are, such as https://api.okra.ng/v2/.
	// It must be set.
	BaseURL *url.URL
	// SecretKey is sent as the bearer token, to BaseURL's host only.
	SecretKey provider.Secret
	// HTTP does the calls; nil means NewHTTPClient(BaseURL). Redirects are
	// refused whatever it says.
	HTTP *http.Client
	// Budget is asked before each call and told how it went; nil means no limit.
	Budget *provider.Budget
	// Failed is told of every call that may have failed for want of the provider:
	// nobody answered, or somebody whose answer is none of its. nil: nobody is.
	Failed func(error)

	own wire.OwnClient
}

// Ready is [provider.Budget.Ready] of the client's budget.
func (c *Client) Ready(p provider.Priority) (ok bool, next time.Time, pause provider.Pause) {
	return c.Budget.Ready(p)
}

// caller makes the calls, with the secret key as a bearer token.
func (c *Client) caller() *wire.Caller {
	return &wire.Caller{
		Name: "okra", BaseURL: c.BaseURL, HTTP: c.own.Or(c.HTTP, c.BaseURL), Budget: c.Budget, Failed: c.Failed,
		Authorize: func(req *http.Request) { req.Header.Set("Authorization", "Bearer "+c.SecretKey.Reveal()) },
	}
}

// post calls an endpoint and returns the data of its answer.
func (c *Client) post(ctx context.Context, op string, body map[string]any) (wire.Object, error) {
	return c.call(ctx, wire.Request{Op: op, Method: http.MethodPost, Path: []string{op}, Body: body})
}

func (c *Client) call(ctx context.Context, r wire.Request) (data wire.Object, err error) {
	err = c.caller().Call(ctx, r, func(a wire.Answer) (err error) {
		data, err = dataOf(r.Op, a)
		return err
	})
	return data, err
}

// dataOf returns the data of a successful answer. A 200 with status "error" or
// false is a failure: Okra's own SDKs look at the status in the body only.
func dataOf(op string, a wire.Answer) (wire.Object, error) {
	data := a.Object.Object("data")
	status := a.Object.Get("status", wire.AsWord)
	succeeded := a.OK() && (status == "success" || status == true)
	if !succeeded || isError(a.Object) || isError(data) {
		return nil, failure(a)
	}
	if data == nil && op != opRemove { // which has nothing more to say
		return nil, wire.BadAnswer(provider.ErrBadShape)
	}
	return data, nil
}

// isError reports whether o is the error object of bankerrors.
func isError(o wire.Object) bool { return o.Is("error") || o.Word("type") == "error" }
