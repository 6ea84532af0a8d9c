package store

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"
)

// Role says what a member of staff may do.
type Role string

// The roles there are.
const (
	RoleOwner   Role = "owner"
	RoleAdmin   Role = "admin"
	RoleViewer  Role = "viewer"
	RoleAuditor Role = "auditor"
	RoleOfficer Role = "officer" // decides about loans: makes links, looks, checks and decides
)

// ErrLastOwner says that nobody would be left who may manage staff.
var ErrLastOwner = errors.New("store: the last owner")

// Staff is a person who works for the business that runs this installation.
type Staff struct {
	ID           string
	Email        string // lower case
	Name         string // empty: the e-mail address stands for it
	PasswordHash string // argon2id, PHC string; empty: invited, no password chosen yet
	Role         Role
	CreatedAt    time.Time
	DisabledAt   time.Time // zero: may sign in
	SecondFactor bool      // signs in with a code besides
	Version      int64     // changes with what they sign in with and what they may do
}

const staffColumns = `id, email, name, password_hash, role, created_at, disabled_at, version,
	EXISTS (SELECT 1 FROM second_factors f WHERE f.staff_id = staff.id)`

func scanStaff(row scanner) (m Staff, err error) {
	err = row.Scan(m.columns()...)
	return m, err
}

// columns are where [staffColumns] are scanned to.
func (m *Staff) columns() []any {
	return []any{
		&m.ID, &m.Email, &m.Name, &m.PasswordHash, &m.Role, timeOf{&m.CreatedAt}, timeOf{&m.DisabledAt}, &m.Version,
		&m.SecondFactor,
	}
}

// AddStaff stores a member of staff. An e-mail address that is taken is [ErrConflict].
func (s *Store) AddStaff(ctx context.Context, actor string, m Staff) (Staff, error) {
	err := s.inTx(ctx, func(tx *tx) (err error) {
		m, err = tx.addStaff(ctx, actor, m)
		return err
	})
	return m, err
}

func (tx *tx) addStaff(ctx context.Context, actor string, m Staff) (Staff, error) {
	m.ID, m.CreatedAt, m.Email = newID(), tx.now, strings.ToLower(m.Email)
	changed, err := tx.changes(ctx, `
		INSERT INTO staff (id, email, name, password_hash, role, created_at)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT DO NOTHING`,
		m.ID, m.Email, m.Name, m.PasswordHash, m.Role, unixMS(m.CreatedAt))
	if err != nil || !changed {
		return m, cmp.Or(err, ErrConflict)
	}
	return m, tx.audit(ctx, Act{Actor: actor, Action: ActStaffAdded, Subject: m.ID})
}

// SetStaffPassword replaces a password and ends that person's sessions.
func (s *Store) SetStaffPassword(ctx context.Context, actor, id, hash string) error {
	return s.inTx(ctx, func(tx *tx) error { return tx.setPassword(ctx, actor, id, "", hash) })
}

// ChangeOwnPassword replaces a password and ends that person's sessions but the
// one with that hash, in which they do it.
func (s *Store) ChangeOwnPassword(ctx context.Context, id, session, hash string) error {
	return s.inTx(ctx, func(tx *tx) error { return tx.setPassword(ctx, ByStaff(id), id, session, hash) })
}

func (tx *tx) setPassword(ctx context.Context, actor, id, session, hash string) error {
	if err := tx.exec(ctx, `UPDATE staff SET password_hash = $2 WHERE id = $1`, id, hash); err != nil {
		return err
	}
	if err := tx.endSessions(ctx, id, session); err != nil {
		return err
	}
	if err := tx.forGood(ctx, deedPassword, id, ""); err != nil {
		return err
	}
	return tx.audit(ctx, Act{Actor: actor, Action: ActPasswordSet, Subject: id})
}

// SetStaffRole gives a member of staff another role and ends their sessions:
// [ErrLastOwner] when no other owner is left.
func (s *Store) SetStaffRole(ctx context.Context, actor, id string, role Role) error {
	return s.change(ctx, actor, id, func(tx *tx, m Staff) (Act, error) {
		if role != RoleOwner {
			if err := tx.leavesAnOwner(ctx, m); err != nil {
				return Act{}, err
			}
		}
		err := tx.exec(ctx, `UPDATE staff SET role = $2 WHERE id = $1`, id, role)
		return Act{Action: ActRoleSet, Detail: string(role)}, errors.Join(
			err, tx.forGood(ctx, deedRole, id, string(role)),
		)
	})
}

// NameStaff says what a member of staff is called.
func (s *Store) NameStaff(ctx context.Context, actor, id, name string) error {
	return s.inTx(ctx, func(tx *tx) error {
		changed, err := tx.changes(ctx, `UPDATE staff SET name = $2 WHERE id = $1`, id, name)
		if err != nil || !changed {
			return cmp.Or(err, ErrNotFound)
		}
		return tx.audit(ctx, Act{Actor: actor, Action: ActStaffNamed, Subject: id, Detail: name})
	})
}

// Called is what a member of staff is called: by name, else by e-mail address.
func (m Staff) Called() string { return cmp.Or(m.Name, m.Email) }

// DisableStaff keeps a member of staff out from the next request on, with the
// error of [Store.SetStaffRole].
func (s *Store) DisableStaff(ctx context.Context, actor, id string) error {
	return s.change(ctx, actor, id, func(tx *tx, m Staff) (Act, error) {
		if err := tx.leavesAnOwner(ctx, m); err != nil {
			return Act{}, err
		}
		err := tx.exec(
			ctx, `UPDATE staff SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL`, id, unixMS(tx.now),
		)
		return Act{Action: ActStaffDisabled}, errors.Join(err, tx.forGood(ctx, deedDisabled, id, "yes"))
	})
}

// EnableStaff lets a member of staff sign in again.
func (s *Store) EnableStaff(ctx context.Context, actor, id string) error {
	return s.change(ctx, actor, id, func(tx *tx, m Staff) (Act, error) {
		err := tx.exec(ctx, `UPDATE staff SET disabled_at = NULL WHERE id = $1`, id)
		return Act{Action: ActStaffEnabled}, errors.Join(err, tx.forGood(ctx, deedDisabled, id, "no"))
	})
}

// EndStaffSessions signs a colleague out everywhere.
func (s *Store) EndStaffSessions(ctx context.Context, actor, id string) error {
	return s.change(ctx, actor, id, func(*tx, Staff) (Act, error) { return Act{Action: ActSessionsEnded}, nil })
}

// change does something to a member of staff, ends that person's
// sessions and writes down what do says it was, all in one transaction.
func (s *Store) change(ctx context.Context, actor, id string, do func(*tx, Staff) (Act, error)) error {
	return s.inTx(ctx, func(tx *tx) error {
		m, err := one(ctx, tx, scanStaff, `SELECT `+staffColumns+` FROM staff WHERE id = $1`, id)
		if err != nil {
			return err
		}
		act, err := do(tx, m)
		if err != nil {
			return err
		}
		if err := tx.endSessions(ctx, id, ""); err != nil {
			return err
		}
		act.Actor, act.Subject = actor, id
		return tx.audit(ctx, act)
	})
}

// IsOwner says whether a member of staff is an owner who can sign in.
func (m Staff) IsOwner() bool {
	return m.Role == RoleOwner && m.DisabledAt.IsZero() && m.PasswordHash != ""
}

// leavesAnOwner is [ErrLastOwner] when m is the only owner who can sign in.
func (tx *tx) leavesAnOwner(ctx context.Context, m Staff) error {
	if !m.IsOwner() {
		return nil
	}
	var others bool
	err := tx.QueryRowContext(ctx, `
		SELECT EXISTS (
			SELECT 1
			FROM staff
			WHERE id <> $1 AND role = 'owner' AND disabled_at IS NULL AND password_hash <> '')`, m.ID).Scan(&others)
	if err == nil && !others {
		return ErrLastOwner
	}
	return err
}

// StaffByEmail returns the member of staff with that address, in any case.
func (s *Store) StaffByEmail(ctx context.Context, email string) (Staff, error) {
	return one(ctx, s.read, scanStaff, `SELECT `+staffColumns+` FROM staff WHERE email = $1`, strings.ToLower(email))
}

// StaffByID returns one member of staff.
func (s *Store) StaffByID(ctx context.Context, id string) (Staff, error) {
	return one(ctx, s.read, scanStaff, `SELECT `+staffColumns+` FROM staff WHERE id = $1`, id)
}

// AllStaff returns everybody, by e-mail address.
func (s *Store) AllStaff(ctx context.Context) ([]Staff, error) {
	return collect(ctx, s.read, scanStaff, `SELECT `+staffColumns+` FROM staff ORDER BY email`)
}

// HasStaff says whether anybody can sign in at all.
func (s *Store) HasStaff(ctx context.Context) (has bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM staff)`).Scan(&has)
	return has, err
}

// StaffEmails returns everybody's e-mail address by id.
func (s *Store) StaffEmails(ctx context.Context) (map[string]string, error) {
	return s.staffBy(ctx, func(m Staff) string { return m.Email })
}

// StaffNames returns what everybody is called by id.
func (s *Store) StaffNames(ctx context.Context) (map[string]string, error) {
	return s.staffBy(ctx, Staff.Called)
}

func (s *Store) staffBy(ctx context.Context, word func(Staff) string) (map[string]string, error) {
	all, err := s.AllStaff(ctx)
	by := make(map[string]string, len(all))
	for _, m := range all {
		by[m.ID] = word(m)
	}
	return by, err
}
