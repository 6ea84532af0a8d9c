package store

import (
	"context"
	"errors"
	"fmt"
)

// Contradiction is a row that the program does not write as it is: somebody
// changed it by hand, or the program is wrong.
type Contradiction struct {
	What string // a sentence for the operator
	ID   string // of the account or refresh
}

// mostContradictions is how many are named; one is enough to worry.
const mostContradictions = 100

// contradictions looks at what every account shows and at where it comes from. $1
// is how far a balance may be dated ahead of when the account was checked.
const contradictions = `
	SELECT 'An account shows another balance than the one it names.' AS what, a.id AS id
	FROM accounts a LEFT JOIN balances b ON b.id = a.balance_id
	WHERE a.balance_id IS NOT NULL
	AND (b.id IS NULL OR b.account_id <> a.id OR b.currency <> a.currency OR b.ledger_balance <> a.ledger OR b.as_of <> a.as_of
		OR b.as_of_stated <> a.as_of_stated OR b.source <> a.source OR b.basis <> a.basis OR b.as_of_kind <> a.as_of_kind
		OR a.received_at IS NULL OR b.received_at <> a.received_at)
	UNION ALL
	SELECT 'A balance says in two ways how it is known of when it is.', account_id
	FROM balances
	WHERE as_of_stated <> (as_of_kind = 'stated')
	UNION ALL
	SELECT 'An account shows an amount without any balance.', id
	FROM accounts
	WHERE balance_id IS NULL AND (ledger IS NOT NULL OR available IS NOT NULL)
	UNION ALL
	SELECT 'An account shows an available balance that was not observed.', a.id
	FROM accounts a
	WHERE a.available IS NOT NULL AND NOT EXISTS (
		SELECT 1
		FROM balances b
		WHERE b.account_id = a.id AND b.as_of = a.available_as_of AND b.available_balance = a.available AND b.available_worked_out = a.available_worked_out)
	UNION ALL
	SELECT 'An account does not show its newest balance.', a.id
	FROM accounts a JOIN balances b ON b.id = a.balance_id
	WHERE EXISTS (
		SELECT 1
		FROM balances AS newer
		WHERE newer.account_id = a.id AND (newer.as_of, newer.fact) > (b.as_of, b.fact) AND newer.as_of <= a.checked_at + $1)
	UNION ALL
	SELECT 'An account belongs to another customer than the link it came with.', a.id
	FROM accounts a JOIN records r ON r.id = a.record_id JOIN link_attempts t ON t.id = r.attempt_id
	WHERE t.state <> 'linked' OR r.customer_id <> a.customer_id OR t.customer_id <> a.customer_id
	UNION ALL
	SELECT 'An account continues one that is not the customer''s, or not there.', a.id
	FROM accounts a LEFT JOIN accounts older ON older.id = a.continues
	WHERE a.continues <> '' AND (older.id IS NULL OR older.customer_id <> a.customer_id OR older.currency <> a.currency)
	UNION ALL
	SELECT 'A request to a bank ended without an outcome, or has one and is open.', id
	FROM refreshes
	WHERE (ended_at IS NULL) <> (state IN ('queued', 'asked', 'waiting'))
	LIMIT $2`

// Contradictions looks through all accounts for what their balances and
// links contradict, and returns a hundred at most; none is as it should be. It
// reads everything: once a day is often enough.
func (s *Store) Contradictions(ctx context.Context) ([]Contradiction, error) {
	return findContradictions(ctx, s.read)
}

func findContradictions(ctx context.Context, q querier) ([]Contradiction, error) {
	found, err := collect(ctx, q, func(row scanner) (c Contradiction, err error) {
		err = row.Scan(&c.What, &c.ID)
		return c, err
	}, contradictions, maxSkew.Milliseconds(), mostContradictions)
	if err != nil {
		return nil, fmt.Errorf("store: looking for contradictions: %w", err)
	}
	return found, nil
}

// Verification is what was found in a whole database.
type Verification struct {
	Rows           int64 // of all tables
	Contradictions []Contradiction
	Audit          Chain
}

// Verify looks through a database that another process may have open: whether
// SQLite finds it whole, whether its rows agree, and whether the audit log is in
// order. It changes nothing. A damaged file is an error.
func Verify(ctx context.Context, url string, keys *Keyring) (v Verification, err error) {
	path, err := sqlitePath(url)
	if err != nil {
		return v, err
	}
	pool, err := openPool(uri(path, "mode=ro&_busy_timeout=5000&_query_only=1"), 1, nil)
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, pool.db.Close()) }()
	if err := isSound(ctx, pool.db); err != nil {
		return v, err
	}
	if err := isKnown(ctx, pool.db); err != nil {
		return v, err
	}
	if v.Rows, err = countRows(ctx, pool.db); err != nil {
		return v, err
	}
	if v.Contradictions, err = findContradictions(ctx, pool.db); err != nil {
		return v, err
	}
	v.Audit, err = verifyAudit(ctx, pool.db, keys, nil)
	return v, err
}
