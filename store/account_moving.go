package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"balancelink/store/fold"
)

// ErrNotSame says that one account cannot be another under a new id.
var ErrNotSame = errors.New("store: the accounts cannot be one")

// Question is whether an account is one that its customer had already. Staff say.
type Question struct {
	AccountID    string
	CustomerID   string
	CustomerName string
	Reason       QuestionReason
	AskedAt      time.Time
	Decision     QuestionDecision // empty: it waits
	DecidedBy    string           // an actor of the audit log
	DecidedAt    time.Time
}

// QuestionReason says why an account was not joined by itself.
type QuestionReason string

// The reasons.
const (
	QuestionSeveral QuestionReason = "several" // more than one account could be the same
	QuestionHolder  QuestionReason = "holder"  // the banks name different holders
	QuestionNumber  QuestionReason = "number"  // one of the two has no number
)

// QuestionDecision is what staff said.
type QuestionDecision string

// The decisions.
const (
	DecisionJoined QuestionDecision = "joined"
	DecisionApart  QuestionDecision = "apart"
)

// standsAlone is [ErrUnlinked] for an account of which nothing is asked any more: it
// was unlinked, or its history goes on in another.
func (a Account) standsAlone() error {
	if a.Status == AccountUnlinked || a.ContinuedBy != "" {
		return ErrUnlinked
	}
	return nil
}

// mayContinue says that an account may be an older one of its customer under a new
// id. Without a number or a key of the bank nobody can tell, and staff may say so.
func (a Account) mayContinue(old Account) bool {
	switch {
	case a.ID == old.ID, a.CustomerID != old.CustomerID, a.Env != old.Env, a.Currency != old.Currency,
		a.Continues != "", a.ContinuedBy != "", old.ContinuedBy != "",
		a.LinkedAt.Before(old.LinkedAt), a.LinkedAt.Equal(old.LinkedAt) && a.ID < old.ID:
		return false
	case a.Bank.Key == "" || old.Bank.Key == "":
		return a.NUBAN != "" && a.NUBAN == old.NUBAN
	}
	return a.Bank.Key == old.Bank.Key && (a.NUBAN == old.NUBAN || a.NUBAN == "" || old.NUBAN == "")
}

// carryOn looks among the customer's accounts for the one that a new account is under
// another id, and lets its history go on in the new one. Where that is in doubt, staff
// are asked. An account of another customer is only noted.
func (tx *tx) carryOn(ctx context.Context, l Link, recordID, id string) error {
	a, err := findAccount(ctx, tx, Whole(), id)
	if err != nil || a.Bank.Key == "" {
		return err
	}
	if err := tx.noteElsewhere(ctx, a); err != nil {
		return err
	}
	found, err := collect(ctx, tx, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts
		WHERE customer_id = $1 AND env = $2 AND bank_key = $3 AND currency = $4 AND id <> $5 AND record_id <> $6 AND `+notContinued+`
		ORDER BY linked_at, id`, a.CustomerID, a.Env, a.Bank.Key, a.Currency, a.ID, recordID)
	if err != nil {
		return err
	}
	var same []Account
	unsure := false
	for _, old := range found {
		if a.NUBAN == "" || old.NUBAN == "" {
			unsure = true
		} else if a.NUBAN == old.NUBAN {
			same = append(same, old)
		}
	}
	switch {
	case len(same) > 1:
		return tx.askWhether(ctx, a, QuestionSeveral)
	case len(same) == 0 && unsure:
		return tx.askWhether(ctx, a, QuestionNumber)
	case len(same) == 0:
		return nil
	}
	if other, err := tx.otherHolder(ctx, l, same[0]); err != nil || other {
		if err != nil {
			return err
		}
		return tx.askWhether(ctx, a, QuestionHolder)
	}
	return tx.join(ctx, Program, a, same[0])
}

// noteElsewhere notes an account of another customer that has the number of a new one.
// It joins nothing: that two people name one account is for staff to look at, while it
// is linked.
func (tx *tx) noteElsewhere(ctx context.Context, a Account) error {
	if a.NUBAN == "" || a.Bank.Key == "" {
		return nil
	}
	type numbered struct{ id, nuban string }
	all, err := collect(ctx, tx, func(row scanner) (n numbered, err error) {
		var broken error
		err = row.Scan(&n.id, &opening{column: accountNUBAN, row: &n.id, text: &n.nuban, broken: &broken})
		return n, err
	}, `
		SELECT id, nuban
		FROM accounts
		WHERE bank_key = $1 AND bank_key <> '' AND currency = $2 AND env = $3 AND customer_id <> $4
		ORDER BY id`, a.Bank.Key, a.Currency, a.Env, a.CustomerID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(n numbered) bool { return n.nuban == a.NUBAN })
	if i < 0 {
		return nil
	}
	return tx.exec(ctx, `UPDATE accounts SET also_with = $2 WHERE id = $1`, a.ID, all[i].id)
}

// otherHolder says that the bank names another holder for an older account than for
// those of a link. Names that both fit the customer's are the customer's.
func (tx *tx) otherHolder(ctx context.Context, l Link, old Account) (bool, error) {
	type named struct {
		holder string
		match  NameMatch
	}
	was, err := one(ctx, tx, func(row scanner) (n named, err error) {
		err = row.Scan(&n.holder, &n.match)
		return n, err
	}, `
		SELECT link_attempts.holder, link_attempts.name_match
		FROM accounts JOIN records ON records.id = accounts.record_id JOIN link_attempts ON link_attempts.id = records.attempt_id
		WHERE accounts.id = $1`, old.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return false, err
	}
	if l.NameMatch != NamesDifferent && was.match != NamesDifferent {
		return false, nil
	}
	return fold.Words(l.Holder) != fold.Words(was.holder), nil
}

func (tx *tx) askWhether(ctx context.Context, a Account, why QuestionReason) error {
	if err := tx.exec(ctx, `
		INSERT INTO account_questions (account_id, customer_id, reason, asked_at)
		VALUES ($1, $2, $3, $4)`, a.ID, a.CustomerID, why, unixMS(tx.now)); err != nil {
		return err
	}
	return tx.mailStaff(ctx, Mail{Kind: MailReview, CustomerID: a.CustomerID, AccountID: a.ID})
}

// join lets the history of an account go on in a newer one. Of what the older has
// nothing is moved. Its threshold holds for the newer one too, unless that has its
// own; which side that is on is no crossing.
func (tx *tx) join(ctx context.Context, actor string, a, old Account) error {
	if err := tx.exec(ctx, `UPDATE accounts SET continues = $2 WHERE id = $1`, a.ID, old.ID); err != nil {
		return err
	}
	if err := tx.decideQuestion(ctx, actor, a.ID, DecisionJoined); err != nil {
		return err
	}
	if err := tx.audit(ctx, Act{
		Actor: actor, Action: ActHistoryJoined, Customer: a.CustomerID, Subject: a.ID, Detail: old.ID,
	}); err != nil {
		return err
	}
	own, err := thresholdOf(ctx, tx, a.ID)
	if err != nil || own != nil {
		return err
	}
	t, err := thresholdOf(ctx, tx, old.ID)
	if err != nil || t == nil {
		return err
	}
	if figure, _ := a.compared(); figure.Known {
		t.Below = figure.Minor < t.Amount
	}
	if err := tx.exec(ctx, `
		INSERT INTO thresholds (account_id, amount, currency, set_by, set_at, below)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		a.ID, t.Amount, t.Currency, t.StaffID, unixMS(t.SetAt), t.Below); err != nil {
		return err
	}
	if err := tx.keepWatched(ctx, a.ID); err != nil {
		return err
	}
	return tx.audit(ctx, Act{Actor: actor, Action: ActThresholdCopied, Customer: a.CustomerID, Subject: a.ID})
}

// linkedAgain takes up what unlinking an account has ended.
func (tx *tx) linkedAgain(ctx context.Context, was Account) error {
	if was.Status == AccountUnlinked {
		now, err := findAccount(ctx, tx, Whole(), was.ID)
		if err != nil {
			return err
		}
		if err := tx.noteElsewhere(ctx, now); err != nil {
			return err
		}
	}
	return tx.comeBack(ctx, was)
}

// comeBack lets an account that was linked again go on with the history of those that
// had continued it: the one that was linked last is the one that is shown.
func (tx *tx) comeBack(ctx context.Context, a Account) error {
	if a.ContinuedBy == "" {
		return nil
	}
	newest := a
	for newest.ContinuedBy != "" {
		var err error
		if newest, err = findAccount(ctx, tx, Whole(), newest.ContinuedBy); err != nil {
			return err
		}
	}
	if err := tx.exec(ctx, `UPDATE accounts SET continues = '' WHERE id = $1`, a.ID); err != nil {
		return err
	}
	if err := tx.exec(ctx, `UPDATE accounts SET continues = $2 WHERE id = $1`, a.ContinuedBy, a.Continues); err != nil {
		return err
	}
	if err := tx.exec(ctx, `DELETE FROM thresholds WHERE account_id = $1`, a.ID); err != nil { // that of the newest holds
		return err
	}
	if err := tx.keepWatched(ctx, a.ID); err != nil {
		return err
	}
	now, err := findAccount(ctx, tx, Whole(), a.ID)
	if err != nil {
		return err
	}
	return tx.join(ctx, Program, now, newest)
}

func (tx *tx) decideQuestion(ctx context.Context, actor, accountID string, d QuestionDecision) error {
	return tx.exec(ctx, `
		UPDATE account_questions
		SET decision = $2, decided_by = $3, decided_at = $4
		WHERE account_id = $1`, accountID, d, actor, unixMS(tx.now))
}

// JoinAccounts lets the history of an account go on in a newer one of the customer,
// since staff say that they are one. What cannot be one is [ErrNotSame].
func (s *Store) JoinAccounts(ctx context.Context, actor, id, older string) error {
	return s.inTx(ctx, func(tx *tx) error {
		a, err := findAccount(ctx, tx, Whole(), id)
		if err != nil {
			return err
		}
		old, err := findAccount(ctx, tx, Whole(), older)
		if err != nil {
			return err
		}
		if a.Continues == old.ID {
			return nil
		}
		if !a.mayContinue(old) {
			return ErrNotSame
		}
		return tx.join(ctx, actor, a, old)
	})
}

// PartAccounts lets an account and the one that it continues stand each by itself
// again, or says of one in question that it is no other. A threshold that was taken
// over, and not set anew since, goes. Repeating it does no harm.
func (s *Store) PartAccounts(ctx context.Context, actor, id string) error {
	return s.inTx(ctx, func(tx *tx) error {
		a, err := findAccount(ctx, tx, Whole(), id)
		if err != nil {
			return err
		}
		waits, err := tx.isInQuestion(ctx, id)
		if err != nil || a.Continues == "" && !waits {
			return err
		}
		if a.Continues != "" {
			if err := tx.exec(ctx, `
				DELETE FROM thresholds
				WHERE account_id = $1 AND (amount, set_by, set_at) IN (SELECT amount, set_by, set_at FROM thresholds WHERE account_id = $2)`,
				a.ID, a.Continues); err != nil {
				return err
			}
			if err := tx.keepWatched(ctx, a.ID); err != nil {
				return err
			}
			if err := tx.exec(ctx, `UPDATE accounts SET continues = '' WHERE id = $1`, a.ID); err != nil {
				return err
			}
			// What it has may have crossed its threshold meanwhile.
			if err := tx.heard(ctx, a.Continues, true); err != nil {
				return err
			}
		}
		if err := tx.decideQuestion(ctx, actor, a.ID, DecisionApart); err != nil {
			return err
		}
		return tx.audit(ctx, Act{
			Actor: actor, Action: ActHistoryParted, Customer: a.CustomerID, Subject: a.ID, Detail: a.Continues,
		})
	})
}

func (tx *tx) isInQuestion(ctx context.Context, accountID string) (waits bool, err error) {
	err = tx.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT 1 FROM account_questions WHERE account_id = $1 AND decided_at IS NULL)`, accountID).Scan(&waits)
	return waits, err
}

// OlderOf returns the accounts of which staff may say that the account continues them.
func (s *Store) OlderOf(ctx context.Context, id string) (older []Account, err error) {
	err = s.inSnapshot(ctx, func(q querier) error {
		a, err := findAccount(ctx, q, Whole(), id)
		if err != nil {
			return err
		}
		older, err = accountsWithin(ctx, q, OfCustomer(a.CustomerID))
		older = slices.DeleteFunc(older, func(old Account) bool { return !a.mayContinue(old) })
		return err
	})
	return older, err
}

// Chain returns an account within a scope and those whose history goes on in it, the
// newest first. Beyond the scope the chain ends.
func (s *Store) Chain(ctx context.Context, scope Scope, id string) (all []Account, err error) {
	err = s.inSnapshot(ctx, func(q querier) error {
		all, err = chainOf(ctx, q, scope, id)
		return err
	})
	return all, err
}

func chainOf(ctx context.Context, q querier, scope Scope, id string) (all []Account, err error) {
	for id != "" {
		a, err := findAccount(ctx, q, scope, id)
		if errors.Is(err, ErrNotFound) && len(all) > 0 {
			break
		}
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(all, func(b Account) bool { return b.ID == a.ID }) {
			return nil, fmt.Errorf("the history of account %s goes on in itself", a.ID)
		}
		all, id = append(all, a), a.Continues
	}
	return all, nil
}

// withOlder are accounts and those whose histories go on in them, each once.
func (tx *tx) withOlder(ctx context.Context, accounts []Account) (all []Account, err error) {
	for _, a := range accounts {
		chain, err := chainOf(ctx, tx, Whole(), a.ID)
		if err != nil {
			return nil, err
		}
		for _, link := range chain {
			if !slices.ContainsFunc(all, func(b Account) bool { return b.ID == link.ID }) {
				all = append(all, link)
			}
		}
	}
	return all, nil
}

const questionColumns = `account_questions.account_id, account_questions.customer_id, account_questions.reason, account_questions.asked_at,
	account_questions.decision, account_questions.decided_by, account_questions.decided_at,
	(SELECT name FROM customers WHERE customers.id = account_questions.customer_id)`

func scanQuestion(row scanner) (q Question, err error) {
	err = row.Scan(&q.AccountID, &q.CustomerID, &q.Reason, timeOf{&q.AskedAt}, &q.Decision, &q.DecidedBy,
		timeOf{&q.DecidedAt}, &q.CustomerName)
	return q, err
}

// QuestionOf returns what is asked, or was, of an account; [ErrNotFound]: nothing.
func (s *Store) QuestionOf(ctx context.Context, accountID string) (Question, error) {
	return one(
		ctx, s.read, scanQuestion, `SELECT `+questionColumns+` FROM account_questions WHERE account_id = $1`, accountID,
	)
}

// Questions returns those that wait, oldest first; customerID is empty for everybody's.
func (s *Store) Questions(ctx context.Context, customerID string, limit int) ([]Question, error) {
	of, args := "", []any{limit}
	if customerID != "" {
		of, args = " AND customer_id = $2", append(args, customerID)
	}
	return collect(ctx, s.read, scanQuestion, `
		SELECT `+questionColumns+`
		FROM account_questions
		WHERE decided_at IS NULL`+of+`
		ORDER BY account_id
		LIMIT $1`, args...)
}
