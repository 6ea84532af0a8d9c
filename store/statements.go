package store

import (
	"context"
	"database/sql"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// statements keeps what the database has parsed and planned: a query's text is
// constant, and preparing it costs more than running most of them.
type statements struct {
	db    *sql.DB
	known sync.Map                 // query → *sql.Stmt
	keys  *atomic.Pointer[Keyring] // nil: none, for what reads nothing sealed

	engine engine
	plain  bool // the driver keeps what is prepared, for each connection: here it is only noted
}

func (p *statements) engineOf() engine { return p.engine }

// bounded is a context in which an answer is waited for as long as the engine says.
func (p *statements) bounded(ctx context.Context) context.Context {
	ctx, cancel := context.WithTimeout(ctx, p.engine.within())
	context.AfterFunc(ctx, cancel) // whoever asks has the rows for longer than this function runs
	return ctx
}

// keyring has the keys of the sealed columns; nil: there are none.
func (p *statements) keyring() *Keyring {
	if p.keys == nil {
		return nil
	}
	return p.keys.Load()
}

// Statements are the texts of all queries and changes that the store has made so
// far, for tests to look at how the database goes about them.
func (s *Store) Statements() (all []string) {
	for _, pool := range []*statements{s.search, s.read, s.write} {
		if pool == nil {
			continue
		}
		pool.known.Range(func(query, _ any) bool {
			all = append(all, query.(string))
			return true
		})
	}
	return all
}

// get prepares a query, or finds it prepared.
func (p *statements) get(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt := p.find(query); stmt != nil {
		return stmt, nil
	}
	stmt, err := p.db.PrepareContext(context.WithoutCancel(ctx), query)
	if err != nil {
		return nil, err
	}
	if first, raced := p.known.LoadOrStore(query, stmt); raced {
		return first.(*sql.Stmt), stmt.Close()
	}
	return stmt, nil
}

func (p *statements) find(query string) *sql.Stmt {
	if stmt, ok := p.known.Load(query); ok {
		return stmt.(*sql.Stmt)
	}
	return nil
}

// note keeps the text of what the driver prepares.
func (p *statements) note(query string) {
	if _, known := p.known.Load(query); !known {
		p.known.Store(query, nil)
	}
}

// QueryContext runs a prepared query.
func (p *statements) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if r := readingOf(ctx); r != nil && r.pool == p {
		return r.QueryContext(ctx, query, args...)
	}
	if p.plain {
		p.note(query)
		return p.db.QueryContext(p.bounded(ctx), query, args...)
	}
	stmt, err := p.get(ctx, query)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

// QueryRowContext runs a prepared query for one row. In SQLite it does so to the
// end: a context that can end costs database/sql a goroutine a query, which is more
// than most of them take.
func (p *statements) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if r := readingOf(ctx); r != nil && r.pool == p {
		return r.QueryRowContext(ctx, query, args...)
	}
	if p.plain {
		p.note(query)
		return p.db.QueryRowContext(p.bounded(ctx), query, args...)
	}
	stmt, err := p.get(ctx, query)
	if err != nil {
		return p.db.QueryRowContext(ctx, query, args...) // which says what is wrong
	}
	return stmt.QueryRowContext(context.WithoutCancel(ctx), args...)
}

// prepared is a transaction that uses prepared statements. One that is not
// prepared yet runs as it is and is noted: it cannot be prepared for all here, for the
// transaction may hold the only connection. The second time it is prepared for this one.
type prepared struct {
	Tx     transaction
	pool   *statements
	missed []string             // each once
	own    map[string]*sql.Stmt // query → statement that ends with the transaction
	until  deadline
	lane   *lane // it is a part of; nil: it is the whole transaction
}

func (t *prepared) keyring() *Keyring { return t.pool.keyring() }

func (t *prepared) engineOf() engine { return t.pool.engine }

// deadline is when a transaction is given up, whatever it waits for. Those who ask
// something in it have contexts of their own, mostly all the same one.
type deadline struct {
	at      time.Time // zero: there is none
	of      context.Context
	bounded context.Context // of, with the deadline
	cancels []context.CancelFunc
}

// on is a context with the deadline.
func (d *deadline) on(ctx context.Context) context.Context {
	if d.at.IsZero() {
		return ctx
	}
	if d.of != ctx {
		bounded, cancel := context.WithDeadline(ctx, d.at)
		d.of, d.bounded, d.cancels = ctx, bounded, append(d.cancels, cancel)
	}
	return d.bounded
}

// over lets go of the contexts.
func (d *deadline) over() {
	for _, cancel := range d.cancels {
		cancel()
	}
}

// ExecContext runs a statement.
func (t *prepared) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if t.lane != nil {
		return t.lane.exec(query, args)
	}
	if stmt := t.find(ctx, query); stmt != nil {
		return stmt.ExecContext(ctx, args...)
	}
	return t.Tx.ExecContext(t.until.on(ctx), query, args...)
}

// QueryContext runs a query.
func (t *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if t.lane != nil {
		return t.lane.query(query, args)
	}
	if stmt := t.find(ctx, query); stmt != nil {
		return stmt.QueryContext(ctx, args...)
	}
	return t.Tx.QueryContext(t.until.on(ctx), query, args...)
}

// QueryRowContext runs a query for one row.
func (t *prepared) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if t.lane != nil {
		return t.lane.queryRow(query, args)
	}
	if stmt := t.find(ctx, query); stmt != nil {
		return stmt.QueryRowContext(ctx, args...)
	}
	return t.Tx.QueryRowContext(t.until.on(ctx), query, args...)
}

// find is a query as it is prepared for this transaction; nil: it is not.
func (t *prepared) find(ctx context.Context, query string) *sql.Stmt {
	if t.pool.plain {
		t.pool.note(query)
		return nil
	}
	if stmt, ok := t.own[query]; ok {
		return stmt
	}
	if stmt := t.pool.find(query); stmt != nil {
		if own, is := t.Tx.(*sql.Tx); is {
			return t.keep(query, own.StmtContext(ctx, stmt))
		}
		return nil
	}
	if !slices.Contains(t.missed, query) {
		t.missed = append(t.missed, query)
		return nil
	}
	stmt, err := t.Tx.PrepareContext(ctx, query)
	if err != nil {
		return nil
	}
	return t.keep(query, stmt)
}

func (t *prepared) keep(query string, stmt *sql.Stmt) *sql.Stmt {
	if t.own == nil {
		t.own = map[string]*sql.Stmt{}
	}
	t.own[query] = stmt
	return stmt
}

// learn prepares what the transaction missed, after its end. Failing to does
// no harm: the statement stays unprepared.
func (t *prepared) learn(ctx context.Context) {
	for _, query := range t.missed {
		if _, err := t.pool.get(ctx, query); err != nil {
			return
		}
	}
}
