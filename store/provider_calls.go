package store

import (
	"context"
	"time"
)

// callsKept is how long a call to the provider is remembered: a minute is what
// limits are counted in, and waiting calls are kept by their turn.
const callsKept = time.Minute

// KeepCall notes that the provider is called at that time, and forgets older calls.
func (s *Store) KeepCall(ctx context.Context, provider, env string, at time.Time) error {
	return s.inTx(ctx, func(tx *tx) error {
		if err := tx.exec(
			ctx, `DELETE FROM provider_calls WHERE at <= $1`, unixMS(tx.now.Add(-callsKept)),
		); err != nil {
			return err
		}
		return tx.exec(
			ctx, `INSERT INTO provider_calls (provider, env, at) VALUES ($1, $2, $3)`, provider, env, unixMS(at),
		)
	})
}

// Calls are when the provider was called lately, oldest first.
func (s *Store) Calls(ctx context.Context, provider, env string) ([]time.Time, error) {
	return collect(ctx, s.read, func(row scanner) (at time.Time, err error) {
		err = row.Scan(timeOf{&at})
		return at, err
	}, `SELECT at FROM provider_calls WHERE provider = $1 AND env = $2 ORDER BY at`, provider, env)
}
