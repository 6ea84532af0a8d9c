package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// Each change sees what was committed when its statement began: see [lockWriter].
const beginChange = `BEGIN ISOLATION LEVEL READ COMMITTED`

// lockWriter waits for whoever makes a change, and then says when that is: what stands
// beside FOR UPDATE is worked out before the wait. It reads nothing else: a statement sees
// what was committed when it began, and this one began before the wait.
const lockWriter = `
	WITH mine AS MATERIALIZED (SELECT id FROM writer FOR UPDATE)
	SELECT CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000) AS BIGINT)
	FROM mine`

// begin sends what begins a change, and what is asked first, as one pipeline.
func (e *postgresEngine) begin(ctx context.Context, writer *sql.DB, first ...*ask) (begun, error) {
	lock := &ask{query: lockWriter}
	conn, err := begunOn(ctx, writer, append([]*ask{{query: beginChange}, lock}, first...))
	if err != nil {
		return begun{}, away(err)
	}
	c := &change{Conn: conn, ctx: ctx}
	if len(lock.rows) == 0 {
		return begun{}, errors.Join(errors.New("the row of writer is gone: somebody removed it by hand"), c.Rollback())
	}
	at := time.UnixMilli(lock.rows[0][0].(int64)).UTC()
	e.ahead.Store(int64(time.Until(at)))
	return begun{transaction: c, at: at, bundle: bundled(conn), commitWith: c.commitWith}, nil
}

// begunOn sends the first statements of what goes on on a connection of its own. One that
// was gone before anything was sent is no reason to give up.
func begunOn(ctx context.Context, pool *sql.DB, asks []*ask) (*sql.Conn, error) {
	for left := tries; ; left-- {
		conn, err := pool.Conn(ctx)
		if err != nil {
			return nil, err
		}
		if err = bundled(conn)(ctx, asks); err == nil {
			return conn, nil
		}
		if left == 0 || !pgconn.SafeToRetry(err) || ctx.Err() != nil {
			giveBack(conn)
			return nil, err
		}
		drop(conn)
	}
}

// change is a transaction on a connection that it has to itself. ctx ends it, as it does a
// [sql.Tx].
type change struct {
	*sql.Conn
	ctx  context.Context
	over bool
}

// Commit implements [transaction].
func (c *change) Commit() error { return c.commitWith(c.ctx, nil) }

func (c *change) commitWith(ctx context.Context, left []*ask) error {
	commit := &ask{query: `COMMIT`}
	if err := bundled(c.Conn)(ctx, append(left, commit)); err != nil {
		return err
	}
	if commit.tag != `COMMIT` { // it is ROLLBACK where a statement had failed
		return errors.New("the database took the change back")
	}
	c.over = true
	c.Conn.Close()
	return nil
}

// Rollback implements [transaction].
func (c *change) Rollback() error {
	if !c.over {
		c.over = true
		giveBack(c.Conn)
	}
	return nil
}

// giveBack gives back the connection of what was not committed, once the server knows that
// it is over.
func giveBack(conn *sql.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
	defer cancel()
	if _, err := conn.ExecContext(ctx, `ROLLBACK`); err != nil {
		drop(conn)
		return
	}
	conn.Close()
}

// drop closes a connection for good.
func drop(conn *sql.Conn) {
	conn.Raw(func(any) error { return driver.ErrBadConn })
	conn.Close()
}

// bundled sends the statements of a connection's change as one pipeline: the server does
// one after the other and answers to all.
func bundled(conn *sql.Conn) bundle {
	return func(ctx context.Context, asks []*ask) error {
		return conn.Raw(func(driver any) error {
			var batch pgx.Batch
			for _, a := range asks {
				batch.Queue(a.query, a.args...)
			}
			answers := driver.(*stdlib.Conn).Conn().SendBatch(ctx, &batch)
			for _, a := range asks {
				if err := a.read(answers.Query()); err != nil {
					answers.Close()
					return err
				}
			}
			return answers.Close()
		})
	}
}

// read keeps all of an answer.
func (a *ask) read(rows pgx.Rows, err error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	a.columns = len(rows.FieldDescriptions())
	for rows.Next() {
		row, err := rows.Values()
		if err != nil {
			return err
		}
		a.rows = append(a.rows, row)
	}
	rows.Close()
	a.tag = rows.CommandTag().String()
	a.changed = rows.CommandTag().RowsAffected()
	return rows.Err()
}
