package worker

import (
	"context"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
)

// KeptBudget is a budget of so many calls a minute whose calls are rows: what
// was spent before a restart is spent. name is the provider's, and now is nil for time.Now.
func KeptBudget(
	ctx context.Context, db *store.Store, name, env string, perMinute int, now func() time.Time,
) (*provider.Budget, error) {
	calls, err := db.Calls(ctx, name, env)
	if err != nil {
		return nil, err
	}
	b := provider.NewBudget(perMinute, now)
	b.Keep = func(ctx context.Context, at time.Time) error { return db.KeepCall(ctx, name, env, at) }
	b.Resume(calls)
	return b, nil
}
