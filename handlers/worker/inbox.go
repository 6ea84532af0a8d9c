package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/limits"
)

// eventBatch is how many events share a transaction: their commit is what costs.
const eventBatch = 256

// parallelLookups is for how many events at once the provider is asked.
const parallelLookups = 4

// applyEvents returns the step that applies every event that was received and not
// applied at once. One for which the provider has to be asked is applied in a
// goroutine of its own: the others do not wait for the answer.
func (w *Worker) applyEvents(wg *sync.WaitGroup) func(context.Context) error {
	asking := newPool(wg, parallelLookups)
	return func(ctx context.Context) error {
		return w.eachProvider(func(p provider.Provider) error { return w.applyEventsOf(ctx, p, asking) })
	}
}

func (w *Worker) applyEventsOf(ctx context.Context, p provider.Provider, asking *pool) error {
	for ctx.Err() == nil {
		round := asking.round()
		events, err := w.Store.EventsToApply(ctx, p.Name(), eventBatch)
		if err != nil {
			return err
		}
		var now []delivery
		for _, e := range events {
			d := w.read(p, e)
			if !w.asks(d) {
				now = append(now, d)
				continue
			}
			round.start(e.ID, func() {
				if err := w.applyBatch(ctx, p, []delivery{d}); err != nil && ctx.Err() == nil {
					w.Logger.Error("applying an event", "event", e.ID, "err", err)
				}
			}, nil)
		}
		if len(now) == 0 {
			return nil
		}
		if err := w.applyBatch(ctx, p, now); err != nil {
			return err
		}
	}
	return nil
}

// delivery is a stored event and what its payload says.
type delivery struct {
	store.Event
	says   provider.Event
	unread *store.Outcome // of a payload that cannot be read; nil: it can
}

// read parses the payload of an event of that provider.
func (w *Worker) read(p provider.Provider, e store.Event) delivery {
	unread := func(o store.Outcome) delivery { return delivery{Event: e, unread: &o} }
	if e.Broken != nil {
		w.Logger.Error("applying a webhook", "err", e.Broken)
		return unread(failed("The stored payload was changed outside of the program and cannot be read."))
	}
	if e.BodyDropped() {
		return unread(ignored("The payload was removed; there is nothing to apply."))
	}
	says, _, err := p.Receive(e.Body)
	if err != nil {
		return unread(failed("The payload cannot be read: " + err.Error()))
	}
	e.FailedFor = failedFor(says)
	return delivery{Event: e, says: says}
}

// asks says whether the provider may have to be asked for what an event does not
// say.
func (w *Worker) asks(d delivery) bool {
	return w.Transactions && d.unread == nil && !d.says.Failed && lacksAvailable(d.says) && d.says.Foreign == ""
}

// applyBatch finds out what each event of a provider needs and applies them all at
// once. When that fails each is applied alone, so that one cannot hold up its
// neighbours.
func (w *Worker) applyBatch(ctx context.Context, p provider.Provider, events []delivery) error {
	decided := make([]store.DecidedEvent, len(events))
	for i, e := range events {
		decide, err := w.decide(ctx, p, e)
		if err != nil {
			return fmt.Errorf("deciding about event %s: %w", e.ID, err)
		}
		decided[i] = store.DecidedEvent{Event: e.Event, Decide: decide}
	}
	if w.Store.ApplyEvents(ctx, decided) == nil {
		return nil
	}
	return eachOf(ctx, len(decided), func(i int) error {
		if err := w.Store.ApplyEvents(ctx, decided[i:i+1]); err != nil {
			return fmt.Errorf("applying event %s: %w", decided[i].ID, err)
		}
		return nil
	})
}

// eachOf does something of each of so many rows. What fails of one holds up none behind it,
// unless it would fail of each that comes after.
func eachOf(ctx context.Context, n int, do func(i int) error) error {
	var errs []error
	for i := range n {
		err := do(i)
		if errs = append(errs, err); store.OfAll(ctx, err) {
			break
		}
	}
	return errors.Join(errs...)
}

// decide finds out about an event what rows do not tell. Only the database
// failing is an error: whatever the event holds, it ends with a result and a
// reason.
func (w *Worker) decide(ctx context.Context, p provider.Provider, e delivery) (store.Decide, error) {
	if e.unread != nil {
		return always(*e.unread), nil
	}
	d := decision{event: e.says, receivedAt: e.ReceivedAt}
	if e.says.Foreign == "" && !e.says.Failed {
		var err error
		if d.claimed, d.lapsed, err = w.claimByEvent(ctx, p, e.says); err != nil {
			return nil, err
		}
		d.available = w.availableOf(ctx, p, e.says)
	}
	return func(t store.EventTarget) (store.Outcome, bool) { return d.outcome(t), true }, nil
}

func always(e store.Outcome) store.Decide {
	return func(store.EventTarget) (store.Outcome, bool) { return e, true }
}

// claimByEvent lets an authenticated webhook that echoes an attempt's nonce
// name the attempt's record: the link completes without the browser. Not so
// where no consent is in force: then it is told whose has lapsed.
func (w *Worker) claimByEvent(
	ctx context.Context, p provider.Provider, ev provider.Event,
) (claimed bool, lapsed string, err error) {
	nonce, err := w.nonceOf(ctx, p, ev)
	if err != nil || nonce == "" || !p.ValidRecord(ev.Record) {
		return false, "", err
	}
	a, err := w.Store.ReportAttempt(ctx, nonce, store.Report{
		State: store.AttemptClaimed, ClaimedBy: "webhook",
		ProviderRecord: ev.Record, ProviderCustomer: ev.Customer, BankName: ev.BankName,
	})
	if errors.Is(err, store.ErrNotFound) {
		return false, "", nil
	}
	if err != nil {
		return false, "", err
	}
	holds, err := w.Store.HasConsent(ctx, a.CustomerID, a.Provider)
	if err != nil || !holds {
		return false, a.CustomerID, err
	}
	if a.State == store.AttemptClaimed {
		w.Wake()
	}
	return true, "", nil
}

// nonceOf is the attempt that an event is about: it names it, or tells of a sign-in
// again to an account for which one is open; empty: none.
func (w *Worker) nonceOf(ctx context.Context, p provider.Provider, ev provider.Event) (string, error) {
	if ev.Attempt != "" || !ev.Again {
		return ev.Attempt, nil
	}
	account, err := w.Store.AccountByProviderID(ctx, p.Name(), w.Env, ev.Account)
	if err == nil {
		var a store.Attempt
		a, err = w.Store.OpenAttemptOf(ctx, account)
		return a.Nonce, ignoreNotFound(err)
	}
	return "", ignoreNotFound(err)
}

func ignoreNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// availableOf works out what an event does not say of a linked account.
func (w *Worker) availableOf(ctx context.Context, p provider.Provider, ev provider.Event) store.Amount {
	if !w.Transactions || !lacksAvailable(ev) {
		return store.Amount{}
	}
	a, err := w.Store.AccountByProviderID(ctx, p.Name(), w.Env, ev.Account)
	if err != nil || a.Status == store.AccountUnlinked || !w.mayLookUp(ctx, a) {
		return store.Amount{} // unknown is true as well
	}
	o := balanceRow("", store.SourceWebhook, *ev.Balance)
	w.workOutAvailable(ctx, a, &o)
	return o.Available
}

// workOutAvailable fills in an available balance that the bank did not state,
// where the provider has the account's transactions and the customer agreed that
// they are read. Without them, and of any figure but a ledger, it stays unknown.
func (w *Worker) workOutAvailable(ctx context.Context, a store.Account, o *store.Balance) {
	if !w.Transactions || o.Available.Known || o.Basis != store.BasisLedger {
		return
	}
	if covered, err := w.Store.ConsentCovers(ctx, a.CustomerID, a.Provider, "transactions"); err != nil || !covered {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, w.LookUpFor)
	defer cancel()
	pending, err := w.Providers.Of(a.Provider).Pending(ctx, refOf(a))
	if err != nil {
		w.Logger.Warn("fetching transactions", "account", a.ID, "err", err)
		return
	}
	ledger := provider.Amount{Minor: o.Figure, Known: true}
	if available := ledger.Minus(pending); available.Known {
		o.Available, o.AvailableWorkedOut = store.Amount(available), true
	}
}

// mayLookUp keeps webhooks from using up the provider's budget, and from asking
// about accounts that the customer's consent does not cover any more.
func (w *Worker) mayLookUp(ctx context.Context, a store.Account) bool {
	if holds, err := w.Store.HasConsent(ctx, a.CustomerID, a.Provider); err != nil || !holds ||
		!w.lookups.allow(a.ID, w.Now()) {
		return false
	}
	ok, _, _ := w.Providers.Of(a.Provider).Ready(provider.ForSchedule)
	return ok
}

// lookupPause is the least time between two look-ups of an account's
// transactions that webhooks cause.
const lookupPause = time.Minute

// lookups remembers when an account's transactions were last looked up.
type lookups struct {
	mu   sync.Mutex
	last map[string]time.Time // by account
}

// allow reports whether an account's turn has come, and takes it.
func (l *lookups) allow(accountID string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if lately(l.last[accountID], now, lookupPause) {
		return false
	}
	if l.last == nil || len(l.last) >= limits.Lookups {
		l.last = map[string]time.Time{}
	}
	l.last[accountID] = now
	return true
}
