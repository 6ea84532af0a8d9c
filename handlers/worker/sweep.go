package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
)

// sweepBatch is how many accounts a round of the sweep or the schedule looks at.
const sweepBatch = 20

// sweep asks the provider for the balances that it has saved, for accounts that
// it was not asked about for SweepEvery: whatever webhooks were lost, every
// balance is right again within that time. It does not ask the bank.
func (w *Worker) sweep(ctx context.Context) error {
	if w.SweepEvery <= 0 {
		return nil
	}
	return w.eachProvider(func(p provider.Provider) error { return w.sweepProvider(ctx, p) })
}

// sweepProvider asks one of them, unless it charges for that: nobody has wanted it.
func (w *Worker) sweepProvider(ctx context.Context, p provider.Provider) error {
	if p.Traits().Costs {
		return nil
	}
	due, err := w.Store.AccountsToSweep(ctx, p.Name(), w.Now().Add(-w.SweepEvery), sweepBatch)
	if err != nil {
		return err
	}
	var errs []error
	for len(due) > 0 {
		if ok, _, _ := p.Ready(provider.ForSchedule); !ok {
			break // they stay due
		}
		customer := due[0].ProviderCustomer
		same := func(a store.Account) bool { return a.ProviderCustomer == customer }
		together := slices.DeleteFunc(slices.Clone(due), func(a store.Account) bool { return !same(a) })
		due = slices.DeleteFunc(due, same)
		err := w.sweepCustomer(ctx, p, together)
		if errs = append(errs, err); store.OfAll(ctx, err) {
			break
		}
	}
	return errors.Join(errs...)
}

// sweepCustomer takes one provider customer's saved balances for those
// accounts. A failure of the provider, or of one account, is noted and the accounts wait
// for the next round of the sweep: the provider is not asked again at once.
func (w *Worker) sweepCustomer(ctx context.Context, p provider.Provider, accounts []store.Account) error {
	var refs []provider.Ref
	for _, a := range accounts {
		refs = append(refs, refOf(a))
	}
	answers, err := p.Saved(ctx, refs)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		w.Logger.Warn("sweeping balances", "accounts", len(accounts), "err", err)
		answers = nil
	}
	failed := eachOf(ctx, len(answers), func(i int) error {
		if err := w.takeSaved(ctx, accounts[i], answers[i]); err != nil {
			return fmt.Errorf("sweeping account %s: %w", accounts[i].ID, err)
		}
		return nil
	})
	if store.OfAll(ctx, failed) {
		return failed
	}
	var ids []string
	for _, a := range accounts {
		ids = append(ids, a.ID)
	}
	return errors.Join(failed, w.Store.MarkSwept(ctx, ids...))
}

// takeSaved saves the saved balance of an account, if there is a sound one. One that
// does not say of when it is could be older than what we have: it makes nothing
// fresher.
func (w *Worker) takeSaved(ctx context.Context, a store.Account, saved provider.Answer) error {
	e := w.answered(ctx, store.Refresh{Trigger: "schedule"}, a, saved)
	if e.Unshared {
		return w.Store.Unshare(ctx, a.ID)
	}
	if e.Balance == nil {
		return nil
	}
	if e.Balance.AsOf.IsZero() { // nobody has asked the bank
		e.Balance.AsOfKind = store.AsOfUnknown
	}
	return w.Store.SaveBalance(ctx, *e.Balance)
}

// viewedWithin is how lately somebody must have looked at a customer's
// balances for the schedule to refresh them.
const viewedWithin = 7 * 24 * time.Hour

// schedule starts refreshes by itself, when the operator wants that: of the
// oldest balances that somebody looks at, spread over the day, and never more
// in a day than its budget.
func (w *Worker) schedule(ctx context.Context) error {
	if w.ScheduleEvery <= 0 || !w.turn() {
		return nil
	}
	now := w.Now()
	spent, err := w.Store.ScheduledSince(ctx, now.Add(-24*time.Hour))
	if err != nil || spent >= w.ScheduleCalls {
		return err
	}
	var due []store.Account
	err = w.eachProvider(func(p provider.Provider) error {
		one, err := w.Store.AccountsToRefresh(ctx, p.Name(), now.Add(-w.ScheduleEvery), now.Add(-viewedWithin), 1)
		due = append(due, one...)
		return err
	})
	if err != nil || len(due) == 0 {
		return err
	}
	slices.SortFunc(due, func(a, b store.Account) int { return a.AsOf.Compare(b.AsOf) })
	_, _, err = w.Store.StartRefresh(ctx, store.RefreshRequest{
		Scope: store.Whole(), AccountID: due[0].ID, Kind: store.KindRefresh, Trigger: "schedule",
		CoolDown: w.ScheduleEvery, Deadline: w.Deadline,
	})
	if err != nil && refusedToStart(err) {
		return nil
	}
	w.wake(refreshLoop)
	return err
}

// lately says whether at lies within d before now. A moment in the future, which
// a clock set back leaves behind, does not.
func lately(at, now time.Time, d time.Duration) bool {
	since := now.Sub(at)
	return since >= 0 && since < d
}

// turn spreads a day's calls evenly: it is true once in every share of the day.
func (w *Worker) turn() bool {
	share := 24 * time.Hour / time.Duration(max(w.ScheduleCalls, 1))
	if lately(w.scheduled, w.Now(), share) {
		return false
	}
	w.scheduled = w.Now()
	return true
}

// unmatchedHours is how long the payload of an event that belongs to nobody
// waits to be claimed: a week in which the program runs.
const unmatchedHours = 7 * 24

// dropUnmatched removes what nobody claimed, once an hour.
func (w *Worker) dropUnmatched(ctx context.Context) error {
	if lately(w.dropped, w.Now(), time.Hour) {
		return nil
	}
	w.dropped = w.Now()
	n, err := w.Store.AgeUnmatched(ctx, unmatchedHours)
	if n > 0 {
		w.Logger.Info("dropped unmatched payloads", "events", n)
	}
	return err
}

// purge removes what has been kept for as long as it should be, once an hour.
func (w *Worker) purge(ctx context.Context) error {
	if lately(w.purged, w.Now(), time.Hour) {
		return nil
	}
	w.purged = w.Now()
	if err := w.Store.CountDay(ctx); err != nil {
		return err
	}
	removed, err := w.Store.Purge(ctx, w.Retain)
	for what, n := range removed {
		w.Logger.Info("removed what was kept long enough", "what", what, "number", n)
	}
	return err
}

// sweepAndSchedule is the step of the loop that nobody waits for.
func (w *Worker) sweepAndSchedule(ctx context.Context) error {
	return errors.Join(
		w.sweep(ctx), w.schedule(ctx), w.removeUpstream(ctx), w.findMissed(ctx), w.dropUnmatched(ctx), w.purge(ctx),
	)
}
