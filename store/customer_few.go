package store

import (
	"context"
	"slices"
	"strings"
	"time"
)

// fewByFilter are filters that may pick few of very many customers, as SQL for the
// customers among whom these are, by an index that holds little else. To go through
// the whole list until a page of them is found would read nearly all of it. Those of
// [ofCustomers] name each once.
var fewByFilter = map[Filter]string{
	Linked:      `SELECT customer_id FROM accounts WHERE ` + followed,
	NeverLinked: ofCustomers + conditions[NeverLinked],
	NeedsLogin:  `SELECT customer_id FROM accounts WHERE status = 'needs_login'`,
	NeedsReview: `SELECT customer_id FROM link_attempts WHERE state = 'needs_review'
		UNION SELECT customer_id FROM account_questions WHERE decided_at IS NULL`,
	AskedLink: ofCustomers + conditions[AskedLink],
	PutOff:    ofCustomers + conditions[PutOff],
	StaleBalance: `SELECT customer_id FROM accounts WHERE status <> 'unlinked' AND as_of < $stale
		UNION ALL SELECT customer_id FROM accounts WHERE status <> 'unlinked' AND ` + ahead + `
		UNION ALL SELECT customer_id FROM accounts WHERE as_of_kind = 'unknown'`,
	BelowThreshold:   ofCustomers + `fell_below`,
	ThresholdUnknown: ofCustomers + `watched`,
	ConsentEnded:     ofCustomers + `links = 'linked' AND ` + consentEnded,
	ConsentEnding:    ofCustomers + `links = 'linked' AND ` + consentEnding,
	ToMove: `SELECT customer_id FROM accounts WHERE provider < $moves
		UNION ALL SELECT customer_id FROM accounts WHERE provider > $moves`,
}

// inOrder are the filters for which there is an index that holds hardly anybody else, in
// the order of names: by that a page reads no more than it shows.
var inOrder = []Filter{NeverLinked, BelowThreshold, ThresholdUnknown}

const ofCustomers = `SELECT id AS customer_id FROM customers WHERE `

// fewEnough is how many rows are sorted rather than found by going through the list:
// of a million customers that would read a few hundred for each that fits.
const fewEnough = 3000

// fewOf are the customers among whom those of a query are, if these are few: of its
// filter or, in an order that is not that of a search, of its search. nil: they are not.
func (s *Store) fewOf(ctx context.Context, q CustomerQuery) (part, error) {
	if q.Order == ByName && q.sought.nothing() && slices.Contains(inOrder, q.Filter) {
		return nil, nil
	}
	if few, err := s.areFew(ctx, q.Filter, q.StaleBefore); err != nil || few {
		query := fewByFilter[q.Filter]
		if !strings.HasPrefix(query, ofCustomers) { // or else SQLite would read all customers, who are in order
			query = `SELECT DISTINCT customer_id FROM (` + query + `) AS part`
		}
		return func(args []any) (string, []any) { return s.named(query, q.StaleBefore, args) }, err
	}
	if q.Order == ByName || q.sought.nothing() {
		return nil, nil
	}
	word, n, err := s.rarest(ctx, q.sought.words, "")
	if err != nil || n > fewEnough {
		return nil, err
	}
	if q.sought.number != "" {
		if _, n, err = s.rarest(ctx, []string{q.sought.number}, ""); err != nil || n > fewEnough {
			return nil, err
		}
	}
	return q.sought.among(word), nil
}

// areFew says whether those whom a filter picks are sorted.
func (s *Store) areFew(ctx context.Context, f Filter, staleBefore time.Time) (few bool, err error) {
	query, ok := fewByFilter[f]
	if !ok {
		return false, nil
	}
	query, args := s.named(
		`SELECT COUNT(*) <= $1 FROM (SELECT 1 FROM (`+query+`) AS part LIMIT $2) AS few`, staleBefore,
		[]any{fewEnough, fewEnough + 1},
	)
	err = s.read.QueryRowContext(ctx, query, args...).Scan(&few)
	return few, err
}
