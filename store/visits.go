package store

import (
	"context"
	"time"
)

// Visit is a customer who came by a personal link and agreed: what they see is
// what they have linked since, and no more.
type Visit struct {
	Consent  Consent
	Customer Customer
	Reach    map[string]bool // ids of the accounts that were linked under the consent
}

// VisitByConsent returns the visit that a consent began; [ErrNotFound] when its
// personal link was revoked or the consent withdrawn.
func (s *Store) VisitByConsent(ctx context.Context, consentID string) (v Visit, err error) {
	err = s.inSnapshot(ctx, func(q querier) error {
		v.Consent, err = one(ctx, q, scanConsent, `
			SELECT `+consentColumns+`
			FROM consents
			WHERE id = $1 AND withdrawn_at IS NULL AND EXISTS (SELECT 1 FROM invitations WHERE invitations.id = consents.invitation_id AND revoked_at IS NULL)`, consentID)
		if err != nil {
			return err
		}
		if v.Customer, err = one(ctx, q, scanCustomer, `SELECT `+customerColumns+` FROM customers WHERE id = $1`, v.Consent.CustomerID); err != nil {
			return err
		}
		ids, err := collect(ctx, q, scanText, `
			SELECT accounts.id
			FROM accounts
			JOIN records ON records.id = accounts.record_id
			JOIN link_attempts ON link_attempts.id = records.attempt_id
			WHERE accounts.customer_id = $1 AND link_attempts.consent_id = $2`, v.Consent.CustomerID, consentID)
		v.Reach = map[string]bool{}
		for _, id := range ids {
			v.Reach[id] = true
		}
		return err
	})
	return v, err
}

// Password is what a customer signs in with. An empty Hash: they have none.
type Password struct {
	Hash  string // argon2id as a PHC string
	SetAt time.Time
}

// CustomerPassword returns a customer's password.
func (s *Store) CustomerPassword(ctx context.Context, customerID string) (Password, error) {
	return one(ctx, s.read, func(row scanner) (p Password, err error) {
		return p, row.Scan(&p.Hash, timeOf{&p.SetAt})
	}, `SELECT password_hash, password_set_at FROM customers WHERE id = $1`, customerID)
}

// HasPassword says whether a customer can sign in.
func (s *Store) HasPassword(ctx context.Context, customerID string) (bool, error) {
	p, err := s.CustomerPassword(ctx, customerID)
	return p.Hash != "", err
}

// CustomerByLogin returns the customer with a password who has that reference or
// e-mail address, which has to be theirs alone.
func (s *Store) CustomerByLogin(ctx context.Context, login string) (Customer, error) {
	found, err := collect(ctx, s.read, scanCustomer, `
		SELECT `+customerColumns+`
		FROM customers
		WHERE password_hash <> '' AND reference = $1 AND reference <> ''
		UNION ALL
		SELECT `+customerColumns+`
		FROM customers
		WHERE password_hash <> '' AND LOWER(email) = LOWER($1) AND email <> '' AND reference <> $1
		LIMIT 2`, login)
	if err != nil {
		return Customer{}, err
	}
	if len(found) != 1 {
		return Customer{}, ErrNotFound
	}
	return found[0], nil
}

// SetCustomerPassword puts a password in the place of the one that was, whose
// hash has to be before, and ends the customer's sessions. When it is another
// by now, the error is [ErrConflict].
func (s *Store) SetCustomerPassword(ctx context.Context, customerID, before, hash string) error {
	return s.inTx(ctx, func(tx *tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE customers
			SET password_hash = $3, password_set_at = $4
			WHERE id = $1 AND password_hash = $2`, customerID, before, hash, unixMS(tx.now))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return orConflict(err)
		}
		if err := tx.endCustomerSessions(ctx, customerID); err != nil {
			return err
		}
		return tx.audit(ctx, Act{Actor: ByCustomer(customerID), Action: ActPasswordSet, Customer: customerID, Subject: customerID})
	})
}

// RemoveCustomerPassword takes a customer's password away and ends their
// sessions. Repeating it does no harm.
func (s *Store) RemoveCustomerPassword(ctx context.Context, actor, customerID string) error {
	return s.inTx(ctx, func(tx *tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE customers SET password_hash = '', password_set_at = NULL WHERE id = $1`, customerID)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return orNotFound(err)
		}
		if err := tx.endCustomerSessions(ctx, customerID); err != nil {
			return err
		}
		return tx.audit(ctx, Act{Actor: actor, Action: ActPasswordRemoved, Customer: customerID, Subject: customerID})
	})
}

// EndCustomerSessions signs a customer out everywhere.
func (s *Store) EndCustomerSessions(ctx context.Context, actor, customerID string) error {
	return s.inTx(ctx, func(tx *tx) error {
		if err := tx.endCustomerSessions(ctx, customerID); err != nil {
			return err
		}
		return tx.audit(ctx, Act{Actor: actor, Action: ActSessionsEnded, Customer: customerID, Subject: customerID})
	})
}

// endCustomerSessions ends those with a password and those by a personal link.
func (tx *tx) endCustomerSessions(ctx context.Context, customerID string) error {
	_, err := tx.ExecContext(ctx, `
		DELETE FROM sessions
		WHERE kind = 'customer' AND principal_id = $1
		OR kind = 'link' AND principal_id IN (SELECT id FROM consents WHERE customer_id = $1)`, customerID)
	return err
}
