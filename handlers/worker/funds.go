package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
)

// beginFunds has the banks asked for the funds checks for whose day it is time: each is
// answered when these requests have ended. One that fails holds no other up.
func (w *Worker) beginFunds(ctx context.Context) error {
	due, err := w.Store.DueFundsSums(ctx, 20)
	if err != nil || len(due) == 0 {
		return err
	}
	intervals := map[string]time.Duration{} // of the providers that can be asked
	err = w.eachProvider(func(p provider.Provider) error {
		intervals[p.Name()] = p.Traits().Interval
		return nil
	})
	for _, id := range due {
		begun := w.Store.BeginFundsSum(ctx, id, store.RefreshRequest{
			Scope: store.Whole(), Trigger: "funds_check", Intervals: intervals, Deadline: w.Deadline,
		})
		if begun != nil {
			err = errors.Join(err, fmt.Errorf("beginning funds check %s: %w", id, begun))
		}
	}
	return err
}
