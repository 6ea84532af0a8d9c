package store

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"time"
)

// Invitation is a personal link. Its secret leaves the program once, when it is made.
type Invitation struct {
	ID         string
	CustomerID string
	CreatedBy  string // staff id; empty: the program
	CreatedAt  time.Time
	ExpiresAt  time.Time
	UsedAt     time.Time // zero: no bank linked through it yet
	RevokedAt  time.Time // zero: not revoked
	CodeHash   string    // of the code to be typed with it; empty: none is asked for
	CodeTries  int       // wrong ones
	SentAt     time.Time // zero: not that we know
	OpenedAt   time.Time // by a person, first; zero: nobody yet
	ExpiredAt  time.Time // when that was noticed; zero: not yet
	AccountID  string    // to sign in to again, and to no other; empty: any bank
}

// CodeTries is how many wrong codes lock a personal link.
const CodeTries = 5

// Locked says that too many wrong codes were typed.
func (i Invitation) Locked() bool { return i.CodeTries >= CodeTries }

// closed says that it was used, revoked or locked, or has expired.
func (i Invitation) closed() bool {
	return !i.UsedAt.IsZero() || !i.RevokedAt.IsZero() || i.Locked() || !i.ExpiredAt.IsZero()
}

const invitationColumns = `invitations.id, invitations.customer_id, invitations.created_by, invitations.created_at,
		invitations.expires_at, invitations.used_at, invitations.revoked_at, invitations.code_hash, invitations.code_tries,
		invitations.sent_at, invitations.opened_at, invitations.expired_at, invitations.account_id`

func scanInvitation(row scanner) (i Invitation, err error) {
	err = row.Scan(i.columns()...)
	return i, err
}

// columns are where [invitationColumns] are scanned to.
func (i *Invitation) columns() []any {
	return []any{
		&i.ID, &i.CustomerID, &i.CreatedBy, timeOf{&i.CreatedAt}, timeOf{&i.ExpiresAt}, timeOf{&i.UsedAt},
		timeOf{&i.RevokedAt}, &i.CodeHash, &i.CodeTries, timeOf{&i.SentAt}, timeOf{&i.OpenedAt}, timeOf{&i.ExpiredAt},
		&i.AccountID,
	}
}

// NewInvitation is a personal link to be made. Of its secret only the hash is kept.
type NewInvitation struct {
	CustomerID string
	StaffID    string // who makes it; empty: nobody of the staff
	ValidFor   time.Duration
	Secret     string
	CodeHash   string // of the code to be typed with it; empty: none is asked for
	Alone      bool   // those of the customer that are still open are revoked
	AccountID  string // to sign in to again; empty: any bank
}

// MakeInvitation makes a personal link for a customer, good until it expires. One for an
// account takes the place of the one there was for it, and is [ErrNotWanted] where the
// bank wants no new sign-in, or the account is not the customer's.
func (s *Store) MakeInvitation(ctx context.Context, actor string, n NewInvitation) (i Invitation, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		i, err = tx.makeInvitation(ctx, actor, n)
		return err
	})
	return i, err
}

// MakeInvitations makes personal links for several customers, all of them or none.
func (s *Store) MakeInvitations(ctx context.Context, actor string, all []NewInvitation) (made []Invitation, err error) {
	if len(all) == 0 {
		return nil, nil
	}
	err = s.inTx(ctx, func(tx *tx) error {
		made = nil
		for _, n := range all {
			i, err := tx.makeInvitation(ctx, actor, n)
			if err != nil {
				return err
			}
			made = append(made, i)
		}
		return nil
	})
	return made, err
}

func (tx *tx) makeInvitation(ctx context.Context, actor string, n NewInvitation) (Invitation, error) {
	i := Invitation{
		ID: newID(), CustomerID: n.CustomerID, CreatedBy: n.StaffID, CreatedAt: tx.now,
		ExpiresAt: tx.now.Add(n.ValidFor), CodeHash: n.CodeHash, AccountID: n.AccountID,
	}
	if n.AccountID != "" {
		if a, err := tx.wanted(ctx, n.AccountID); err != nil || a.CustomerID != n.CustomerID {
			return i, cmp.Or(err, ErrNotWanted)
		}
		if err := tx.endAgain(ctx, actor, n.AccountID); err != nil {
			return i, err
		}
	}
	if n.Alone {
		if err := tx.revokeOpen(ctx, actor, n.CustomerID); err != nil {
			return i, err
		}
	}
	err := tx.exec(ctx, `
		INSERT INTO invitations (id, customer_id, secret_hash, created_by, created_at, expires_at, code_hash, account_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		i.ID, i.CustomerID, HashSecret(n.Secret), i.CreatedBy, unixMS(i.CreatedAt), unixMS(i.ExpiresAt), i.CodeHash,
		i.AccountID)
	if err != nil {
		return i, err
	}
	if err := tx.exec(ctx, `UPDATE customers SET asked_link_at = NULL WHERE id = $1`, n.CustomerID); err != nil {
		return i, err
	}
	return i, tx.audit(ctx, Act{Actor: actor, Action: ActLinkMade, Customer: i.CustomerID, Subject: i.ID})
}

// revokeOpen revokes the personal links of a customer that still work.
func (tx *tx) revokeOpen(ctx context.Context, actor, customerID string) error {
	open, err := collect(ctx, tx, scanText, `
		SELECT id
		FROM invitations
		WHERE customer_id = $1 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $2`,
		customerID, unixMS(tx.now))
	for _, id := range open {
		err = errors.Join(err, tx.revokeInvitation(ctx, actor, customerID, id))
	}
	return err
}

// AddInvitation is [Store.MakeInvitation] without a code, and returns the secret.
func (s *Store) AddInvitation(
	ctx context.Context, actor, customerID, staffID string, validFor time.Duration,
) (Invitation, string, error) {
	n := NewInvitation{CustomerID: customerID, StaffID: staffID, ValidFor: validFor, Secret: NewSecret()}
	i, err := s.MakeInvitation(ctx, actor, n)
	return i, n.Secret, err
}

// OpenInvitation returns the invitation with that secret when it can still be
// used. With one that is revoked, locked or expired, or was used for a link already,
// [ErrNotFound] comes too: whoever has its secret may learn which it is. One that is
// unknown is [ErrNotFound] alone. That one has expired is written down, so that a clock
// that is set back does not revive it; nor is one good that was made days in the future.
func (s *Store) OpenInvitation(ctx context.Context, secret string) (Invitation, error) {
	i, err := one(ctx, s.read, scanInvitation, `
		SELECT `+invitationColumns+`
		FROM invitations
		WHERE secret_hash = $1`, HashSecret(secret))
	if err != nil {
		return Invitation{}, err
	}
	if i.closed() {
		return i, ErrNotFound
	}
	now := s.now()
	if i.ExpiresAt.After(now) && i.CreatedAt.Before(now.Add(24*time.Hour)) {
		return i, nil
	}
	i.ExpiredAt = now
	err = s.inTx(ctx, func(tx *tx) error {
		return tx.exec(ctx, `UPDATE invitations SET expired_at = COALESCE(expired_at, $2) WHERE id = $1`, i.ID, unixMS(now))
	})
	if err != nil {
		return Invitation{}, err
	}
	return i, ErrNotFound
}

// ExpireInvitations writes down which invitations have expired, as [Store.OpenInvitation]
// does with one that is tried.
func (s *Store) ExpireInvitations(ctx context.Context) error {
	return s.inTx(ctx, func(tx *tx) error {
		return tx.exec(ctx, `
			UPDATE invitations
			SET expired_at = $1
			WHERE expires_at <= $1 AND expired_at IS NULL`, unixMS(tx.now))
	})
}

// AskForLink keeps that the customer of a personal link that is over asks for a new one,
// until one is made. Whoever has the secret of such a link can; any other is [ErrNotFound],
// and one that works asks for nothing. Repeating it does no harm.
func (s *Store) AskForLink(ctx context.Context, secret string) error {
	i, err := s.OpenInvitation(ctx, secret)
	if err == nil || !errors.Is(err, ErrNotFound) || i.ID == "" {
		return err
	}
	return s.inTx(ctx, func(tx *tx) error {
		changed, err := tx.changes(ctx, `
			UPDATE customers
			SET asked_link_at = $2
			WHERE id = $1 AND asked_link_at IS NULL`, i.CustomerID, unixMS(tx.now))
		if err != nil || !changed {
			return err
		}
		return tx.audit(ctx, Act{Actor: Program, Action: ActLinkAsked, Customer: i.CustomerID, Subject: i.ID})
	})
}

// TryCode says whether that is the hash of the code of a personal link, and how
// many wrong ones it still takes: with the last one it is locked for good.
func (s *Store) TryCode(ctx context.Context, id, hash string) (right bool, left int, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		right, left = false, 0
		i, err := one(ctx, tx, scanInvitation, `SELECT `+invitationColumns+` FROM invitations WHERE id = $1`, id)
		if err != nil || i.Locked() {
			return err
		}
		if right = subtle.ConstantTimeCompare([]byte(i.CodeHash), []byte(hash)) == 1; right {
			return nil
		}
		left = CodeTries - i.CodeTries - 1
		if err := tx.exec(ctx, `UPDATE invitations SET code_tries = code_tries + 1 WHERE id = $1`, id); err != nil {
			return err
		}
		act := Act{Actor: Program, Action: ActCodeWrong, Customer: i.CustomerID, Subject: id}
		if left == 0 {
			act.Action = ActLinkLocked
			if err := tx.forGood(ctx, deedEnded, "", ""); err != nil {
				return err
			}
		}
		return tx.audit(ctx, act)
	})
	return right, left, err
}

// InvitationByID returns one invitation, for staff and programs.
func (s *Store) InvitationByID(ctx context.Context, id string) (Invitation, error) {
	return one(ctx, s.read, scanInvitation, `SELECT `+invitationColumns+` FROM invitations WHERE id = $1`, id)
}

// RevokeInvitation makes a customer's invitation useless. Repeating it does no harm.
func (s *Store) RevokeInvitation(ctx context.Context, actor, customerID, id string) error {
	return s.inTx(ctx, func(tx *tx) error { return tx.revokeInvitation(ctx, actor, customerID, id) })
}

func (tx *tx) revokeInvitation(ctx context.Context, actor, customerID, id string) error {
	changed, err := tx.changes(ctx, `
		UPDATE invitations
		SET revoked_at = COALESCE(revoked_at, $3)
		WHERE id = $1 AND customer_id = $2`, id, customerID, unixMS(tx.now))
	if err != nil || !changed {
		return cmp.Or(err, ErrNotFound)
	}
	if err := tx.forGood(ctx, deedEnded, "", ""); err != nil {
		return err
	}
	return tx.audit(ctx, Act{Actor: actor, Action: ActLinkRevoked, Customer: customerID, Subject: id})
}
