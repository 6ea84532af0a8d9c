package store

import (
	"context"
	"errors"
	"time"
)

// Session is a signed-in browser. Only the hash of its token is kept.
type Session struct {
	TokenHash  string
	Kind       string // "staff", "customer" or "link"
	Principal  string // id of the member of staff, the customer or the visit
	Version    int64  // [Staff.Version] when what they gave was looked at; not kept
	Password   string // hash of the customer's password when it was looked at; empty: it was not; not kept
	Proof      Proof
	Data       string // JSON, the session layer's own
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time // absolute

	// Whose a session is that was read of staff or of a customer, as they are now.
	Staff    Staff
	Customer Customer
}

// Proof is what the person of a session has proven, and when. A sign-in gives
// one, [Store.ConfirmSession] and [Store.SetSecondFactor] add to it, and nothing
// else does: it stays with the session whatever becomes of its token.
type Proof struct {
	Password     time.Time // zero: not given
	SecondFactor time.Time // by a code; zero: not given, or removed since
}

// ConfirmedAt is when they last gave the most that they can: with a second
// factor a password alone confirms nothing.
func (p Proof) ConfirmedAt() time.Time {
	if p.SecondFactor.IsZero() {
		return p.Password
	}
	return p.SecondFactor
}

// Whole says whether that is all that m signs in with.
func (p Proof) Whole(m Staff) bool { return !m.SecondFactor || !p.SecondFactor.IsZero() }

// sessionsEach is how many sessions one principal may have: the
// oldest gives way.
const sessionsEach = 5

const sessionColumns = `token_hash, kind, principal_id, password_at, factor_at, data, created_at, last_seen_at, expires_at`

// SaveSession stores a session that begins. Whoever was disabled or erased while
// they were signing in gets none, and neither does whose password, second factor
// or role was changed meanwhile.
func (s *Store) SaveSession(ctx context.Context, n Session) error {
	return s.inTx(ctx, func(tx *tx) error {
		err := tx.exec(ctx, `
			INSERT INTO sessions (`+sessionColumns+`)
			SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
			WHERE NOT EXISTS (SELECT 1 FROM staff WHERE id = $3 AND (disabled_at IS NOT NULL OR version <> $10))
			AND NOT EXISTS (SELECT 1 FROM customers WHERE id = $3 AND $11 <> '' AND password_hash <> $11)
			AND NOT EXISTS (SELECT 1 FROM erasures WHERE customer_id = $3)
			ON CONFLICT DO NOTHING`,
			n.TokenHash, n.Kind, n.Principal, unixMS(n.Proof.Password), unixMS(n.Proof.SecondFactor), n.Data,
			unixMS(n.CreatedAt), unixMS(n.LastSeenAt), unixMS(n.ExpiresAt), n.Version, n.Password)
		if err != nil {
			return err
		}
		return tx.exec(ctx, `
			DELETE FROM sessions
			WHERE token_hash IN (
				SELECT token_hash
				FROM sessions
				WHERE kind = $1 AND principal_id = $2
				ORDER BY created_at DESC, token_hash = $3 DESC
				LIMIT 1000 OFFSET $4)`, n.Kind, n.Principal, n.TokenHash, sessionsEach)
	})
}

// SessionsByPrincipal returns the living sessions of a principal, newest first.
func (s *Store) SessionsByPrincipal(
	ctx context.Context, kind, principal string, idleSince time.Time,
) ([]Session, error) {
	return collect(ctx, s.read, scanSession, `
		SELECT `+sessionColumns+`
		FROM sessions
		WHERE kind = $1 AND principal_id = $2 AND last_seen_at > $3 AND expires_at > $4
		ORDER BY created_at DESC`, kind, principal, unixMS(idleSince), unixMS(s.now()))
}

// RotateSession puts a session under another token. Nothing else of it changes;
// one that has ended stays ended.
func (s *Store) RotateSession(ctx context.Context, from, to string) error {
	return s.exec(ctx, `UPDATE sessions SET token_hash = $2 WHERE token_hash = $1`, from, to)
}

// ConfirmSession adds to what a session's person has proven: a zero time leaves
// what was.
func (s *Store) ConfirmSession(ctx context.Context, hash string, p Proof) error {
	return s.exec(ctx, `
		UPDATE sessions
		SET password_at = COALESCE($2, password_at), factor_at = COALESCE($3, factor_at)
		WHERE token_hash = $1`, hash, unixMS(p.Password), unixMS(p.SecondFactor))
}

// EndOwnSession ends one session of a member of staff, by its token's hash.
func (s *Store) EndOwnSession(ctx context.Context, staffID, hash string) error {
	return s.inTx(ctx, func(tx *tx) error {
		err := tx.exec(
			ctx, `DELETE FROM sessions WHERE kind = 'staff' AND principal_id = $1 AND token_hash = $2`, staffID, hash,
		)
		if err := errors.Join(err, tx.forGood(ctx, deedEnded, "", "")); err != nil {
			return err
		}
		return tx.audit(ctx, Act{Actor: ByStaff(staffID), Action: ActSessionsEnded, Subject: staffID})
	})
}

// EndOtherSessions ends all sessions of a member of staff but the one with that hash.
func (s *Store) EndOtherSessions(ctx context.Context, staffID, hash string) error {
	return s.inTx(ctx, func(tx *tx) error {
		if err := tx.endSessions(ctx, staffID, hash); err != nil {
			return err
		}
		return tx.audit(ctx, Act{Actor: ByStaff(staffID), Action: ActSessionsEnded, Subject: staffID})
	})
}

// endSessions ends the sessions of a member of staff, and their sign-ins that
// are under way: all but the one with the hash keep, if there is one.
func (tx *tx) endSessions(ctx context.Context, id, keep string) error {
	err := tx.endAny(ctx, `
		DELETE FROM sessions
		WHERE kind IN ('staff', 'halfway') AND principal_id = $1 AND token_hash <> $2`, id, keep)
	if err != nil {
		return err
	}
	return tx.exec(ctx, `UPDATE staff SET version = version + 1 WHERE id = $1`, id)
}

// SessionByTokenHash returns a session of that kind that was seen after
// idleSince and has not expired. One that is over is forgotten: a clock that is
// set back does not revive it, nor does one that was last used in the future.
func (s *Store) SessionByTokenHash(ctx context.Context, kind, hash string, idleSince time.Time) (Session, error) {
	n, err := s.sessionWithWhose(ctx, kind, hash)
	if err != nil {
		return Session{}, err
	}
	if now := s.now(); n.LastSeenAt.After(idleSince) && !n.LastSeenAt.After(now.Add(ClockSlack)) &&
		n.ExpiresAt.After(now) {
		return n, nil
	}
	if _, err := s.happens(ctx, endSession, hash); err != nil {
		return Session{}, err
	}
	return Session{}, ErrNotFound
}

// sessionWithWhose is a session, and in the same statement whose it is.
func (s *Store) sessionWithWhose(ctx context.Context, kind, hash string) (n Session, err error) {
	const found = `(SELECT ` + sessionColumns + ` FROM sessions WHERE token_hash = $1 AND kind = $2) AS found`
	switch kind {
	case "staff":
		var m Staff
		n, err = one(ctx, s.read, func(row scanner) (Session, error) { return scanSession(wider{row, m.columns()}) }, `
			SELECT found.*, people.*
			FROM `+found+` JOIN (SELECT `+staffColumns+` FROM staff) AS people ON people.id = found.principal_id`, hash, kind)
		n.Staff = m
	case "customer":
		var c Customer
		n, err = one(ctx, s.read, func(row scanner) (Session, error) { return scanSession(wider{row, c.columns()}) }, `
			SELECT found.*, `+customerColumns+`
			FROM `+found+` JOIN customers ON customers.id = found.principal_id`, hash, kind)
		n.Customer = c
	default:
		err = ErrNotFound
	}
	if !gone(err) {
		return n, err
	}
	return one(ctx, s.read, scanSession, `
		SELECT `+sessionColumns+`
		FROM sessions
		WHERE token_hash = $1 AND kind = $2`, hash, kind)
}

func scanSession(row scanner) (n Session, err error) {
	err = row.Scan(&n.TokenHash, &n.Kind, &n.Principal, timeOf{&n.Proof.Password}, timeOf{&n.Proof.SecondFactor},
		&n.Data,
		timeOf{&n.CreatedAt}, timeOf{&n.LastSeenAt}, timeOf{&n.ExpiresAt})
	return n, err
}

// ForgetSessions forgets the sessions of a kind that have expired or were not
// seen after idleSince. What is no more cannot be revived by a clock that is set
// back before anybody tries it.
func (s *Store) ForgetSessions(ctx context.Context, kind string, idleSince time.Time) error {
	return s.inTx(ctx, func(tx *tx) error {
		return tx.exec(ctx, `
			DELETE FROM sessions
			WHERE kind = $1 AND (last_seen_at <= $2 OR expires_at <= $3)`, kind, unixMS(idleSince), unixMS(tx.now))
	})
}

// EndSession forgets a session: its cookie means nobody from then on.
func (s *Store) EndSession(ctx context.Context, hash string) error {
	return s.inTx(ctx, func(tx *tx) error { return tx.endAny(ctx, endSession, hash) })
}

const endSession = `DELETE FROM sessions WHERE token_hash = $1`

// TouchSession notes that a session is in use. One that has ended stays ended.
func (s *Store) TouchSession(ctx context.Context, hash string, seenAt time.Time) error {
	return s.exec(ctx, `UPDATE sessions SET last_seen_at = $2 WHERE token_hash = $1`, hash, unixMS(seenAt))
}
