package okra

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
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

	once     sync.Once
	fallback *http.Client
}

// Ready is [Budget.Ready] of the client's budget; without one it is always so.
func (c *Client) Ready(p provider.Priority) (ok bool, next time.Time, pause provider.Pause) {
	if c.Budget == nil {
		return true, time.Time{}, provider.Pause{}
	}
	return c.Budget.Ready(p)
}

const maxAnswer = 1 << 20

var (
	errNotJSON = errors.New("the answer is not JSON")
	errWebPage = errors.New("the answer is a web page")
	errTooBig  = errors.New("the answer is too big")
	errHost    = errors.New("not the configured host")
)

// post calls an endpoint and returns the data of its answer.
func (c *Client) post(ctx context.Context, op string, body map[string]any) (wire.Object, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, &provider.Error{Op: nameOf(op), Kind: provider.KindBadRequest, Err: err}
	}
	return c.call(ctx, op, http.MethodPost, nil, bytes.NewReader(text))
}

func (c *Client) call(ctx context.Context, op, method string, query url.Values, body io.Reader) (wire.Object, error) {
	if c.Budget != nil {
		if err := c.Budget.Wait(ctx); err != nil {
			return nil, noTurn(ctx, op, err)
		}
	}
	answer, err := c.send(ctx, op, method, query, body)
	if c.Budget != nil {
		c.Budget.Note(ctx, err)
	}
	if c.Failed != nil && ctx.Err() == nil && suspicious(provider.KindOf(err)) {
		c.Failed(err)
	}
	return answer, err
}

// suspicious says that an answer was none that the provider gives.
func suspicious(k provider.Kind) bool {
	switch k {
	case provider.KindUnreachable, provider.KindUntrusted, provider.KindBadAnswer:
		return true
	}
	return false
}

// noTurn is the failure of a call that the budget did not allow. A caller who
// gave up is told from a limit that leaves no room before the caller's deadline.
func noTurn(ctx context.Context, op string, err error) error {
	if e, ok := errors.AsType[*provider.Error](err); ok {
		e.Op = nameOf(op)
		return e
	}
	kind := provider.KindRateLimited
	if ctx.Err() != nil {
		kind = provider.KindUnreachable
	}
	return &provider.Error{Op: nameOf(op), Kind: kind, NotSent: true, Err: err}
}

func (c *Client) send(ctx context.Context, op, method string, query url.Values, body io.Reader) (wire.Object, error) {
	req, err := c.request(ctx, op, method, query, body)
	if err != nil {
		return nil, &provider.Error{Op: nameOf(op), Kind: provider.KindBadRequest, NotSent: true, Err: err}
	}
	if err := c.authorize(req); err != nil {
		return nil, &provider.Error{Op: nameOf(op), Kind: provider.KindBadRequest, NotSent: true, Err: err}
	}
	return c.do(op, req)
}

func (c *Client) do(op string, req *http.Request) (wire.Object, error) {
	resp, err := c.http().Do(req)
	if err != nil {
		return nil, wire.Unsent(nameOf(op), err)
	}
	defer resp.Body.Close()
	return readAnswer(op, resp)
}

const userAgent = "balancelink"

// request builds a call from the base, a constant path and a query: nothing
// from outside becomes an address.
func (c *Client) request(
	ctx context.Context, path, method string, query url.Values, body io.Reader,
) (*http.Request, error) {
	target := c.BaseURL.JoinPath(path)
	target.User, target.Fragment, target.RawQuery = nil, "", query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, target.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", userAgent)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// authorize is the only place where the secret key enters a request.
func (c *Client) authorize(req *http.Request) error {
	if req.URL.Host != c.BaseURL.Host || req.URL.Scheme != c.BaseURL.Scheme {
		return errHost
	}
	req.Header.Set("Authorization", "Bearer "+c.SecretKey.Reveal())
	return nil
}

func (c *Client) http() *http.Client {
	h := c.HTTP
	if h == nil {
		c.once.Do(func() { c.fallback = wire.NewHTTPClient(c.BaseURL) })
		h = c.fallback
	}
	return wire.WithoutLocation(h)
}

// readAnswer returns the data of a successful answer. A 200 with status "error"
// or false is a failure: Okra's own SDKs look at the status in the body only.
func readAnswer(op string, resp *http.Response) (wire.Object, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		o, _ := wire.Decode(body)
		return nil, failure(op, resp, o)
	}
	if err != nil {
		return nil, wire.Unsent(nameOf(op), err)
	}
	if len(body) > maxAnswer {
		return nil, badAnswer(op, errTooBig)
	}
	switch {
	case wire.MediaIs(resp, "html"):
		return nil, &provider.Error{
			Op: nameOf(op), Kind: provider.KindUntrusted, Status: resp.StatusCode, Err: errWebPage,
		}
	case !wire.MediaIs(resp, "json"):
		return nil, badAnswer(op, errNotJSON)
	}
	return dataOf(op, resp, body)
}

func dataOf(op string, resp *http.Response, body []byte) (wire.Object, error) {
	o, err := wire.Decode(body)
	if err != nil {
		return nil, badAnswer(op, err)
	}
	data := o.Object("data")
	status := o.Get("status", wire.AsWord)
	succeeded := status == "success" || status == true
	if !succeeded || isError(o) || isError(data) {
		return nil, failure(op, resp, o)
	}
	if data == nil && op != opRemove { // which has nothing more to say
		return nil, badAnswer(op, provider.ErrBadShape)
	}
	return data, nil
}

// isError reports whether o is the error object of bankerrors.
func isError(o wire.Object) bool { return o.Is("error") || o.Word("type") == "error" }
