package okra

import (
	"balancelink/okra/provider"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
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
	errBroken  = errors.New("the connection or the answer broke")
	errHost    = errors.New("not the configured host")
)

// post calls an endpoint and returns the data of its answer.
func (c *Client) post(ctx context.Context, op string, body map[string]any) (object, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, &provider.Error{Op: nameOf(op), Kind: provider.KindBadRequest, Err: err}
	}
	return c.call(ctx, op, http.MethodPost, nil, bytes.NewReader(text))
}

func (c *Client) call(ctx context.Context, op, method string, query url.Values, body io.Reader) (object, error) {
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

func (c *Client) send(ctx context.Context, op, method string, query url.Values, body io.Reader) (object, error) {
	req, err := c.request(ctx, op, method, query, body)
	if err != nil {
		return nil, &provider.Error{Op: nameOf(op), Kind: provider.KindBadRequest, NotSent: true, Err: err}
	}
	if err := c.authorize(req); err != nil {
		return nil, &provider.Error{Op: nameOf(op), Kind: provider.KindBadRequest, NotSent: true, Err: err}
	}
	return c.do(op, req)
}

func (c *Client) do(op string, req *http.Request) (object, error) {
	resp, err := c.http().Do(req)
	if err != nil {
		return nil, unsent(op, err)
	}
	defer resp.Body.Close()
	return readAnswer(op, resp)
}

const userAgent = "balancelink"

// request builds a call from the base, a constant path and a query: nothing
// from outside becomes an address.
func (c *Client) request(ctx context.Context, path, method string, query url.Values, body io.Reader) (*http.Request, error) {
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
		c.once.Do(func() { c.fallback = NewHTTPClient(c.BaseURL) })
		h = c.fallback
	}
	return withoutLocation(h)
}

// withoutLocation is h, which cannot be sent elsewhere.
func withoutLocation(h *http.Client) *http.Client {
	direct := *h
	direct.Transport = dropLocation{h.Transport}
	return &direct
}

// dropLocation takes the target out of redirects, so that no client follows or
// even parses it.
type dropLocation struct{ next http.RoundTripper }

func (d dropLocation) RoundTrip(req *http.Request) (*http.Response, error) {
	next := d.next
	if next == nil {
		next = http.DefaultTransport
	}
	resp, err := next.RoundTrip(req)
	if err == nil {
		resp.Header.Del("Location")
	}
	return resp, err
}

// unsent classifies a call that got no answer. The text of an error that we do
// not know may quote the other side, so only its place is kept.
func unsent(op string, err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	var network net.Error
	dial, _ := errors.AsType[*net.OpError](err)
	notSent := dial != nil && dial.Op == "dial"
	_, untrusted := errors.AsType[*untrustedError](err)
	switch {
	case untrusted:
		return &provider.Error{Op: nameOf(op), Kind: provider.KindUntrusted, NotSent: true, Err: err}
	case errors.As(err, &network), errors.Is(err, context.Canceled), errors.Is(err, io.EOF):
		return &provider.Error{Op: nameOf(op), Kind: provider.KindUnreachable, NotSent: notSent, Err: err}
	}
	return &provider.Error{Op: nameOf(op), Kind: provider.KindUnreachable, Err: errBroken}
}

// readAnswer returns the data of a successful answer. A 200 with status "error"
// or false is a failure: Okra's own SDKs look at the status in the body only.
func readAnswer(op string, resp *http.Response) (object, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		o, _ := decodeStrict(body)
		return nil, failure(op, resp, o)
	}
	if err != nil {
		return nil, unsent(op, err)
	}
	if len(body) > maxAnswer {
		return nil, badAnswer(op, errTooBig)
	}
	switch {
	case mediaIs(resp, "html"):
		return nil, &provider.Error{Op: nameOf(op), Kind: provider.KindUntrusted, Status: resp.StatusCode, Err: errWebPage}
	case !mediaIs(resp, "json"):
		return nil, badAnswer(op, errNotJSON)
	}
	return dataOf(op, resp, body)
}

func mediaIs(resp *http.Response, kind string) bool {
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return strings.Contains(media, kind)
}

func dataOf(op string, resp *http.Response, body []byte) (object, error) {
	o, err := decodeStrict(body)
	if err != nil {
		return nil, badAnswer(op, err)
	}
	data := o.object("data")
	status := o.get("status", asWord)
	succeeded := status == "success" || status == true
	if !succeeded || o.isError() || data.isError() {
		return nil, failure(op, resp, o)
	}
	if data == nil && op != opRemove { // which has nothing more to say
		return nil, badAnswer(op, provider.ErrBadShape)
	}
	return data, nil
}

// isError reports whether o is the error object of bankerrors.
func (o object) isError() bool { return o.is("error") || o.word("type") == "error" }
