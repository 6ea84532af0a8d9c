package store

import (
	"cmp"
	"context"
	"errors"
	"time"
)

// LinkProgress is how far a personal link has come.
type LinkProgress struct {
	Invitation
	Bank     string    // at which it is to sign in again; empty: any
	AgreedAt time.Time // when somebody first agreed by it; zero: nobody yet
	Last     Opening   // of the bank; the zero one: none
}

// Opening is an opening of the bank window, as far as it says how a link went: see [Attempt].
type Opening struct {
	State     AttemptState
	BankName  string
	Reason    string
	CreatedAt time.Time
	ExpiresAt time.Time
	EndedAt   time.Time
}

// linkProgress is SQL for rows of [LinkProgress], over invitations for which more holds.
func linkProgress(more string) string {
	return `
		SELECT ` + invitationColumns + `,
			COALESCE((SELECT bank_name FROM accounts WHERE accounts.id = invitations.account_id), ''),
			(SELECT MIN(given_at)
			FROM consents
			WHERE consents.customer_id = invitations.customer_id AND consents.invitation_id = invitations.id),
			COALESCE(last.state, ''), COALESCE(last.bank_name, ''), COALESCE(last.reason, ''),
			last.created_at, last.expires_at, last.ended_at
		FROM invitations LEFT JOIN link_attempts AS last ON last.id = (
			SELECT MAX(id)
			FROM link_attempts AS tries
			WHERE tries.customer_id = invitations.customer_id AND tries.invitation_id = invitations.id)
		WHERE ` + more
}

func scanLinkProgress(row scanner) (l LinkProgress, err error) {
	o := &l.Last
	err = row.Scan(append(
		l.columns(), &l.Bank, timeOf{&l.AgreedAt}, &o.State, &o.BankName, &o.Reason, timeOf{&o.CreatedAt},
		timeOf{&o.ExpiresAt}, timeOf{&o.EndedAt},
	)...)
	return l, err
}

// LinksByCustomer returns a customer's personal links, newest first.
func (s *Store) LinksByCustomer(ctx context.Context, customerID string) ([]LinkProgress, error) {
	return collect(ctx, s.read, scanLinkProgress, linkProgress(`invitations.customer_id = $1
		ORDER BY invitations.id DESC
		LIMIT 20`), customerID)
}

// LinkByID returns a customer's personal link.
func (s *Store) LinkByID(ctx context.Context, customerID, id string) (LinkProgress, error) {
	return one(ctx, s.read, scanLinkProgress, linkProgress(
		`invitations.id = $2 AND invitations.customer_id = $1`,
	), customerID, id)
}

// NewestLinks returns the personal link that was made last for each of some customers
// who have one.
func (s *Store) NewestLinks(ctx context.Context, customerIDs ...string) (map[string]LinkProgress, error) {
	if len(customerIDs) == 0 {
		return nil, nil
	}
	newest, err := collect(ctx, s.read, scanLinkProgress, linkProgress(`invitations.id IN (
			SELECT MAX(id)
			FROM invitations
			WHERE customer_id IN (`+marks(1, len(customerIDs))+`)
			GROUP BY customer_id)`), anys(customerIDs)...)
	links := map[string]LinkProgress{}
	for _, l := range newest {
		links[l.CustomerID] = l
	}
	return links, err
}

// NoteSent keeps when a customer's personal link was first taken to them, and by which
// way, in a word. Repeating it does no harm.
func (s *Store) NoteSent(ctx context.Context, actor, customerID, id, way string) error {
	return s.inTx(ctx, func(tx *tx) error { return tx.noteSent(ctx, actor, customerID, id, way) })
}

func (tx *tx) noteSent(ctx context.Context, actor, customerID, id, way string) error {
	changed, err := tx.changes(ctx, `
		UPDATE invitations
		SET sent_at = COALESCE(sent_at, $3)
		WHERE id = $1 AND customer_id = $2`, id, customerID, unixMS(tx.now))
	if err != nil || !changed {
		return cmp.Or(err, ErrNotFound)
	}
	return tx.audit(ctx, Act{Actor: actor, Action: ActLinkSent, Customer: customerID, Subject: id, Detail: way})
}

// NoteOpened keeps when a person first had the page of a personal link before them. Of a
// secret that nobody has been given, or whose link cannot be used, it keeps nothing.
func (s *Store) NoteOpened(ctx context.Context, secret string) error {
	i, err := s.OpenInvitation(ctx, secret)
	if errors.Is(err, ErrNotFound) || err == nil && !i.OpenedAt.IsZero() {
		return nil
	}
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *tx) error {
		return tx.exec(ctx, `UPDATE invitations SET opened_at = COALESCE(opened_at, $2) WHERE id = $1`, i.ID, unixMS(tx.now))
	})
}
