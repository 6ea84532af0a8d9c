package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// patience is how long anybody waits for a database that another process holds.
// Whoever waited for so long in vain has learned it for all: until the database
// is free again each asks once and does not wait.
const patience = 5 * time.Second

// ErrLocked says that another process holds the database.
var ErrLocked = errors.New("another process holds the database")

// begin begins a write transaction. SQLite itself does not wait (see opened):
// it would keep all others out while it does, each for as long again.
func (e *sqliteEngine) begin(ctx context.Context, writer *sql.DB, _ ...*ask) (begun, error) {
	arrived := time.Now()
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		tx, err := writer.BeginTx(ctx, nil)
		if err == nil {
			e.kept.Store(false)
			return begun{transaction: tx}, nil
		}
		if !e.held(err) {
			return begun{}, err
		}
		if time.Since(arrived) >= patience {
			e.kept.Store(true)
		}
		if e.kept.Load() {
			return begun{}, fmt.Errorf("%w: %w", ErrLocked, err)
		}
		if err := sleep(ctx, pause); err != nil {
			return begun{}, err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// unwritable says whether a file has no room on its disk, or may not be written to, as on a
// disk that the system has taken out of use.
func unwritable(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	code := e.Code() & 0xff
	return code == sqlite3.SQLITE_FULL || code == sqlite3.SQLITE_READONLY
}

// held says whether the database was held by somebody else.
func (e *sqliteEngine) held(err error) bool {
	var busy *sqlite.Error
	return errors.As(err, &busy) && busy.Code()&0xff == sqlite3.SQLITE_BUSY
}
