// Package store keeps everything balancelink knows: customers, links,
// accounts, balances, received webhooks and refreshes. It speaks SQL, in one
// text for SQLite and PostgreSQL, and nothing else: no HTTP, no provider.
//
// Times go in and out as [time.Time] and lie in the database as Unix
// milliseconds UTC. Money is an int64 of minor units beside its ISO 4217 code.
package store

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/pressly/goose/v3"
	"golang.org/x/sync/singleflight"
	"golang.org/x/sys/unix"

	"balancelink/store/limits"
	"balancelink/store/progress"
)

// Errors that callers tell apart.
var (
	// ErrNotFound says that there is no such row, or that it is not the asking customer's.
	ErrNotFound = errors.New("store: not found")
	// ErrConflict says that a unique value is taken.
	ErrConflict = errors.New("store: already taken")
	// ErrManyClaims says that as many links of the customer wait as may.
	ErrManyClaims = errors.New("store: too many links of the customer wait")
	// ErrSlowSearch says that a search was given up, because it took too long.
	ErrSlowSearch = errors.New("store: the search takes too long")
	// ErrInUse says that another process has the database open.
	ErrInUse = errors.New("store: the database is in use by another balancelink")
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open database. Its methods may be called from any goroutine.
type Store struct {
	transacted   func(waited, took time.Duration) // see [Options]
	refreshEnded func(RefreshState)               // likewise

	write    *statements
	aside    *statements // for changes that wait for no other
	read     *statements
	search   *statements   // for reads that may take long: others do not wait for them
	patience time.Duration // with a search
	engine   engine
	path     string // of the file; empty: the database is none
	now      func() time.Time
	clock    bool // now is the test's: not even the database knows better
	inbox    *inbox
	erased   *erasedList
	consent  consentRule
	movesTo  string
	mails    bool // people are told by e-mail
	close    func() error
	writes   atomic.Uint64 // transactions that were committed
	tries    atomic.Uint64 // at passwords that were counted since the start
	keys     atomic.Pointer[Keyring]
	vault    *vault      // nil: there is no data key
	unclean  atomic.Bool // what was deleted may lie in the write-ahead log still
	indexing atomic.Bool // not all customers are found yet
	rehearse bool        // see [Options]
	oneByOne bool        // see [Options]
	ready    singleflight.Group
	counts   atomic.Pointer[SlowCounts] // nil: none were kept yet
	counting singleflight.Group
	extracts chan struct{} // bounds how many are made at once
	board    *progress.Board
	noted    map[int]bool // of its work what others know: see [Store.NoteWork]
}

// Options are what a caller may choose about a [Store].
type Options struct {
	Now func() time.Time // nil: time.Now
	Env string           // that the database must belong to; empty: whichever it does
	// MovesTo is the provider through whom new links are made: who is linked through
	// another is to move; empty: nobody is.
	MovesTo string

	Mails bool // people are told by e-mail: what of is queued

	ConsentValid  time.Duration // how long a consent holds; 0: for ever
	ConsentUnused time.Duration // without a look at the balances for so long it has ended; 0: never

	SearchTime time.Duration // how long a search of customers may take; 0: two seconds

	Keys      *Keyring // of the sealed columns; nil: they can be neither written nor read
	Unmetered bool     // whatever is received is stored, without a quota: to measure how fast

	Sealing func(Sealing) // hears how far the sealing of a database from before has come; nil: nobody does

	// Transacted hears of each write transaction that was committed, RefreshEnded of each
	// request to a bank that has ended; nil: nobody does.
	Transacted   func(waited, took time.Duration)
	RefreshEnded func(RefreshState)

	Board *progress.Board // tells how far long work is; nil: the store has one of its own

	// OneByOne has each statement of a change sent by itself, also where the database takes
	// several at once: to measure what it saves.
	OneByOne bool

	// Rehearse has each change made twice, the first time only to be taken back: for tests
	// that a change may be tried again.
	Rehearse bool

	// ErasedFile is the list of who was erased of a database that is no file: on a disk that
	// no copy of the database is put back on. Empty: there is none.
	ErasedFile string

	// There says that the database is somebody's already: where nobody has started the program
	// with it, it is [ErrUnfit], and none is made.
	There bool

	restart  bool // the audit log: see [RestartAudit]
	restored bool // a copy was put in the database's place
}

// Open opens the database that url names and migrates the schema. Of SQLite
// ("sqlite:path/to/file.db") it makes the folder and file when they are missing, and one
// that is of another program is [ErrUnfit]; of PostgreSQL ("postgres://user@host/name") the
// database is there already. Only one process can have a file open: a second one gets
// [ErrInUse].
func Open(ctx context.Context, url string, opt Options) (*Store, error) {
	if isPostgres(url) {
		return openOn(ctx, &postgresEngine{url: url, list: opt.ErasedFile}, opt)
	}
	path, err := sqlitePath(url)
	if err != nil {
		return nil, err
	}
	if opt.There {
		if err := isThere(path); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("store: making the data folder: %w", err)
	}
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, err
	}
	return openLocked(ctx, path, lock, opt)
}

// openLocked opens a database whose lock is held; closing it gives the lock back.
func openLocked(ctx context.Context, path string, lock *os.File, opt Options) (*Store, error) {
	e := &sqliteEngine{path: path, lock: lock}
	err := e.isOurs(ctx)
	if err == nil {
		err = makeFile(path)
	}
	if err == nil {
		err = mend(path)
	}
	if err != nil {
		return nil, errors.Join(err, e.close())
	}
	return openOn(ctx, e, opt)
}

// openOn opens a database of that engine, which closing it closes too.
func openOn(ctx context.Context, e engine, opt Options) (*Store, error) {
	s := &Store{
		engine: e, path: e.file(), now: opt.Now, clock: opt.Now != nil,
		consent: consentRule{opt.ConsentValid, opt.ConsentUnused},
		movesTo: opt.MovesTo, mails: opt.Mails, board: cmp.Or(opt.Board, &progress.Board{Now: opt.Now}),
		patience: cmp.Or(opt.SearchTime, 2*time.Second), transacted: opt.Transacted, refreshEnded: opt.RefreshEnded,
		extracts: make(chan struct{}, limits.Extracting), rehearse: opt.Rehearse,
		oneByOne: opt.OneByOne,
		noted:    map[int]bool{},
	}
	if s.now == nil {
		s.now = e.now
	}
	s.writes.Store(rand.Uint64N(1 << 40))
	s.close = sync.OnceValue(s.shut)
	if err := s.connect(ctx, opt); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) connect(ctx context.Context, opt Options) (err error) {
	if s.write, err = s.engine.writer(ctx, &s.keys); err != nil {
		return err
	}
	ready, err := s.engine.start(ctx)
	if err != nil {
		return err
	}
	defer ready()
	if err := s.migrate(ctx, opt); err != nil {
		return err
	}
	if err := s.belongTo(ctx, opt.Env); err != nil {
		return err
	}
	if opt.restart {
		if err := s.restartAudit(ctx, opt.Keys); err != nil {
			return err
		}
	}
	if err := s.unlock(ctx, opt.Keys); err != nil {
		return err
	}
	// A database that was sealed just now lay in clear in the log.
	if err := s.Clean(ctx); err != nil {
		return err
	}
	again, err := s.wasRestored(ctx)
	if err != nil {
		return err
	}
	if err := s.openGraves(ctx, s.engine.erased(), opt.restored || again); err != nil {
		return err
	}
	if again {
		if err := s.forgetRestored(ctx); err != nil {
			return err
		}
	}
	if err := s.engine.opened(ctx, s.write.db); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if s.read, err = s.engine.reader(4, &s.keys); err != nil {
		return err
	}
	if s.search, err = s.engine.reader(2, &s.keys); err != nil {
		return err
	}
	if s.aside, err = s.engine.aside(s.write); err != nil {
		return err
	}
	if err := s.indexFew(ctx); err != nil {
		return err
	}
	if !opt.restart { // which is done by nobody who knows what is set
		if err := s.keepConsentEnds(ctx); err != nil {
			return err
		}
	}
	s.inbox = startInbox(s, newQuota(opt.Unmetered))
	return nil
}

func (s *Store) migrate(ctx context.Context, opt Options) error {
	var from int64 // as the database was found
	db, done, err := s.engine.migrator(s.write.db)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer done()
	if opt.There {
		if err := s.started(ctx); err != nil {
			return err
		}
	}
	p, err := s.migrations(db, &from, opt)
	if err != nil {
		return fmt.Errorf("store: reading migrations: %w", err)
	}
	if from, err = p.GetDBVersion(ctx); err != nil {
		return fmt.Errorf("store: reading the schema's version: %w", err)
	}
	if from > newestSchema() {
		return fmt.Errorf("store: %w", ErrNewer) // goose says nothing of it
	}
	if err := migrateAll(ctx, p, from, s.engine.again, opt.Board); err != nil {
		return fmt.Errorf("store: migrating: %w", err)
	}
	return nil
}

// started says that nobody has started the program with a database; nil: somebody has.
func (s *Store) started(ctx context.Context) error {
	known, err := s.engine.hasTable(ctx, s.write, "audit")
	if err == nil && !known {
		err = fmt.Errorf("%w: nobody has started balancelink with it yet", ErrUnfit)
	}
	return err
}

// migrateAll runs the migrations that are newer, each in a transaction of its own: a start
// that is stopped goes on behind the last one. What the database takes back because of an
// instance that runs meanwhile is made again.
func migrateAll(
	ctx context.Context, p *goose.Provider, from int64, again func(error) bool, board *progress.Board,
) error {
	var newer int64
	for _, m := range p.ListSources() {
		if m.Version > from {
			newer++
		}
	}
	w := board.Begin(progress.Migrating, 1)
	defer w.End()
	w.Step("", progress.Steps, newer)
	for tried := 0; ; {
		_, err := p.UpByOne(ctx)
		switch {
		case err == nil:
			w.Add(1)
			tried = 0
		case errors.Is(err, goose.ErrNoNextVersion):
			return nil
		case !again(err) || tried == tries:
			return err
		default:
			tried++
		}
	}
}

// migrations are all of them. from is read when they run.
func (s *Store) migrations(db *sql.DB, from *int64, opt Options) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(
		s.engine.dialect(), db, files, goose.WithGoMigrations(s.keyed(from, opt), s.folded()),
	)
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

// unlockFile gives the lock back at once: merely closed, a file stays locked
// while a process that was being started then still has a copy of it.
func unlockFile(f *os.File) error {
	return errors.Join(unix.Flock(int(f.Fd()), unix.LOCK_UN), f.Close())
}

// Close waits for what is being received, then closes the database. Closing
// twice does no harm.
func (s *Store) Close() error { return s.close() }

func (s *Store) shut() error {
	var errs []error
	if s.inbox != nil {
		s.inbox.stop()
	}
	for _, pool := range []*statements{s.aside, s.search, s.read, s.write} {
		if pool != nil {
			errs = append(errs, pool.db.Close())
		}
	}
	return errors.Join(append(errs, s.engine.close())...)
}

// Board is where the store says how far long work is, and others may.
func (s *Store) Board() *progress.Board { return s.board }

// Writes changes whenever something was stored: while it stays the same, what
// was read before it was asked for is still so. It begins at random, so that
// nobody takes the number of an earlier run for one of this.
func (s *Store) Writes() uint64 { return s.writes.Load() + s.engine.elsewhere(s.read) }

// InUse is how many connections to the database are held just now. Nothing may
// be sent to a client meanwhile, who could hold them for ever.
func (s *Store) InUse() int {
	return s.search.db.Stats().InUse + s.read.db.Stats().InUse + s.write.db.Stats().InUse
}

// IsID says whether a text has the form of a row's id.
func IsID(text string) bool {
	return len(text) == 36 && uuid.Validate(text) == nil
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// Reference is the short code by which people quote a row.
func Reference(id string) string {
	return strings.ToUpper(id[max(0, len(id)-8):])
}

// GaveUp says of an error that who asked has hung up meanwhile: nothing is wrong here, and
// nobody waits for an answer.
func GaveUp(asking context.Context, err error) bool {
	return errors.Is(err, context.Canceled) && errors.Is(asking.Err(), context.Canceled)
}
