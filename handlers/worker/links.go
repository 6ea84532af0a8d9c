package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"balancelink/okra"
	"balancelink/okra/provider"
	"balancelink/store"
)

const (
	// confirmPatience is how long a claimed link is tried to be confirmed.
	confirmPatience = 24 * time.Hour
	// settlePatience is how long the provider may take from its window's success
	// to having the record's accounts.
	settlePatience = 15 * time.Minute
	// parallelLinks is how many links are confirmed at once.
	parallelLinks = 4
)

// confirmLinks returns the step that confirms every claimed link that is due with
// the secret key, each in a goroutine of its own and of a customer one at a time:
// nobody waits for an answer about somebody else. What the browser said is a claim
// until the provider has said the same.
func (w *Worker) confirmLinks(wg *sync.WaitGroup) func(context.Context) error {
	slots := make(chan struct{}, parallelLinks)
	var busy sync.Map // customers
	return func(ctx context.Context) error {
		before := keysOf(&busy)
		attempts, err := w.Store.DueAttempts(ctx, 20)
		if err != nil {
			return err
		}
		for _, a := range attempts {
			if before[a.CustomerID] {
				continue
			}
			busy.Store(a.CustomerID, true)
			slots <- struct{}{}
			wg.Go(func() {
				looked, err := w.confirmIfConsented(ctx, a)
				if err != nil && ctx.Err() == nil {
					w.Logger.Error("confirming a link", "attempt", a.ID, "err", err)
				}
				busy.Delete(a.CustomerID)
				<-slots
				if looked { // the customer's next claim, which waited for this one, is due
					w.wake(linkLoop)
				}
			})
		}
		return nil
	}
}

// keysOf are the keys of what was under way before rows were read: such a row may
// have ended since, and must not be taken up as it was.
func keysOf(busy *sync.Map) map[any]bool {
	keys := map[any]bool{}
	busy.Range(func(key, _ any) bool {
		keys[key] = true
		return true
	})
	return keys
}

// confirmIfConsented confirms a link, unless the customer's consent is not in
// force any more: then the provider is not asked about them. It has not looked
// when it is nobody's turn.
func (w *Worker) confirmIfConsented(ctx context.Context, a store.Attempt) (looked bool, err error) {
	consented, err := w.Store.HasConsent(ctx, a.CustomerID)
	turn := provider.ForConfirm
	if a.Tries > 0 { // whoever is tried again leaves calls to those who come now
		turn = provider.ForRetry
	}
	ready, _, _ := w.Okra.Ready(turn)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return true, nil // erased meanwhile
	case err != nil:
		return false, err
	case !consented:
		return true, w.Store.EndAttempt(ctx, a.ID, store.AttemptFailed, "The customer's consent is not in force: the provider was not asked.")
	case !ready:
		return false, nil // it stays due
	}
	return true, w.confirmLink(ctx, a)
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

// notYet says that the provider is still at it: that is no answer.
type notYet struct{ reason string }

func (n *notYet) Error() string { return n.reason }

// noneShared is how a confirmation ends of which no account came.
const noneShared = "No account was shared with us through this record."

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
	if rec.Running {
		return store.Link{}, &notYet{"The provider is still fetching the record."}
	}
	accounts, err := w.Okra.AccountsByCustomer(ctx, customer)
	if err != nil {
		return store.Link{}, err
	}
	shared := w.shared(slices.Clone(accounts), rec.ID)
	switch {
	case len(shared) > 0:
	case slices.ContainsFunc(accounts, func(a okra.Account) bool { return slices.Contains(a.Records, rec.ID) }):
		return store.Link{}, &doubt{store.AttemptFailed, noneShared}
	default:
		return store.Link{}, &notYet{"The provider has no account of the record yet."}
	}
	balances, err := w.Okra.BalancesByCustomer(ctx, customer)
	if err != nil && provider.KindOf(err) != provider.KindBadAnswer { // whose figures cannot be read is linked without
		return store.Link{}, err
	}
	l := w.link(ctx, a.CustomerID, rec, shared, balances)
	for _, acc := range accounts {
		if acc.Connected.Stated() && !acc.Connected.SharedWith(w.Owner) {
			l.Unshared = append(l.Unshared, acc.ID)
		}
	}
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
	if early, ok := cause.(*notYet); ok {
		if w.Now().After(later(a.CreatedAt, a.ReportedAt).Add(settlePatience)) {
			return w.Store.EndAttempt(ctx, a.ID, store.AttemptFailed, noneShared)
		}
		return w.Store.RetryAttempt(ctx, a.ID, w.Now().Add(min(backoff(a.Tries), time.Minute)), faultNotYet, early.reason)
	}
	switch kind := provider.KindOf(cause); kind {
	case provider.KindNoRecord, provider.KindBadRequest:
		return w.Store.EndAttempt(ctx, a.ID, store.AttemptFailed, "The provider does not know this record.")
	default:
		if w.Now().After(a.CreatedAt.Add(confirmPatience)) {
			return w.Store.EndAttempt(ctx, a.ID, store.AttemptFailed, "It could not be confirmed within a day: "+cause.Error())
		}
		return w.Store.RetryAttempt(ctx, a.ID, w.Now().Add(backoff(a.Tries)), fault(cause), cause.Error())
	}
}

// faultNotYet is the fault of a link whose record the provider has not finished.
const faultNotYet = "not_yet"

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// backoff is the pause before try n+1: 2 s at first, five minutes in the end.
func backoff(tries int) time.Duration {
	pauses := []time.Duration{
		2 * time.Second, 8 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, store.MaxRetryPause,
	}
	return pauses[min(tries, len(pauses)-1)]
}
