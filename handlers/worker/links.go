package worker

import (
	"context"
	"errors"
	"sync"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
)

const (
	// confirmPatience is how long a claimed link is tried to be confirmed.
	confirmPatience = 24 * time.Hour
	// settlePatience is how long the provider may say that it has no accounts yet. The
	// search for sign-ins of which no webhook came must fit in.
	settlePatience = 15 * time.Minute
	// parallelLinks is how many links are confirmed at once.
	parallelLinks = 4
)

// confirmLinks returns the step that confirms every claimed link that is due with
// the secret key, each in a goroutine of its own and of a customer one at a time:
// nobody waits for an answer about somebody else. What the browser said is a claim
// until the provider has said the same.
func (w *Worker) confirmLinks(wg *sync.WaitGroup) func(context.Context) error {
	confirming := newPool(wg, parallelLinks)
	return func(ctx context.Context) error {
		round := confirming.round()
		var attempts []store.Attempt
		for _, p := range w.Providers {
			due, err := w.Store.DueAttempts(ctx, p.Name(), 20)
			if err != nil {
				return err
			}
			attempts = append(attempts, due...)
		}
		for _, a := range attempts {
			looked := false
			round.start(a.CustomerID, func() {
				var err error
				if looked, err = w.confirmIfConsented(ctx, a); err != nil && ctx.Err() == nil {
					w.Logger.Error("confirming a link", "attempt", a.ID, "err", err)
				}
			}, func() {
				if looked { // the customer's next claim, which waited for this one, is due
					w.wake(linkLoop)
				}
			})
		}
		return nil
	}
}

// confirmIfConsented confirms a link, unless the customer's consent is not in
// force any more: then the provider is not asked about them. It has not looked
// when it is nobody's turn.
func (w *Worker) confirmIfConsented(ctx context.Context, a store.Attempt) (looked bool, err error) {
	consented, err := w.Store.HasConsent(ctx, a.CustomerID, a.Provider)
	turn := provider.ForConfirm
	if a.Tries > 0 { // whoever is tried again leaves calls to those who come now
		turn = provider.ForRetry
	}
	ready, _, _ := w.Providers.Of(a.Provider).Ready(turn)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return true, nil // erased meanwhile
	case err != nil:
		return false, err
	case !consented:
		return true, w.Store.EndAttempt(
			ctx, a.Claim(), store.AttemptFailed, "The customer's consent is not in force: the provider was not asked.",
		)
	case !ready:
		return false, nil // it stays due
	}
	return true, w.confirmLink(ctx, a)
}

func (w *Worker) confirmLink(ctx context.Context, a store.Attempt) error {
	var link store.Link
	a, err := w.redeemed(ctx, a)
	if err == nil {
		link, err = w.askLink(ctx, a)
	}
	switch {
	case ctx.Err() != nil:
		return nil // shutting down: the row is due again after the start
	case err == nil:
		return w.finishLink(ctx, a, link)
	}
	return w.retryOrEnd(ctx, a, err)
}

// noneShared is how a confirmation ends of which no account came.
const noneShared = "No account was shared with us through this record."

// askLink asks the provider what came of the claimed sign-in, and says what there
// is to doubt about whose it is.
func (w *Worker) askLink(ctx context.Context, a store.Attempt) (store.Link, error) {
	said, err := w.Providers.Of(a.Provider).Confirm(
		ctx, provider.Claim{Record: a.ProviderRecord, Customer: a.ProviderCustomer},
	)
	if err != nil {
		return store.Link{}, err
	}
	l := store.Link{ProviderRecord: said.Record, Bank: store.Bank(said.Bank), Unshared: said.Unshared}
	for _, acc := range said.Accounts {
		l.Accounts = append(l.Accounts, linkedAccount(acc, w.firstBalance(ctx, a, acc)))
	}
	err = w.weigh(ctx, a, said, &l)
	return l, err
}

// firstBalance is the balance that an account comes with; nil: it comes without.
func (w *Worker) firstBalance(ctx context.Context, a store.Attempt, acc provider.Account) *store.Balance {
	if acc.Balance == nil {
		return nil
	}
	o := balanceRow("", store.SourceLink, *acc.Balance)
	new := store.Account{ID: acc.ID, Provider: a.Provider, ProviderID: acc.ID, CustomerID: a.CustomerID}
	w.workOutAvailable(ctx, new, &o)
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
	claim := a.Claim()
	switch e := provider.AsError(cause); provider.KindOf(cause) {
	case provider.KindNotYet:
		if a.Fault == fault(e) && w.over(a.FaultSince, settlePatience) || w.over(a.CreatedAt, confirmPatience) {
			return w.Store.EndAttempt(ctx, claim, store.AttemptFailed, noneShared)
		}
		return w.Store.RetryAttempt(ctx, claim, w.Now().Add(min(backoff(a.Tries), time.Minute)), fault(e), e.Reason())
	case provider.KindNotShared:
		return w.Store.EndAttempt(ctx, claim, store.AttemptFailed, e.Reason())
	case provider.KindForeign: // staff can only refuse it
		return w.Store.EndAttempt(ctx, claim, store.AttemptNeedsReview, e.Reason())
	case provider.KindNoRecord, provider.KindBadRequest:
		return w.Store.EndAttempt(ctx, claim, store.AttemptFailed, "The provider does not know this record.")
	default:
		if w.over(a.CreatedAt, confirmPatience) {
			return w.Store.EndAttempt(
				ctx, claim, store.AttemptFailed, "It could not be confirmed within a day: "+cause.Error(),
			)
		}
		return w.Store.RetryAttempt(ctx, claim, w.Now().Add(backoff(a.Tries)), fault(cause), cause.Error())
	}
}

// over says that the patience is over with what began then: also if that lies further
// ahead than it lasts, because the clock was set back, and would not end for years.
func (w *Worker) over(began time.Time, patience time.Duration) bool {
	now := w.Now()
	return now.After(began.Add(patience)) || began.After(now.Add(patience))
}

// backoff is the pause before try n+1: 2 s at first, five minutes in the end.
func backoff(tries int) time.Duration {
	pauses := []time.Duration{
		2 * time.Second, 8 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, store.MaxRetryPause,
	}
	return pauses[min(tries, len(pauses)-1)]
}
