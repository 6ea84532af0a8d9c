package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
)

// removalTries is how often the provider is asked to forget a customer before
// staff have to see to it: for about two days.
const removalTries = 12

// removeUpstream has the provider forget those of its customers of whom nothing
// is linked here any more. Nobody waits for it: it takes what calls are left.
func (w *Worker) removeUpstream(ctx context.Context) error {
	return w.eachProvider(func(p provider.Provider) error {
		due, err := w.Store.DueRemovals(ctx, p.Name(), sweepBatch)
		if err != nil {
			return err
		}
		var errs []error
		for _, r := range due {
			if ok, _, _ := p.Ready(provider.ForSchedule); !ok {
				break // they stay due
			}
			err := w.remove(ctx, p, r)
			if err != nil {
				errs = append(errs, fmt.Errorf("removal %s: %w", r.ID, err))
			}
			if store.OfAll(ctx, err) {
				break
			}
		}
		return errors.Join(errs...)
	})
}

func (w *Worker) remove(ctx context.Context, p provider.Provider, r store.Removal) error {
	if r.Linked {
		return w.Store.EndRemoval(ctx, r, store.RemovalCancelled, "An account was linked again.")
	}
	err := p.Forget(ctx, r.ProviderCustomer)
	kind := provider.KindOf(err)
	switch {
	case ctx.Err() != nil:
		return nil // shutting down: it stays due
	case err == nil:
		return w.Store.EndRemoval(ctx, r, store.RemovalDone, "")
	case kind == provider.KindNoRecord, kind == provider.KindBadRequest:
		return w.Store.EndRemoval(ctx, r, store.RemovalDone, "The provider does not know them any more.")
	case r.Tries+1 >= removalTries:
		return w.Store.EndRemoval(ctx, r, store.RemovalGivenUp, err.Error())
	}
	return w.Store.RetryRemoval(ctx, r.ID, w.Now().Add(removalPause(r.Tries)), err.Error())
}

// removalPause is the pause before try n+1: a minute, ten, an hour, then six.
func removalPause(tries int) time.Duration {
	pauses := []time.Duration{time.Minute, 10 * time.Minute, time.Hour}
	if tries < len(pauses) {
		return pauses[tries]
	}
	return store.MaxRemovalPause
}
