package store

import (
	"context"
	"strings"
	"time"
)

// Staff is a person who works for the business that runs this installation.
type Staff struct {
	ID           string
	Email        string // lower case
	PasswordHash string // argon2id, PHC string
	Role         string // "owner"
	CreatedAt    time.Time
	DisabledAt   time.Time // zero: may sign in
}

const staffColumns = `id, email, password_hash, role, created_at, disabled_at`

func scanStaff(row scanner) (m Staff, err error) {
	err = row.Scan(&m.ID, &m.Email, &m.PasswordHash, &m.Role, timeOf{&m.CreatedAt}, timeOf{&m.DisabledAt})
	return m, err
}

// AddStaff stores a member of staff. An e-mail address that is taken is [ErrConflict].
func (s *Store) AddStaff(ctx context.Context, actor string, m Staff) (Staff, error) {
	err := s.inTx(ctx, func(tx *tx) error {
		m.ID, m.CreatedAt, m.Email = newID(), tx.now, strings.ToLower(m.Email)
		res, err := tx.ExecContext(ctx, `
			INSERT INTO staff (id, email, password_hash, role, created_at)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT DO NOTHING`,
			m.ID, m.Email, m.PasswordHash, m.Role, unixMS(m.CreatedAt))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return orConflict(err)
		}
		return tx.audit(ctx, Act{Actor: actor, Action: "staff added", Subject: m.ID})
	})
	return m, err
}

// SetStaffPassword replaces a password and ends that person's sessions.
func (s *Store) SetStaffPassword(ctx context.Context, actor, id, hash string) error {
	return s.inTx(ctx, func(tx *tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE staff SET password_hash = $2 WHERE id = $1`, id, hash); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE kind = 'staff' AND principal_id = $1`, id); err != nil {
			return err
		}
		return tx.audit(ctx, Act{Actor: actor, Action: "password set", Subject: id})
	})
}

// StaffByEmail returns the member of staff with that address, in any case.
func (s *Store) StaffByEmail(ctx context.Context, email string) (Staff, error) {
	return one(ctx, s.read, scanStaff, `SELECT `+staffColumns+` FROM staff WHERE email = $1`, strings.ToLower(email))
}

// StaffByID returns one member of staff.
func (s *Store) StaffByID(ctx context.Context, id string) (Staff, error) {
	return one(ctx, s.read, scanStaff, `SELECT `+staffColumns+` FROM staff WHERE id = $1`, id)
}

// HasStaff says whether anybody can sign in at all.
func (s *Store) HasStaff(ctx context.Context) (has bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM staff)`).Scan(&has)
	return has, err
}

// StaffEmails returns everybody's e-mail address by id.
func (s *Store) StaffEmails(ctx context.Context) (map[string]string, error) {
	all, err := collect(ctx, s.read, scanStaff, `SELECT `+staffColumns+` FROM staff`)
	by := make(map[string]string, len(all))
	for _, m := range all {
		by[m.ID] = m.Email
	}
	return by, err
}
