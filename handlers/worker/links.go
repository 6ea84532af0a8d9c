package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"balancelink/okra"
	"balancelink/store"
)

// confirmPatience is how long a claimed link is tried to be confirmed.
const confirmPatience = 24 * time.Hour

// confirmLinks confirms every claimed link that is due with the secret key.
// What the browser said is a claim until the provider has said the same.
func (w *Worker) confirmLinks(ctx context.Context) error {
	attempts, err := w.Store.DueAttempts(ctx, 20)
	if err != nil {
		return err
	}
	for _, a := range attempts {
		if err := w.confirmIfConsented(ctx, a); err != nil {
			return fmt.Errorf("confirming attempt %s: %w", a.ID, err)
		}
	}
	return nil
}

// confirmIfConsented confirms a link, unless the customer's consent is not in
// force any more: then the provider is not asked about them. Either way the
// customer's next claim, which waited for this one, is due.
func (w *Worker) confirmIfConsented(ctx context.Context, a store.Attempt) error {
	consented, err := w.Store.HasConsent(ctx, a.CustomerID)
	ready, _, _ := w.Okra.Ready(okra.ForConfirm)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil // erased meanwhile
	case err != nil:
		return err
	case !consented:
		defer w.wake(linkLoop)
		return w.Store.EndAttempt(ctx, a.ID, store.AttemptFailed, "The customer's consent is not in force: the provider was not asked.")
	case !ready:
		return nil // it stays due
	}
	defer w.wake(linkLoop)
	return w.confirmLink(ctx, a)
}

func (w *Worker) confirmLink(ctx context.Context, a store.Attempt) error {
	link, err := w.askLink(ctx, a)
	switch {
	case ctx.Err() != nil:
		return nil // shutting down: the row is due again after the start
	case err == nil:
		return w.finishLink(ctx, a, link)
	}
	if d, ok := err.(*doubt); ok {
		return w.Store.EndAttempt(ctx, a.ID, d.state, d.reason)
	}
	return w.retryOrEnd(ctx, a, err)
}

// doubt ends a confirmation: asking again would not help.
type doubt struct {
	state  store.AttemptState
	reason string
}

func (d *doubt) Error() string { return d.reason }

func review(reason string) error { return &doubt{store.AttemptNeedsReview, reason} }

// askLink asks the provider for the claimed record, its accounts and their
// balances, and believes only what fits together.
func (w *Worker) askLink(ctx context.Context, a store.Attempt) (store.Link, error) {
	rec, err := w.Okra.Record(ctx, a.ProviderRecord)
	if err != nil {
		return store.Link{}, err
	}
	customer := a.ProviderCustomer
	if rec.Customer != "" {
		customer = rec.Customer
	}
	if err := w.plausible(rec, customer); err != nil {
		return store.Link{}, err
	}
	accounts, err := w.Okra.AccountsByCustomer(ctx, customer)
	if err != nil {
		return store.Link{}, err
	}
	balances, err := w.Okra.BalancesByCustomer(ctx, customer)
	if err != nil {
		return store.Link{}, err
	}
	shared := w.shared(accounts, rec.ID)
	if len(shared) == 0 {
		return store.Link{}, &doubt{store.AttemptFailed, "No account was shared with us through this record."}
	}
	l := w.link(ctx, a.CustomerID, rec, shared, balances)
	err = w.weigh(ctx, a, rec, shared, &l)
	return l, err
}

// plausible checks that a record can be anybody's here: somebody's, ours, and of
// our environment. Staff can only refuse one that is not.
func (w *Worker) plausible(rec okra.Record, customer string) error {
	switch {
	case !okra.ValidID(customer):
		return review("The provider does not say whose record it is.")
	case rec.Env != "" && rec.Env != okra.WireEnv(w.Env):
		return review(fmt.Sprintf("The record is of the environment %q.", rec.Env))
	case !okra.Among(rec.Owners, w.Owner):
		return review("The record belongs to another company.")
	}
	return nil
}

// shared picks the accounts that came with the record and that the customer
// chose to share with us. The others are dropped here, unseen by the store.
func (w *Worker) shared(accounts []okra.Account, recordID string) []okra.Account {
	return slices.DeleteFunc(accounts, func(a okra.Account) bool {
		mine := slices.Contains(a.Records, recordID) && okra.Among(a.Owners, w.Owner)
		return !mine || !a.Connected.SharedWith(w.Owner) || a.Env != okra.WireEnv(w.Env)
	})
}

func (w *Worker) link(ctx context.Context, customerID string, rec okra.Record, accounts []okra.Account, balances []okra.Balance) store.Link {
	l := store.Link{ProviderRecord: rec.ID, Bank: bank(rec.Bank)}
	for _, a := range accounts {
		if l.Bank.Name == "" {
			l.Bank = bank(a.Bank)
		}
		l.Accounts = append(l.Accounts, linkedAccount(a, w.balanceOf(ctx, customerID, a, balances)))
	}
	return l
}

// balanceOf finds an account's balance; nil when the provider has none.
func (w *Worker) balanceOf(ctx context.Context, customerID string, a okra.Account, balances []okra.Balance) *store.Observation {
	i := slices.IndexFunc(balances, func(b okra.Balance) bool {
		return b.Account == a.ID && b.Ledger.Known && okra.Among(b.Owners, w.Owner)
	})
	if i < 0 {
		return nil
	}
	o := observation("", store.SourceLink, balances[i], w.Owner)
	w.workOutAvailable(ctx, store.Account{ID: a.ID, ProviderID: a.ID, CustomerID: customerID}, &o)
	return &o
}

// finishLink binds the link, and lets the events that waited for it be applied.
func (w *Worker) finishLink(ctx context.Context, a store.Attempt, l store.Link) error {
	if err := w.Store.FinishLink(ctx, a.ID, l); err != nil {
		return err
	}
	w.Wake()
	return nil
}

// retryOrEnd decides what a failed confirmation means.
func (w *Worker) retryOrEnd(ctx context.Context, a store.Attempt, cause error) error {
	switch kind := okra.KindOf(cause); kind {
	case okra.KindNoRecord, okra.KindBadRequest:
		return w.Store.EndAttempt(ctx, a.ID, store.AttemptFailed, "The provider does not know this record.")
	default:
		if w.Now().After(a.CreatedAt.Add(confirmPatience)) {
			return w.Store.EndAttempt(ctx, a.ID, store.AttemptFailed, "It could not be confirmed within a day: "+cause.Error())
		}
		return w.Store.RetryAttempt(ctx, a.ID, w.Now().Add(backoff(a.Tries)), fault(cause), cause.Error())
	}
}

// backoff is the pause before try n+1: 2 s, 8 s, 30 s, then a minute.
func backoff(tries int) time.Duration {
	pauses := []time.Duration{2 * time.Second, 8 * time.Second, 30 * time.Second}
	if tries < len(pauses) {
		return pauses[tries]
	}
	return time.Minute
}
