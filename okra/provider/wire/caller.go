package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	"balancelink/okra/provider"
)

// Caller calls the endpoints under one address, within a budget. It retries
// nothing, and reaches no other host.
type Caller struct {
	Name    string       // of the provider, as errors name it
	BaseURL *url.URL     // under which the endpoints are
	HTTP    *http.Client // does the calls; redirects are refused whatever it says
	// Authorize puts the secret key into a request.
	Authorize func(*http.Request)
	Budget    *provider.Budget // is asked before each call and told how it went; nil: no limit
	// Failed is told of every call that may have failed for want of the provider:
	// nobody answered, or somebody whose answer is none of its. nil: nobody is.
	Failed func(error)
}

// Request is one call. Nothing from outside becomes an address: Path is made of
// constants and of ids that are escaped.
type Request struct {
	Op     string // the endpoint's name in errors
	Method string
	Path   []string // below the base; of an id only as it is
	Query  url.Values
	Header map[string]string
	Body   any // is sent as JSON; nil: nothing is
}

// Answer is what came back. Of one that failed Object may be nil.
type Answer struct {
	Status int
	Header http.Header
	Object Object
}

// OK says that the status is one of success.
func (a Answer) OK() bool { return a.Status >= 200 && a.Status <= 299 }

// maxAnswer is how large an answer may be, in bytes.
const maxAnswer = 1 << 20

// UserAgent is how the program names itself.
const UserAgent = "balancelink"

var (
	errNotJSON = errors.New("the answer is not JSON")
	errWebPage = errors.New("the answer is a web page")
	errTooBig  = errors.New("the answer is too big")
	errHost    = errors.New("not the configured host")
)

// Call makes a call. read says what a JSON answer is: an [provider.Error] where it
// is a failure. The error names the endpoint.
func (c *Caller) Call(ctx context.Context, r Request, read func(Answer) error) error {
	if c.Budget != nil {
		if err := c.Budget.Wait(ctx); err != nil {
			return c.Named(r.Op, NoTurn(ctx, err))
		}
	}
	err := c.Named(r.Op, c.send(ctx, r, c.Authorize, read))
	if c.Budget != nil {
		c.Budget.Note(ctx, err)
	}
	if c.Failed != nil && ctx.Err() == nil && suspicious(provider.KindOf(err)) {
		c.Failed(err)
	}
	return err
}

// Ask is [Caller.Call] without the secret key, the budget and a report of how it
// went: the caller sees to these.
func (c *Caller) Ask(ctx context.Context, r Request, read func(Answer) error) error {
	return c.Named(r.Op, c.send(ctx, r, func(*http.Request) {}, read))
}

// Probe finds out who answers, by a call of [Caller.Ask] that is made also while calls
// are paused, and tells the budget: only this ends its distrust. op names the endpoint.
func (c *Caller) Probe(ctx context.Context, op string, ask func(context.Context) error) error {
	if c.Budget == nil {
		return ask(ctx)
	}
	if err := c.Budget.TakeTurn(ctx); err != nil {
		return c.Named(op, NoTurn(ctx, err))
	}
	err := ask(ctx)
	c.Budget.Probed(ctx, err)
	return err
}

// Named lets an error of a call name its endpoint.
func (c *Caller) Named(op string, err error) error {
	if e, ok := errors.AsType[*provider.Error](err); ok && e.Op == "" {
		e.Op = c.Name + ": " + op
	}
	return err
}

// suspicious says that an answer was none that the provider gives.
func suspicious(k provider.Kind) bool {
	switch k {
	case provider.KindUnreachable, provider.KindUntrusted, provider.KindBadAnswer:
		return true
	}
	return false
}

// NoTurn is the failure of a call that the budget did not allow. A caller who gave
// up is told from a limit that leaves no room before the caller's deadline.
func NoTurn(ctx context.Context, err error) error {
	if _, ok := errors.AsType[*provider.Error](err); ok {
		return err
	}
	kind := provider.KindRateLimited
	if ctx.Err() != nil {
		kind = provider.KindUnreachable
	}
	return &provider.Error{Kind: kind, NotSent: true, Err: err}
}

func (c *Caller) send(ctx context.Context, r Request, authorize func(*http.Request), read func(Answer) error) error {
	req, err := c.request(ctx, r)
	if err != nil {
		return &provider.Error{Kind: provider.KindBadRequest, NotSent: true, Err: err}
	}
	authorize(req)
	resp, err := WithoutLocation(c.HTTP).Do(req)
	if err != nil {
		return Unsent(err)
	}
	defer resp.Body.Close()
	answer, err := readAnswer(resp)
	if err != nil {
		return err
	}
	return read(answer)
}

func (c *Caller) request(ctx context.Context, r Request) (*http.Request, error) {
	target := c.BaseURL.JoinPath(r.Path...)
	target.User, target.Fragment, target.RawQuery = nil, "", r.Query.Encode()
	if target.Host != c.BaseURL.Host || target.Scheme != c.BaseURL.Scheme {
		return nil, errHost
	}
	var body io.Reader
	if r.Body != nil {
		text, err := json.Marshal(r.Body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, target.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", UserAgent)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range r.Header {
		req.Header.Set(name, value)
	}
	return req, nil
}

// readAnswer reads an answer. One that is no success may be of any form, or empty.
func readAnswer(resp *http.Response) (Answer, error) {
	a := Answer{Status: resp.StatusCode, Header: resp.Header}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if !a.OK() {
		a.Object, _ = Decode(body)
		return a, nil
	}
	switch {
	case err != nil:
		return a, Unsent(err)
	case len(body) > maxAnswer:
		return a, BadAnswer(errTooBig)
	case MediaIs(resp, "html"):
		return a, &provider.Error{Kind: provider.KindUntrusted, Status: a.Status, Err: errWebPage}
	case !MediaIs(resp, "json"):
		return a, BadAnswer(errNotJSON)
	}
	if a.Object, err = Decode(body); err != nil {
		return a, BadAnswer(err)
	}
	return a, nil
}

// BadAnswer is the failure of a call whose answer cannot be read.
func BadAnswer(err error) error {
	return &provider.Error{Kind: provider.KindBadAnswer, Status: http.StatusOK, Err: err}
}
