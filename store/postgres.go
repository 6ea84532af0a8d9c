package store

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// postgresEngine is PostgreSQL: a server, perhaps on another machine. One writes at a
// time there too, by a row that who begins a change locks: so each change sees all that
// was changed before, and nobody has to think of what is changed at once.
type postgresEngine struct {
	url  string
	list string // of who was erased

	ahead atomic.Int64  // by how much the database's clock is ahead of ours
	limit time.Duration // of an answer; 0: [answerWithin]

	mu     sync.Mutex // guards what others did
	looked time.Time
	seen   string // what was committed then
	others uint64 // how often that was something else
}

// answerWithin is how long an answer of the database is waited for: a change, all of what
// a page reads at one moment, or one thing that is asked.
const answerWithin = 10 * time.Second

// isPostgres says whether a URL names a database of PostgreSQL.
func isPostgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// sessions are parameters of every connection, unless the URL has them. Who was locked
// out of a change and waits must outlast one whose program stands still: lock_timeout is
// the longer of the two.
var sessions = map[string]string{
	"application_name":                    "balancelink",
	"connect_timeout":                     "5",
	"lock_timeout":                        "5s",
	"idle_in_transaction_session_timeout": "3s",
	"statement_timeout":                   "30s",
	"client_encoding":                     "UTF8",
	"target_session_attrs":                "primary",
	"tcp_keepalives_idle":                 "10", // so that the server lets go of what a dead machine held
	"tcp_keepalives_interval":             "5",
	"tcp_keepalives_count":                "3",
}

// unlimited are those of work that may take long: a change of the schema, a look at everything.
var unlimited = map[string]string{
	"lock_timeout": "0", "idle_in_transaction_session_timeout": "0", "statement_timeout": "0",
}

// readOnly is that of connections that cannot change anything.
var readOnly = map[string]string{"default_transaction_read_only": "on"}

// open opens a pool. Of the parameters the last ones count, and those in the URL before
// [sessions].
func (e *postgresEngine) open(
	conns int, keys *atomic.Pointer[Keyring], more ...map[string]string,
) (*statements, error) {
	address, err := url.Parse(e.url)
	if err != nil { // which would say the password
		return nil, fmt.Errorf("%w: it is no address such as postgres://user@host/name", ErrUnfit)
	}
	query := address.Query()
	for name, value := range sessions {
		if !query.Has(name) {
			query.Set(name, value)
		}
	}
	for _, set := range more {
		for name, value := range set {
			query.Set(name, value)
		}
	}
	address.RawQuery = query.Encode()
	config, err := pgx.ParseConfig(address.String())
	if err != nil {
		return nil, fmt.Errorf("%w: it is no address such as postgres://user@host/name", ErrUnfit)
	}
	// A network that is gone is noticed by who waits for it.
	config.DialFunc = (&net.Dialer{
		Timeout:         config.ConnectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3},
	}).DialContext
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return &statements{db: db, keys: keys, engine: e, plain: true}, nil
}

func (e *postgresEngine) dialect() goose.Dialect { return goose.DialectPostgres }

// writer has few connections: all but one of those who have one wait for the lock.
func (e *postgresEngine) writer(ctx context.Context, keys *atomic.Pointer[Keyring]) (*statements, error) {
	pool, err := e.open(4, keys)
	if err == nil {
		err = e.check(ctx, pool.db)
	}
	if err != nil && pool != nil {
		err = errors.Join(err, pool.db.Close())
		pool = nil
	}
	return pool, err
}

func (e *postgresEngine) reader(conns int, keys *atomic.Pointer[Keyring]) (*statements, error) {
	return e.open(2*conns, keys, readOnly)
}

// aside has a connection of its own: those of the writer may all wait for one change.
func (e *postgresEngine) aside(*statements) (*statements, error) { return e.open(1, nil) }

func (e *postgresEngine) migrator(*sql.DB) (*sql.DB, func() error, error) {
	pool, err := e.open(2, nil, unlimited)
	if err != nil {
		return nil, nil, err
	}
	return pool.db, pool.db.Close, nil
}

// startLock is the number of the lock that a process holds while it starts.
const startLock = 0x62616c616e6365

// start waits for whoever starts: the schema is changed once, and what a first start makes
// is made once.
func (e *postgresEngine) start(ctx context.Context) (ready func(), err error) {
	pool, err := e.open(1, nil, unlimited)
	if err != nil {
		return nil, err
	}
	if _, err := pool.db.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(startLock)); err != nil {
		return nil, errors.Join(fmt.Errorf("store: waiting for another instance that starts: %w", err), pool.db.Close())
	}
	return func() {
		// Once the connection is closed the server takes a moment to let go.
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		pool.db.ExecContext(ctx, `SELECT pg_advisory_unlock_all()`)
		pool.db.Close()
	}, nil
}

// askInstances is whether an instance said lately that it runs, by the server's clock.
const askInstances = `
	SELECT EXISTS (
		SELECT 1
		FROM instances
		WHERE seen_at > CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) - $1)`

// claim has nobody start meanwhile. Who runs already is found by what each instance writes
// every few seconds.
func (e *postgresEngine) claim(ctx context.Context) (release func() error, err error) {
	pool, err := e.open(1, nil, readOnly)
	if err != nil {
		return nil, err
	}
	defer pool.db.Close()
	if err := unreached(pool.db.PingContext(ctx)); err != nil {
		return nil, err
	}
	ready, err := e.start(ctx)
	if err != nil {
		return nil, err
	}
	runs, err := e.hasTable(ctx, pool, "instances")
	if err == nil && runs {
		err = pool.db.QueryRowContext(ctx, askInstances, LeaseFor.Milliseconds()).Scan(&runs)
	}
	if err == nil && runs {
		err = ErrInUse
	}
	if err != nil {
		ready()
		return nil, err
	}
	return func() error { ready(); return nil }, nil
}

func (e *postgresEngine) bulk(ctx context.Context, keys *atomic.Pointer[Keyring]) (*statements, error) {
	pool, err := e.open(2, keys, unlimited)
	if err != nil {
		return nil, err
	}
	if err := e.check(ctx, pool.db); err != nil {
		return nil, errors.Join(err, pool.db.Close())
	}
	return pool, nil
}

// lookedFor is how long it is taken for true what was committed.
const lookedFor = 250 * time.Millisecond

// elsewhere goes by what is committed at all: also by what this process did, by what shows
// nowhere, and by what is done in other databases of the server. Who asks more often than
// must be reads what has not changed. Those who waited while the server did not answer do
// not ask it one after the other.
func (e *postgresEngine) elsewhere(read *statements) uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	if since := now.Sub(e.looked); since >= 0 && since < lookedFor {
		return e.others
	}
	var is string
	err := read.QueryRowContext(context.Background(), `SELECT CAST(pg_current_snapshot() AS TEXT)`).Scan(&is)
	if err != nil || is != e.seen {
		e.others, e.seen = e.others+1, is
	}
	if e.looked = now; err != nil {
		e.looked = time.Now()
	}
	return e.others
}

func (e *postgresEngine) opened(context.Context, *sql.DB) error { return nil }

func (e *postgresEngine) now() time.Time        { return time.Now().Add(time.Duration(e.ahead.Load())) }
func (e *postgresEngine) several() bool         { return true }
func (e *postgresEngine) within() time.Duration { return cmp.Or(e.limit, answerWithin) }
func (e *postgresEngine) alone() bool           { return false }
func (e *postgresEngine) file() string          { return "" }
func (e *postgresEngine) erased() string        { return e.list }

func (e *postgresEngine) snapshot() *sql.TxOptions {
	return &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
}

func (e *postgresEngine) close() error { return nil }

// held says that a change waited for the others' in vain, or that the database is away:
// each of those who wait would wait as long again.
func (e *postgresEngine) held(err error) bool { return awayElsewhere(err) }

// again says whether the database took a change back because of another.
func (e *postgresEngine) again(err error) bool {
	state := sqlState(err)
	return state == "40001" || state == "40P01"
}

// sqlState is the code of an error that the server names; empty: it is none of the server's.
func sqlState(err error) string {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return ""
	}
	return e.Code
}

// Away says of an error that the database could not be reached, did not answer, has no room
// or may not be written to, or took the question back because of another, as when the schema
// is changed meanwhile: what was to be read is there, and what was to be changed may be asked
// for again.
func Away(err error) bool { return unwritable(err) || awayElsewhere(err) }

// OfAll says of an error that it is no row's own, but would be that of each that comes after.
func OfAll(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, ErrLocked) || err != nil && Away(err)
}

// awayElsewhere is [Away] of a database that is a server's.
func awayElsewhere(err error) bool {
	var connecting *pgconn.ConnectError
	var network net.Error
	var other *url.Error // of who asks a provider
	switch state := sqlState(err); {
	case state != "":
		return strings.HasPrefix(state, "08") || strings.HasPrefix(state, "57P") || strings.HasPrefix(state, "53") ||
			strings.HasPrefix(state, "40") || state == "55P03" || state == "57014" || strings.HasPrefix(state, "25P0")
	case errors.As(err, &other):
		return false
	case errors.As(err, &connecting), errors.As(err, &network), pgconn.SafeToRetry(err):
		return true
	}
	// The last of these: its process ended in the middle of an answer.
	return errors.Is(err, sql.ErrConnDone) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF)
}

// away notes with an error that nobody else need try, if so it is.
func away(err error) error {
	if awayElsewhere(err) {
		return fmt.Errorf("%w: %w", ErrLocked, err)
	}
	return err
}

func (e *postgresEngine) hasTable(ctx context.Context, q querier, name string) (is bool, err error) {
	err = q.QueryRowContext(ctx, `SELECT to_regclass($1) IS NOT NULL`, name).Scan(&is)
	return is, err
}

func (e *postgresEngine) columns(ctx context.Context, q querier) ([]column, error) {
	return collect(ctx, q, scanColumn, `
		SELECT CAST(t.relname AS TEXT), CAST(c.attname AS TEXT), format_type(c.atttypid, NULL),
			CAST(COALESCE(array_position(CAST(k.indkey AS SMALLINT[]), c.attnum) + 1, 0) AS BIGINT)
		FROM pg_class AS t JOIN pg_attribute AS c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped
			LEFT JOIN pg_index AS k ON k.indrelid = t.oid AND k.indisprimary
		WHERE t.relkind = 'r' AND t.relnamespace = CAST(current_schema() AS REGNAMESPACE)
		ORDER BY t.relname, c.attnum`)
}

func (e *postgresEngine) references(ctx context.Context, q querier) ([][2]string, error) {
	return collect(ctx, q, scanPair, `
		SELECT CAST(child.relname AS TEXT), CAST(parent.relname AS TEXT)
		FROM pg_constraint AS f JOIN pg_class AS child ON child.oid = f.conrelid JOIN pg_class AS parent ON parent.oid = f.confrelid
		WHERE f.contype = 'f' AND child.relnamespace = CAST(current_schema() AS REGNAMESPACE)`)
}

// span is what the server has counted last.
func (e *postgresEngine) span(ctx context.Context, q querier, table string) (rows int64) {
	err := q.QueryRowContext(
		ctx, `SELECT COALESCE(MAX(CAST(reltuples AS BIGINT)), 0) FROM pg_class WHERE oid = to_regclass($1)`, table,
	).Scan(&rows)
	if err != nil {
		return 0
	}
	return max(0, rows)
}

func (e *postgresEngine) behind(ctx context.Context, q querier, table, id, after string) (rows int64) {
	if err := q.QueryRowContext(
		ctx, `SELECT COUNT(*) FROM `+table+` WHERE `+id+` > $1`, after,
	).Scan(&rows); err != nil {
		return 0
	}
	return rows
}

// lookAtPostgres opens a database that another process may have open, to read it for as
// long as that takes.
func lookAtPostgres(ctx context.Context, address string) (*statements, error) {
	e := &postgresEngine{url: address, limit: time.Hour}
	pool, err := e.open(2, nil, readOnly, unlimited)
	if err != nil {
		return nil, err
	}
	if err := unreached(pool.db.PingContext(ctx)); err != nil {
		return nil, errors.Join(err, pool.db.Close())
	}
	return pool, nil
}
