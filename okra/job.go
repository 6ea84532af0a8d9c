package okra

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

// Job is work that Okra does in the background, usually for about a minute.
type Job struct {
	Record string
	// Method is MethodBalance or MethodCheckBalance.
	Method string
}

// RefreshBalance asks Okra to fetch an account's balance from the bank.
func (c *Client) RefreshBalance(ctx context.Context, accountID string) (Job, error) {
	return c.start(ctx, "balance/refresh", map[string]any{"account_id": accountID})
}

// CheckBalance asks Okra whether an account's balance has changed. The answer
// will carry no amount. One of Okra's documents wants the record, one does not.
func (c *Client) CheckBalance(ctx context.Context, accountID, recordID string) (Job, error) {
	return c.start(ctx, "balance/check", map[string]any{"account_id": accountID, "record_id": recordID})
}

func (c *Client) start(ctx context.Context, op string, body map[string]any) (Job, error) {
	data, err := c.post(ctx, op, body)
	if err != nil {
		return Job{}, err
	}
	job := parseJob(data)
	if !job.valid() {
		return Job{}, badAnswer(op, ErrNoJob)
	}
	return job, nil
}

// ErrNoJob says that the question was taken, but not how to ask for its answer.
var ErrNoJob = fmt.Errorf("%w: it names no job", provider.ErrBadShape)

func (j Job) valid() bool {
	return wire.ValidObjectID(j.Record) && (j.Method == MethodBalance || j.Method == MethodCheckBalance)
}

// parseJob takes the record and the method from the answer, or else from the
// query of its callback_url. Of that address nothing else is used: the sample
// code of fetch-balance replaces an "undefined" in it, and in the sandbox it
// had the host and path of production.
func parseJob(data wire.Object) Job {
	job := Job{Record: data.Ref("record"), Method: data.Word("method")}
	if job.valid() {
		return job
	}
	address, err := url.Parse(data.Address("callback_url"))
	if err != nil {
		return Job{}
	}
	query := address.Query()
	if !wire.ValidObjectID(job.Record) {
		job.Record = query.Get("record")
	}
	job.Method = first(job.Method, query.Get("method"))
	return job
}

// Answer is what Okra says about a job.
type Answer struct {
	// Running means that there is no result yet: ask again later. Completed is
	// said of a job that has ended; of others nothing may be said.
	Running, Completed bool
	// Balances are all that the answer carries, one per account, including
	// accounts that are not shared with us.
	Balances []Balance
	// Checked means that the job was a check and Changed is its result.
	Checked, Changed bool
	// LastChecked and LastFetched are zero where they are not stated or cannot be
	// read.
	LastChecked, LastFetched time.Time
	// Unreadable has what it states and could not be read, besides the balances'.
	Unreadable wire.Unreadable
}

// Poll asks for the result of a job, at the configured address whatever
// address the job's answer gave.
func (c *Client) Poll(ctx context.Context, job Job) (Answer, error) {
	const op = "callback"
	if !job.valid() {
		return Answer{}, &provider.Error{Op: nameOf(op), Kind: provider.KindBadRequest, Err: provider.ErrBadShape}
	}
	query := url.Values{"record": {job.Record}, "method": {job.Method}}
	data, err := c.call(ctx, wire.Request{Op: op, Method: http.MethodGet, Path: []string{op}, Query: query})
	if err != nil {
		return Answer{}, err
	}
	if other(data.Ref("record"), job.Record) {
		return Answer{}, badAnswer(op, errNotAsked)
	}
	return parseAnswer(data), nil
}

// parseAnswer reads the data of a callback. Both results are looked for
// whatever was asked: the documents of fetch-balance show a checked balance
// under a refresh. What the answer is while the job runs is not documented; the
// process flags are OKRA-NET's, and amounts beside running are old ones.
func parseAnswer(data wire.Object) Answer {
	inStatus, beside := data.Object("status").Object("process"), data.Object("process")
	if inStatus.Is("running") || beside.Is("running") {
		return Answer{Running: true}
	}
	r := wire.Reader{Object: data}
	a := Answer{Balances: balancesIn(data), Completed: inStatus.Is("completed") || beside.Is("completed")}
	a.Changed, a.Checked = r.Flag("balance_changed")
	a.LastChecked, a.LastFetched = r.Time("last_checked"), r.Time("last_fetched")
	a.Unreadable = r.Unreadable
	a.Running = !a.Completed && !a.Checked && len(a.Balances) == 0 && a.Unreadable.Field("balance_changed") == ""
	return a
}
