package store

import (
	"context"
	"errors"

	"balancelink/store/progress"
)

// What the customer list picks by is kept with each customer where it cannot be found
// by an index otherwise: whether an account is not unlinked, has a threshold and fell below it,
// and when the consent ends. It is worked out anew whenever what it follows from changes.

// keepLinks keeps whether an account of a customer is not unlinked. Among them are all who
// are linked: who of them shares none any more, [isLinked] says.
func (tx *tx) keepLinks(ctx context.Context, customerID string) error {
	return tx.exec(ctx, `
		UPDATE customers
		SET links = CASE
			WHEN EXISTS (SELECT 1 FROM accounts WHERE customer_id = $1 AND status <> 'unlinked') THEN 'linked'
			ELSE 'unlinked'
		END
		WHERE id = $1`, customerID)
}

// keepWatched keeps of an account's customer whether they have thresholds, and are below one.
// Whatever changes a threshold ends with it.
func (tx *tx) keepWatched(ctx context.Context, accountID string) error {
	return tx.exec(ctx, keepWatched, accountID)
}

const keepWatched = `
		UPDATE customers
		SET watched = EXISTS (SELECT 1 ` + theirThresholds + `), fell_below = EXISTS (SELECT 1 ` + theirThresholds + ` AND thresholds.below)
		WHERE id = (SELECT customer_id FROM accounts WHERE id = $1)`

const theirThresholds = `
			FROM accounts JOIN thresholds ON thresholds.account_id = accounts.id
			WHERE accounts.customer_id = customers.id`

// keepConsentEnd keeps when the consent of a customer ends that ends last.
func (tx *tx) keepConsentEnd(ctx context.Context, customerID string) error {
	state, err := tx.consent.state(ctx, tx, customerID, "")
	if err != nil {
		return err
	}
	ends, soon := unixMS(state.EndsAt), unixMS(state.SoonAt)
	if !state.Given {
		ends, soon = 0, 0
	}
	return tx.exec(ctx, `
		UPDATE customers
		SET consent_ends_at = $2, consent_soon_at = $3
		WHERE id = $1`, customerID, ends, soon)
}

// keepConsentEnds works out anew when all consents end if something else is set than
// when that was done last. It goes on where it was when it is stopped.
func (s *Store) keepConsentEnds(ctx context.Context) error {
	valid, unused := s.consent.valid.Milliseconds(), s.consent.unused.Milliseconds()
	var done bool
	err := s.read.QueryRowContext(
		ctx, `SELECT valid = $1 AND unused = $2 AND until = $3 FROM consent_ends`, valid, unused, behindIDs,
	).Scan(&done)
	if err != nil || done {
		return err
	}
	if err := s.exec(ctx, `
		UPDATE consent_ends
		SET valid = $1, unused = $2, until = ''
		WHERE valid <> $1 OR unused <> $2`, valid, unused); err != nil {
		return err
	}
	more, err := s.keepSomeConsentEnds(ctx)
	if err != nil || !more {
		return err
	}
	w := s.board.Begin(progress.Ending, 1)
	defer w.End()
	all, err := one(ctx, s.read, scanNumber, `SELECT COUNT(*) FROM customers`)
	w.Step("", progress.Customers, all)
	for more && err == nil {
		w.Add(consentBatch)
		more, err = s.keepSomeConsentEnds(ctx)
	}
	return err
}

// consentBatch is of how many customers a transaction works out when consents end.
const consentBatch = 500

func (s *Store) keepSomeConsentEnds(ctx context.Context) (more bool, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		more, err = tx.keepSomeConsentEnds(ctx)
		return err
	})
	return more, err
}

// behindIDs sorts behind every id.
const behindIDs = "~"

func (tx *tx) keepSomeConsentEnds(ctx context.Context) (more bool, err error) {
	ids, err := collect(ctx, tx, scanText, `
		SELECT id
		FROM customers
		WHERE id > (SELECT until FROM consent_ends)
		ORDER BY id
		LIMIT $1`, consentBatch)
	if err != nil {
		return false, err
	}
	until := behindIDs
	for _, id := range ids {
		err = errors.Join(err, tx.keepConsentEnd(ctx, id))
	}
	if len(ids) == consentBatch {
		until = ids[consentBatch-1]
	}
	return until != behindIDs, errors.Join(err, tx.exec(ctx, `UPDATE consent_ends SET until = $1`, until))
}
