package store

import (
	"cmp"
	"context"
	"errors"
	"time"
)

// AskFundsSum writes down a question about a customer's accounts in one currency. One for
// a day to come waits for [Store.BeginFundsSum]. Another is answered at once, or with ask
// when the requests to the banks have ended that this starts. A customer without a linked
// account in that currency is [ErrUnlinked].
func (s *Store) AskFundsSum(ctx context.Context, f FundsSum, ask *RefreshRequest) (FundsSum, error) {
	err := s.inTx(ctx, func(tx *tx) error {
		accounts, err := tx.accountsIn(ctx, f)
		if err != nil {
			return err
		}
		if !anyLinked(accounts) {
			return ErrUnlinked
		}
		f.ID, f.AskedAt = newID(), tx.now
		if err := tx.exec(ctx, `
			INSERT INTO funds_sums (id, customer_id, staff_id, amount, currency, fresh_for, due_at, asked_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			f.ID, f.CustomerID, f.StaffID, f.Amount, f.Currency, f.FreshFor.Milliseconds(), unixMS(f.DueAt),
			unixMS(f.AskedAt)); err != nil {
			return err
		}
		if err := tx.audit(ctx, f.act(ByStaff(f.StaffID), ActFundsAsked)); err != nil || f.DueAt.After(tx.now) {
			return err
		}
		return tx.beginFundsSum(ctx, &f, accounts, ask)
	})
	return f, err
}

func (f FundsSum) act(actor string, a Action) Act {
	return Act{Actor: actor, Action: a, Customer: f.CustomerID, Subject: f.ID}
}

// accountsIn are the customer's accounts in the currency of a question, each once.
func (tx *tx) accountsIn(ctx context.Context, f FundsSum) ([]Account, error) {
	return standing(collect(ctx, tx, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts
		WHERE customer_id = $1 AND currency = $2
		ORDER BY bank_name, name, id`, f.CustomerID, f.Currency))
}

func anyLinked(accounts []Account) bool {
	for _, a := range accounts {
		if a.Status == AccountLinked || a.Status == AccountNeedsLogin {
			return true
		}
	}
	return false
}

// DueFundsSums are the ids of the questions for whose day it is time.
func (s *Store) DueFundsSums(ctx context.Context, limit int) ([]string, error) {
	return collect(ctx, s.read, scanText, `
		SELECT id
		FROM funds_sums
		WHERE due_at <= $1 AND due_at IS NOT NULL AND begun_at IS NULL AND cancelled_at IS NULL
		ORDER BY due_at
		LIMIT $2`, unixMS(s.now()), limit)
}

// BeginFundsSum has the banks asked for a question whose time has come. It is answered
// when these requests have ended. One that was begun before, or cancelled, stays as it is.
func (s *Store) BeginFundsSum(ctx context.Context, id string, ask RefreshRequest) error {
	return s.inTx(ctx, func(tx *tx) error {
		f, err := one(ctx, tx, scanFundsSum, selectFundsSum+` WHERE funds_sums.id = $1`, id)
		if gone(err) || err == nil && !(f.BegunAt.IsZero() && f.CancelledAt.IsZero()) {
			return nil
		}
		if err != nil {
			return err
		}
		accounts, err := tx.accountsIn(ctx, f)
		if err != nil {
			return err
		}
		return tx.beginFundsSum(ctx, &f, accounts, &ask)
	})
}

// beginFundsSum asks the banks, if they are to be asked, and answers unless one of them
// is still to answer.
func (tx *tx) beginFundsSum(ctx context.Context, f *FundsSum, accounts []Account, ask *RefreshRequest) error {
	f.BegunAt = tx.now
	if err := tx.exec(
		ctx, `UPDATE funds_sums SET begun_at = $2 WHERE id = $1`, f.ID, unixMS(f.BegunAt),
	); err != nil {
		return err
	}
	for _, a := range accounts {
		if ask == nil || a.Status != AccountLinked {
			continue
		}
		q := *ask
		q.AccountID, q.Kind = a.ID, KindRefresh
		id, err := tx.freshest(ctx, q)
		if errors.Is(err, ErrUnlinked) || errors.Is(err, ErrNoConsent) || errors.Is(err, ErrNoProvider) {
			continue // the bank cannot be asked
		}
		if err != nil {
			return err
		}
		if err := tx.exec(
			ctx, `INSERT INTO funds_sum_asks (sum_id, account_id, refresh_id) VALUES ($1, $2, $3)`, f.ID, a.ID, id,
		); err != nil {
			return err
		}
	}
	return tx.answerFundsSum(ctx, f)
}

// answerFundsSum writes the answer down, unless a request is under way that it waits for.
// One that is there already stays.
func (tx *tx) answerFundsSum(ctx context.Context, f *FundsSum) error {
	open, err := one(ctx, tx, scanNumber, `
		SELECT COUNT(*)
		FROM funds_sum_asks JOIN refreshes ON refreshes.id = funds_sum_asks.refresh_id
		WHERE funds_sum_asks.sum_id = $1 AND refreshes.ended_at IS NULL`, f.ID)
	if err != nil || open > 0 {
		return err
	}
	accounts, err := tx.accountsIn(ctx, *f)
	if err != nil {
		return err
	}
	f.Parts, f.Available, f.Unspecified = nil, Amount{}, Amount{} // of a try that was taken back
	for _, a := range accounts {
		consent, err := tx.consent.state(ctx, tx, f.CustomerID, a.Provider)
		if err != nil {
			return err
		}
		f.Parts = append(f.Parts, f.partOf(a, accounts, consent, tx.now))
	}
	f.decide()
	f.AnsweredAt = tx.now
	changed, err := tx.changes(ctx, `
		INSERT INTO funds_sum_answers (sum_id, answer, reason, available, unspecified, answered_at)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (sum_id) DO NOTHING`, f.ID, f.Answer, f.Reason, f.Available, f.Unspecified, unixMS(f.AnsweredAt))
	if err != nil || !changed {
		return err
	}
	for _, p := range f.Parts {
		if err := tx.keepPart(ctx, f.ID, p); err != nil {
			return err
		}
	}
	return tx.audit(ctx, f.act(Program, ActFundsAnswered))
}

func (tx *tx) keepPart(ctx context.Context, sumID string, p FundsPart) error {
	return tx.exec(ctx, `
		INSERT INTO funds_sum_parts (sum_id, account_id, left_out, available, figure, basis, as_of, as_of_kind, checked_at, balance_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, COALESCE((SELECT balance_id FROM accounts WHERE id = $2), ''))`,
		sumID, p.AccountID, p.LeftOut, p.Available, p.Figure, p.Basis, unixMS(p.AsOf), p.AsOfKind, unixMS(p.CheckedAt))
}

// answerSums answers the questions about several accounts that have waited for a request
// about this one.
func (tx *tx) answerSums(ctx context.Context, accountID string) error {
	waiting, err := collect(ctx, tx, scanFundsSum, selectFundsSum+`
		JOIN funds_sum_asks ON funds_sum_asks.sum_id = funds_sums.id
		WHERE funds_sum_asks.account_id = $1 AND funds_sum_answers.sum_id IS NULL`, accountID)
	if err != nil {
		return err
	}
	for _, f := range waiting {
		if err := tx.answerFundsSum(ctx, &f); err != nil {
			return err
		}
	}
	return nil
}

// CancelFundsSum takes back a question for a day to come. One that has begun is
// [ErrConflict].
func (s *Store) CancelFundsSum(ctx context.Context, staffID, customerID, id string) error {
	return s.inTx(ctx, func(tx *tx) error {
		return tx.onFundsSum(ctx, customerID, id, ByStaff(staffID), ActFundsCancelled, `
			UPDATE funds_sums
			SET cancelled_at = $2
			WHERE id = $1 AND begun_at IS NULL AND cancelled_at IS NULL`, unixMS(tx.now))
	})
}

// SeeFundsSum notes that staff have seen the answer that they had waited for, which then
// waits for nobody. One that is not answered yet is [ErrConflict].
func (s *Store) SeeFundsSum(ctx context.Context, staffID, customerID, id string) error {
	return s.inTx(ctx, func(tx *tx) error {
		return tx.onFundsSum(ctx, customerID, id, ByStaff(staffID), ActFundsNoted, `
			UPDATE funds_sums
			SET seen_at = $2, seen_by = $3
			WHERE id = $1 AND due_at IS NOT NULL AND seen_at IS NULL
			AND EXISTS (SELECT 1 FROM funds_sum_answers WHERE sum_id = funds_sums.id)`, unixMS(tx.now), staffID)
	})
}

// onFundsSum changes a customer's question by a statement whose first argument is its id.
func (tx *tx) onFundsSum(
	ctx context.Context, customerID, id, actor string, action Action, query string, args ...any,
) error {
	f, err := one(ctx, tx, scanFundsSum, selectFundsSum+`
		WHERE funds_sums.id = $1 AND funds_sums.customer_id = $2`, id, customerID)
	if err != nil {
		return err
	}
	changed, err := tx.changes(ctx, query, append([]any{id}, args...)...)
	if err != nil || !changed {
		return cmp.Or(err, ErrConflict)
	}
	return tx.audit(ctx, f.act(actor, action))
}

// DecideFunds writes down what a member of staff decided on the ground of a question. What
// was decided before stays. One that is not answered yet is [ErrConflict].
func (s *Store) DecideFunds(ctx context.Context, customerID, id string, d FundsDecision) error {
	return s.inTx(ctx, func(tx *tx) error {
		err := tx.onFundsSum(ctx, customerID, id, ByStaff(d.StaffID), ActFundsDecided, `
			INSERT INTO funds_decisions (id, sum_id, staff_id, decision, note, at)
			SELECT $2, $1, $3, $4, $5, $6
			WHERE EXISTS (SELECT 1 FROM funds_sum_answers WHERE sum_id = $1)`,
			newID(), d.StaffID, d.Decision, d.Note, unixMS(tx.now))
		if err != nil {
			return err
		}
		return tx.exec(ctx, `
			UPDATE funds_sums
			SET seen_at = $2, seen_by = $3
			WHERE id = $1 AND due_at IS NOT NULL AND seen_at IS NULL`, id, unixMS(tx.now), d.StaffID)
	})
}

const fundsSumColumns = `funds_sums.id, funds_sums.customer_id, funds_sums.staff_id, funds_sums.amount, funds_sums.currency,
	funds_sums.fresh_for, funds_sums.due_at, funds_sums.asked_at, funds_sums.begun_at, funds_sums.cancelled_at,
	funds_sums.seen_at, funds_sums.seen_by, COALESCE(funds_sum_answers.answer, ''),
	COALESCE(funds_sum_answers.reason, ''), funds_sum_answers.available, funds_sum_answers.unspecified,
	funds_sum_answers.answered_at`

const selectFundsSum = `
	SELECT ` + fundsSumColumns + `
	FROM funds_sums LEFT JOIN funds_sum_answers ON funds_sum_answers.sum_id = funds_sums.id`

func scanFundsSum(row scanner) (f FundsSum, err error) {
	var freshFor int64
	err = row.Scan(&f.ID, &f.CustomerID, &f.StaffID, &f.Amount, &f.Currency, &freshFor, timeOf{&f.DueAt},
		timeOf{&f.AskedAt}, timeOf{&f.BegunAt}, timeOf{&f.CancelledAt}, timeOf{&f.SeenAt}, &f.SeenBy,
		&f.Answer, &f.Reason, &f.Available, &f.Unspecified, timeOf{&f.AnsweredAt})
	f.FreshFor = time.Duration(freshFor) * time.Millisecond
	return f, err
}
