package store

import (
	"context"
	"fmt"
	"time"

	"balancelink/store/fold"
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
	Search      string // each word of it somewhere in name, reference, e-mail or phone; empty: all
	Filter      Filter // unknown ones mean all
	Order       Order  // unknown ones mean by name
	StaleBefore time.Time
	After       Place // the last row of the page before; the zero Place: from the beginning
	Limit       int

	few bool // the filter picks few, see fewOf
}

// Place is where a customer stands in the list, in any order.
type Place struct {
	Rank Rank      // by name, among those who were searched for
	Name string    // folded
	AsOf time.Time // of the oldest balance; zero: there is none
	ID   string
}

// Rank is how well a customer fits a search: by name, the better ones come first.
type Rank int

// The ranks, from the best.
const (
	NameBegins  Rank = iota // the name begins with what was searched for
	WordsBegin              // each word of it begins one of theirs, or their telephone number
	FoundWithin             // it is found somewhere
	ranks
)

// CustomerRow is a customer with what the list says of the links.
type CustomerRow struct {
	Customer
	NeedsReview bool      // a link attempt or an account waits for staff
	Invited     bool      // a personal link is open
	Oldest      time.Time // of the oldest balance; only by age
	rank        Rank      // only by name
}

// Place is where the row stands in the list.
func (c CustomerRow) Place() Place {
	return Place{Rank: c.rank, Name: fold.Text(c.Name), AsOf: c.Oldest, ID: c.ID}
}

func scanCustomerRow(row scanner) (c CustomerRow, err error) {
	err = row.Scan(append(c.columns(), &c.NeedsReview, &c.Invited)...)
	return c, err
}

func scanAgedRow(row scanner) (c CustomerRow, err error) {
	err = row.Scan(append(c.columns(), &c.NeedsReview, &c.Invited, timeOf{&c.Oldest})...)
	return c, err
}

// Customers returns one page of customers. A search that takes longer than
// [Options].SearchTime is [ErrSlowSearch].
func (s *Store) Customers(ctx context.Context, q CustomerQuery) (rows []CustomerRow, err error) {
	within := ctx
	if q.searches() {
		var cancel context.CancelFunc
		within, cancel = context.WithTimeout(ctx, s.patience)
		defer cancel()
	}
	if q.few, err = s.areFew(within, q.Filter, q.StaleBefore); err == nil {
		rows, err = s.page(within, q)
	}
	if err != nil && ctx.Err() == nil && within.Err() != nil {
		return nil, ErrSlowSearch
	}
	return rows, err
}

func (q CustomerQuery) searches() bool { return len(fold.Terms(q.Search)) > 0 }

// reads are the connections for a page of a query.
func (s *Store) reads(q CustomerQuery) *statements {
	if q.searches() {
		return s.search
	}
	return s.read
}

func (s *Store) page(ctx context.Context, q CustomerQuery) ([]CustomerRow, error) {
	switch q.Order {
	case ByNewest:
		return s.newest(ctx, q)
	case ByAge:
		return s.byAge(ctx, q)
	}
	return s.byRank(ctx, q)
}

// byRank is a page in the order of names: of those whom a search fits best, and
// when these are all, of those whom it fits less.
func (s *Store) byRank(ctx context.Context, q CustomerQuery) (rows []CustomerRow, err error) {
	if !q.searches() {
		return s.byName(ctx, q, "TRUE", anyRank, behindAll)
	}
	name := fold.Text(q.Search)
	if q.After.ID == "" {
		q.After.Name = name // before which nobody's begins with it
	}
	limit := q.Limit
	for rank := max(q.After.Rank, NameBegins); rank < ranks && len(rows) < limit; rank++ {
		until := behindAll
		if rank == NameBegins {
			until = name + behindAll
		}
		some, err := s.byName(ctx, q, "TRUE", rank, until)
		if err != nil {
			return nil, err
		}
		for i := range some {
			some[i].rank = rank
		}
		rows = append(rows, some...)
		q.After, q.Limit = Place{}, limit-len(rows)
	}
	return rows, nil
}

// byName is a page in the order of names and until one of them, of the customers
// of a rank for whom also holds.
func (s *Store) byName(
	ctx context.Context, q CustomerQuery, also string, rank Rank, until string,
) ([]CustomerRow, error) {
	more := append([]any{rank, q.After.Name, q.After.ID, until}, q.begins()...)
	return collectRows(ctx, s, q, scanCustomerRow, namesPage(also), eachCustomer, more...)
}

// anyRank stands for all of them, behindAll sorts behind every folded name.
const (
	anyRank   Rank = -1
	behindAll      = "\U0010FFFF"
)

func namesPage(also string) string {
	return `
		SELECT ` + customerColumns + `, ` + linkFlags + `
		FROM %[2]s
		WHERE %[1]s AND ` + also + `
		AND ` + isFound + `
		AND (sort_name, customers.id) > ($10, $11) AND sort_name < $12
		AND ($9 < 0 OR $9 = CASE
			WHEN sort_name LIKE $13 ESCAPE '\'
			THEN 0
			WHEN search LIKE $14 ESCAPE '\' AND search LIKE $15 ESCAPE '\' AND search LIKE $16 ESCAPE '\' AND search LIKE $17 ESCAPE '\'
				AND search LIKE $18 ESCAPE '\' OR search LIKE $19 ESCAPE '\'
			THEN 1
			ELSE 2 END)
		ORDER BY sort_name, customers.id
		LIMIT $2`
}

// newest is a page of those added last. Ids ascend with the time they were made.
func (s *Store) newest(ctx context.Context, q CustomerQuery) ([]CustomerRow, error) {
	before := q.After.ID
	if before == "" {
		before = "~" // sorts behind every id
	}
	return collectRows(ctx, s, q, scanCustomerRow, newestPage, eachCustomer, before)
}

const newestPage = `
		SELECT ` + customerColumns + `, ` + linkFlags + `
		FROM %[2]s
		WHERE %[1]s
		AND ` + isFound + `
		AND customers.id < $9
		ORDER BY customers.id DESC
		LIMIT $2`

// withoutBalance are the customers of whom no balance is shown.
const withoutBalance = `NOT EXISTS (
	SELECT 1
	FROM accounts
	WHERE accounts.customer_id = customers.id AND accounts.status <> 'unlinked' AND accounts.as_of IS NOT NULL
	AND ` + notContinued + `)`

// byAge is a page of those who show the oldest balance, and when these are all,
// of those who show none.
func (s *Store) byAge(ctx context.Context, q CustomerQuery) (rows []CustomerRow, err error) {
	if q.After.ID == "" || !q.After.AsOf.IsZero() {
		after := q.After.AsOf.UnixMilli()
		if q.After.ID == "" {
			after = -1 << 63
		}
		if rows, err = collectRows(
			ctx, s, q, scanAgedRow, agePage, eachAccount, after, q.After.ID,
		); err != nil || len(rows) == q.Limit {
			return rows, err
		}
		q.After, q.Limit = Place{}, q.Limit-len(rows)
	}
	rest, err := s.byName(ctx, q, withoutBalance, anyRank, behindAll)
	return append(rows, rest...), err
}

// agePage goes through the accounts by age and takes each customer at the
// oldest of theirs.
const agePage = `
		SELECT ` + customerColumns + `, ` + linkFlags + `, oldest.as_of
		FROM %[2]s
		WHERE customers.id = oldest.customer_id AND %[1]s
		AND ` + isFound + `
		AND oldest.status <> 'unlinked' AND (oldest.as_of, oldest.customer_id) > ($9, $10)
		AND NOT EXISTS (SELECT 1 FROM accounts AS newer WHERE newer.continues = oldest.id AND newer.continues <> '')
		AND NOT EXISTS (
			SELECT 1
			FROM accounts AS older
			WHERE older.customer_id = oldest.customer_id AND older.status <> 'unlinked'
			AND (older.as_of, older.id) < (oldest.as_of, oldest.id)
			AND NOT EXISTS (SELECT 1 FROM accounts AS newer WHERE newer.continues = older.id AND newer.continues <> ''))
		ORDER BY oldest.as_of, oldest.customer_id
		LIMIT $2`

// What a page goes through: the customers, or accounts by age with theirs.
const (
	eachCustomer = `customers`
	eachAccount  = `accounts AS oldest CROSS JOIN customers`
)

// collectRows runs the query of a page through each of something, whose text has
// %[1]s for the filter and %[2]s for what it goes through. Its first arguments are
// now, the limit and what is looked for; more are the query's own.
func collectRows(
	ctx context.Context, s *Store, q CustomerQuery, scan func(scanner) (CustomerRow, error), query, each string,
	more ...any,
) ([]CustomerRow, error) {
	args := append([]any{unixMS(s.now()), q.Limit}, q.within()...)
	query, args = s.pageOf(q, query, each, append(args, more...))
	return collect(ctx, s.reads(q), scan, query, args...)
}

// pageOf is a page's query for a filter: when it picks few it begins with these.
func (s *Store) pageOf(q CustomerQuery, query, each string, args []any) (string, []any) {
	cond, args := s.where(q.Filter, q.StaleBefore, args)
	if !q.few {
		return fmt.Sprintf(query, cond, each), args
	}
	few, args := s.named(among(q.Filter), q.StaleBefore, args)
	belong := `customers.id = few.customer_id AND `
	if each == eachAccount {
		belong = `oldest.customer_id = few.customer_id AND `
	}
	return fmt.Sprintf(query, belong+cond, few+each), args
}
