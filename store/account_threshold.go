package store

import (
	"context"
	"errors"
	"time"
)

// Threshold is what should be available in an account at least: staff want to
// know when it is not. It is compared with the available balance, or with a
// balance of which nobody says whether it can be drawn: see [Threshold.Of].
type Threshold struct {
	AccountID string
	Amount    int64
	Currency  string
	StaffID   string // who set it
	SetAt     time.Time
	Below     bool      // the last figure that could be compared was less
	CrossedAt time.Time // when that last changed; zero: never
}

// Standing says on which side of its threshold an account is.
type Standing string

// The standings. What cannot be compared is neither above nor below.
const (
	StandsBelow   Standing = "below"
	StandsAbove   Standing = "above" // or at it
	StandsUnknown Standing = "unknown"
)

// stated holds for accounts whose newest answer states what is available:
// the figure that [Account.Unstated] finds nothing wrong with.
const stated = `accounts.available IS NOT NULL AND accounts.as_of_kind <> 'unknown' AND accounts.available_as_of >= accounts.as_of AND NOT accounts.available_worked_out
	AND (accounts.outdated_as_of IS NULL OR accounts.as_of > accounts.outdated_as_of)`

// compared is SQL for what an account's threshold is compared with, which
// [Account.compared] is too: NULL where nothing can be.
const compared = `CASE
	WHEN ` + stated + ` THEN accounts.available
	WHEN accounts.basis = 'unspecified' AND accounts.as_of_kind <> 'unknown'
		AND (accounts.outdated_as_of IS NULL OR accounts.as_of > accounts.outdated_as_of)
		AND (accounts.available IS NULL OR accounts.available_as_of < accounts.as_of) THEN accounts.ledger
	END`

// compared is what an account's threshold is compared with, and of which basis that
// is; empty: it is the available balance.
func (a Account) compared() (Amount, Basis) {
	switch {
	case a.Unstated() == "":
		return a.Available, ""
	case a.vague():
		return a.Figure, a.Basis
	}
	return Amount{}, ""
}

// withThreshold are a customer's accounts that have a threshold and can change.
const withThreshold = `EXISTS (
	SELECT 1
	FROM accounts JOIN thresholds ON thresholds.account_id = accounts.id
	WHERE accounts.customer_id = customers.id AND ` + canChange

// canChange are accounts that are linked and shared, and show what they have themselves; what
// else an account with a threshold has to be follows.
const canChange = followed + ` AND ` + notContinued + ` AND `

// Where an account stands as [Threshold.Of] has it, as SQL over both. Of one that is below
// that is kept, too, so that these are found by an index.
const (
	belowThreshold   = `thresholds.below AND accounts.as_of >= $stale AND NOT ` + ahead + ` AND (` + compared + `) < thresholds.amount`
	thresholdUnknown = `(accounts.as_of IS NULL OR accounts.as_of < $stale OR ` + ahead + ` OR (` + compared + `) IS NULL)`
)

// Of is the standing of an account, and the basis of the figure that it goes by;
// an empty one: that is the available balance. It is unknown without a figure that
// the bank stated in its newest answer, and when that is out of date or [Ahead].
func (t Threshold) Of(a Account, staleBefore, now time.Time) (Standing, Basis) {
	figure, basis := a.compared()
	switch {
	case !figure.Known || a.AsOf.Before(staleBefore) || Ahead(a.AsOf, now):
		return StandsUnknown, basis
	case figure.Minor < t.Amount:
		return StandsBelow, basis
	}
	return StandsAbove, basis
}

// SetThreshold sets an account's threshold, in the account's currency, in the
// place of the one before. Which side the account is on now is no crossing.
func (s *Store) SetThreshold(ctx context.Context, staffID, accountID string, amount int64) error {
	return s.inTx(ctx, func(tx *tx) error {
		a, err := findAccount(ctx, tx, Whole(), accountID)
		if err != nil {
			return err
		}
		if err := a.standsAlone(); err != nil {
			return err
		}
		figure, _ := a.compared()
		below := figure.Known && figure.Minor < amount
		err = tx.exec(ctx, `
			INSERT INTO thresholds (account_id, amount, currency, set_by, set_at, below)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (account_id) DO UPDATE
			SET amount = excluded.amount, currency = excluded.currency, set_by = excluded.set_by, set_at = excluded.set_at,
				below = excluded.below, crossed_at = NULL`,
			accountID, amount, a.Currency, staffID, unixMS(tx.now), below)
		if err != nil {
			return err
		}
		if err := tx.keepWatched(ctx, accountID); err != nil {
			return err
		}
		return tx.audit(
			ctx, Act{Actor: ByStaff(staffID), Action: ActThresholdSet, Customer: a.CustomerID, Subject: accountID},
		)
	})
}

// ClearThreshold removes an account's threshold, if it has one.
func (s *Store) ClearThreshold(ctx context.Context, staffID, accountID string) error {
	return s.inTx(ctx, func(tx *tx) error {
		a, err := findAccount(ctx, tx, Whole(), accountID)
		if err != nil {
			return err
		}
		changed, err := tx.changes(ctx, `DELETE FROM thresholds WHERE account_id = $1`, accountID)
		if err != nil || !changed {
			return err
		}
		if err := tx.keepWatched(ctx, accountID); err != nil {
			return err
		}
		return tx.audit(
			ctx, Act{Actor: ByStaff(staffID), Action: ActThresholdCleared, Customer: a.CustomerID, Subject: accountID},
		)
	})
}

// noteCrossing notes once that a new balance took an account across its
// threshold. A balance that cannot be compared crosses nothing.
func (tx *tx) noteCrossing(ctx context.Context, accountID string) error {
	changed, err := tx.changes(ctx, `
		UPDATE thresholds
		SET below = NOT below, crossed_at = $2
		WHERE account_id = $1 AND below <> (
			SELECT (`+compared+`) < thresholds.amount
			FROM accounts
			WHERE accounts.id = thresholds.account_id AND `+notContinued+`)`, accountID, unixMS(tx.now))
	if err != nil || !changed {
		return err
	}
	act, kind := Act{Actor: Program, Action: ActRoseAbove, Subject: accountID}, NoticeRoseAbove
	var below bool
	err = tx.QueryRowContext(ctx, keepWatched+`
		RETURNING id, (SELECT below FROM thresholds WHERE account_id = $1)`, accountID).Scan(&act.Customer, &below)
	if err != nil {
		return err
	}
	if below {
		act.Action, kind = ActFellBelow, NoticeFellBelow
	}
	if err := tx.tell(ctx, Notice{Type: kind, CustomerID: act.Customer, AccountID: accountID}); err != nil {
		return err
	}
	return tx.audit(ctx, act)
}

const thresholdColumns = `thresholds.account_id, thresholds.amount, thresholds.currency, thresholds.set_by, thresholds.set_at, thresholds.below, thresholds.crossed_at`

func scanThreshold(row scanner) (t Threshold, err error) {
	err = row.Scan(&t.AccountID, &t.Amount, &t.Currency, &t.StaffID, timeOf{&t.SetAt}, &t.Below, timeOf{&t.CrossedAt})
	return t, err
}

// thresholdOf is an account's threshold; nil: it has none.
func thresholdOf(ctx context.Context, q querier, accountID string) (*Threshold, error) {
	t, err := one(ctx, q, scanThreshold, `SELECT `+thresholdColumns+` FROM thresholds WHERE account_id = $1`, accountID)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return &t, err
}
