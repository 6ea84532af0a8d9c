package store

import (
	"context"
	"errors"
	"fmt"

	"balancelink/store/progress"
)

// Contradiction is a row that the program does not write as it is: somebody
// changed it by hand, or the program is wrong.
type Contradiction struct {
	What string // a sentence for the operator
	ID   string // of the account or refresh
}

// mostContradictions is how many are named; one is enough to worry.
const mostContradictions = 100

// look is what is looked for in the rows of a table.
type look struct {
	table string
	// SQL: what is wrong with the rows behind $1 and up to $2, $3 of it at most.
	find string
	more []any // $4 and so on
}

// looks are at what every account shows, at where it comes from, and at the rows of which
// that is made.
var looks = []look{
	{"accounts", `
	SELECT 'An account shows another balance than the one it names.' AS what, a.id AS id
	FROM accounts a LEFT JOIN balances b ON b.id = a.balance_id
	WHERE a.id > $1 AND a.id <= $2 AND a.balance_id IS NOT NULL
	AND (b.id IS NULL OR b.account_id <> a.id OR b.currency <> a.currency OR b.ledger_balance <> a.ledger OR b.as_of <> a.as_of
		OR b.as_of_stated <> a.as_of_stated OR b.source <> a.source OR b.basis <> a.basis OR b.as_of_kind <> a.as_of_kind
		OR a.received_at IS NULL OR b.received_at <> a.received_at)
	UNION ALL
	SELECT 'An account shows an amount without any balance.', id
	FROM accounts
	WHERE id > $1 AND id <= $2 AND balance_id IS NULL AND (ledger IS NOT NULL OR available IS NOT NULL)
	UNION ALL
	SELECT 'An account shows an available balance that was not observed.', a.id
	FROM accounts a
	WHERE a.id > $1 AND a.id <= $2 AND a.available IS NOT NULL AND NOT EXISTS (
		SELECT 1
		FROM balances b
		WHERE b.account_id = a.id AND b.as_of = a.available_as_of AND b.available_balance = a.available AND b.available_worked_out = a.available_worked_out)
	UNION ALL
	SELECT 'An account does not show its newest balance.', a.id
	FROM accounts a JOIN balances b ON b.id = a.balance_id
	WHERE a.id > $1 AND a.id <= $2 AND EXISTS (
		SELECT 1
		FROM balances AS newer
		WHERE newer.account_id = a.id AND (newer.as_of, newer.fact) > (b.as_of, b.fact) AND newer.as_of <= a.checked_at + $4)
	UNION ALL
	SELECT 'An account belongs to another customer than the link it came with.', a.id
	FROM accounts a JOIN records r ON r.id = a.record_id JOIN link_attempts t ON t.id = r.attempt_id
	WHERE a.id > $1 AND a.id <= $2
	AND (t.state <> 'linked' OR r.customer_id <> a.customer_id OR t.customer_id <> a.customer_id)
	UNION ALL
	SELECT 'An account continues one that is not the customer''s, or not there.', a.id
	FROM accounts a LEFT JOIN accounts older ON older.id = a.continues
	WHERE a.id > $1 AND a.id <= $2 AND a.continues <> ''
	AND (older.id IS NULL OR older.customer_id <> a.customer_id OR older.currency <> a.currency)
	UNION ALL
	SELECT 'An account has a threshold, and its customer is not in the lists for that.', t.account_id
	FROM thresholds t JOIN accounts a ON a.id = t.account_id JOIN customers c ON c.id = a.customer_id
	WHERE t.account_id > $1 AND t.account_id <= $2 AND (NOT c.watched OR t.below AND NOT c.fell_below)
	LIMIT $3`, []any{maxSkew.Milliseconds()}}, // how far a balance may be dated ahead of when its account was checked
	{"balances", `
	SELECT 'A balance says in two ways how it is known of when it is.', account_id
	FROM balances
	WHERE id > $1 AND id <= $2 AND as_of_stated <> (as_of_kind = 'stated')
	LIMIT $3`, nil},
	{"refreshes", `
	SELECT 'A request to a bank ended without an outcome, or has one and is open.', id
	FROM refreshes
	WHERE id > $1 AND id <= $2 AND (ended_at IS NULL) <> (state IN ('queued', 'asked', 'waiting'))
	LIMIT $3`, nil},
}

// lookBatch is how many rows are looked at in one statement: nobody else waits for a
// connection for longer, and the write-ahead log can be emptied in between.
const lookBatch = 2000

// Contradictions looks through all accounts for what their balances and
// links contradict, and returns a hundred at most; none is as it should be. It
// reads everything: once a day is often enough.
func (s *Store) Contradictions(ctx context.Context) ([]Contradiction, error) {
	w := s.board.Begin(progress.Balancing, 1)
	defer w.End()
	return findContradictions(ctx, s.read, w)
}

func findContradictions(ctx context.Context, q querier, w *progress.Work) (all []Contradiction, err error) {
	rows := int64(0)
	for _, l := range looks {
		rows += engineOf(q).span(ctx, q, l.table)
	}
	w.Step(progress.TheBalances, progress.Rows, rows)
	for _, l := range looks {
		found, err := l.through(ctx, q, mostContradictions-len(all), w)
		if all = append(all, found...); err != nil {
			return nil, fmt.Errorf("store: looking for contradictions: %w", err)
		}
	}
	return all, nil
}

// through looks at the whole table, until so many are found.
func (l look) through(ctx context.Context, q querier, most int, w *progress.Work) (all []Contradiction, err error) {
	for after := ""; len(all) < most; {
		upto, rows, err := l.next(ctx, q, after)
		if err != nil || rows == 0 {
			return all, err
		}
		found, err := collect(ctx, q, func(row scanner) (c Contradiction, err error) {
			return c, row.Scan(&c.What, &c.ID)
		}, l.find, append([]any{after, upto, most - len(all)}, l.more...)...)
		if err != nil {
			return all, err
		}
		all, after = append(all, found...), upto
		w.Add(rows)
	}
	return all, nil
}

// next is the last of the rows behind one that are looked at together, and how many they are.
func (l look) next(ctx context.Context, q querier, after string) (upto string, rows int64, err error) {
	err = q.QueryRowContext(ctx, `
		SELECT COALESCE(MAX(id), ''), COUNT(*)
		FROM (SELECT id FROM `+l.table+` WHERE id > $1 ORDER BY id LIMIT $2) AS batch`, after, lookBatch).Scan(&upto, &rows)
	return upto, rows, err
}

// Verification is what was found in a whole database.
type Verification struct {
	Rows           int64 // of all tables
	Contradictions []Contradiction
	Audit          Chain
}

// verifySteps are those of [Verify].
const verifySteps = wholeSteps + 2

// Verify looks through a database that another process may have open: whether
// SQLite finds it whole, whether its rows agree, and whether the audit log is in
// order. It changes nothing. A damaged file is an error; PostgreSQL is not asked whether
// it finds its own whole, and is looked at as it is at one moment. How far it is stands on
// the board.
func Verify(ctx context.Context, url string, keys *Keyring, board *progress.Board) (v Verification, err error) {
	pool, err := lookAt(ctx, url)
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, pool.db.Close()) }()
	if isPostgres(url) {
		return verifyAtOnce(ctx, pool, keys, board)
	}
	w := board.Begin(progress.Verifying, verifySteps)
	defer w.End()
	if v.Rows, err = checkWhole(ctx, pool.db, w); err != nil {
		return v, err
	}
	if v.Contradictions, err = findContradictions(ctx, pool, w); err != nil {
		return v, err
	}
	v.Audit, err = verifyAudit(ctx, pool, keys, nil, w)
	return v, err
}
