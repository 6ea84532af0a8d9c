package okra

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"balancelink/okra/provider"
)

// Adapter says in the words of package provider what Okra says in its own. Its
// fields must not change after the first call.
type Adapter struct {
	*Client
	Env   string // of our rows
	Owner string // our client token: the owner whom records and accounts must name
	// Tokens are the bearer tokens that webhooks may have: the one that is set, and
	// the one before it while Okra still sends that.
	Tokens []provider.Secret
	// Widget is what [Adapter.Options] adds nothing but the attempt to.
	Widget WidgetOptions
}

var (
	_ provider.Provider = (*Adapter)(nil)
	_ provider.Window   = (*Adapter)(nil)
	_ provider.Sampler  = (*Adapter)(nil)
)

// Name implements [provider.Receiver].
func (a *Adapter) Name() string { return "okra" }

// Traits implements [provider.Provider]. That a second question joined the first
// is written nowhere.
func (a *Adapter) Traits() provider.Traits { return provider.Traits{Title: "Okra", Checks: true} }

// A ticket is the record and the method of a job, or says that Okra named none.
const savedTicket = "saved"

func ticketOf(job Job) string { return job.Record + " " + job.Method }

// Ask implements [provider.Provider].
func (a *Adapter) Ask(ctx context.Context, ref provider.Ref, q provider.Question) (provider.Asked, error) {
	if q == provider.QuestionChanged {
		job, err := a.CheckBalance(ctx, ref.Account, ref.Record)
		return provider.Asked{Ticket: ticketOf(job)}, err
	}
	job, err := a.RefreshBalance(ctx, ref.Account)
	if errors.Is(err, ErrNoJob) {
		// The question was taken. Its answer is what Okra then has saved.
		return provider.Asked{Ticket: savedTicket}, nil
	}
	return provider.Asked{Ticket: ticketOf(job)}, err
}

// Look implements [provider.Provider]. Of a question that may have got lost the
// account's own record names the job well enough. Where Okra named no job, or
// says no more than that the balance changed, it asks for the saved balance.
func (a *Adapter) Look(ctx context.Context, ref provider.Ref, l provider.Looking) (provider.Answer, error) {
	job, named := a.jobOf(ref, l)
	found := Answer{Checked: l.Behind, Changed: l.Behind}
	if job.Record != "" && !l.Behind {
		var err error
		found, err = a.Poll(ctx, job)
		if err != nil || found.Running {
			return provider.Answer{Running: found.Running}, promised(err)
		}
		if l.Question == provider.QuestionChanged {
			return checked(found), nil
		}
	}
	if len(found.Balances) == 0 {
		saved, err := a.BalanceByAccount(ctx, ref.Account)
		if err != nil && job.Record != "" {
			err = promised(err)
		}
		if err != nil {
			return provider.Answer{}, err
		}
		found.Balances = saved
	}
	answer := a.answer(ref, found.Balances)
	answer.Changed = found.Changed
	switch {
	case !named:
		answer.Proof = provider.ProofNone
	case job.Record == ref.Record && !found.Completed:
		answer.Proof = provider.ProofPlace
	}
	return savedOnly(answer), nil
}

// jobOf is the job whose answer is looked for, and whether Okra has named it.
func (a *Adapter) jobOf(ref provider.Ref, l provider.Looking) (job Job, named bool) {
	switch record, method, ok := strings.Cut(l.Ticket, " "); {
	case ok:
		return Job{Record: record, Method: method}, true
	case l.Ticket == savedTicket:
		return Job{}, false
	}
	if l.Question == provider.QuestionChanged {
		return Job{Record: ref.Record, Method: MethodCheckBalance}, false
	}
	return Job{Record: ref.Record, Method: MethodBalance}, false
}

// promised turns the failure of a look where Okra does not know what it has
// promised: not yet.
func promised(err error) error {
	e, ok := errors.AsType[*provider.Error](err)
	if !ok ||
		e.Kind != provider.KindNoRecord && (e.Kind != provider.KindBadRequest || e.Status != http.StatusNotFound) {
		return err
	}
	later := *e
	later.Kind = provider.KindNotYet
	return &later
}

func checked(found Answer) provider.Answer {
	answer := provider.Answer{
		Checked: found.Checked, Changed: found.Changed, LastChecked: found.LastChecked, LastFetched: found.LastFetched,
	}
	switch {
	case found.Unreadable.Field("balance_changed") != "":
		answer.Fault = because(
			opAnswer, provider.KindBadAnswer, "The answer does not say clearly whether the balance changed.",
		)
	case !found.Checked:
		answer.Fault = because(opAnswer, provider.KindMismatch, "The answer does not say whether the balance changed.")
	}
	return answer
}

const opAnswer = "balance"

// Saved implements [provider.Provider].
func (a *Adapter) Saved(ctx context.Context, refs []provider.Ref) ([]provider.Answer, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	balances, err := a.BalancesByCustomer(ctx, refs[0].Customer)
	if err != nil {
		return nil, err
	}
	answers := make([]provider.Answer, len(refs))
	for i, ref := range refs {
		answers[i] = a.answer(ref, balances)
		answers[i].Proof = provider.ProofNone
		answers[i] = savedOnly(answers[i])
	}
	return answers, nil
}

// savedOnly says of a saved figure without a time that nobody knows of when it is.
func savedOnly(answer provider.Answer) provider.Answer {
	if b := answer.Balance; b != nil && answer.Proof == provider.ProofNone && b.AsOf.IsZero() {
		b.AsOfKind = provider.AsOfUnknown
	}
	return answer
}

// answer is what some balances say of an account.
func (a *Adapter) answer(ref provider.Ref, balances []Balance) provider.Answer {
	i := slices.IndexFunc(balances, func(b Balance) bool { return b.Account == ref.Account })
	switch {
	case len(balances) == 0:
		return provider.Answer{Fault: because(opAnswer, provider.KindMismatch, "The answer carries no balance.")}
	case i < 0 && slices.ContainsFunc(balances, func(b Balance) bool { return b.Account == "" && b.Unreadable != nil }):
		return provider.Answer{
			Fault: because(opAnswer, provider.KindBadAnswer, "The answer carries something that is no balance."),
		}
	case i < 0:
		return provider.Answer{
			Fault: because(opAnswer, provider.KindMismatch, "The answer speaks of other accounts only."),
		}
	}
	b := balances[i]
	answer := provider.Answer{Balance: a.balance(b)}
	switch {
	case b.Env != "" && b.Env != WireEnv(a.Env):
		answer.Fault = because(opAnswer, provider.KindMismatch, "The answer is of another environment.")
	case !Among(b.Owners, a.Owner):
		answer.Fault = because(opAnswer, provider.KindMismatch, "The answer names another owner.")
	case b.Customer != "" && ref.Customer != "" && b.Customer != ref.Customer:
		answer.Fault = because(opAnswer, provider.KindMismatch, "The answer names another customer.")
	}
	return answer
}

func (a *Adapter) balance(b Balance) *provider.Balance {
	return &provider.Balance{
		Account: b.Account, Figure: b.Ledger, Basis: provider.BasisLedger, Available: b.Available, Currency: b.Currency,
		AsOf: b.LastUpdated, AsOfKind: asOfKind(b.LastUpdated),
		Unreadable: b.Unreadable.Field(FieldLedger), Unshared: a.unshared(b.Connected),
		Stated: provider.Stated{
			ID: b.ID, Account: b.Account, Connected: b.Connected.String(), Customer: b.Customer, Record: b.Record,
			Owner: a.ownerOf(b.Owners), Env: b.Env, CreatedAt: b.CreatedAt, LastUpdated: b.LastUpdated,
		},
	}
}

// asOfKind is how it is known of when a figure is that the bank has just been asked
// for, by us or by Okra itself.
func asOfKind(stated time.Time) provider.AsOfKind {
	if stated.IsZero() {
		return provider.AsOfAsked
	}
	return provider.AsOfStated
}

// ownerOf is which of the owners is kept: us, where we are among them.
func (a *Adapter) ownerOf(owners []string) string {
	if slices.Contains(owners, a.Owner) {
		return a.Owner
	}
	return cmp.Or(owners...)
}

// Pending implements [provider.Provider], by the transactions that Okra has saved.
func (a *Adapter) Pending(ctx context.Context, ref provider.Ref) (provider.Amount, error) {
	transactions, err := a.TransactionsByAccount(ctx, ref.Account)
	if err != nil || len(transactions) == 0 {
		return provider.Amount{}, err
	}
	return PendingDebits(transactions), nil
}

// Forget implements [provider.Provider].
func (a *Adapter) Forget(ctx context.Context, customer string) error {
	return a.RemoveCustomer(ctx, customer)
}
