package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tx is a write transaction with its one moment.
type tx struct {
	prepared
	now      time.Time
	consent  consentRule
	vault    *vault
	mails    bool  // people are told by e-mail
	unseen   bool  // nothing that anybody is shown changes by it
	head     *link // where the audit chain ends now; nil: not read yet
	recorded bool  // the chain is longer than it was
	erased   *erasedList
	deeds    []deed // that are to lie beside the database before this is answered for
	ordered  bool   // holds the order of the deeds
	bundle   bundle // nil: one statement goes to the database at a time
	notes

	listeners *bool // somebody would hear of what happens; nil: not looked yet
	erasures  *bool // somebody was erased before it; nil: not looked yet
}

// notes are what is to be done yet at the end of a transaction, or at that of a lane.
type notes struct {
	applied []Outcome      // the webhooks that were applied, not recorded yet
	touched []touched      // accounts whose balance may be another, not settled yet
	asked   []string       // accounts about which a question has ended, not settled yet
	endings []RefreshState // of the requests to banks that end with it
	counted []func()       // each takes back what was counted in memory
	told    []Notice       // what happened, not written down yet
	unheard bool           // something happened of which nobody hears
	acts    []auditRow     // of a lane, for the audit log
	left    []*ask         // statements that are left to its end
}

// touched is an account whose balance may be another, with what it was.
type touched struct {
	accountID         string
	watched           bool   // it may have a threshold
	figure, available Amount // where somebody would hear of a change
}

// inTx runs f in one write transaction: all of it is stored, or nothing.
func (s *Store) inTx(ctx context.Context, f func(*tx) error) error {
	return s.inTxWithin(ctx, s.engine.within(), f)
}

// inTxWithin is [Store.inTx] for what takes longer than others may; 0: as long as it takes.
func (s *Store) inTxWithin(ctx context.Context, within time.Duration, f func(*tx) error) error {
	return orOver(ctx, s.writeTx(ctx, within, f))
}

// orOver says also that the context has ended where an error does not: the
// transaction's end closes what was prepared for it while it may be in use.
func orOver(ctx context.Context, err error) error {
	if over := ctx.Err(); err != nil && over != nil && !errors.Is(err, over) {
		return fmt.Errorf("store: %w: %w", over, err)
	}
	return err
}

// tries is how often a change is made at most with which nothing is wrong.
const tries = 4

// writeTx makes a change. What the database takes back, because it could not put it in an
// order with another, is made again: f may run several times.
func (s *Store) writeTx(ctx context.Context, within time.Duration, f func(*tx) error) (err error) {
	if s.rehearse {
		s.oneTx(ctx, within, f, errRehearsed) // what is wrong is said by the next
	}
	for range tries {
		if err = s.oneTx(ctx, within, f, nil); err == nil || !s.engine.again(err) {
			return err
		}
	}
	return err
}

// errRehearsed takes back a change that was only tried.
var errRehearsed = errors.New("rehearsed")

// oneTx makes a change once. after is what it ends with in place of the commit.
func (s *Store) oneTx(ctx context.Context, within time.Duration, f func(*tx) error, after error) error {
	arrived := time.Now()
	t := &tx{prepared: prepared{pool: s.write}, consent: s.consent, vault: s.vault, erased: s.erased, mails: s.mails}
	if within > 0 {
		t.until.at = arrived.Add(within)
		defer t.until.over()
	}
	began, err := s.begin(ctx, t)
	if err != nil {
		return fmt.Errorf("store: beginning: %w", err)
	}
	begun := time.Now()
	defer t.learn(ctx)
	defer t.letGo()
	defer t.takeBack()
	defer began.Rollback() // no effect after Commit
	if err := f(t); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if err := t.settle(ctx); err != nil {
		return fmt.Errorf("store: settling what was heard: %w", err)
	}
	if err := t.keepTold(ctx); err != nil {
		return fmt.Errorf("store: keeping what programs are told: %w", err)
	}
	t.keepHead()
	if after != nil {
		if err := t.doLeft(ctx); err != nil {
			return fmt.Errorf("store: %w", err)
		}
		return after
	}
	if err := t.commit(ctx, began); err != nil {
		return fmt.Errorf("store: committing: %w", err)
	}
	t.counted = nil
	if !t.unseen {
		s.writes.Add(1)
	}
	s.tell(t, begun.Sub(arrived), time.Since(begun))
	return s.keepDeeds(t.deeds)
}

// begin begins a change. Where the database takes several statements at once, what many
// changes ask first goes with what begins it.
func (s *Store) begin(ctx context.Context, t *tx) (began begun, err error) {
	if s.oneByOne || !s.engine.several() {
		began, err = s.engine.begin(t.until.on(ctx), s.write.db)
	} else {
		t.now = s.now() // about: the database has not said yet
		looks := []func(*laneTx){
			func(tx *laneTx) { tx.findHead(ctx) },
			func(tx *laneTx) { tx.hasListeners(ctx) },
			func(tx *laneTx) { tx.hasErasures(ctx) },
		}
		look := func(tx *laneTx, i int) error { looks[i](tx); return nil } // who needs what fails there asks again
		err = t.sideBySide(len(looks), look, func(asks []*ask) (err error) {
			began, err = s.engine.begin(t.until.on(ctx), s.write.db, asks...)
			return err
		})
	}
	if err != nil {
		return begun{}, err
	}
	t.Tx, t.now, t.bundle = began.transaction, began.at, began.bundle
	if s.oneByOne {
		t.bundle = nil
	}
	if s.clock || began.at.IsZero() {
		t.now = s.now()
	}
	return began, nil
}

// leave leaves a statement to the end of the transaction: nothing in it asks for what that
// changes, nor whether it did.
func (tx *tx) leave(query string, args ...any) {
	tx.left = append(tx.left, &ask{query: query, args: args})
}

// doLeft does what was left.
func (tx *tx) doLeft(ctx context.Context) error {
	left := tx.left
	tx.left = nil
	return tx.each(ctx, len(left), func(tx *laneTx, i int) error {
		return tx.exec(ctx, left[i].query, left[i].args...)
	})
}

// commit does what was left, and commits.
func (tx *tx) commit(ctx context.Context, began begun) error {
	if tx.bundle != nil && began.commitWith != nil {
		return began.commitWith(tx.until.on(ctx), tx.left)
	}
	if err := tx.doLeft(ctx); err != nil {
		return err
	}
	return began.Commit()
}

// takeBack takes back what was counted in memory of a change that was not made, the last first.
func (tx *tx) takeBack() {
	for _, undo := range slices.Backward(tx.counted) {
		undo()
	}
}

// tell tells who watches of a transaction that was committed.
func (s *Store) tell(t *tx, waited, took time.Duration) {
	if s.transacted != nil {
		s.transacted(waited, took)
	}
	if s.refreshEnded != nil {
		for _, state := range t.endings {
			s.refreshEnded(state)
		}
	}
}

// heard says that an account's balance is about to be another, perhaps, and whether it may
// have a threshold. What follows from that is done once, by [tx.settle].
func (tx *tx) heard(ctx context.Context, accountID string, watched bool) error {
	same := func(t touched) bool { return t.accountID == accountID }
	if i := slices.IndexFunc(tx.touched, same); i >= 0 {
		tx.touched[i].watched = tx.touched[i].watched || watched
		return nil
	}
	is := touched{accountID: accountID, watched: watched}
	listeners, err := tx.hasListeners(ctx)
	if err == nil && listeners {
		var was Notice
		was, err = tx.figuresOf(ctx, accountID)
		is.figure, is.available = was.Figure, was.Available
	}
	if err != nil && !gone(err) {
		return err
	}
	tx.touched = append(tx.touched, is)
	return nil
}

// ended says that a question about an account has ended.
func (tx *tx) ended(ctx context.Context, accountID string) error {
	if !slices.Contains(tx.asked, accountID) {
		tx.asked = append(tx.asked, accountID)
	}
	return tx.heard(ctx, accountID, true)
}

// settle does what follows from what was heard and applied: a threshold is crossed, a
// question for funds is answered. A transaction ends with it.
func (tx *tx) settle(ctx context.Context) error {
	touched, applied, asked := tx.touched, tx.applied, tx.asked
	tx.touched, tx.applied, tx.asked = nil, nil, nil
	err := tx.each(ctx, len(touched)+1, func(tx *laneTx, i int) error {
		if i == len(touched) {
			return tx.auditApplied(ctx, applied)
		}
		return tx.settleBalance(ctx, touched[i])
	})
	if err != nil {
		return err
	}
	return tx.each(ctx, len(asked), func(tx *laneTx, i int) error {
		if err := tx.answerWaiting(ctx, asked[i]); err != nil {
			return err
		}
		return tx.answerSums(ctx, asked[i])
	})
}

// settleBalance does what follows from another balance.
func (tx *tx) settleBalance(ctx context.Context, was touched) error {
	if err := tx.tellBalance(ctx, was); err != nil || !was.watched {
		return err
	}
	return tx.noteCrossing(ctx, was.accountID)
}

// letGo lets others note what they do for good.
func (tx *tx) letGo() {
	if tx.ordered {
		tx.erased.order.Unlock()
	}
}

// exec is a write transaction of one statement.
func (s *Store) exec(ctx context.Context, query string, args ...any) error {
	return s.inTx(ctx, func(tx *tx) error { return tx.exec(ctx, query, args...) })
}

// exec runs a statement whose number of rows does not matter.
func (tx *tx) exec(ctx context.Context, query string, args ...any) error {
	_, err := tx.ExecContext(ctx, query, args...)
	return err
}

// changes runs a statement and says whether it changed anything.
func (tx *tx) changes(ctx context.Context, query string, args ...any) (bool, error) {
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// happens runs one statement and says whether it changed a row.
func (s *Store) happens(ctx context.Context, query string, args ...any) (yes bool, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		yes, err = tx.changes(ctx, query, args...)
		return err
	})
	return yes, err
}

// querier is what a [sql.DB] and a transaction have in common.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// scanner is what [sql.Row] and [sql.Rows] have in common.
type scanner interface{ Scan(dest ...any) error }

// collect scans all rows of a query.
func collect[T any](
	ctx context.Context, q querier, scan func(scanner) (T, error), query string, args ...any,
) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	keys := keyringOf(q)
	var all []T
	for rows.Next() {
		one, err := scan(openRow{rows, keys})
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// one scans the only row of a query; none is [ErrNotFound].
func one[T any](ctx context.Context, q querier, scan func(scanner) (T, error), query string, args ...any) (T, error) {
	v, err := scan(openRow{q.QueryRowContext(ctx, query, args...), keyringOf(q)})
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return v, err
}

// wider is a row with more columns than its scanner asks for.
type wider struct {
	row  scanner
	more []any
}

func (w wider) Scan(dest ...any) error { return w.row.Scan(append(dest, w.more...)...) }

// afterAll is what stands behind every id, for a list from the newest on.
const afterAll = "g"

func scanText(row scanner) (text string, err error) {
	err = row.Scan(&text)
	return text, err
}

func scanNumber(row scanner) (n int64, err error) {
	err = row.Scan(&n)
	return n, err
}

// marks are n placeholders in a row, from the one of that number on.
func marks(from, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = "$" + strconv.Itoa(from+i)
	}
	return strings.Join(all, ", ")
}

// anys are texts as arguments.
func anys(texts []string) []any {
	all := make([]any, len(texts))
	for i, text := range texts {
		all[i] = text
	}
	return all
}

// tuples are the placeholders of so many rows, as VALUES lists them.
func tuples(rows, columns int) string {
	all := make([]string, rows)
	for i := range all {
		all[i] = "(" + marks(1+i*columns, columns) + ")"
	}
	return strings.Join(all, ", ")
}

// orNoRows turns the absence of a row into [ErrNotFound].
func orNoRows(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// gone says that what somebody was working on was erased meanwhile.
func gone(err error) bool { return errors.Is(err, ErrNotFound) }
