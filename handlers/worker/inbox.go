package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"balancelink/okra"
	"balancelink/store"
)

// eventBatch is how many events share a transaction: their commit is what costs.
const eventBatch = 256

// applyEvents applies every event that was received and not looked at yet.
func (w *Worker) applyEvents(ctx context.Context) error {
	for ctx.Err() == nil {
		events, err := w.Store.EventsToApply(ctx, eventBatch)
		if err != nil || len(events) == 0 {
			return err
		}
		if err := w.applyBatch(ctx, events); err != nil {
			return err
		}
	}
	return nil
}

// applyBatch decides what each event does and does it all at once. When that
// fails each is applied alone, so that one cannot hold up its neighbours.
func (w *Worker) applyBatch(ctx context.Context, events []store.Event) error {
	w.binds.Lock()
	defer w.binds.Unlock()
	effects := make([]store.Effect, len(events))
	for i, e := range events {
		effect, err := w.effect(ctx, e)
		if err != nil {
			return fmt.Errorf("judging event %s: %w", e.ID, err)
		}
		effect.EventID = e.ID
		effects[i] = effect
	}
	if w.Store.ApplyEvents(ctx, effects) == nil {
		return nil
	}
	for _, e := range effects {
		if err := w.applyAlone(ctx, e); err != nil {
			return fmt.Errorf("applying event %s: %w", e.EventID, err)
		}
	}
	return nil
}

// applyAlone applies one event. Only the database failing is an error:
// whatever the event holds, it ends with a result and a reason.
func (w *Worker) applyAlone(ctx context.Context, e store.Effect) error {
	err := w.Store.ApplyEvent(ctx, e.EventID, e)
	switch {
	case errors.Is(err, store.ErrUnlinked): // since it was judged
		e.Balance, e.Result, e.Reason, e.DropBody = nil, store.EventIgnored, "The account is not linked any more.", true
	case errors.Is(err, store.ErrCurrencyChanged):
		e.Balance, e.Result, e.Reason = nil, store.EventFailed, "The balance is in another currency than the account."
	default:
		return err
	}
	return w.Store.ApplyEvent(ctx, e.EventID, e)
}

func (w *Worker) effect(ctx context.Context, e store.Event) (store.Effect, error) {
	if e.BodyDropped() {
		return ignored("The payload was removed; there is nothing to apply."), nil
	}
	ev, err := okra.ParseEvent(e.Body)
	if err != nil {
		return failed("The payload cannot be read: " + err.Error()), nil
	}
	if reason := w.foreign(ev); reason != "" {
		return ignored(reason), nil
	}
	claimed, err := w.claimByEvent(ctx, ev)
	if err != nil {
		return store.Effect{}, err
	}
	if ev.Balance != nil {
		return w.balanceEffect(ctx, ev, e.ReceivedAt)
	}
	return w.plainEffect(ctx, ev, claimed)
}

// foreign says why an event is none of our business; empty: it is.
func (w *Worker) foreign(ev okra.Event) string {
	switch {
	case ev.Env != okra.WireEnv(w.Env):
		return fmt.Sprintf("It is for the environment %q.", ev.Env)
	case ev.Owner != "" && ev.Owner != w.Owner:
		return "It names another owner."
	case !ev.Succeeded():
		return fmt.Sprintf("The provider reports the status %q.", ev.Status)
	}
	return ""
}

// claimByEvent lets an authenticated webhook that echoes an attempt's nonce
// name the attempt's record: the link completes without the browser.
func (w *Worker) claimByEvent(ctx context.Context, ev okra.Event) (claimed bool, err error) {
	if ev.Attempt == "" || !okra.ValidID(ev.Record) {
		return false, nil
	}
	a, err := w.Store.ReportAttempt(ctx, ev.Attempt, store.Report{
		State: store.AttemptClaimed, ClaimedBy: "webhook",
		ProviderRecord: ev.Record, ProviderCustomer: ev.Customer, BankName: ev.Bank.Name,
	})
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err == nil && a.State == store.AttemptClaimed {
		w.Wake()
	}
	return err == nil, err
}

// plainEffect is the effect of an event without a balance.
func (w *Worker) plainEffect(ctx context.Context, ev okra.Event, claimed bool) (store.Effect, error) {
	customer, err := w.Store.LinkedRecord(ctx, Provider, w.Env, ev.Record)
	switch {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return store.Effect{}, err
	case ev.Method != okra.MethodAuth:
		return store.Effect{Result: store.EventIgnored, Reason: "It carries nothing that is used here.", CustomerID: customer}, nil
	case err == nil:
		return store.Effect{Result: store.EventApplied, CustomerID: customer}, nil
	case claimed:
		return store.Effect{Result: store.EventUnmatched, Reason: "The link is being confirmed."}, nil
	}
	return store.Effect{Result: store.EventUnmatched, Reason: "No link with this record is known yet."}, nil
}

// balanceEffect is the effect of an event with a balance: an observation of a
// linked account. An account that is not linked although its record is was not
// shared: what the event says of it is dropped.
func (w *Worker) balanceEffect(ctx context.Context, ev okra.Event, receivedAt time.Time) (store.Effect, error) {
	account, err := w.Store.AccountByProviderID(ctx, Provider, w.Env, ev.Account)
	if errors.Is(err, store.ErrNotFound) {
		return w.unknownAccount(ctx, ev)
	}
	if err != nil {
		return store.Effect{}, err
	}
	switch {
	case account.Status == store.AccountUnlinked:
		return store.Effect{Result: store.EventIgnored, Reason: "The account is not linked any more.", CustomerID: account.CustomerID, DropBody: true}, nil
	case ev.Customer != "" && account.ProviderCustomer != "" && ev.Customer != account.ProviderCustomer:
		return failed("It names another provider customer than the account has."), nil
	case ev.Balance.Connected.Stated() && !ev.Balance.Connected.SharedWith(w.Owner):
		return notShared(account.CustomerID), nil
	case !ev.Balance.Ledger.Known:
		return failed("It carries no ledger balance."), nil
	}
	o := eventObservation(account.ID, ev)
	o.Provided.Owner, o.Provided.Env, o.ReceivedAt = ev.Owner, ev.Env, receivedAt
	if !o.Available.Known && w.mayLookUp(account.ID) {
		w.workOutAvailable(ctx, account, &o)
	}
	return store.Effect{Result: store.EventApplied, CustomerID: account.CustomerID, Balance: &o}, nil
}

func (w *Worker) unknownAccount(ctx context.Context, ev okra.Event) (store.Effect, error) {
	customer, err := w.Store.LinkedRecord(ctx, Provider, w.Env, ev.Record)
	if errors.Is(err, store.ErrNotFound) {
		return store.Effect{Result: store.EventUnmatched, Reason: "No linked account with this id is known yet."}, nil
	}
	if err != nil {
		return store.Effect{}, err
	}
	return notShared(customer), nil
}

func notShared(customer string) store.Effect {
	return store.Effect{
		Result: store.EventIgnored, CustomerID: customer, DropBody: true,
		Reason: "The customer did not share this account. The payload was removed.",
	}
}

// workOutAvailable fills in an available balance that the bank did not state,
// where the provider has the account's transactions. Without them it stays unknown.
func (w *Worker) workOutAvailable(ctx context.Context, a store.Account, o *store.Observation) {
	if o.Available.Known {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	transactions, err := w.Okra.TransactionsByAccount(ctx, a.ProviderID)
	if err != nil {
		w.Logger.Warn("fetching transactions", "account", a.ID, "err", err)
		return
	}
	if len(transactions) == 0 {
		return
	}
	if available, ok := okra.WorkOutAvailable(o.Ledger, transactions); ok {
		o.Available, o.AvailableWorkedOut = store.Minor(available), true
	}
}

func failed(reason string) store.Effect {
	return store.Effect{Result: store.EventFailed, Reason: reason}
}

func ignored(reason string) store.Effect {
	return store.Effect{Result: store.EventIgnored, Reason: reason}
}

// mayLookUp keeps webhooks from using up the provider's budget.
func (w *Worker) mayLookUp(accountID string) bool {
	if !w.lookups.allow(accountID, w.Now()) {
		return false
	}
	ok, _, _ := w.Okra.Ready(okra.ForSchedule)
	return ok
}

// lookupPause is the least time between two look-ups of an account's
// transactions that webhooks cause.
const lookupPause = time.Minute

// lookups remembers when an account's transactions were last looked up. Only
// the inbox's loop uses it.
type lookups map[string]time.Time

// allow reports whether an account's turn has come, and takes it.
func (l lookups) allow(accountID string, now time.Time) bool {
	if lately(l[accountID], now, lookupPause) {
		return false
	}
	if len(l) > 10_000 {
		clear(l)
	}
	l[accountID] = now
	return true
}
