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

// sessionsEach is how many sessions one principal may have: the
// oldest gives way.
const sessionsEach = 5

// SaveSession stores a session or updates its data and times. Whoever was
// disabled or erased while they were signing in gets none.
func (s *Store) SaveSession(ctx context.Context, n Session) error {
	return s.inTx(ctx, func(tx *tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO sessions (token_hash, kind, principal_id, data, created_at, last_seen_at, expires_at)
			SELECT $1, $2, $3, $4, $5, $6, $7
			WHERE NOT EXISTS (SELECT 1 FROM staff WHERE id = $3 AND disabled_at IS NOT NULL)
			AND NOT EXISTS (SELECT 1 FROM erasures WHERE customer_id = $3)
			ON CONFLICT (token_hash) DO UPDATE
			SET data = excluded.data, last_seen_at = excluded.last_seen_at`,
			n.TokenHash, n.Kind, n.Principal, n.Data, unixMS(n.CreatedAt), unixMS(n.LastSeenAt), unixMS(n.ExpiresAt))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			DELETE FROM sessions
			WHERE token_hash IN (
				SELECT token_hash
				FROM sessions
				WHERE kind = $1 AND principal_id = $2
				ORDER BY created_at DESC, token_hash = $3 DESC
				LIMIT 1000 OFFSET $4)`, n.Kind, n.Principal, n.TokenHash, sessionsEach)
		return err
	})
}

// SessionsByPrincipal returns the living sessions of a principal, newest first.
func (s *Store) SessionsByPrincipal(ctx context.Context, kind, principal string, idleSince time.Time) ([]Session, error) {
	return collect(ctx, s.read, scanSession, `
		SELECT token_hash, kind, principal_id, data, created_at, last_seen_at, expires_at
		FROM sessions
		WHERE kind = $1 AND principal_id = $2 AND last_seen_at > $3 AND expires_at > $4
		ORDER BY created_at DESC`, kind, principal, unixMS(idleSince), unixMS(s.now()))
}

// EndOwnSession ends one session of a member of staff, by its token's hash.
func (s *Store) EndOwnSession(ctx context.Context, staffID, hash string) error {
	return s.endOwn(ctx, staffID, `DELETE FROM sessions WHERE kind = 'staff' AND principal_id = $1 AND token_hash = $2`, hash)
}

// EndOtherSessions ends all sessions of a member of staff but the one with that hash.
func (s *Store) EndOtherSessions(ctx context.Context, staffID, hash string) error {
	return s.endOwn(ctx, staffID, `DELETE FROM sessions WHERE kind = 'staff' AND principal_id = $1 AND token_hash <> $2`, hash)
}

func (s *Store) endOwn(ctx context.Context, staffID, query, hash string) error {
	return s.inTx(ctx, func(tx *tx) error {
		if _, err := tx.ExecContext(ctx, query, staffID, hash); err != nil {
			return err
		}
		return tx.audit(ctx, Act{Actor: ByStaff(staffID), Action: ActSessionsEnded, Subject: staffID})
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

// ForgetSessions forgets the sessions of a kind that have expired or were not
// seen after idleSince. What is no more cannot be revived by a clock that is set
// back before anybody tries it.
func (s *Store) ForgetSessions(ctx context.Context, kind string, idleSince time.Time) error {
	return s.inTx(ctx, func(tx *tx) error {
		_, err := tx.ExecContext(ctx, `
			DELETE FROM sessions
			WHERE kind = $1 AND (last_seen_at <= $2 OR expires_at <= $3)`, kind, unixMS(idleSince), unixMS(tx.now))
		return err
	})
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
