package store

import (
	"cmp"
	"context"
	"errors"
	"time"
)

// UndoFor is how long staff can take back what they did.
const UndoFor = 10 * time.Minute

// ErrNoUndo says that something cannot be taken back: that is too long ago, somebody else
// did it, or something has changed since.
var ErrNoUndo = errors.New("store: it cannot be taken back")

// RestoreInvitation takes back that a member of staff revoked a personal link. One that is
// over otherwise stays so, and one for an account does where there is another for it.
func (s *Store) RestoreInvitation(ctx context.Context, actor, customerID, id string) error {
	return s.inTx(ctx, func(tx *tx) error {
		return tx.undo(ctx, Act{Actor: actor, Action: ActLinkRestored, Customer: customerID, Subject: id}, `
			UPDATE invitations
			SET revoked_at = NULL
			WHERE id = $1 AND customer_id = $2 AND revoked_at > $3 AND used_at IS NULL AND expired_at IS NULL
			AND expires_at > $4 AND code_tries < $5
			AND EXISTS (
				SELECT 1
				FROM audit
				WHERE actor = $6 AND action = $7 AND customer_id = $2 AND subject = $1 AND at = invitations.revoked_at)
			AND NOT EXISTS (
				SELECT 1
				FROM invitations AS other
				WHERE other.customer_id = $2 AND other.account_id = invitations.account_id AND other.account_id <> ''
				AND other.revoked_at IS NULL AND other.used_at IS NULL AND other.expires_at > $4)`,
			id, customerID, unixMS(tx.now.Add(-UndoFor)), unixMS(tx.now), CodeTries, actor, ActLinkRevoked)
	})
}

// ReopenLink takes back that a member of staff refused a doubtful link. What had come with
// it is gone: the provider is asked anew, and the link waits for staff again, whatever the
// answer is.
func (s *Store) ReopenLink(ctx context.Context, actor, id string) error {
	return s.inTx(ctx, func(tx *tx) error {
		a, err := one(ctx, tx, scanAttempt, `SELECT `+attemptColumns+` FROM link_attempts WHERE id = $1`, id)
		if err != nil {
			return err
		}
		if holds, err := tx.consent.holds(ctx, tx, a.CustomerID, a.Provider, tx.now); err != nil || !holds {
			return cmp.Or(err, ErrNoUndo)
		}
		if err := tx.roomForClaim(ctx, a.CustomerID); err != nil {
			return err
		}
		err = tx.undo(ctx, Act{Actor: actor, Action: ActLinkReopened, Customer: a.CustomerID, Subject: id}, `
			UPDATE link_attempts
			SET reopened_at = $2, decided_by = '', decided_at = NULL, decision = ''
			WHERE id = $1 AND state = 'refused' AND decided_by = $3 AND decided_at > $4 AND provider_record <> ''`,
			id, unixMS(tx.now), actor, unixMS(tx.now.Add(-UndoFor)))
		if err != nil {
			return err
		}
		a.State, a.Tries, a.Fault, a.FaultSince, a.EndedAt = AttemptClaimed, 0, "", time.Time{}, time.Time{}
		return tx.saveAttempt(ctx, a)
	})
}

// reopened is why a link that was refused once waits for staff, whatever the provider says;
// empty: it was not.
func (tx *tx) reopened(ctx context.Context, id string) (doubt string, err error) {
	var is bool
	err = tx.QueryRowContext(ctx, `SELECT reopened_at IS NOT NULL FROM link_attempts WHERE id = $1`, id).Scan(&is)
	if err == nil && is {
		doubt = "Staff rejected it, and took that back."
	}
	return doubt, err
}

// UndoContacted takes back that a member of staff noted to have spoken to a customer.
func (s *Store) UndoContacted(ctx context.Context, staffID, customerID string) error {
	act := Act{Actor: ByStaff(staffID), Action: ActContactUndone, Customer: customerID, Subject: customerID}
	return s.inTx(ctx, func(tx *tx) error {
		return tx.undo(ctx, act, `
			UPDATE customers
			SET contacted_at = contacted_before, contacted_by = contacted_before_by,
				contacted_before = NULL, contacted_before_by = ''
			WHERE id = $1 AND contacted_by = $2 AND contacted_at > $3`,
			customerID, staffID, unixMS(tx.now.Add(-UndoFor)))
	})
}

// undo runs a statement that takes something back, and writes that down; [ErrNoUndo]: it
// changes nothing.
func (tx *tx) undo(ctx context.Context, act Act, query string, args ...any) error {
	changed, err := tx.changes(ctx, query, args...)
	if err != nil || !changed {
		return cmp.Or(err, ErrNoUndo)
	}
	return tx.audit(ctx, act)
}
