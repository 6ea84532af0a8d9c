package store

import (
	"context"
	"fmt"
	"strings"
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
	Search      string // each of the first eight words of it begins one of theirs, or it their number; empty: all
	Filter      Filter // unknown ones mean all
	Order       Order  // unknown ones mean by name
	NotPutOff   bool   // only those whom staff have not put off
	StaleBefore time.Time
	After       Place // the last row of the page before; the zero Place: from the beginning
	Limit       int

	sought sought
	among  part // customers among whom they all are, who are few; nil: all
}

// part is a part of a statement, and adds its arguments.
type part func(args []any) (string, []any)

// Place is where a customer stands in the list, in any order.
type Place struct {
	Rank Rank      // by name, among those who were searched for
	Word string    // by which they were found; empty: by their name
	Name string    // folded
	AsOf time.Time // of the oldest balance; zero: there is none
	ID   string
}

// Rank is how well a customer fits a search: by name, the better ones come first.
type Rank int

// The ranks, from the best.
const (
	NameBegins   Rank = iota // the name begins with what was searched for
	WordsBegin               // each word of it begins one of theirs
	NumberBegins             // their telephone number begins with it
	ranks
)

// CustomerRow is a customer with what the list says of the links.
type CustomerRow struct {
	Customer
	NeedsReview bool      // a link attempt or an account waits for staff
	Invited     bool      // a personal link is open
	Oldest      time.Time // of the oldest balance; only by age
	rank        Rank      // only by name
	word        string    // by which they were found
}

// Place is where the row stands in the list.
func (c CustomerRow) Place() Place {
	return Place{Rank: c.rank, Word: c.word, Name: fold.Text(c.Name), AsOf: c.Oldest, ID: c.ID}
}

func scanCustomerRow(row scanner) (c CustomerRow, err error) {
	err = row.Scan(append(c.columns(), &c.NeedsReview, &c.Invited)...)
	return c, err
}

func scanFoundRow(row scanner) (c CustomerRow, err error) {
	err = row.Scan(append(c.columns(), &c.NeedsReview, &c.Invited, &c.word)...)
	return c, err
}

func scanAgedRow(row scanner) (c CustomerRow, err error) {
	err = row.Scan(append(c.columns(), &c.NeedsReview, &c.Invited, timeOf{&c.Oldest})...)
	return c, err
}

// Customers returns one page of customers. A search that takes longer than
// [Options].SearchTime is [ErrSlowSearch].
func (s *Store) Customers(ctx context.Context, q CustomerQuery) (rows []CustomerRow, err error) {
	q.sought = seek(q.Search)
	within := ctx
	if !q.sought.nothing() {
		var cancel context.CancelFunc
		within, cancel = context.WithTimeout(ctx, s.patience)
		defer cancel()
	}
	if q.among, err = s.fewOf(within, q); err == nil {
		rows, err = s.page(within, q)
	}
	if err != nil && ctx.Err() == nil && within.Err() != nil {
		return nil, ErrSlowSearch
	}
	return rows, err
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
	if q.sought.nothing() {
		return s.byName(ctx, q, nil, behindAll)
	}
	limit := q.Limit
	for rank := max(q.After.Rank, NameBegins); rank < ranks && len(rows) < limit; rank++ {
		some, err := s.ofRank(ctx, q, rank)
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

func (s *Store) ofRank(ctx context.Context, q CustomerQuery, rank Rank) ([]CustomerRow, error) {
	switch {
	case rank == NameBegins && q.sought.name != "":
		if q.After.ID == "" {
			q.After.Name = q.sought.name // before which nobody's begins with it
		}
		return s.byName(ctx, q, nil, q.sought.name+behindAll)
	case rank == WordsBegin:
		word, _, err := s.rarest(ctx, q.sought.words, q.After.Word)
		if err != nil {
			return nil, err
		}
		return s.byWord(ctx, q, word, all(q.sought.nameElse, q.sought.hasWords))
	case rank == NumberBegins && q.sought.number != "":
		return s.byWord(ctx, q, q.sought.number, all(q.sought.nameElse, not(q.sought.hasWords)))
	}
	return nil, nil
}

// behindAll sorts behind every folded text.
const behindAll = "\U0010FFFF"

// byName is a page in the order of names and until one of them, of the customers
// for whom also holds.
func (s *Store) byName(ctx context.Context, q CustomerQuery, also part, until string) ([]CustomerRow, error) {
	return collectRows(ctx, s, q, scanCustomerRow, namesPage, eachCustomer, also, q.After.Name, q.After.ID, until)
}

const namesPage = `
		SELECT ` + customerColumns + `, ` + linkFlags + `
		FROM %[2]s
		WHERE %[1]s
		AND (sort_name, customers.id) > ($3, $4) AND sort_name < $5
		ORDER BY sort_name%[3]s, customers.id
		LIMIT $2`

// byWord is a page of those one of whose words begins with a text, and for whom also
// holds, in the order of these words.
func (s *Store) byWord(ctx context.Context, q CustomerQuery, text string, also part) ([]CustomerRow, error) {
	after := q.After
	if after.ID == "" {
		after.Word = text
	}
	return collectRows(
		ctx, s, q, scanFoundRow, wordsPage, eachWord, also, after.Word, after.Name, after.ID, text, text+behindAll,
	)
}

// wordsPage takes each customer at the first of their words that was found.
const wordsPage = `
		SELECT ` + customerColumns + `, ` + linkFlags + `, found.word
		FROM %[2]s
		WHERE customers.id = found.customer_id AND %[1]s
		AND (found.word, found.name, found.customer_id) > ($3, $4, $5) AND found.word < $7
		AND NOT EXISTS (
			SELECT 1
			FROM customer_words AS before
			WHERE before.customer_id = found.customer_id AND before.word >= $6 AND before.word < found.word)
		ORDER BY found.word%[3]s, found.name, found.customer_id
		LIMIT $2`

// newest is a page of those added last. Ids ascend with the time they were made.
func (s *Store) newest(ctx context.Context, q CustomerQuery) ([]CustomerRow, error) {
	before := q.After.ID
	if before == "" {
		before = behindIDs
	}
	return collectRows(ctx, s, q, scanCustomerRow, newestPage, eachCustomer, q.sought.isFound, before)
}

const newestPage = `
		SELECT ` + customerColumns + `, ` + linkFlags + `
		FROM %[2]s
		WHERE %[1]s
		AND customers.id < $3
		ORDER BY customers.id%[3]s DESC
		LIMIT $2`

// withoutBalance are the customers of whom no balance is shown.
const withoutBalance = `NOT EXISTS (
	SELECT 1
	FROM accounts
	WHERE accounts.customer_id = customers.id AND ` + followed + ` AND accounts.as_of IS NOT NULL
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
			ctx, s, q, scanAgedRow, agePage, eachAccount, q.sought.isFound, after, q.After.ID,
		); err != nil || len(rows) == q.Limit {
			return rows, err
		}
		q.After, q.Limit = Place{}, q.Limit-len(rows)
	}
	rest, err := s.byName(ctx, q, all(text(withoutBalance), q.sought.isFound), behindAll)
	return append(rows, rest...), err
}

// agePage goes through the accounts by age and takes each customer at the
// oldest of theirs.
const agePage = `
		SELECT ` + customerColumns + `, ` + linkFlags + `, oldest.as_of
		FROM %[2]s
		WHERE customers.id = oldest.customer_id AND %[1]s
		AND oldest.status <> 'unlinked' AND oldest.status <> 'unshared' AND (oldest.as_of, oldest.customer_id) > ($3, $4)
		AND NOT EXISTS (SELECT 1 FROM accounts AS newer WHERE newer.continues = oldest.id AND newer.continues <> '')
		AND NOT EXISTS (
			SELECT 1
			FROM accounts AS older
			WHERE older.customer_id = oldest.customer_id AND older.status <> 'unlinked' AND older.status <> 'unshared'
			AND (older.as_of, older.id) < (oldest.as_of, oldest.id)
			AND NOT EXISTS (SELECT 1 FROM accounts AS newer WHERE newer.continues = older.id AND newer.continues <> ''))
		ORDER BY oldest.as_of%[3]s, oldest.customer_id
		LIMIT $2`

// What a page goes through: the customers, accounts by age with theirs, or words with
// those who have them.
const (
	eachCustomer = `customers`
	eachAccount  = `accounts AS oldest CROSS JOIN customers`
	eachWord     = `customer_words AS found CROSS JOIN customers`
)

// whose says whose each of them is.
var whose = map[string]string{
	eachCustomer: `customers.id`, eachAccount: `oldest.customer_id`, eachWord: `found.customer_id`,
}

// unindexed leaves a value of the first column of an order as it is, and has no index go in
// that order: PostgreSQL would rather go through all than sort a few.
var unindexed = map[string]string{eachCustomer: ` || ''`, eachAccount: ` + 0`, eachWord: ` || ''`}

// collectRows runs the query of a page through each of something, whose text has
// %[1]s for what must hold, %[2]s for what it goes through, and %[3]s behind what it is
// ordered by first. Its first arguments are now and the limit; more are the query's own.
func collectRows(
	ctx context.Context, s *Store, q CustomerQuery, scan func(scanner) (CustomerRow, error), query, each string,
	also part, more ...any,
) ([]CustomerRow, error) {
	query, args := s.pageOf(q, query, each, also, append([]any{unixMS(s.now()), q.Limit}, more...))
	return collect(ctx, s.reads(q), scan, query, args...)
}

// pageOf is a page's query with its arguments. It begins with those among whom all are,
// when these are few.
func (s *Store) pageOf(q CustomerQuery, query, each string, also part, args []any) (string, []any) {
	cond, args := s.where(q.Filter, q.StaleBefore, args)
	if q.NotPutOff {
		cond += " AND " + notPutOff
	}
	if also != nil {
		var more string
		more, args = also(args)
		cond += " AND " + more
	}
	if q.among == nil {
		return rowByRow(fmt.Sprintf(query, cond, each, "")), args
	}
	few, args := q.among(args)
	cond = whose[each] + ` = few.customer_id AND ` + cond
	return rowByRow(fmt.Sprintf(query, cond, `(`+few+`) AS few CROSS JOIN `+each, unindexed[each])), args
}

// rowByRow has each EXISTS of a statement looked up for each row that is come to, by OFFSET,
// which PostgreSQL does not take apart. It would join, and takes it that NOT EXISTS leaves one
// row: so it sorts all customers for a page of fifty. Or it would look up all invitations at
// once, for it does not see that a page ends.
func rowByRow(query string) string {
	const exists, once = "EXISTS (", " LIMIT 1 OFFSET 0"
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(query, exists)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		end, depth := 0, 1
		for ; depth > 0; end++ {
			switch rest[end] {
			case '(':
				depth++
			case ')':
				depth--
			}
		}
		b.WriteString(exists + rowByRow(rest[:end-1]) + once + ")")
		query = rest[end:]
	}
}
