package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver
)

// sqliteEngine is SQLite: one file, which one process has to itself.
type sqliteEngine struct {
	path string
	lock *os.File
	kept atomic.Bool // by another process, as somebody learned who waited
}

// sqlitePath is the path of the file that a database's URL names.
func sqlitePath(url string) (string, error) {
	if isPostgres(url) {
		return "", ErrNoFile
	}
	path, ok := strings.CutPrefix(url, "sqlite:")
	if !ok || path == "" {
		return "", fmt.Errorf(
			"%w: it is not a database this version knows; want sqlite:PATH or postgres://…", ErrUnfit,
		)
	}
	return path, nil
}

func (e *sqliteEngine) dialect() goose.Dialect { return goose.DialectSQLite3 }

// dsn has settings in it so that every connection gets them. IMMEDIATE because a read
// that becomes a write cannot wait for its lock; FULL because a 200 to the provider
// promises that the event survives a power cut; secure_delete because what was erased
// must not lie on in free pages.
func (e *sqliteEngine) dsn(more string) string {
	return uri(
		e.path, "_journal_mode=WAL&_busy_timeout=5000&_synchronous=FULL&_foreign_keys=1&_txlock=immediate&_dqs=0"+
			"&_pragma=secure_delete(1)&_pragma=journal_size_limit(67108864)"+more,
	)
}

// writer has one connection: writers queue there instead of failing with SQLITE_BUSY. Of
// the indexes a storm of webhooks touches, 64 MB is a million accounts' worth. The log is
// copied into the database when it has 16 MB: in a storm the same pages change again and
// again, and each is copied once.
func (e *sqliteEngine) writer(_ context.Context, keys *atomic.Pointer[Keyring]) (*statements, error) {
	return openPool(e.dsn("&_pragma=cache_size(-64000)&_pragma=wal_autocheckpoint(4000)"), 1, keys)
}

func (e *sqliteEngine) reader(conns int, keys *atomic.Pointer[Keyring]) (*statements, error) {
	return openPool(e.dsn("&_query_only=1&_pragma=cache_size(-16000)"), conns, keys)
}

func openPool(dsn string, conns int, keys *atomic.Pointer[Keyring]) (*statements, error) {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("store: opening: %w", err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return &statements{db: db, keys: keys, engine: &sqliteEngine{}}, nil
}

// aside is the writer itself: a file has one instance, which need tell nobody anything.
func (e *sqliteEngine) aside(writer *statements) (*statements, error) { return writer, nil }

func (e *sqliteEngine) migrator(writer *sql.DB) (*sql.DB, func() error, error) {
	return writer, func() error { return nil }, nil
}

// claim takes the lock that lies beside the file.
func (e *sqliteEngine) claim(ctx context.Context) (release func() error, err error) {
	if err := os.MkdirAll(filepath.Dir(e.path), 0o700); err != nil {
		return nil, err
	}
	if e.lock, err = lockFile(e.path + ".lock"); err != nil {
		return nil, err
	}
	if err := errors.Join(adopt(e.path, e.path+".lock"), e.isOurs(ctx)); err != nil {
		return nil, errors.Join(err, e.close())
	}
	return e.close, nil
}

func (e *sqliteEngine) bulk(ctx context.Context, keys *atomic.Pointer[Keyring]) (*statements, error) {
	return e.writer(ctx, keys)
}

// start waits for nobody: who holds the lock of the file is alone.
func (e *sqliteEngine) start(context.Context) (func(), error) { return func() {}, nil }

// opened has SQLite wait for nobody: from here on who waits does so in begin.
func (e *sqliteEngine) opened(ctx context.Context, writer *sql.DB) error {
	_, err := writer.ExecContext(ctx, `PRAGMA busy_timeout = 0`)
	return err
}

func (e *sqliteEngine) several() bool { return false }

func (e *sqliteEngine) together(*sql.DB) (bundle, func()) { return nil, nil }

func (e *sqliteEngine) now() time.Time               { return time.Now() }
func (e *sqliteEngine) within() time.Duration        { return 0 }
func (e *sqliteEngine) snapshot() *sql.TxOptions     { return &sql.TxOptions{ReadOnly: true} }
func (e *sqliteEngine) again(error) bool             { return false }
func (e *sqliteEngine) elsewhere(*statements) uint64 { return 0 }
func (e *sqliteEngine) alone() bool                  { return e.lock != nil }
func (e *sqliteEngine) file() string                 { return e.path }
func (e *sqliteEngine) erased() string               { return e.path + erasedOf }
func (e *sqliteEngine) close() error                 { return unlockFile(e.lock) }

func (e *sqliteEngine) hasTable(ctx context.Context, q querier, name string) (bool, error) {
	found, err := collect(ctx, q, scanText, `SELECT name FROM sqlite_master WHERE type = 'table' AND name = $1`, name)
	return len(found) > 0, err
}

func (e *sqliteEngine) columns(ctx context.Context, q querier) ([]column, error) {
	return collect(ctx, q, scanColumn, `
		SELECT t.name, c.name, c.type, c.pk
		FROM sqlite_master AS t, pragma_table_info(t.name) AS c
		WHERE t.type = 'table'
		ORDER BY t.name, c.cid`)
}

func (e *sqliteEngine) references(ctx context.Context, q querier) ([][2]string, error) {
	return collect(ctx, q, scanPair, `
		SELECT t.name, f."table"
		FROM sqlite_master AS t, pragma_foreign_key_list(t.name) AS f
		WHERE t.type = 'table'`)
}

func (e *sqliteEngine) span(ctx context.Context, q querier, table string) (rows int64) {
	err := q.QueryRowContext(ctx, `
		SELECT COALESCE((SELECT MAX(rowid) FROM `+table+`) - (SELECT MIN(rowid) FROM `+table+`) + 1, 0)`).Scan(&rows)
	if err != nil {
		return 0
	}
	return rows
}

// behind goes by the order in which rows came: ids have that order too.
func (e *sqliteEngine) behind(ctx context.Context, q querier, table, id, after string) (rows int64) {
	err := q.QueryRowContext(ctx, `
		SELECT COALESCE((SELECT MAX(rowid) FROM `+table+`) - COALESCE(
			(SELECT rowid FROM `+table+` WHERE `+id+` <= $1 ORDER BY `+id+` DESC LIMIT 1),
			(SELECT MIN(rowid) FROM `+table+`) - 1), 0)`, after).Scan(&rows)
	if err != nil {
		return 0
	}
	return max(0, rows)
}
