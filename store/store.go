// Package store keeps everything balancelink knows: customers, links,
// accounts, balances, received webhooks and refreshes. It speaks SQL, in one
// text for SQLite and PostgreSQL, and nothing else: no HTTP, no provider.
//
// Times go in and out as [time.Time] and lie in the database as Unix
// milliseconds UTC. Money is an int64 of minor units beside its ISO 4217 code.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/pressly/goose/v3"
	"golang.org/x/sys/unix"
	_ "modernc.org/sqlite" // the driver
)

// Errors that callers tell apart.
var (
	// ErrNotFound says that there is no such row, or that it is not the asking customer's.
	ErrNotFound = errors.New("store: not found")
	// ErrConflict says that a unique value is taken.
	ErrConflict = errors.New("store: already taken")
	// ErrInUse says that another process has the database open.
	ErrInUse = errors.New("store: the database is in use by another balancelink")
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open database. Its methods may be called from any goroutine.
type Store struct {
	write *statements // one connection: writers queue here instead of failing with SQLITE_BUSY
	read  *statements
	lock  *os.File
	now   func() time.Time
	inbox *inbox
	close func() error
}

// Options are what a caller may choose about a [Store].
type Options struct {
	Now func() time.Time // nil: time.Now
}

// Open opens the database that url names ("sqlite:path/to/file.db"), makes the
// folder and file when they are missing, and migrates the schema. Only one
// process can have a SQLite file open: a second one gets [ErrInUse].
func Open(ctx context.Context, url string, opt Options) (*Store, error) {
	path, ok := strings.CutPrefix(url, "sqlite:")
	if !ok || path == "" {
		return nil, fmt.Errorf("store: %q is not a database this version knows; want sqlite:PATH", url)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("store: making the data folder: %w", err)
	}
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, err
	}
	s := &Store{lock: lock, now: opt.Now}
	if s.now == nil {
		s.now = time.Now
	}
	s.close = sync.OnceValue(s.shut)
	if err := s.connect(ctx, path); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) connect(ctx context.Context, path string) (err error) {
	// Settings stand in the DSN so that every connection gets them. IMMEDIATE
	// because a read that becomes a write cannot wait for its lock; FULL
	// because a 200 to the provider promises that the event survives a power cut.
	dsn := "file:" + path + "?_journal_mode=WAL&_busy_timeout=5000&_synchronous=FULL&_foreign_keys=1&_txlock=immediate&_dqs=0"
	if s.write, err = openPool(dsn, 1); err != nil {
		return err
	}
	if err := migrate(ctx, s.write.db); err != nil {
		return err
	}
	if s.read, err = openPool(dsn+"&_query_only=1", 4); err != nil {
		return err
	}
	s.inbox = startInbox(s)
	return nil
}

func openPool(dsn string, conns int) (*statements, error) {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("store: opening: %w", err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return &statements{db: db}, nil
}

func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files)
	if err != nil {
		return fmt.Errorf("store: reading migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("store: migrating: %w", err)
	}
	return nil
}

// lockFile takes the lock that makes this process the only one with the
// database: goose has no lock of its own for SQLite.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(ErrInUse, f.Close())
	}
	return f, nil
}

// Close waits for what is being received, then closes the database. Closing
// twice does no harm.
func (s *Store) Close() error { return s.close() }

func (s *Store) shut() error {
	var errs []error
	if s.inbox != nil {
		s.inbox.stop()
	}
	for _, pool := range []*statements{s.read, s.write} {
		if pool != nil {
			errs = append(errs, pool.db.Close())
		}
	}
	return errors.Join(append(errs, s.lock.Close())...)
}

// Ready says whether the database can be written to.
func (s *Store) Ready(ctx context.Context) error {
	return s.inTx(ctx, func(tx *tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE expires_at < $1`, unixMS(tx.now))
		return err
	})
}

// tx is a write transaction with its one moment.
type tx struct {
	prepared
	now time.Time
}

// inTx runs f in one write transaction: all of it is stored, or nothing.
func (s *Store) inTx(ctx context.Context, f func(*tx) error) error {
	sqlTx, err := s.write.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("store: beginning: %w", err)
	}
	t := &tx{prepared: prepared{Tx: sqlTx, pool: s.write}, now: s.now()}
	defer t.learn(ctx)
	defer sqlTx.Rollback() // no effect after Commit
	if err := f(t); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if err := sqlTx.Commit(); err != nil {
		return fmt.Errorf("store: committing: %w", err)
	}
	return nil
}

// querier is what a [sql.DB] and a transaction have in common.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// scanner is what [sql.Row] and [sql.Rows] have in common.
type scanner interface{ Scan(dest ...any) error }

// collect scans all rows of a query.
func collect[T any](ctx context.Context, q querier, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// one scans the only row of a query; none is [ErrNotFound].
func one[T any](ctx context.Context, q querier, scan func(scanner) (T, error), query string, args ...any) (T, error) {
	v, err := scan(q.QueryRowContext(ctx, query, args...))
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return v, err
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// Reference is the short code by which people quote a row.
func Reference(id string) string {
	return strings.ToUpper(id[max(0, len(id)-8):])
}
