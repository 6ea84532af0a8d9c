package store

import (
	"context"
	"time"
)

// fewOf are filters that may pick few of very many customers, as SQL for the
// customers among whom these are, by an index that holds little else. To go through
// the whole list until a page of them is found would read nearly all of it.
var fewOf = map[Filter]string{
	Linked:     `SELECT customer_id FROM accounts WHERE status <> 'unlinked'`,
	NeedsLogin: `SELECT customer_id FROM accounts WHERE status = 'needs_login'`,
	NeedsReview: `SELECT customer_id FROM link_attempts WHERE state = 'needs_review'
		UNION SELECT customer_id FROM account_questions WHERE decided_at IS NULL`,
	StaleBalance: `SELECT customer_id FROM accounts WHERE status <> 'unlinked' AND as_of < $stale
		UNION ALL SELECT customer_id FROM accounts WHERE as_of_kind = 'unknown'`,
	BelowThreshold: `SELECT accounts.customer_id
		FROM thresholds CROSS JOIN accounts
		WHERE accounts.id = thresholds.account_id AND ` + canChange + belowThreshold,
	ToMove: `SELECT customer_id FROM accounts WHERE provider < $moves
		UNION ALL SELECT customer_id FROM accounts WHERE provider > $moves`,
}

// fewEnough is how many rows are sorted rather than found by going through the list:
// of a million customers that would read a few hundred for each that fits.
const fewEnough = 3000

// areFew says whether those whom a filter picks are sorted out of [fewOf].
func (s *Store) areFew(ctx context.Context, f Filter, staleBefore time.Time) (few bool, err error) {
	query, ok := fewOf[f]
	if !ok {
		return false, nil
	}
	query, args := s.named(
		`SELECT COUNT(*) <= $1 FROM (SELECT 1 FROM (`+query+`) AS some LIMIT $2) AS few`, staleBefore,
		[]any{fewEnough, fewEnough + 1},
	)
	err = s.read.QueryRowContext(ctx, query, args...).Scan(&few)
	return few, err
}

// among are those of a filter's [fewOf], each once, for a page to begin with.
func among(f Filter) string {
	return `(SELECT DISTINCT customer_id FROM (` + fewOf[f] + `) AS some) AS few CROSS JOIN `
}
