package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// NameMatch says whether the bank's name for the holder fits the customer's.
type NameMatch string

// The results of comparing names.
const (
	NamesSame      NameMatch = "same"
	NamesSimilar   NameMatch = "similar"
	NamesDifferent NameMatch = "different"
	NamesUnknown   NameMatch = "unknown" // the bank gave no name
)

// Errors of a decision.
var (
	// ErrDecided says that the link does not wait for a decision any more.
	ErrDecided = errors.New("store: somebody has decided already")
	// ErrNothingToBind says that nothing was received that could be bound.
	ErrNothingToBind = errors.New("store: there is nothing to bind")
	// ErrHeld says that another customer holds the account or the connection.
	ErrHeld = errors.New("store: another customer holds it")
)

// Review is a doubtful link that waits for staff.
type Review struct {
	Attempt
	CustomerName string
	Reference    string
	Accounts     []LinkedAccount // that approving would bind; none: it can only be refused
	Holders      []Holder        // other customers who have any of it now
	Broken       error           // a [*SealError]: Accounts does not open and is empty
}

// Holder is a customer who has an account or a connection that another claims.
type Holder struct {
	CustomerID, CustomerName string
	Linked                   bool // false: unlinked, so that it is free for another
}

const reviewColumns = attemptColumns + `, id, pending,
	(SELECT name FROM customers WHERE customers.id = link_attempts.customer_id),
	(SELECT reference FROM customers WHERE customers.id = link_attempts.customer_id)`

func scanReview(row scanner) (r Review, err error) {
	var id, pending string
	r.Attempt, err = scanAttempt(wider{row, []any{
		&id, &opening{column: attemptPending, row: &id, text: &pending, broken: &r.Broken}, &r.CustomerName,
		&r.Reference,
	}})
	if err != nil || pending == "" {
		return r, err
	}
	l, err := readPending(pending)
	r.Accounts = l.Accounts
	return r, err
}

func readPending(pending string) (l Link, err error) {
	if pending == "" {
		return l, ErrNothingToBind
	}
	if err = json.Unmarshal([]byte(pending), &l); err != nil {
		err = fmt.Errorf("reading what a link would bind: %w", err)
	}
	return l, err
}

// Reviews returns a page of the doubtful links of a customer, oldest first.
// after is the last one of the page before, empty for the first; customerID is
// empty for everybody's.
func (s *Store) Reviews(ctx context.Context, customerID, after string, limit int) ([]Review, error) {
	return reviews(ctx, s.read, customerID, after, limit)
}

func reviews(ctx context.Context, q querier, customerID, after string, limit int) ([]Review, error) {
	of, args := "", []any{after, limit}
	if customerID != "" {
		of, args = " AND customer_id = $3", append(args, customerID)
	}
	return collect(ctx, q, scanReview, `
		SELECT `+reviewColumns+`
		FROM link_attempts
		WHERE state = 'needs_review' AND id > $1`+of+`
		ORDER BY id
		LIMIT $2`, args...)
}

// Doubted is a customer whose links wait for staff.
type Doubted struct {
	CustomerID string
	Number     int    // of their links that wait
	Oldest     string // its id
	Reviews    []Review
}

// Doubted returns a page of the customers who have doubtful links, by their
// oldest, each with some of them. after is the Oldest of the last customer of the
// page before, empty for the first.
func (s *Store) Doubted(ctx context.Context, after string, limit, each int) (all []Doubted, err error) {
	err = s.inSnapshot(ctx, func(q querier) error {
		if all, err = collect(ctx, q, scanDoubted, `
			SELECT customer_id, COUNT(*), MIN(id)
			FROM link_attempts
			WHERE state = 'needs_review'
			GROUP BY customer_id
			HAVING MIN(id) > $1
			ORDER BY MIN(id)
			LIMIT $2`, after, limit); err != nil {
			return err
		}
		for i := range all {
			if all[i].Reviews, err = reviews(ctx, q, all[i].CustomerID, "", each); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

func scanDoubted(row scanner) (d Doubted, err error) {
	err = row.Scan(&d.CustomerID, &d.Number, &d.Oldest)
	return d, err
}

// ReviewByID returns a link that waits for staff, with who has any of it now.
// One that somebody has decided about is [ErrDecided].
func (s *Store) ReviewByID(ctx context.Context, id string) (r Review, err error) {
	err = s.inSnapshot(ctx, func(q querier) error {
		if r, err = one(
			ctx, q, scanReview, `SELECT `+reviewColumns+` FROM link_attempts WHERE id = $1`, id,
		); err != nil {
			return err
		}
		if r.State != AttemptNeedsReview {
			return ErrDecided
		}
		r.Holders, err = holders(ctx, q, r)
		return err
	})
	return r, err
}

// holders are the other customers who have the record or one of the accounts.
func holders(ctx context.Context, q querier, r Review) (all []Holder, err error) {
	add := func(h Holder, err error) error {
		if err == nil && h.CustomerID != r.CustomerID {
			all = append(all, h)
		}
		if errors.Is(err, ErrNotFound) {
			err = nil
		}
		return err
	}
	for _, acc := range r.Accounts {
		if err := add(one(ctx, q, scanHolder, `
			SELECT customers.id, customers.name, accounts.status <> 'unlinked'
			FROM accounts JOIN customers ON customers.id = accounts.customer_id
			WHERE accounts.provider = $1 AND accounts.env = $2 AND accounts.provider_id = $3`, r.Provider, r.Env,
			acc.ProviderID)); err != nil {
			return nil, err
		}
	}
	return all, add(one(ctx, q, scanHolder, `
		SELECT customers.id, customers.name,
			EXISTS (SELECT 1 FROM accounts WHERE accounts.record_id = records.id AND status <> 'unlinked')
		FROM records JOIN customers ON customers.id = records.customer_id
		WHERE records.provider = $1 AND records.env = $2 AND records.provider_id = $3`, r.Provider, r.Env,
		r.ProviderRecord))
}

func scanHolder(row scanner) (h Holder, err error) {
	err = row.Scan(&h.CustomerID, &h.CustomerName, &h.Linked)
	return h, err
}

// park keeps a doubtful link, bound to nobody, until staff have decided.
func (tx *tx) park(ctx context.Context, a Attempt, l Link) error {
	a.BankName, a.Holder, a.NameMatch = l.Bank.Name, l.Holder, l.NameMatch
	if err := tx.endAttempt(ctx, a, AttemptNeedsReview, l.Doubt); err != nil || len(l.Accounts) == 0 {
		return err
	}
	return tx.keepPending(ctx, a.ID, l)
}

// keepPending keeps what approving a doubtful link would bind.
func (tx *tx) keepPending(ctx context.Context, attemptID string, l Link) error {
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	kept, err := tx.sealed(attemptPending, attemptID, string(text))
	if err != nil {
		return err
	}
	return tx.exec(ctx, `UPDATE link_attempts SET pending = $2 WHERE id = $1`, attemptID, kept)
}

// ApproveLink binds a doubtful link after all, in one transaction. While another
// customer has any of it, it is [ErrHeld]; what they had and is unlinked stays
// theirs as history, and the provider's id goes over.
func (s *Store) ApproveLink(ctx context.Context, actor, id, reason string) error {
	err := s.inTx(ctx, func(tx *tx) error {
		a, err := tx.undecided(ctx, id)
		if err != nil {
			return err
		}
		l, err := tx.pending(ctx, id)
		if err != nil {
			return err
		}
		l.Note = a.Reason
		if err := tx.useInvitation(ctx, a); err != nil && !errors.Is(err, errUsed) {
			return err
		}
		a.InvitationID = "" // it counts that staff agree, whatever became of the personal link
		if err := tx.release(ctx, a, l); err != nil {
			return err
		}
		if err := tx.finishLink(ctx, a, l, actor); err != nil {
			return err
		}
		return tx.decide(ctx, a, actor, ActLinkApproved, reason)
	})
	if errors.Is(err, errClaimed) {
		return ErrHeld
	}
	return err
}

// RefuseLink ends a doubtful link for good and drops what was received of it.
func (s *Store) RefuseLink(ctx context.Context, actor, id, reason string) error {
	return s.inTx(ctx, func(tx *tx) error {
		a, err := tx.undecided(ctx, id)
		if err != nil {
			return err
		}
		a.State, a.Holder = AttemptRefused, ""
		if err := tx.saveAttempt(ctx, a); err != nil {
			return err
		}
		if err := tx.exec(ctx, `UPDATE link_attempts SET report = '' WHERE id = $1`, a.ID); err != nil {
			return err
		}
		if err := tx.dropRefused(ctx, a); err != nil {
			return err
		}
		if err := tx.tell(ctx, Notice{
			Type: NoticeLinkFailed, CustomerID: a.CustomerID, Subject: a.InvitationID, State: string(a.State),
		}); err != nil {
			return err
		}
		return tx.decide(ctx, a, actor, ActLinkRefused, reason)
	})
}

// undecided is a link that still waits for a decision.
func (tx *tx) undecided(ctx context.Context, id string) (Attempt, error) {
	a, err := one(ctx, tx, scanAttempt, `SELECT `+attemptColumns+` FROM link_attempts WHERE id = $1`, id)
	if err == nil && a.State != AttemptNeedsReview {
		err = ErrDecided
	}
	return a, err
}

// pending is what approving a link would bind.
func (tx *tx) pending(ctx context.Context, id string) (Link, error) {
	text, err := one(ctx, tx, func(row scanner) (text string, err error) {
		err = row.Scan(&opening{column: attemptPending, row: &id, text: &text})
		return text, err
	}, `SELECT pending FROM link_attempts WHERE id = $1`, id)
	if err != nil {
		return Link{}, err
	}
	return readPending(text)
}

// release frees what another customer had and has unlinked: the row stays
// theirs with its history, under a provider's id that means nothing any more.
func (tx *tx) release(ctx context.Context, a Attempt, l Link) error {
	for _, acc := range l.Accounts {
		err := tx.exec(ctx, `
			UPDATE accounts
			SET provider_id = provider_id || ' released ' || id
			WHERE provider = $1 AND env = $2 AND provider_id = $3 AND customer_id <> $4 AND status = 'unlinked'`,
			a.Provider, a.Env, acc.ProviderID, a.CustomerID)
		if err != nil {
			return err
		}
	}
	return tx.exec(ctx, `
		UPDATE records
		SET provider_id = provider_id || ' released ' || id
		WHERE provider = $1 AND env = $2 AND provider_id = $3 AND customer_id <> $4
		AND NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.record_id = records.id AND accounts.status <> 'unlinked')`,
		a.Provider, a.Env, l.ProviderRecord, a.CustomerID)
}

// dropRefused removes the webhooks that came with a refused link, unless the
// record is somebody else's too: theirs are none of this customer's business.
func (tx *tx) dropRefused(ctx context.Context, a Attempt) error {
	return tx.exec(ctx, `
		UPDATE events
		SET result = 'ignored', reason = 'The link was refused. The payload was removed.', body = $4
		WHERE provider = $1 AND env = $2 AND provider_record = $3 AND result = 'unmatched'
		AND NOT EXISTS (
			SELECT 1
			FROM link_attempts
			WHERE link_attempts.provider_record = $3 AND link_attempts.provider_record <> '' AND link_attempts.id <> $5 AND link_attempts.state IN ('claimed', 'linked', 'needs_review'))`,
		a.Provider, a.Env, a.ProviderRecord, []byte(droppedBody), a.ID)
}

func (tx *tx) decide(ctx context.Context, a Attempt, actor string, action Action, reason string) error {
	err := tx.exec(ctx, `
		UPDATE link_attempts
		SET pending = '', decided_by = $2, decided_at = $3, decision = $4
		WHERE id = $1`, a.ID, actor, unixMS(tx.now), reason)
	if err != nil {
		return err
	}
	return tx.audit(ctx, Act{Actor: actor, Action: action, Customer: a.CustomerID, Subject: a.ID})
}
