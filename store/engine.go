package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pressly/goose/v3"
)

// engine is what a database does in a way of its own. Everything else is SQL that
// SQLite and PostgreSQL both take.
type engine interface {
	dialect() goose.Dialect
	// writer opens the pool that changes are made by, and reader one that can only read.
	writer(ctx context.Context, keys *atomic.Pointer[Keyring]) (*statements, error)
	reader(conns int, keys *atomic.Pointer[Keyring]) (*statements, error)
	// aside is a pool of changes that wait for no other: of rows that nobody else changes.
	aside(writer *statements) (*statements, error)
	// migrator is where the schema is changed, which may take long, until close is called.
	migrator(writer *sql.DB) (db *sql.DB, close func() error, err error)
	// start has no other process start before ready is called.
	start(ctx context.Context) (ready func(), err error)
	opened(ctx context.Context, writer *sql.DB) error // is called when nothing is left to be done but to serve

	// begin begins a change, while nobody else makes one. first is asked at its beginning: there
	// is none where the database takes one statement at a time.
	begin(ctx context.Context, writer *sql.DB, first ...*ask) (begun, error)
	several() bool // the database takes several statements at once
	// together begins what several reads see of one moment, with the first that are sent; end
	// ends it without having anybody wait. nil: the database takes one statement at a time.
	together(read *sql.DB) (send bundle, end func())
	// elsewhere is another number whenever somebody may have changed something whom this
	// process does not know of, at most [lookedFor] ago.
	elsewhere(read *statements) uint64
	// now is the moment by the database's clock, as far as it is known.
	now() time.Time
	// within is how long an answer is waited for; 0: as long as it takes.
	within() time.Duration
	snapshot() *sql.TxOptions // of a transaction that reads what is there at one moment
	held(err error) bool      // somebody else has the database: nobody else need try
	again(err error) bool     // nothing is wrong with the change: it is to be made again
	hasTable(ctx context.Context, q querier, name string) (bool, error)
	// columns are those of all tables, as they follow each other in one, and references which
	// table's rows refer to which other one's.
	columns(ctx context.Context, q querier) ([]column, error)
	references(ctx context.Context, q querier) ([][2]string, error)
	// span is about how many rows a table has, without counting them, and behind how many it
	// has behind one, in the order of ids; 0: nobody can tell.
	span(ctx context.Context, q querier, table string) int64
	behind(ctx context.Context, q querier, table, id, after string) int64

	// claim keeps other processes from opening the database until release is called, and
	// [ErrInUse] says that one has it open. bulk is a pool of one change that may take long.
	claim(ctx context.Context) (release func() error, err error)
	bulk(ctx context.Context, keys *atomic.Pointer[Keyring]) (*statements, error)

	alone() bool    // no other process can have it open meanwhile
	file() string   // path of the database; empty: it is no file
	erased() string // path of the list of who was erased; empty: there is none
	close() error
}

// begun is a change that was begun.
type begun struct {
	transaction
	at     time.Time // by the database's clock; zero: it has none of its own
	bundle bundle    // nil: the database takes one statement at a time
	// commitWith commits along with what is left to do. nil: it takes a turn of its own.
	commitWith bundle
}

// bundle sends several statements of a transaction to the database at once, and waits for
// all answers.
type bundle func(ctx context.Context, asks []*ask) error

// transaction is a [sql.Tx], or goes on as one does.
type transaction interface {
	querier
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
	Commit() error
	Rollback() error // has no effect after Commit
}

// ErrNoFile says that something was asked of a database that only one can do that is a file.
var ErrNoFile = errors.New("the database is PostgreSQL, and only a file of SQLite can do this")

// WrongSetting says that an error is none of the program's: another setting, or another
// version of the program, is what it takes.
func WrongSetting(err error) bool {
	return slices.ContainsFunc([]error{
		ErrUnfit, ErrOtherEnvironment, ErrExposed, ErrKeyMissing, ErrNewer, ErrNoTool,
	}, func(one error) bool { return errors.Is(err, one) })
}

// ErrUnfit says that a database is not fit for what the program promises.
var ErrUnfit = errors.New("the database in DATABASE_URL cannot be used")

// enginer is a querier that knows its engine.
type enginer interface{ engineOf() engine }

// engineOf is the engine of what is asked.
func engineOf(q querier) engine {
	if e, ok := q.(enginer); ok {
		return e.engineOf()
	}
	return &sqliteEngine{}
}

// lookAt opens a database that another process may have open, to read it.
func lookAt(ctx context.Context, url string) (*statements, error) {
	if isPostgres(url) {
		return lookAtPostgres(ctx, url)
	}
	path, err := sqlitePath(url)
	if err != nil {
		return nil, err
	}
	if err := isThere(path); err != nil {
		return nil, err
	}
	return lookInto(path)
}
