package store

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"iter"
	"slices"
)

// laneTx is a transaction as what may go on in a lane of it has it.
type laneTx = tx

// each does f of each of so many things, of which none is changed by what is done of
// another. Where the database takes several statements at once they go side by side, each
// in a lane: what all of them ask next is sent together, so that many things take as many
// turns as the longest of them. One lane runs at a time, and what f counts needs no lock.
// f has to ask by the tx that it is given, and does nothing there that is for good.
func (tx *tx) each(ctx context.Context, n int, f func(tx *laneTx, i int) error) error {
	if tx.bundle == nil || n < 2 {
		for i := range n {
			if err := f(tx, i); err != nil {
				return err
			}
		}
		return nil
	}
	if err := tx.sideBySide(n, f, func(asks []*ask) error { return tx.bundle(tx.until.on(ctx), asks) }); err != nil {
		return err
	}
	acts := tx.acts
	tx.acts = nil
	return tx.chain(ctx, acts...)
}

// sideBySide does f of each in a lane, and takes over what they noted. send has what all of
// them ask answered.
func (tx *tx) sideBySide(n int, f func(tx *laneTx, i int) error, send func(asks []*ask) error) error {
	lanes := make([]*lane, n)
	answers := sql.OpenDB(answered{})
	defer answers.Close()
	for i := range lanes {
		lanes[i] = tx.newLane(answers, func(tx *laneTx) error { return f(tx, i) })
		defer lanes[i].stop()
	}
	err := goOn(lanes, send)
	for _, l := range lanes {
		tx.takeOver(l.tx)
	}
	return err
}

// goOn lets lanes go on, all as far as to what they ask next, until all are through. send
// has what all of them ask answered.
func goOn(lanes []*lane, send func(asks []*ask) error) error {
	for going := slices.Clone(lanes); ; {
		var asks []*ask
		var failed error
		going = slices.DeleteFunc(going, func(l *lane) bool {
			if failed != nil {
				return false
			}
			some, more := l.next()
			asks = append(asks, some...)
			failed = l.err
			return !more
		})
		if failed != nil || len(asks) == 0 {
			return failed
		}
		if err := send(asks); err != nil {
			return err
		}
	}
}

// lane is a part of a transaction that goes on beside others.
type lane struct {
	tx      *laneTx // of a change: its own, whose notes are joined to the whole one's when all lanes are through
	next    func() ([]*ask, bool)
	stop    func()
	yield   func([]*ask) bool
	answers *sql.DB
	err     error
}

func (tx *tx) newLane(answers *sql.DB, f func(*laneTx) error) *lane {
	l := &lane{answers: answers}
	own := *tx
	own.lane, own.bundle, own.notes = l, nil, notes{}
	l.tx = &own
	l.begin(func() error { return f(&own) })
	return l
}

// begin has f go on in the lane, as far as it is let.
func (l *lane) begin(f func() error) {
	l.next, l.stop = iter.Pull(func(yield func([]*ask) bool) {
		l.yield = yield
		l.err = f()
	})
}

// takeOver takes over what a lane noted.
func (tx *tx) takeOver(lane *laneTx) {
	tx.applied = append(tx.applied, lane.applied...)
	tx.touched = append(tx.touched, lane.touched...)
	tx.asked = append(tx.asked, lane.asked...)
	tx.endings = append(tx.endings, lane.endings...)
	tx.counted = append(tx.counted, lane.counted...)
	tx.told = append(tx.told, lane.told...)
	tx.unheard = tx.unheard || lane.unheard
	tx.acts = append(tx.acts, lane.acts...)
	tx.left = append(tx.left, lane.left...)
	tx.head = cmp.Or(tx.head, lane.head)
	tx.listeners = cmp.Or(tx.listeners, lane.listeners)
	tx.erasures = cmp.Or(tx.erasures, lane.erasures)
}

// ask is a statement of a lane, and then what the database answered.
type ask struct {
	query string
	args  []any

	columns int
	rows    [][]any
	changed int64  // rows
	tag     string // what was done, as the database names it
	err     error
}

// ErrStopped ends what goes on beside something that failed.
var ErrStopped = errors.New("what goes on beside it failed")

// ask waits until all other lanes wait too, and have their answers.
func (l *lane) ask(query string, args []any) *ask {
	a := &ask{query: query, args: args}
	a.err = l.send([]*ask{a})
	return a
}

// send is how others ask who go on within the lane.
func (l *lane) send(asks []*ask) error {
	if !l.yield(asks) {
		return ErrStopped
	}
	return nil
}

func (l *lane) exec(query string, args []any) (sql.Result, error) {
	a := l.ask(query, args)
	return driver.RowsAffected(a.changed), a.err
}

func (l *lane) query(query string, args []any) (*sql.Rows, error) {
	return l.answers.QueryContext(context.Background(), "", l.ask(query, args))
}

func (l *lane) queryRow(query string, args []any) *sql.Row {
	return l.answers.QueryRowContext(context.Background(), "", l.ask(query, args))
}

// answered is a driver whose queries are asks that have their answers: so these are
// scanned as all others are.
type answered struct{}

var errOnlyAnswers = errors.New("there is nothing here but answers")

func (answered) Connect(context.Context) (driver.Conn, error) { return answered{}, nil }
func (answered) Driver() driver.Driver                        { return nil }
func (answered) Prepare(string) (driver.Stmt, error)          { return nil, errOnlyAnswers }
func (answered) Begin() (driver.Tx, error)                    { return nil, errOnlyAnswers }
func (answered) Close() error                                 { return nil }
func (answered) CheckNamedValue(*driver.NamedValue) error     { return nil }

// QueryContext implements [driver.QueryerContext].
func (answered) QueryContext(_ context.Context, _ string, args []driver.NamedValue) (driver.Rows, error) {
	a := args[0].Value.(*ask)
	return a, a.err
}

// Columns implements [driver.Rows], as the others do.
func (a *ask) Columns() []string { return make([]string, a.columns) }

// Close lets go of nothing.
func (a *ask) Close() error { return nil }

// Next hands out a row.
func (a *ask) Next(dest []driver.Value) error {
	if len(a.rows) == 0 {
		return io.EOF
	}
	for i, v := range a.rows[0] {
		var err error
		if dest[i], err = driver.DefaultParameterConverter.ConvertValue(v); err != nil {
			return err
		}
	}
	a.rows = a.rows[1:]
	return nil
}
