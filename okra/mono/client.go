// Package mono is the client of Mono's API v2: linking by a hosted page, accounts,
// balances asked of the bank in jobs, and webhooks.
//
// It is written after Mono's documents, as they stood in April 2026, and after what
// others have received of it; where these contradict each other it takes what either
// says, and comments name the source. About money it is strict: the one figure is in
// minor units, and what is not told as the bank's own answer is none.
package mono

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

// Client calls Mono's API. It retries nothing. Its methods may be used by several
// goroutines at once; its fields must not change after the first call. Every error
// is a [provider.Error].
type Client struct {
	// BaseURL is where the endpoints are, such as https://api.withmono.com/. Mono's
	// sandbox is the same host; the key tells them apart.
	BaseURL *url.URL
	// SecretKey is sent to BaseURL's host only.
	SecretKey provider.Secret
	HTTP      *http.Client     // nil: [wire.NewHTTPClient] of BaseURL
	Budget    *provider.Budget // nil: no limit
	Failed    func(error)      // see [wire.Caller]; nil: nobody is told

	own wire.OwnClient
}

func (c *Client) caller() *wire.Caller {
	return &wire.Caller{
		Name: "mono", BaseURL: c.BaseURL, HTTP: c.own.Or(c.HTTP, c.BaseURL), Budget: c.Budget, Failed: c.Failed,
		Authorize: func(req *http.Request) { req.Header.Set("mono-sec-key", c.SecretKey.Reveal()) },
	}
}

// call makes a call and hands its whole answer to read, if it is one of success.
func (c *Client) call(ctx context.Context, r wire.Request, read func(wire.Answer) error) error {
	return c.caller().Call(ctx, r, func(a wire.Answer) error {
		if !a.OK() || a.Object.Word("status") == "failed" {
			return failure(a)
		}
		return read(a)
	})
}

// failure is an answer that says no. Mono publishes no codes for it, its messages
// change, and the body of an error may be empty ("Errors", 2025-10-23): the status
// alone tells. A success that says "failed" is guarded against in clients of v2.
func failure(a wire.Answer) error {
	e := &provider.Error{Status: a.Status, Kind: kindOf(a.Status)}
	e.RetryAfter = wire.RetryAfter(a.Header.Get("Retry-After"), time.Now())
	if e.Kind == provider.KindRateLimited {
		e.RetryAfter = cmp.Or(e.RetryAfter, time.Minute)
	}
	return e
}

func kindOf(status int) provider.Kind {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusPaymentRequired, status == http.StatusForbidden:
		return provider.KindRefused
	case status == http.StatusNotFound:
		return provider.KindNoRecord
	case status == http.StatusTooManyRequests:
		return provider.KindRateLimited
	case status >= 500:
		return provider.KindUnreachable
	case status >= 400:
		return provider.KindBadRequest
	case status >= 300:
		return provider.KindUntrusted
	}
	return provider.KindFetchFailed
}

// validID is the form of Mono's ids: documents print shortened, lengthened and
// non-hexadecimal ones, so they are opaque. Nothing else becomes part of an address.
var validID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

var errNoID = errors.New("not an id")

// path is the address of something of an account.
func path(account string, rest ...string) ([]string, error) {
	for _, id := range append([]string{account}, rest...) {
		if !validID.MatchString(id) {
			return nil, &provider.Error{Kind: provider.KindBadRequest, NotSent: true, Err: errNoID}
		}
	}
	return append([]string{"v2/accounts", account}, rest...), nil
}

func (c *Client) ofAccount(
	ctx context.Context, op, method string, header map[string]string, read func(wire.Answer) error, account string,
	rest ...string,
) error {
	where, err := path(account, rest...)
	if err != nil {
		return c.caller().Named(op, err)
	}
	return c.call(ctx, wire.Request{Op: op, Method: method, Path: where, Header: header}, read)
}

// Opening is a sign-in for which a page of Mono's is opened.
type Opening struct {
	Ref         string // ours, random: it comes back with the account
	RedirectURL string // where the person comes back to
	Name, Email string // of the person, for a new link; Mono wants both
	Account     string // to sign in to again; empty: a new link
}

// Open returns the address of a page on which the person signs in to their bank.
// "Connect link" (2025-01-28), "Reauth link" (2026-01-28).
func (c *Client) Open(ctx context.Context, o Opening) (page *url.URL, err error) {
	body := map[string]any{"scope": "auth", "meta": map[string]any{"ref": o.Ref}, "redirect_url": o.RedirectURL}
	if o.Account != "" {
		body["scope"], body["account"] = "reauth", o.Account
	} else {
		body["customer"] = map[string]any{"name": o.Name, "email": o.Email}
	}
	const op = "accounts/initiate"
	r := wire.Request{Op: op, Method: http.MethodPost, Path: []string{"v2/accounts/initiate"}, Body: body}
	err = c.call(ctx, r, func(a wire.Answer) error {
		data := a.Object.Object("data")
		if ref := data.Object("meta").ID("ref"); ref != "" && ref != o.Ref {
			return wire.BadAnswer(errNotAsked)
		}
		page, err = url.Parse(data.Address("mono_url"))
		if err != nil || page.Host == "" || page.Scheme != "https" && page.Scheme != "http" {
			return wire.BadAnswer(fmt.Errorf("%w: no mono_url", provider.ErrBadShape))
		}
		return nil
	})
	return page, err
}

var errNotAsked = fmt.Errorf("%w: not what was asked for", provider.ErrBadShape)

// Exchange returns the id of the account that a code stands for. A code lives for
// ten minutes. The documents show the answer flat, clients that have used it say
// that it lies in an envelope.
func (c *Client) Exchange(ctx context.Context, code string) (account string, err error) {
	r := wire.Request{
		Op: "accounts/auth", Method: http.MethodPost, Path: []string{"v2/accounts/auth"},
		Body: map[string]any{"code": code},
	}
	err = c.call(ctx, r, func(a wire.Answer) error {
		account = cmp.Or(idOf(a.Object.Object("data")), idOf(a.Object))
		if account == "" {
			return wire.BadAnswer(fmt.Errorf("%w: no id", provider.ErrBadShape))
		}
		return nil
	})
	return account, err
}

// Account returns what Mono has of an account, with the stored figure.
func (c *Client) Account(ctx context.Context, id string) (a Account, err error) {
	err = c.ofAccount(ctx, "accounts/id", http.MethodGet, nil, func(answer wire.Answer) error {
		data := answer.Object.Object("data")
		a = readAccount(data.Object("account"), data)
		if a.ID != "" && a.ID != id {
			return wire.BadAnswer(errNotAsked)
		}
		a.ID = id
		a.Customer = cmp.Or(a.Customer, idOf(data.Object("customer")), data.ID("customer"))
		return nil
	}, id)
	return a, err
}

// Stored returns the figure that Mono has saved, of no stated time. It asks no bank.
func (c *Client) Stored(ctx context.Context, id string) (a Account, err error) {
	err = c.ofAccount(ctx, "accounts/id/balance", http.MethodGet, nil, func(answer wire.Answer) error {
		a, err = balanceOf(answer, id)
		return err
	}, id, "balance")
	return a, err
}

func balanceOf(answer wire.Answer, id string) (Account, error) {
	data := answer.Object.Object("data")
	a := readAccount(data, nil)
	if a.ID != "" && a.ID != id {
		return Account{}, wire.BadAnswer(errNotAsked)
	}
	a.ID = id
	return a, nil
}

// Job is work that Mono does at a bank.
type Job struct {
	ID    string // empty: Mono names none, and a webhook tells of its end
	State JobState
}

// JobState says how far a job has come.
type JobState string

// The states of a job.
const (
	JobRunning    JobState = "running"
	JobDone       JobState = "done"
	JobFailed     JobState = "failed" // of what, a webhook says shortly after
	JobNeedsLogin JobState = "needs login"
)

// jobState reads a state in any spelling that a document or a client has. Whatever
// else it says, the job is under way until its time is over.
func jobState(word string) JobState {
	switch strings.ToLower(word) {
	case "finished", "successful", "success", "completed":
		return JobDone
	case "failed":
		return JobFailed
	case "reauthorisation_required", "reauthorization_required":
		return JobNeedsLogin
	}
	return JobRunning
}

// Refresh asks the bank for the balance. Within five minutes of the last question
// about an account Mono starts nothing and answers with the last job ("Realtime
// data", 2026-03-10). What lies beside the answer may be the stored figure, nothing
// or null, so it is not read: see [Client.Stored] once the job is done.
func (c *Client) Refresh(ctx context.Context, id string) (job Job, err error) {
	// One page spells it x-real-time.
	header := map[string]string{"x-realtime": "true", "x-real-time": "true"}
	err = c.ofAccount(ctx, "accounts/id/balance", http.MethodGet, header, func(a wire.Answer) error {
		job = Job{ID: a.Header.Get("x-job-id"), State: jobState(a.Header.Get("x-job-status"))}
		if !validID.MatchString(job.ID) {
			job.ID = ""
		}
		if job.State == JobFailed && strings.ToLower(a.Header.Get("x-reauth-required")) == "true" { // of 2023
			job.State = JobNeedsLogin
		}
		return nil
	}, id, "balance")
	return job, err
}

// Job returns how far a job has come.
func (c *Client) Job(ctx context.Context, account, id string) (state JobState, err error) {
	err = c.ofAccount(ctx, "accounts/id/jobs/id", http.MethodGet, nil, func(a wire.Answer) error {
		data := a.Object.Object("data")
		if of := idOf(data); of != "" && of != id {
			return wire.BadAnswer(errNotAsked)
		}
		state = jobState(cmp.Or(data.Word("status"), data.Word("job_status")))
		return nil
	}, account, "jobs", id)
	return state, err
}

// Accounts returns all accounts that are linked, each with its id and little more:
// for links of which no webhook came. How the list is paged is not documented.
func (c *Client) Accounts(ctx context.Context) (all []Account, err error) {
	seen := map[string]bool{}
	for page := 1; page <= maxPages; page++ {
		fresh := 0
		r := wire.Request{
			Op: "accounts", Method: http.MethodGet, Path: []string{"v2/accounts"},
			Query: url.Values{"page": {fmt.Sprint(page)}, "limit": {"100"}},
		}
		err := c.call(ctx, r, func(a wire.Answer) error {
			rows, err := a.Object.List("data")
			if err != nil {
				return wire.BadAnswer(err)
			}
			for _, o := range rows {
				if a := readAccount(o, nil); a.ID != "" && !seen[a.ID] {
					seen[a.ID] = true
					fresh++
					all = append(all, a)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if fresh == 0 {
			return all, nil
		}
	}
	return nil, c.caller().Named("accounts", wire.BadAnswer(errEndless))
}

const maxPages = 1000

var errEndless = errors.New("the list does not end")

// Unlink has Mono forget an account. One that it does not know (any more) is an
// error of [provider.KindNoRecord].
func (c *Client) Unlink(ctx context.Context, id string) error {
	return c.ofAccount(
		ctx, "accounts/id/unlink", http.MethodPost, nil, func(wire.Answer) error { return nil }, id, "unlink",
	)
}

// Banks asks for the institutions, without the key: what nobody but Mono answers.
func (c *Client) Banks(ctx context.Context) error {
	return c.caller().Probe(ctx, opBanks, c.listsBanks)
}

const opBanks = "institutions"

func (c *Client) listsBanks(ctx context.Context) error {
	r := wire.Request{
		Op: opBanks, Method: http.MethodGet, Path: []string{"v3/institutions"},
		Query: url.Values{"scope": {"financial_data"}},
	}
	return c.caller().Ask(ctx, r, func(a wire.Answer) error {
		switch kind := kindOf(a.Status); kind {
		case provider.KindUnreachable, provider.KindRateLimited: // that says nothing of who answers
			return failure(a)
		}
		rows, others := a.Object.Objects("data")
		for _, o := range rows {
			name := cmp.Or(o.Text("name"), o.Text("institution"))
			if others == 0 && idOf(o) != "" && name != "" {
				return nil
			}
		}
		return &provider.Error{Kind: provider.KindUntrusted, Status: a.Status, Err: errNoBanks}
	})
}

var errNoBanks = errors.New("the answer lists no banks")
