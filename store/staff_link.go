package store

import (
	"context"
	"time"
)

// StaffLink is a one-time link with which a person chooses the password of
// their account. Its secret leaves the program once, when it is made.
type StaffLink struct {
	ID        string
	StaffID   string // empty: it makes the first owner
	Email     string // of that member of staff
	ExpiresAt time.Time
}

// SetupLink makes the link that makes the first owner and returns its secret.
// One made before is of no use any more. [ErrConflict]: there is staff already.
func (s *Store) SetupLink(ctx context.Context, validFor time.Duration) (secret string, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		if err := tx.wantNobody(ctx); err != nil {
			return err
		}
		if err := tx.exec(ctx, `DELETE FROM staff_links WHERE staff_id IS NULL`); err != nil {
			return err
		}
		secret, err = tx.addStaffLink(ctx, "", validFor)
		return err
	})
	return secret, err
}

// wantNobody is [ErrConflict] when there is any staff.
func (tx *tx) wantNobody(ctx context.Context) error {
	var has bool
	if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM staff)`).Scan(&has); err != nil {
		return err
	}
	if has {
		return ErrConflict
	}
	return nil
}

// InviteStaff adds a member of staff who has no password yet and returns the
// secret of the link with which they choose one.
func (s *Store) InviteStaff(
	ctx context.Context, actor string, m Staff, validFor time.Duration,
) (added Staff, secret string, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		if added, err = tx.addStaff(ctx, actor, Staff{Email: m.Email, Name: m.Name, Role: m.Role}); err != nil {
			return err
		}
		secret, err = tx.addStaffLink(ctx, added.ID, validFor)
		return err
	})
	return added, secret, err
}

// NewStaffLink makes a link with which a member of staff chooses a new
// password; the links they had are of no use any more. The old password and
// the second factor stay until then, and the second factor afterwards too.
func (s *Store) NewStaffLink(
	ctx context.Context, actor, staffID string, validFor time.Duration,
) (secret string, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		if err := tx.exec(ctx, `DELETE FROM staff_links WHERE staff_id = $1`, staffID); err != nil {
			return err
		}
		if secret, err = tx.addStaffLink(ctx, staffID, validFor); err != nil {
			return err
		}
		if err := tx.forGood(ctx, deedEnded, "", ""); err != nil {
			return err
		}
		return tx.audit(ctx, Act{Actor: actor, Action: ActPasswordLinkMade, Subject: staffID})
	})
	return secret, err
}

func (tx *tx) addStaffLink(ctx context.Context, staffID string, validFor time.Duration) (secret string, err error) {
	secret = NewSecret()
	err = tx.exec(ctx, `
		INSERT INTO staff_links (id, staff_id, secret_hash, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5)`,
		newID(), nullable(staffID), HashSecret(secret), unixMS(tx.now), unixMS(tx.now.Add(validFor)))
	return secret, err
}

// OpenStaffLink returns the link with that secret while it can be used. One
// that is unknown, used or expired is [ErrNotFound], and so is one of a member
// of staff who has been disabled, or made in the future.
func (s *Store) OpenStaffLink(ctx context.Context, secret string) (StaffLink, error) {
	return openStaffLink(ctx, s.read, secret, s.now())
}

func openStaffLink(ctx context.Context, q querier, secret string, now time.Time) (StaffLink, error) {
	return one(ctx, q, scanStaffLink, `
		SELECT l.id, COALESCE(l.staff_id, ''), COALESCE(m.email, ''), l.expires_at
		FROM staff_links l
		LEFT JOIN staff m ON m.id = l.staff_id
		WHERE l.secret_hash = $1 AND l.expires_at > $2 AND l.created_at < $3 AND m.disabled_at IS NULL`,
		HashSecret(secret), unixMS(now), unixMS(now.Add(24*time.Hour)))
}

func scanStaffLink(row scanner) (l StaffLink, err error) {
	err = row.Scan(&l.ID, &l.StaffID, &l.Email, timeOf{&l.ExpiresAt})
	return l, err
}

// UseStaffLink sets the password of the link's member of staff, or makes the
// first owner with that e-mail address, and forgets the link: of many at once
// one succeeds, the others get [ErrNotFound].
func (s *Store) UseStaffLink(ctx context.Context, secret, email, hash string) error {
	return s.inTx(ctx, func(tx *tx) error {
		l, err := openStaffLink(ctx, tx, secret, tx.now)
		if err != nil {
			return err
		}
		if err := tx.exec(ctx, `DELETE FROM staff_links WHERE id = $1`, l.ID); err != nil {
			return err
		}
		if l.StaffID == "" {
			if err := tx.wantNobody(ctx); err != nil {
				return err
			}
			_, err := tx.addStaff(ctx, Program, Staff{Email: email, PasswordHash: hash, Role: RoleOwner})
			return err
		}
		if err := tx.forgive(ctx, StaffLogin(l.Email)); err != nil {
			return err
		}
		return tx.setPassword(ctx, ByStaff(l.StaffID), l.StaffID, "", hash)
	})
}

// ForgetStaffLinks forgets the links that have expired: a clock that is set
// back does not revive them.
func (s *Store) ForgetStaffLinks(ctx context.Context) error {
	return s.inTx(ctx, func(tx *tx) error {
		return tx.exec(ctx, `DELETE FROM staff_links WHERE expires_at <= $1`, unixMS(tx.now))
	})
}
