package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
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
}

const invitationColumns = `id, customer_id, created_by, created_at, expires_at, used_at, revoked_at`

func scanInvitation(row scanner) (i Invitation, err error) {
	err = row.Scan(&i.ID, &i.CustomerID, &i.CreatedBy, timeOf{&i.CreatedAt}, timeOf{&i.ExpiresAt}, timeOf{&i.UsedAt}, timeOf{&i.RevokedAt})
	return i, err
}

// NewSecret returns 256 random bits, fit for a URL.
func NewSecret() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}

// HashSecret is what is kept of a secret.
func HashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// AddInvitation makes a personal link for a customer, good until it expires,
// and returns its secret, which is kept nowhere.
func (s *Store) AddInvitation(ctx context.Context, actor, customerID, staffID string, validFor time.Duration) (Invitation, string, error) {
	secret := NewSecret()
	var i Invitation
	err := s.inTx(ctx, func(tx *tx) error {
		i = Invitation{ID: newID(), CustomerID: customerID, CreatedBy: staffID, CreatedAt: tx.now, ExpiresAt: tx.now.Add(validFor)}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO invitations (id, customer_id, secret_hash, created_by, created_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6)`,
			i.ID, i.CustomerID, HashSecret(secret), i.CreatedBy, unixMS(i.CreatedAt), unixMS(i.ExpiresAt))
		if err != nil {
			return err
		}
		return tx.audit(ctx, Act{Actor: actor, Action: "personal link made", Customer: customerID, Subject: i.ID})
	})
	return i, secret, err
}

// OpenInvitation returns the invitation with that secret when it can still be
// used. One that is unknown, expired or revoked is [ErrNotFound]: a stranger
// learns no difference. The secret of one that has expired is forgotten, so that
// a clock that is set back does not revive it; nor is one good that was made
// days in the future.
func (s *Store) OpenInvitation(ctx context.Context, secret string) (Invitation, error) {
	i, err := one(ctx, s.read, scanInvitation, `
		SELECT `+invitationColumns+`
		FROM invitations
		WHERE secret_hash = $1 AND revoked_at IS NULL`, HashSecret(secret))
	if err != nil {
		return Invitation{}, err
	}
	now := s.now()
	if i.ExpiresAt.After(now) && i.CreatedAt.Before(now.Add(24*time.Hour)) {
		return i, nil
	}
	err = s.inTx(ctx, func(tx *tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE invitations SET secret_hash = 'expired ' || id WHERE id = $1`, i.ID)
		return err
	})
	if err != nil {
		return Invitation{}, err
	}
	return Invitation{}, ErrNotFound
}

// InvitationsByCustomer returns a customer's invitations, newest first.
func (s *Store) InvitationsByCustomer(ctx context.Context, customerID string) ([]Invitation, error) {
	return collect(ctx, s.read, scanInvitation, `
		SELECT `+invitationColumns+`
		FROM invitations
		WHERE customer_id = $1
		ORDER BY id DESC
		LIMIT 20`, customerID)
}

// RevokeInvitation makes a customer's invitation useless. Repeating it does no harm.
func (s *Store) RevokeInvitation(ctx context.Context, actor, customerID, id string) error {
	return s.inTx(ctx, func(tx *tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE invitations
			SET revoked_at = COALESCE(revoked_at, $3)
			WHERE id = $1 AND customer_id = $2`, id, customerID, unixMS(tx.now))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return orNotFound(err)
		}
		return tx.audit(ctx, Act{Actor: actor, Action: "personal link revoked", Customer: customerID, Subject: id})
	})
}

func orNotFound(err error) error {
	if err == nil {
		return ErrNotFound
	}
	return err
}

// Consent is what a customer agreed to, when, and in which words.
type Consent struct {
	ID           string
	CustomerID   string
	InvitationID string
	Version      string // of the text shown
	Scope        string // products, comma-separated
	GivenAt      time.Time
	WithdrawnAt  time.Time
}

const consentColumns = `id, customer_id, COALESCE(invitation_id, ''), version, scope, given_at, withdrawn_at`

func scanConsent(row scanner) (c Consent, err error) {
	err = row.Scan(&c.ID, &c.CustomerID, &c.InvitationID, &c.Version, &c.Scope, timeOf{&c.GivenAt}, timeOf{&c.WithdrawnAt})
	return c, err
}

// AddConsent stores that a customer agreed just now.
func (s *Store) AddConsent(ctx context.Context, c Consent) (Consent, error) {
	err := s.inTx(ctx, func(tx *tx) error {
		c.ID, c.GivenAt = newID(), tx.now
		_, err := tx.ExecContext(ctx, `
			INSERT INTO consents (id, customer_id, invitation_id, version, scope, given_at)
			VALUES ($1, $2, $3, $4, $5, $6)`,
			c.ID, c.CustomerID, nullable(c.InvitationID), c.Version, c.Scope, unixMS(c.GivenAt))
		if err != nil {
			return err
		}
		return tx.audit(ctx, Act{Actor: ByCustomer(c.CustomerID), Action: "consent given", Customer: c.CustomerID, Subject: c.ID})
	})
	return c, err
}

// ConsentsByCustomer returns a customer's consents, newest first.
func (s *Store) ConsentsByCustomer(ctx context.Context, customerID string) ([]Consent, error) {
	return collect(ctx, s.read, scanConsent, `
		SELECT `+consentColumns+`
		FROM consents
		WHERE customer_id = $1
		ORDER BY id DESC
		LIMIT 20`, customerID)
}

// ConsentInForce returns the customer's newest consent to that text and scope
// that was not withdrawn; [ErrNotFound] when the customer has to be asked.
func (s *Store) ConsentInForce(ctx context.Context, customerID, version, scope string) (Consent, error) {
	return one(ctx, s.read, scanConsent, `
		SELECT `+consentColumns+`
		FROM consents
		WHERE customer_id = $1 AND version = $2 AND scope = $3 AND withdrawn_at IS NULL
		ORDER BY id DESC
		LIMIT 1`, customerID, version, scope)
}
