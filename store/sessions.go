package store

import (
	"context"
	"time"
)

// Session is a signed-in browser. Only the hash of its token is kept.
type Session struct {
	TokenHash  string
	Kind       string // "staff" or "customer"
	Principal  string // staff or customer id
	Data       string // JSON, the session layer's own
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time // absolute
}

// SaveSession stores a session or updates its data and times.
func (s *Store) SaveSession(ctx context.Context, n Session) error {
	return s.inTx(ctx, func(tx *tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO sessions (token_hash, kind, principal_id, data, created_at, last_seen_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (token_hash) DO UPDATE
			SET data = excluded.data, last_seen_at = excluded.last_seen_at`,
			n.TokenHash, n.Kind, n.Principal, n.Data, unixMS(n.CreatedAt), unixMS(n.LastSeenAt), unixMS(n.ExpiresAt))
		return err
	})
}

// SessionByTokenHash returns a session of that kind that was seen after
// idleSince and has not expired. One that is over is forgotten: a clock that is
// set back does not revive it, nor does one that was last used in the future.
func (s *Store) SessionByTokenHash(ctx context.Context, kind, hash string, idleSince time.Time) (Session, error) {
	n, err := one(ctx, s.read, scanSession, `
		SELECT token_hash, kind, principal_id, data, created_at, last_seen_at, expires_at
		FROM sessions
		WHERE token_hash = $1 AND kind = $2`, hash, kind)
	if err != nil {
		return Session{}, err
	}
	if now := s.now(); n.LastSeenAt.After(idleSince) && !n.LastSeenAt.After(now.Add(ClockSlack)) && n.ExpiresAt.After(now) {
		return n, nil
	}
	if err := s.EndSession(ctx, hash); err != nil {
		return Session{}, err
	}
	return Session{}, ErrNotFound
}

func scanSession(row scanner) (n Session, err error) {
	err = row.Scan(&n.TokenHash, &n.Kind, &n.Principal, &n.Data, timeOf{&n.CreatedAt}, timeOf{&n.LastSeenAt}, timeOf{&n.ExpiresAt})
	return n, err
}

// EndSession forgets a session: its cookie means nobody from then on.
func (s *Store) EndSession(ctx context.Context, hash string) error {
	return s.inTx(ctx, func(tx *tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE token_hash = $1`, hash)
		return err
	})
}

// TouchSession notes that a session is in use. One that has ended stays ended.
func (s *Store) TouchSession(ctx context.Context, hash string, seenAt time.Time) error {
	return s.inTx(ctx, func(tx *tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE sessions SET last_seen_at = $2 WHERE token_hash = $1`, hash, unixMS(seenAt))
		return err
	})
}
