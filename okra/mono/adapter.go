package mono

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"balancelink/okra/provider"
)

// Adapter says in the words of package provider what Mono says in its own. A sign-in
// brings one account, whose id is the record of every sign-in to it and what Mono
// forgets by: so it stands for the provider's customer, too. Its fields must not
// change after the first call.
type Adapter struct {
	*Client
	Env     string            // of our rows
	AppID   string            // of our app, whose events alone are ours; empty: all are
	Secrets []provider.Secret // that webhooks may have: the one that is set, and the one before it
	// Page is where Mono's pages are: a customer is sent nowhere else.
	Page *url.URL
	Now  func() time.Time // nil: time.Now
}

var (
	_ provider.Provider = (*Adapter)(nil)
	_ provider.Pages    = (*Adapter)(nil)
	_ provider.Lister   = (*Adapter)(nil)
	_ provider.Sampler  = (*Adapter)(nil)
)

// Name implements [provider.Receiver].
func (a *Adapter) Name() string { return "mono" }

// Interval is how long after a question about an account Mono starts no other
// ("Realtime data", 2026-03-10).
const Interval = 5 * time.Minute

// Traits implements [provider.Provider].
func (a *Adapter) Traits() provider.Traits {
	return provider.Traits{
		Title: "Mono", Joins: true, Echoes: true, Brings: true, Explains: true, Interval: Interval, Costs: true,
		SendsContact: true,
	}
}

// Ready implements [provider.Provider].
func (a *Adapter) Ready(p provider.Priority) (ok bool, next time.Time, pause provider.Pause) {
	return a.Budget.Ready(p)
}

var errElsewhere = fmt.Errorf("%w: its page is on another host than Mono's pages are", provider.ErrBadShape)

// Open implements [provider.Pages].
func (a *Adapter) Open(ctx context.Context, o provider.Opening) (string, error) {
	page, err := a.Client.Open(ctx, Opening{
		Ref: o.Attempt, RedirectURL: o.ReturnURL, Name: o.Name, Email: o.Email, Account: o.Account,
	})
	if err != nil {
		return "", err
	}
	if page.Scheme != a.Page.Scheme || page.Host != a.Page.Host {
		return "", &provider.Error{Op: "mono: accounts/initiate", Kind: provider.KindUntrusted, Err: errElsewhere}
	}
	return page.String(), nil
}

const opRedeem = "mono: accounts/auth"

// Redeem implements [provider.Pages]. A code that is refused may have been taken by a
// call whose answer got lost: the account is looked for by the attempt then.
func (a *Adapter) Redeem(ctx context.Context, code, attempt string) (string, error) {
	record, err := a.Exchange(ctx, code)
	switch provider.KindOf(err) {
	case provider.KindBadRequest, provider.KindNoRecord:
		return "", provider.Because(opRedeem, provider.KindNotYet, "Mono does not take the code, or not any more.")
	}
	return record, err
}

// Confirm implements [provider.Provider]. While Mono is still fetching, the account is
// there without a balance.
func (a *Adapter) Confirm(ctx context.Context, c provider.Claim) (provider.Link, error) {
	acc, err := a.Account(ctx, c.Record)
	if err != nil {
		return provider.Link{}, err
	}
	if acc.Currency == "" {
		return provider.Link{}, provider.Because(
			"mono: accounts/id", provider.KindNotYet, "Mono does not say the currency yet.",
		)
	}
	return provider.Link{
		Record: acc.ID, Customer: acc.ID, Attempt: acc.Ref,
		Bank: provider.Bank{ID: acc.Bank.Code, Name: acc.Bank.Name, Key: provider.KeyOfCode(acc.Bank.Code)},
		Accounts: []provider.Account{{
			ID: acc.ID, Customer: acc.ID, NUBAN: acc.NUBAN, Name: acc.Name, Type: typeOf(acc.Type),
			Currency: acc.Currency,
			Balance:  a.stored(acc),
		}},
	}, nil
}

// typeOf is a type of account in one word where Mono's text, which banks write as they
// like ("SAVINGS_ACCOUNT", "Tier 3 Savings Account"), holds it; else that text.
func typeOf(text string) string {
	for _, word := range []string{"savings", "current", "domiciliary"} {
		if strings.Contains(strings.ToLower(text), word) {
			return word
		}
	}
	return strings.ReplaceAll(text, "_", " ")
}

// stored is the figure that Mono has saved: of when it is, nobody says. nil: it has none.
func (a *Adapter) stored(acc Account) *provider.Balance {
	if !acc.hasFigure() || !acc.Balance.Known {
		return nil
	}
	return a.balance(acc, time.Time{}, provider.AsOfUnknown)
}

func (a *Adapter) balance(acc Account, asOf time.Time, kind provider.AsOfKind) *provider.Balance {
	return &provider.Balance{
		Account: acc.ID, Figure: acc.Balance, Basis: provider.BasisUnspecified, Currency: acc.Currency,
		AsOf: asOf, AsOfKind: kind, Unreadable: acc.Unreadable.Field("balance"),
		Stated: provider.Stated{
			Account: acc.ID, Record: acc.ID, Customer: acc.Customer, Env: a.Env, LastUpdated: acc.UpdatedAt,
		},
	}
}

// joined is the ticket where Mono named no job: asking again joins it.
const joined = "join"

// Ask implements [provider.Provider]. What Mono answers beside the job may be the
// stored figure, so it is not looked at.
func (a *Adapter) Ask(ctx context.Context, ref provider.Ref, _ provider.Question) (provider.Asked, error) {
	job, err := a.Refresh(ctx, ref.Account)
	return provider.Asked{Ticket: cmp.Or(job.ID, joined)}, err
}

// Look implements [provider.Provider]. That a job is finished does not say that the bank
// has answered: only the webhook does, by its sync_status. Where that does not come, the
// saved figure is taken for the answer. Where the job has no name, asking again within
// Mono's interval tells of it, for nothing; later it would begin another, so only a
// webhook tells then.
func (a *Adapter) Look(ctx context.Context, ref provider.Ref, l provider.Looking) (provider.Answer, error) {
	state, err := a.stateOf(ctx, ref, l)
	if err != nil {
		return provider.Answer{}, err
	}
	switch {
	case state == JobRunning:
		return provider.Answer{Running: true}, nil
	case state == JobDone && !l.Untold:
		return provider.Answer{Ended: true}, nil
	case state == JobNeedsLogin:
		return provider.Answer{}, provider.Because(opJob, provider.KindNeedsLogin, "The bank wants a new sign-in.")
	case state == JobFailed:
		return provider.Answer{}, provider.Because(opJob, provider.KindFetchFailed, "The bank gave no answer.")
	}
	acc, has, err := a.figure(ctx, ref.Account)
	switch {
	case err != nil:
		return provider.Answer{}, err
	case !has:
		return provider.Answer{}, provider.Because(opJob, provider.KindFetchFailed, "The bank gave no balance.")
	}
	return provider.Answer{Balance: a.balance(acc, time.Time{}, provider.AsOfAsked)}, nil
}

// figure returns what Mono has saved of an account, and whether it has a figure. A 0 may
// stand where the bank gave none: of that the details tell alone, which Mono charges for.
func (a *Adapter) figure(ctx context.Context, id string) (acc Account, has bool, err error) {
	acc, err = a.Stored(ctx, id)
	if err != nil || acc.Balance.Known && acc.Balance.Minor != 0 && acc.Currency != "" {
		return acc, err == nil, err
	}
	acc, err = a.Account(ctx, id)
	return acc, acc.hasFigure(), err
}

const opJob = "mono: accounts/id/jobs/id"

func (a *Adapter) stateOf(ctx context.Context, ref provider.Ref, l provider.Looking) (JobState, error) {
	if l.Ticket == "" || l.Ticket == joined {
		if a.now().Sub(l.AskedAt) >= Interval-time.Minute { // a minute for clocks that differ
			return JobRunning, nil
		}
		job, err := a.Refresh(ctx, ref.Account)
		return job.State, err
	}
	state, err := a.Job(ctx, ref.Account, l.Ticket)
	if provider.KindOf(err) == provider.KindNoRecord {
		e := *provider.AsError(err)
		e.Kind = provider.KindNotYet
		return state, &e
	}
	return state, err
}

func (a *Adapter) now() time.Time {
	if a.Now == nil {
		return time.Now()
	}
	return a.Now()
}

// Saved implements [provider.Provider].
func (a *Adapter) Saved(ctx context.Context, refs []provider.Ref) (all []provider.Answer, err error) {
	for _, ref := range refs {
		acc, has, err := a.figure(ctx, ref.Account)
		if err != nil {
			return nil, err
		}
		answer := provider.Answer{Proof: provider.ProofNone, Balance: a.balance(acc, time.Time{}, provider.AsOfUnknown)}
		if !has {
			answer.Balance = nil
			answer.Fault = provider.Because("mono: accounts/id", provider.KindMismatch, "The bank gave no balance.")
		}
		all = append(all, answer)
	}
	return all, nil
}

// Pending implements [provider.Provider]: Mono tells of none.
func (a *Adapter) Pending(context.Context, provider.Ref) (provider.Amount, error) {
	return provider.Amount{}, nil
}

// Forget implements [provider.Provider].
func (a *Adapter) Forget(ctx context.Context, account string) error { return a.Unlink(ctx, account) }

// Records implements [provider.Lister].
func (a *Adapter) Records(ctx context.Context) (ids []string, err error) {
	all, err := a.Accounts(ctx)
	for _, acc := range all {
		ids = append(ids, acc.ID)
	}
	return ids, err
}

// AttemptOf implements [provider.Lister].
func (a *Adapter) AttemptOf(ctx context.Context, record string) (string, error) {
	acc, err := a.Account(ctx, record)
	return acc.Ref, err
}

// ValidRecord implements [provider.Receiver].
func (a *Adapter) ValidRecord(id string) bool { return validID.MatchString(id) }

// Authentic implements [provider.Receiver].
func (a *Adapter) Authentic(h http.Header) bool { return Authentic(h, a.Secrets) }

// Sample implements [provider.Sampler].
func (a *Adapter) Sample(shown string) (body []byte, header http.Header) {
	const event = `{"event":"balancelink.test","data":{}}`
	header = http.Header{}
	header.Set("mono-webhook-secret", cmp.Or(shown, a.Secrets[0].Reveal()))
	return []byte(event), header
}

// ReceiveClaim implements [provider.Receiver]: Mono has no window that reports anything.
func (a *Adapter) ReceiveClaim([]byte) (provider.Claim, []byte, error) {
	return provider.Claim{}, nil, provider.ErrBadShape
}

// Receive implements [provider.Receiver].
func (a *Adapter) Receive(body []byte) (provider.Event, []byte, error) {
	e, redacted, err := ReceiveEvent(body)
	if err != nil {
		return provider.Event{}, nil, err
	}
	acc := e.Account
	told := provider.Event{
		Name: e.Name, Env: a.Env, Key: e.Key(body, a.now()), Record: acc.ID, Account: acc.ID, Customer: acc.ID,
		Attempt: acc.Ref, BankName: acc.Bank.Name, EndedAt: e.At,
		Unread: unreadable(e), SignedIn: e.Kind == Connected || e.Kind == Reauthorized, Again: e.Kind == Reauthorized,
		Status: cmp.Or(acc.Sync, acc.Data), Ticket: acc.Job,
	}
	if a.AppID != "" && e.App != "" && e.App != a.AppID {
		told.Foreign = "It is of another app."
	}
	a.tell(e, &told)
	return told, redacted, nil
}

// tell says what an event does to its account.
func (a *Adapter) tell(e Event, told *provider.Event) {
	switch e.Kind {
	case Unlinked:
		told.Balance = &provider.Balance{Account: e.Account.ID, Unshared: true}
	case LoginWanted:
		told.Failed, told.NeedsLogin = true, true
	case SyncFailed:
		told.Failed = true
	case Updated:
		switch e.Account.Standing() {
		case Fresh:
			if e.Account.Balance.Known || e.Account.Unreadable.Field("balance") != "" {
				told.Balance = a.toldOf(e)
			}
		case Old:
			told.Failed = true
		case Missing:
			if e.Account.Sync != "" {
				told.Failed, told.Status = true, "no balance"
			}
		case NeedsLogin:
			told.Failed, told.NeedsLogin = true, true
		}
	}
}

// toldOf is the figure of an event. Of one that states no time nobody knows how long
// it was on its way.
func (a *Adapter) toldOf(e Event) *provider.Balance {
	at := e.AsOf()
	if at.IsZero() {
		return a.balance(e.Account, at, provider.AsOfUnknown)
	}
	return a.balance(e.Account, at, provider.AsOfStated)
}

// unreadable says why nothing can be done with an event.
func unreadable(e Event) string {
	for _, field := range []string{"body", "event"} {
		if why := e.Unreadable.Field(field); why != "" {
			return fmt.Sprintf("The payload cannot be read: %s: %s.", field, why)
		}
	}
	return ""
}
