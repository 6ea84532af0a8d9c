package store

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Order is that of the customer list.
type Order string

// The orders. Those without any balance come last by age, by name.
const (
	ByName   Order = ""
	ByAge    Order = "oldest" // who shows the oldest balance first
	ByNewest Order = "newest" // who was added last first
)

// CustomerQuery asks for a page of the customer list.
type CustomerQuery struct {
	Search      string // anywhere in name, reference, e-mail or phone; empty: all
	Filter      Filter // unknown ones mean all
	Order       Order  // unknown ones mean by name
	StaleBefore time.Time
	After       Place // the last row of the page before; the zero Place: from the beginning
	Limit       int
}

// Place is where a customer stands in the list, in any order.
type Place struct {
	Name string
	AsOf time.Time // of the oldest balance; zero: there is none
	ID   string
}

// CustomerRow is a customer with what the list says of the links.
type CustomerRow struct {
	Customer
	NeedsReview bool      // a link attempt waits for staff
	Invited     bool      // a personal link is open
	Oldest      time.Time // of the oldest balance; only by age
}

// Place is where the row stands in the list.
func (c CustomerRow) Place() Place { return Place{Name: c.Name, AsOf: c.Oldest, ID: c.ID} }

func scanCustomerRow(row scanner) (c CustomerRow, err error) {
	err = row.Scan(&c.ID, &c.Name, &c.Reference, &c.Email, &c.Phone, timeOf{&c.CreatedAt}, &c.NeedsReview, &c.Invited)
	return c, err
}

func scanAgedRow(row scanner) (c CustomerRow, err error) {
	err = row.Scan(&c.ID, &c.Name, &c.Reference, &c.Email, &c.Phone, timeOf{&c.CreatedAt}, &c.NeedsReview, &c.Invited, timeOf{&c.Oldest})
	return c, err
}

// Customers returns one page of customers.
func (s *Store) Customers(ctx context.Context, q CustomerQuery) ([]CustomerRow, error) {
	switch q.Order {
	case ByNewest:
		return s.newest(ctx, q)
	case ByAge:
		return s.byAge(ctx, q)
	}
	return s.byName(ctx, q, "TRUE")
}

// byName is a page in the order of names, of the customers for whom also holds.
func (s *Store) byName(ctx context.Context, q CustomerQuery, also string) ([]CustomerRow, error) {
	return collectRows(ctx, s, q, scanCustomerRow, namesPage(also), strings.ToLower(q.After.Name), q.After.ID)
}

func namesPage(also string) string {
	return `
		SELECT ` + customerColumns + `, ` + linkFlags + `
		FROM customers
		WHERE %s AND ` + also + `
		AND search LIKE $2 ESCAPE '\'
		AND (sort_name, customers.id) > ($4, $5)
		ORDER BY sort_name, customers.id
		LIMIT $3`
}

// newest is a page of those added last. Ids ascend with the time they were made.
func (s *Store) newest(ctx context.Context, q CustomerQuery) ([]CustomerRow, error) {
	before := q.After.ID
	if before == "" {
		before = "~" // sorts behind every id
	}
	return collectRows(ctx, s, q, scanCustomerRow, newestPage, before)
}

const newestPage = `
		SELECT ` + customerColumns + `, ` + linkFlags + `
		FROM customers
		WHERE %s
		AND search LIKE $2 ESCAPE '\'
		AND customers.id < $4
		ORDER BY customers.id DESC
		LIMIT $3`

// withoutBalance are the customers of whom no balance is shown.
const withoutBalance = `NOT EXISTS (
	SELECT 1
	FROM accounts
	WHERE accounts.customer_id = customers.id AND accounts.status <> 'unlinked' AND accounts.as_of IS NOT NULL)`

// byAge is a page of those who show the oldest balance, and when these are all,
// of those who show none.
func (s *Store) byAge(ctx context.Context, q CustomerQuery) (rows []CustomerRow, err error) {
	if q.After.ID == "" || !q.After.AsOf.IsZero() {
		after := q.After.AsOf.UnixMilli()
		if q.After.ID == "" {
			after = -1 << 63
		}
		if rows, err = collectRows(ctx, s, q, scanAgedRow, agePage, after, q.After.ID); err != nil || len(rows) == q.Limit {
			return rows, err
		}
		q.After, q.Limit = Place{}, q.Limit-len(rows)
	}
	rest, err := s.byName(ctx, q, withoutBalance)
	return append(rows, rest...), err
}

// agePage goes through the accounts by age and takes each customer at the
// oldest of theirs.
const agePage = `
		SELECT ` + customerColumns + `, ` + linkFlags + `, oldest.as_of
		FROM accounts AS oldest JOIN customers ON customers.id = oldest.customer_id
		WHERE %s
		AND search LIKE $2 ESCAPE '\'
		AND oldest.status <> 'unlinked' AND (oldest.as_of, oldest.customer_id) > ($4, $5)
		AND NOT EXISTS (
			SELECT 1
			FROM accounts AS older
			WHERE older.customer_id = oldest.customer_id AND older.status <> 'unlinked'
			AND (older.as_of, older.id) < (oldest.as_of, oldest.id))
		ORDER BY oldest.as_of, oldest.customer_id
		LIMIT $3`

// collectRows runs a page's query, whose text has %s for the filter. Its first
// arguments are now, the search and the limit; more are the query's own.
func collectRows(ctx context.Context, s *Store, q CustomerQuery, scan func(scanner) (CustomerRow, error), query string, more ...any) ([]CustomerRow, error) {
	cond, args := s.where(q.Filter, q.StaleBefore, append([]any{unixMS(s.now()), likeAnywhere(q.Search), q.Limit}, more...))
	return collect(ctx, s.read, scan, fmt.Sprintf(query, cond), args...)
}
