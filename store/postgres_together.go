package store

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/jackc/pgx/v5/pgconn"
)

// beginReading goes with the first statements of a reading.
const beginReading = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`

// together has a connection from the first statement on.
func (e *postgresEngine) together(read *sql.DB) (send bundle, end func()) {
	var conn *sql.Conn
	begin := func(ctx context.Context, asks []*ask) (err error) {
		if conn, err = read.Conn(ctx); err != nil {
			return err
		}
		return bundled(conn)(ctx, append([]*ask{{query: beginReading}}, asks...))
	}
	send = func(ctx context.Context, asks []*ask) error {
		if conn != nil {
			return bundled(conn)(ctx, asks)
		}
		for range tries {
			err := begin(ctx, asks)
			if err == nil || !pgconn.SafeToRetry(err) || ctx.Err() != nil || conn == nil {
				return err
			}
			drop(conn) // it was gone before anything was sent
		}
		return begin(ctx, asks)
	}
	return send, func() {
		if conn != nil {
			go endReading(conn)
		}
	}
}

// endReading gives back the connection of a reading, once the server knows that it is over.
func endReading(conn *sql.Conn) {
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
