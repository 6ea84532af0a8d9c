package store

import (
	"context"
	"database/sql"
	"time"
)

// reading is what several reads see of one moment, which go on side by side. One of them
// runs at a time, so that it is known whose statement comes.
type reading struct {
	pool    *statements
	answers *sql.DB
	lane    *lane // that goes on just now; nil: none does
}

// Together does reads that have nothing to do with each other. Where the database takes
// several statements at once they go side by side: what all of them ask next is sent
// together, so that a page takes as many turns as its longest read, and they see what was
// there at one moment. Elsewhere one is done after the other. Each asks by the context that
// it is given, in the goroutine that it is called in; within one there may be others. What one
// writes the others do not see. The first error ends them all.
func (s *Store) Together(ctx context.Context, reads ...func(context.Context) error) error {
	if can, err := s.sideBySide(ctx, reads...); can {
		return err
	}
	for _, read := range reads {
		if err := read(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sideBySide does reads side by side where the database can.
func (s *Store) sideBySide(ctx context.Context, reads ...func(context.Context) error) (can bool, err error) {
	if r := readingOf(ctx); r != nil {
		return true, r.together(r.lane.send, bind(ctx, reads)...)
	}
	send, end := s.engine.together(s.read.db)
	if send == nil {
		return false, nil
	}
	defer end()
	r := &reading{pool: s.read, answers: sql.OpenDB(answered{})}
	defer r.answers.Close()
	var until deadline
	if within := s.engine.within(); within > 0 {
		until.at = time.Now().Add(within)
		defer until.over()
	}
	toAll := func(asks []*ask) error { return send(until.on(ctx), asks) }
	return true, orOver(ctx, r.together(toAll, bind(context.WithValue(ctx, readingKey{}, r), reads)...))
}

// bind gives reads their context.
func bind(ctx context.Context, reads []func(context.Context) error) []func() error {
	bound := make([]func() error, len(reads))
	for i, read := range reads {
		bound[i] = func() error { return read(ctx) }
	}
	return bound
}

type readingKey struct{}

// readingOf is the reading that goes on in a context; nil: none does.
func readingOf(ctx context.Context) *reading {
	if r, _ := ctx.Value(readingKey{}).(*reading); r != nil && r.lane != nil {
		return r
	}
	return nil
}

func (r *reading) together(send func([]*ask) error, reads ...func() error) error {
	lanes := make([]*lane, len(reads))
	for i, read := range reads {
		lanes[i] = r.newLane(read)
		defer lanes[i].stop()
	}
	return goOn(lanes, send)
}

// newLane is a lane that says when it goes on.
func (r *reading) newLane(f func() error) *lane {
	l := &lane{answers: r.answers}
	l.begin(f)
	next, stop := l.next, l.stop
	goes := func() (stands func()) {
		before := r.lane
		r.lane = l
		return func() { r.lane = before }
	}
	l.next = func() ([]*ask, bool) {
		defer goes()()
		return next()
	}
	l.stop = func() {
		defer goes()()
		stop()
	}
	return l
}

// QueryContext runs a query in the read that goes on just now.
func (r *reading) QueryContext(_ context.Context, query string, args ...any) (*sql.Rows, error) {
	return r.going(query).query(query, args)
}

// QueryRowContext runs a query for one row in the read that goes on just now.
func (r *reading) QueryRowContext(_ context.Context, query string, args ...any) *sql.Row {
	return r.going(query).queryRow(query, args)
}

// going is the lane that goes on just now, and asks that.
func (r *reading) going(query string) *lane {
	if r.pool.plain {
		r.pool.note(query)
	}
	return r.lane
}

func (r *reading) keyring() *Keyring { return r.pool.keyring() }

func (r *reading) engineOf() engine { return r.pool.engine }

// together does reads by q that have nothing to do with each other: side by side where q is
// a reading, or one goes on in the context.
func together(ctx context.Context, q querier, reads ...func() error) error {
	r, is := q.(*reading)
	if pool, of := q.(*statements); of {
		r = readingOf(ctx)
		is = r != nil && r.pool == pool
	}
	if is {
		return r.together(r.lane.send, reads...)
	}
	for _, read := range reads {
		if err := read(); err != nil {
			return err
		}
	}
	return nil
}
