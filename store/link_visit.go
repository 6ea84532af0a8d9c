package store

import (
	"cmp"
	"context"
	"time"
)

// Visit is somebody who came by a customer's personal link and agreed, now or before. They
// reach what was begun in this very visit, and no more: see [Scope].
type Visit struct {
	ID           string
	Customer     Customer // as they are now
	InvitationID string
	BegunAt      time.Time
	Until        time.Time
}

// BeginVisit begins a visit with the consent that was just given by a personal
// link, good until validFor has passed.
func (s *Store) BeginVisit(ctx context.Context, c Consent, validFor time.Duration) (Consent, error) {
	err := s.inTx(ctx, func(tx *tx) (err error) {
		if c.VisitID, err = tx.beginVisit(ctx, c.CustomerID, c.InvitationID, "", validFor); err != nil {
			return err
		}
		c, err = tx.addConsent(ctx, c)
		return err
	})
	return c, err
}

// BeginVisitOn begins a visit by a personal link on a consent that is in force already,
// and returns its id.
func (s *Store) BeginVisitOn(
	ctx context.Context, co Consent, invitationID string, validFor time.Duration,
) (id string, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		id, err = tx.beginVisit(ctx, co.CustomerID, invitationID, co.ID, validFor)
		return err
	})
	return id, err
}

func (tx *tx) beginVisit(
	ctx context.Context, customerID, invitationID, consentID string, validFor time.Duration,
) (id string, err error) {
	id = newID()
	return id, tx.exec(ctx, `
		INSERT INTO visits (id, customer_id, invitation_id, consent_id, begun_at, until_at)
		VALUES ($1, $2, $3, $4, $5, $6)`, id, customerID, invitationID, consentID, unixMS(tx.now),
		unixMS(tx.now.Add(validFor)))
}

// VisitByID returns a visit that is not over; [ErrNotFound] also when its
// personal link was revoked, or what was agreed to in it, or what it stands on,
// withdrawn.
func (s *Store) VisitByID(ctx context.Context, id string) (Visit, error) {
	return one(ctx, s.read, func(row scanner) (v Visit, err error) {
		more := []any{&v.ID, &v.InvitationID, timeOf{&v.BegunAt}, timeOf{&v.Until}}
		return v, row.Scan(append(v.Customer.columns(), more...)...)
	}, `
		SELECT `+customerColumns+`, visits.id, visits.invitation_id, visits.begun_at, visits.until_at
		FROM visits JOIN customers ON customers.id = visits.customer_id
		WHERE visits.id = $1 AND visits.until_at > $2
		AND EXISTS (
			SELECT 1
			FROM consents
			WHERE consents.customer_id = visits.customer_id AND withdrawn_at IS NULL
			AND (consents.visit_id = visits.id OR consents.id = visits.consent_id))
		AND EXISTS (SELECT 1 FROM invitations WHERE invitations.id = visits.invitation_id AND revoked_at IS NULL)`, id,
		unixMS(s.now()))
}

// Password is what a customer signs in with. An empty Hash: they have none.
type Password struct {
	Hash   string // argon2id as a PHC string
	SetAt  time.Time
	Logins Logins // that they may type beside it
}

// CustomerPassword returns a customer's password.
func (s *Store) CustomerPassword(ctx context.Context, customerID string) (Password, error) {
	return one(ctx, s.read, func(row scanner) (p Password, err error) {
		return p, row.Scan(&p.Hash, timeOf{&p.SetAt}, &p.Logins.Email, &p.Logins.Phone, &p.Logins.Reference)
	}, `
		SELECT password_hash, password_set_at, login_email, login_phone, CASE WHEN password_hash <> '' THEN reference ELSE '' END
		FROM customers
		WHERE id = $1`, customerID)
}

// HasPassword says whether a customer can sign in.
func (s *Store) HasPassword(ctx context.Context, customerID string) (bool, error) {
	p, err := s.CustomerPassword(ctx, customerID)
	return p.Hash != "", err
}

// settable is an SQL condition over customers: who has the scope of the customer
// and the visit $2 may set their password. A password opens everything. A visit
// may therefore set only the first one, and only when it has linked a bank and
// every account that there is was linked in it: that is how we know who it is.
const settable = `($2 = '' OR customers.password_hash = ''
		AND EXISTS (SELECT 1 FROM accounts WHERE accounts.customer_id = customers.id AND accounts.visit_id = $2)
		AND NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.customer_id = customers.id AND accounts.visit_id <> $2))`

// MaySetPassword says whether the customer's password can be set from within a scope.
func (s *Store) MaySetPassword(ctx context.Context, scope Scope) (may bool, err error) {
	err = s.read.QueryRowContext(
		ctx, `SELECT `+settable+` FROM customers WHERE id = $1`, scope.CustomerID, scope.VisitID,
	).Scan(&may)
	return may, orNoRows(err)
}

// SetCustomerPassword puts a password in the place of the one that was, whose
// hash has to be before, and ends the customer's sessions. When it is another by
// now, or cannot be set from within the scope, the error is [ErrConflict].
func (s *Store) SetCustomerPassword(ctx context.Context, scope Scope, before, hash string) error {
	return s.inTx(ctx, func(tx *tx) error {
		changed, err := tx.changes(ctx, `
			UPDATE customers
			SET password_hash = $4, password_set_at = $5
			WHERE id = $1 AND `+settable+` AND password_hash = $3`, scope.CustomerID, scope.VisitID, before, hash,
			unixMS(tx.now))
		if err != nil || !changed {
			return cmp.Or(err, ErrConflict)
		}
		c, err := findCustomer(ctx, tx, scope.CustomerID)
		if err != nil {
			return err
		}
		if err := tx.renewLogins(ctx, c); err != nil {
			return err
		}
		if err := tx.endCustomerSessions(ctx, OfCustomer(scope.CustomerID)); err != nil {
			return err
		}
		if err := tx.forGood(ctx, deedCustomerPassword, scope.CustomerID, ""); err != nil {
			return err
		}
		return tx.audit(
			ctx,
			Act{Actor: scope.Actor(), Action: ActPasswordSet, Customer: scope.CustomerID, Subject: scope.CustomerID},
		)
	})
}

// RemoveCustomerPassword takes a customer's password away and ends their
// sessions. Repeating it does no harm.
func (s *Store) RemoveCustomerPassword(ctx context.Context, actor, customerID string) error {
	return s.inTx(ctx, func(tx *tx) error {
		if known, err := tx.dropCustomerPassword(ctx, customerID); err != nil || !known {
			return cmp.Or(err, ErrNotFound)
		}
		if err := tx.endCustomerSessions(ctx, OfCustomer(customerID)); err != nil {
			return err
		}
		if err := tx.forGood(ctx, deedCustomerPassword, customerID, ""); err != nil {
			return err
		}
		return tx.audit(ctx, Act{Actor: actor, Action: ActPasswordRemoved, Customer: customerID, Subject: customerID})
	})
}

// dropCustomerPassword takes a password away, and the address and the number that were
// logins with it, which are somebody else's to take now. It reports whether there is
// such a customer.
func (tx *tx) dropCustomerPassword(ctx context.Context, customerID string) (known bool, err error) {
	return tx.changes(ctx, `
		UPDATE customers
		SET password_hash = '', password_set_at = NULL, login_email = '', login_phone = ''
		WHERE id = $1`, customerID)
}

// EndCustomerSessions signs a customer out everywhere.
func (s *Store) EndCustomerSessions(ctx context.Context, actor, customerID string) error {
	return s.inTx(ctx, func(tx *tx) error {
		if err := tx.endCustomerSessions(ctx, OfCustomer(customerID)); err != nil {
			return err
		}
		return tx.audit(ctx, Act{Actor: actor, Action: ActSessionsEnded, Customer: customerID, Subject: customerID})
	})
}

// endCustomerSessions ends those with a password and those by a personal link;
// of the scope of a visit its own.
func (tx *tx) endCustomerSessions(ctx context.Context, scope Scope) error {
	return tx.endAny(ctx, `
		DELETE FROM sessions
		WHERE kind = 'customer' AND principal_id = $1 AND $2 = ''
		OR kind = 'link' AND principal_id IN (SELECT id FROM visits WHERE customer_id = $1 AND ($2 = '' OR id = $2))`,
		scope.CustomerID, scope.VisitID)
}
