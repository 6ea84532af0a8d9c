package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"balancelink/store/fold"
	"balancelink/store/phone"
	"balancelink/store/progress"
)

// A customer is found by the beginnings of words: of their name, reference, e-mail
// address and the ways in which their telephone number is dialled, and by the last
// digits of their account numbers. customer_words has a row for each, in the order in
// which they are shown, so that a page of those who are found reads no more than it
// shows, however many there are.

// mostWords is how many words of a search are looked for; the others are not.
const mostWords = 8

// sought is what a search looks for.
type sought struct {
	name   string   // folded, with which a name may begin
	words  []string // each begins a word
	number string   // or else this begins their telephone number; empty: it is no part of one
}

func seek(search string) sought {
	var q sought
	for _, term := range fold.Terms(search) {
		q.words = append(q.words, strings.Fields(term)...)
	}
	q.words = slices.Compact(slices.Sorted(slices.Values(q.words)))
	q.words = q.words[:min(len(q.words), mostWords)]
	q.name = fold.Text(search)
	number, whole := phone.Parse(search)
	if !whole {
		number = phone.Typed(search)
	}
	if len(q.words) != 1 || q.words[0] != number {
		q.number = number
	}
	return q
}

// wordsOf are the words that a customer is found by, each once.
func wordsOf(c Customer, digits []string) []string {
	words := slices.Clone(digits)
	for _, text := range []string{c.Name, c.Reference, c.Email, c.Phone} {
		words = append(words, fold.Starts(text)...)
	}
	words = append(words, phone.Starts(c.Phone)...)
	slices.Sort(words)
	return slices.Compact(words)
}

// indexCustomer has a customer found by what there is of them now.
func (tx *tx) indexCustomer(ctx context.Context, c Customer) error {
	accounts, err := collect(ctx, tx, scanAccount, `SELECT `+accountColumns+` FROM accounts WHERE customer_id = $1`, c.ID)
	if err != nil {
		return err
	}
	var digits []string
	for _, a := range accounts {
		if last := LastDigits(a.NUBAN); last != "" {
			digits = append(digits, last)
		}
	}
	if err := tx.exec(ctx, `DELETE FROM customer_words WHERE customer_id = $1`, c.ID); err != nil {
		return err
	}
	for _, word := range wordsOf(c, digits) {
		err := tx.exec(ctx, `INSERT INTO customer_words (word, name, customer_id) VALUES ($1, $2, $3)`,
			word, fold.Text(c.Name), c.ID)
		if err != nil {
			return err
		}
	}
	return tx.exec(ctx, `UPDATE customers SET indexed = TRUE WHERE id = $1 AND NOT indexed`, c.ID)
}

// indexNumber has a customer found by the number of an account, too.
func (tx *tx) indexNumber(ctx context.Context, customerID, number string) error {
	last := LastDigits(number)
	if last == "" {
		return nil
	}
	return tx.exec(ctx, `
		INSERT INTO customer_words (word, name, customer_id)
		SELECT $2, sort_name, id
		FROM customers
		WHERE id = $1
		ON CONFLICT DO NOTHING`, customerID, last)
}

// indexedAtStart is how many customers of a version before are indexed by a start. Where
// there are more it does not wait for the rest: see [Store.IndexCustomers].
const indexedAtStart = 500

// indexBatch is how many customers are indexed in a transaction: whoever writes waits for
// no longer than that takes.
const indexBatch = 50

func (s *Store) indexFew(ctx context.Context) error {
	n, err := s.indexSome(ctx, indexedAtStart)
	s.indexing.Store(n == indexedAtStart)
	return err
}

// Indexing says that there may be customers whom no search finds yet.
func (s *Store) Indexing() bool { return s.indexing.Load() }

// IndexCustomers has all customers found of whom there are no words yet, which are those
// of a version before. It goes on where it was when it is stopped.
func (s *Store) IndexCustomers(ctx context.Context) error {
	if !s.Indexing() {
		return nil
	}
	w := s.board.Begin(progress.Indexing, 1)
	defer w.End()
	left, err := one(ctx, s.read, scanNumber, `SELECT COUNT(*) FROM customers WHERE NOT indexed`)
	if err != nil {
		return err
	}
	w.Step("", progress.Customers, left)
	for n := indexBatch; n == indexBatch; {
		if n, err = s.indexSome(ctx, indexBatch); err != nil {
			return err
		}
		w.Add(int64(n))
	}
	s.indexing.Store(false)
	return nil
}

// indexSome indexes so many customers at most, and says how many.
func (s *Store) indexSome(ctx context.Context, most int) (n int, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		found, err := collect(ctx, tx, scanCustomer, `
			SELECT `+customerColumns+`
			FROM customers
			WHERE NOT indexed
			ORDER BY id
			LIMIT $1`, most)
		if err != nil {
			return err
		}
		n = len(found)
		for _, c := range found {
			if err := tx.indexCustomer(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// reads are the connections for a page of a query.
func (s *Store) reads(q CustomerQuery) *statements {
	if q.sought.nothing() {
		return s.read
	}
	return s.search
}

// nothing says that everybody is found.
func (q sought) nothing() bool { return len(q.words) == 0 }

// startsWith is SQL for a table's words that begin with a text.
func startsWith(table, text string) part {
	return func(args []any) (string, []any) {
		args = append(args, text, text+behindAll)
		return fmt.Sprintf("%s.word >= $%d AND %s.word < $%d", table, len(args)-1, table, len(args)), args
	}
}

// hasWord is SQL for customers one of whose words begins with a text.
func hasWord(text string) part {
	return func(args []any) (string, []any) {
		cond, args := startsWith("one", text)(args)
		return `EXISTS (SELECT 1 FROM customer_words AS one WHERE one.customer_id = customers.id AND ` + cond + `)`, args
	}
}

// hasWords is SQL for customers who have a word for each that is sought.
func (q sought) hasWords(args []any) (string, []any) {
	var parts []part
	for _, word := range q.words {
		parts = append(parts, hasWord(word))
	}
	return all(parts...)(args)
}

// nameElse is SQL for customers whose name does not begin with what is sought.
func (q sought) nameElse(args []any) (string, []any) {
	if q.name == "" {
		return "TRUE", args
	}
	args = append(args, q.name, q.name+behindAll)
	return fmt.Sprintf("(sort_name < $%d OR sort_name >= $%d)", len(args)-1, len(args)), args
}

// isFound is SQL for customers who are found, by whichever of what is sought.
func (q sought) isFound(args []any) (string, []any) {
	cond, args := q.hasWords(args)
	if q.number == "" {
		return cond, args
	}
	number, args := hasWord(q.number)(args)
	return "(" + cond + " OR " + number + ")", args
}

// among are the customers of whom a word begins with a text, or their number with it.
func (q sought) among(word string) part {
	return func(args []any) (string, []any) {
		query, args := startsWith("one", word)(args)
		query = `SELECT customer_id FROM customer_words AS one WHERE ` + query
		if q.number != "" {
			var number string
			number, args = startsWith("one", q.number)(args)
			query += ` UNION SELECT customer_id FROM customer_words AS one WHERE ` + number
		}
		return `SELECT DISTINCT customer_id FROM (` + query + `) AS part`, args
	}
}

// text is a part without arguments.
func text(sql string) part {
	return func(args []any) (string, []any) { return sql, args }
}

// all is SQL for what all parts hold of.
func all(parts ...part) part {
	return func(args []any) (string, []any) {
		conds := []string{"TRUE"}
		for _, p := range parts {
			var cond string
			cond, args = p(args)
			conds = append(conds, cond)
		}
		return "(" + strings.Join(conds, " AND ") + ")", args
	}
}

// not is SQL for what a part does not hold of.
func not(p part) part {
	return func(args []any) (string, []any) {
		cond, args := p(args)
		return "NOT " + cond, args
	}
}

// rarest is the word of a search that the fewest begin with, and with how many words,
// at most [fewEnough] + 1. A page of those behind a place goes on by the same word.
func (s *Store) rarest(ctx context.Context, words []string, after string) (word string, n int, err error) {
	n = fewEnough + 2
	for _, w := range words {
		if after != "" && !strings.HasPrefix(after, w) {
			continue
		}
		cond, args := startsWith("one", w)([]any{fewEnough + 1})
		var have int
		err := s.search.QueryRowContext(
			ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM customer_words AS one WHERE `+cond+` LIMIT $1) AS part`, args...,
		).Scan(&have)
		if err != nil {
			return "", 0, err
		}
		if have < n || have == n && len(w) > len(word) {
			word, n = w, have
		}
	}
	return word, n, nil
}
