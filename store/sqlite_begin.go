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

// begin begins a write transaction. SQLite itself does not wait (see connect):
// it would keep all others out while it does, each for as long again.
func (s *Store) begin(ctx context.Context) (*sql.Tx, error) {
	arrived := time.Now()
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		tx, err := s.write.db.BeginTx(ctx, nil)
		if err == nil {
			s.held.Store(false)
			return tx, nil
		}
		if !locked(err) {
			return nil, err
		}
		if time.Since(arrived) >= patience {
			s.held.Store(true)
		}
		if s.held.Load() {
			return nil, fmt.Errorf("%w: %w", ErrLocked, err)
		}
		if err := sleep(ctx, pause); err != nil {
			return nil, err
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

// locked says whether the database was held by somebody else.
func locked(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}
