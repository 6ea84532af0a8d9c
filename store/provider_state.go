package store

import (
	"context"
	"errors"
	"time"
)

// Pause says until when no call is made to a provider. The zero Pause: calls are made.
type Pause struct {
	Kind  string // why, in a word of the provider's
	Until time.Time
}

// Pause returns in which pause the calls to a provider are, as the instance that makes
// them last said.
func (s *Store) Pause(ctx context.Context, provider, env string) (p Pause, err error) {
	p, err = one(ctx, s.read, func(row scanner) (p Pause, err error) {
		err = row.Scan(&p.Kind, timeOf{&p.Until})
		return p, err
	}, `SELECT pause_kind, pause_until FROM provider_state WHERE provider = $1 AND env = $2`, provider, env)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return p, err
}

// KeepPause notes in which pause the calls to a provider are.
func (s *Store) KeepPause(ctx context.Context, provider, env string, p Pause) error {
	return s.exec(ctx, `
		INSERT INTO provider_state (provider, env, pause_kind, pause_until)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (provider, env) DO UPDATE
		SET pause_kind = excluded.pause_kind, pause_until = excluded.pause_until`,
		provider, env, p.Kind, unixMS(p.Until))
}

// EndPause notes that a pause is over now, if it is still the one that is kept, and says
// whether it was.
func (s *Store) EndPause(ctx context.Context, provider, env string, p Pause) (ended bool, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		ended, err = tx.changes(ctx, `
			UPDATE provider_state
			SET pause_until = $5
			WHERE provider = $1 AND env = $2 AND pause_kind = $3 AND pause_until = $4`,
			provider, env, p.Kind, unixMS(p.Until), unixMS(tx.now))
		return err
	})
	return ended, err
}
