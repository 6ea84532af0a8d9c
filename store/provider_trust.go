package store

import (
	"context"
	"errors"
	"time"
)

// Trust says whether a provider's hosts were the provider's when it was last
// known. The zero value: nobody knows yet.
type Trust struct {
	Trusted bool
	Reason  string    // why not, for staff
	Since   time.Time // when that last changed
}

func scanTrust(row scanner) (t Trust, err error) {
	err = row.Scan(&t.Trusted, &t.Reason, timeOf{&t.Since})
	return t, err
}

const selectTrust = `SELECT trusted, reason, since FROM trust WHERE provider = $1 AND env = $2`

// Trust returns what was last known of a provider's hosts.
func (s *Store) Trust(ctx context.Context, provider, env string) (Trust, error) {
	return orNone(one(ctx, s.read, scanTrust, selectTrust, provider, env))
}

func orNone(t Trust, err error) (Trust, error) {
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return t, err
}

// SetTrust notes what is known of a provider's hosts, and in the audit log when
// trust was lost or regained.
func (s *Store) SetTrust(ctx context.Context, provider, env string, trusted bool, reason string) (Trust, error) {
	var t Trust
	err := s.inTx(ctx, func(tx *tx) (err error) {
		if t, err = orNone(one(ctx, tx, scanTrust, selectTrust, provider, env)); err != nil {
			return err
		}
		changed := t.Trusted != trusted || t.Since.IsZero()
		if !changed && t.Reason == reason {
			return nil
		}
		first := t.Since.IsZero()
		if changed {
			t.Since = tx.now
		}
		t.Trusted, t.Reason = trusted, reason
		err = tx.exec(ctx, `
			INSERT INTO trust (provider, env, trusted, reason, since)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (provider, env) DO UPDATE
			SET trusted = excluded.trusted, reason = excluded.reason, since = excluded.since`,
			provider, env, trusted, reason, unixMS(t.Since))
		if err != nil || !changed || first && trusted {
			return err
		}
		action := ActTrustLost
		if trusted {
			action = ActTrustRegained
		}
		return tx.audit(ctx, Act{Actor: Program, Action: action, Detail: reason})
	})
	return t, err
}
