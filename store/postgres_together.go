package store

import (
	"context"
	"database/sql"
)

// beginReading goes with the first statements of a reading.
const beginReading = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`

// together has a connection from the first statement on.
func (e *postgresEngine) together(read *sql.DB) (send bundle, end func()) {
	var conn *sql.Conn
	send = func(ctx context.Context, asks []*ask) (err error) {
		if conn == nil {
			conn, err = begunOn(ctx, read, append([]*ask{{query: beginReading}}, asks...))
			return err
		}
		return bundled(conn)(ctx, asks)
	}
	return send, func() {
		if conn != nil {
			go giveBack(conn)
		}
	}
}
