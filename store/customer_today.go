package store

import (
	"cmp"
	"context"
	"time"
)

// notPutOff is the condition that staff have not put a customer off, in a query whose first
// argument is now. Who was put off waits again from that moment on.
const notPutOff = `(customers.put_off_until IS NULL OR customers.put_off_until <= $1)`

// Contacted writes down that a member of staff has spoken to a customer just now. While they
// can take that back, to say so again is the same deed: what stood before it stays known.
func (s *Store) Contacted(ctx context.Context, staffID, customerID string) error {
	return s.inTx(ctx, func(tx *tx) error {
		changed, err := tx.changes(ctx, `
			UPDATE customers
			SET contacted_before = CASE WHEN contacted_by = $3 AND contacted_at > $4 THEN contacted_before ELSE contacted_at END,
				contacted_before_by = CASE WHEN contacted_by = $3 AND contacted_at > $4 THEN contacted_before_by ELSE contacted_by END,
				contacted_at = $2, contacted_by = $3
			WHERE id = $1`, customerID, unixMS(tx.now), staffID, unixMS(tx.now.Add(-UndoFor)))
		if err != nil || !changed {
			return cmp.Or(err, ErrNotFound)
		}
		return tx.audit(
			ctx, Act{Actor: ByStaff(staffID), Action: ActContacted, Customer: customerID, Subject: customerID},
		)
	})
}

// PutOff has a customer wait for nobody until a moment; zero: they wait again.
func (s *Store) PutOff(ctx context.Context, staffID, customerID string, until time.Time) error {
	return s.inTx(ctx, func(tx *tx) error {
		changed, err := tx.changes(
			ctx, `UPDATE customers SET put_off_until = $2 WHERE id = $1`, customerID, unixMS(until),
		)
		if err != nil || !changed {
			return cmp.Or(err, ErrNotFound)
		}
		act := Act{Actor: ByStaff(staffID), Action: ActPutOff, Customer: customerID, Subject: customerID}
		if until.IsZero() {
			act.Action = ActTakenBack
		} else {
			act.Detail = "until " + until.UTC().Format(time.RFC3339)
		}
		return tx.audit(ctx, act)
	})
}

// Asking is how far the requests to the banks are that somebody started.
type Asking struct{ All, Ended int }

// AskingOf counts the requests that a member of staff started since a moment.
func (s *Store) AskingOf(ctx context.Context, staffID string, since time.Time) (a Asking, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT COUNT(*), COUNT(ended_at)
		FROM refreshes
		WHERE staff_id = $1 AND staff_id <> '' AND created_at >= $2`, staffID, unixMS(since)).Scan(&a.All, &a.Ended)
	return a, err
}
