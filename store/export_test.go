package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// beside is a pool as a test asks it what the store itself never does: such
// statements are not the store's.
type beside struct {
	*sql.DB
	keys *Keyring
}

func (b beside) keyring() *Keyring { return b.keys }

// Exec runs SQL beside the store's own, to provoke what cannot be provoked otherwise.
func (s *Store) Exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if _, err := s.write.db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

// Beside opens a database for another instance, a file too, which the program does not.
func Beside(t testing.TB, url string, opt Options) *Store {
	t.Helper()
	open := Open
	if path, err := sqlitePath(url); err == nil {
		open = func(ctx context.Context, _ string, opt Options) (*Store, error) {
			return openLocked(ctx, path, nil, opt)
		}
	}
	s, err := open(t.Context(), url, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// From has PostgreSQL's programs be taken from a folder.
func (d Dump) From(folder string) Dump {
	d.folder = folder
	return d
}

// Share has the database be as one that others may have open, as every one is but a file.
func (s *Store) Share(t testing.TB) {
	t.Helper()
	e, is := s.engine.(*sqliteEngine)
	if !is {
		return
	}
	if err := unlockFile(e.lock); err != nil {
		t.Fatal(err)
	}
	e.lock = nil
}

// KeepConsentEnds works out when consents end whose rows were changed beside the store.
func (s *Store) KeepConsentEnds(t testing.TB) {
	t.Helper()
	s.Exec(t, `UPDATE consent_ends SET until = ''`)
	if err := s.keepConsentEnds(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Number is the only number of a query's only row.
func (s *Store) Number(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	if err := s.read.db.QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Pragmas are a connection's settings, for writing and for reading.
func (s *Store) Pragma(t testing.TB, name string) (write, read string) {
	t.Helper()
	if err := s.write.db.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&write); err != nil {
		t.Fatal(err)
	}
	if err := s.read.db.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&read); err != nil {
		t.Fatal(err)
	}
	return write, read
}

// Reads keeps a reader in what the database holds now, as a download does, until
// release is called.
func (s *Store) Reads(t testing.TB) (release func()) {
	t.Helper()
	tx, err := s.read.db.BeginTx(context.Background(), s.engine.snapshot())
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := tx.QueryRowContext(context.Background(), `SELECT COUNT(*) FROM customers`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

// Patience is how long anybody waits for a database that somebody else holds.
const Patience = patience

// HoldWriter makes a change that goes on until release is called, so that deliveries
// pile up behind it.
func (s *Store) HoldWriter(t testing.TB) (release func()) {
	t.Helper()
	tx, err := s.engine.begin(context.Background(), s.write.db)
	if err != nil {
		t.Fatal(err)
	}
	return func() { tx.Rollback() }
}

// inTurn is a database that takes the statements of a change one after the other.
type inTurn struct{ engine }

func (w inTurn) several() bool { return false }

func (w inTurn) begin(ctx context.Context, writer *sql.DB, first ...*ask) (begun, error) {
	b, err := w.engine.begin(ctx, writer, first...)
	b.bundle = nil
	return b, err
}

// InTurn has each statement of a change wait for the answer to the one before.
func (s *Store) InTurn() { s.engine = inTurn{s.engine} }

// atOnce is a database that takes several statements of a change at once, and counts how
// often it is sent some.
type atOnce struct {
	engine
	turns *atomic.Int64
}

func (w atOnce) several() bool { return true }

func (w atOnce) begin(ctx context.Context, writer *sql.DB, first ...*ask) (begun, error) {
	w.turns.Add(1)
	b, err := w.engine.begin(ctx, writer, first...)
	if err != nil {
		return b, err
	}
	if !w.engine.several() {
		b.bundle = func(ctx context.Context, asks []*ask) error { return aloneEach(ctx, asks, b) }
		b.commitWith = func(ctx context.Context, left []*ask) error {
			if err := aloneEach(ctx, left, b); err != nil {
				return err
			}
			return b.Commit()
		}
		err = b.bundle(ctx, first)
	}
	return begun{b.transaction, b.at, w.counted(b.bundle), w.counted(b.commitWith)}, err
}

func (w atOnce) counted(send bundle) bundle {
	return func(ctx context.Context, asks []*ask) error {
		w.turns.Add(1)
		return send(ctx, asks)
	}
}

// SideBySide has what can go side by side do so, also where the database takes one
// statement after the other. It counts how often some are sent together.
func (s *Store) SideBySide() (turns *atomic.Int64) {
	turns = new(atomic.Int64)
	s.engine = atOnce{s.engine, turns}
	return turns
}

func aloneEach(ctx context.Context, asks []*ask, tx transaction) error {
	for _, a := range asks {
		if err := a.alone(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func (a *ask) alone(ctx context.Context, tx transaction) error {
	text := strings.TrimSpace(a.query)
	if !strings.HasPrefix(text, "SELECT") && !strings.Contains(text, "RETURNING") {
		res, err := tx.ExecContext(ctx, a.query, a.args...)
		if err == nil {
			a.changed, err = res.RowsAffected()
		}
		return err
	}
	rows, err := tx.QueryContext(ctx, a.query, a.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	a.columns = len(columns)
	for rows.Next() {
		row, into := make([]any, a.columns), make([]any, a.columns)
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		a.rows = append(a.rows, row)
	}
	return rows.Err()
}

// sideways is a database that readings ask several statements at a time.
type sideways struct {
	engine
	turns, ended *atomic.Int64
}

func (w sideways) together(read *sql.DB) (bundle, func()) {
	send, end := w.engine.together(read)
	if send == nil {
		send, end = oneByOne(read)
	}
	return func(ctx context.Context, asks []*ask) error {
			w.turns.Add(1)
			return send(ctx, asks)
		}, func() {
			w.ended.Add(1)
			end()
		}
}

// oneByOne is what a database does that takes one statement at a time.
func oneByOne(read *sql.DB) (bundle, func()) {
	var tx *sql.Tx
	return func(ctx context.Context, asks []*ask) (err error) {
			if tx == nil {
				if tx, err = read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}); err != nil {
					return err
				}
			}
			return aloneEach(ctx, asks, tx)
		}, func() {
			if tx != nil {
				tx.Rollback()
			}
		}
}

// ReadSideBySide has reads go side by side also where the database takes one statement
// after the other. It counts how often statements are sent together, and the readings that
// have ended.
func (s *Store) ReadSideBySide() (turns, ended *atomic.Int64) {
	turns, ended = new(atomic.Int64), new(atomic.Int64)
	s.engine = sideways{s.engine, turns, ended}
	return turns, ended
}

// Asked is a number that a reading asks for.
func (s *Store) Asked(ctx context.Context, query string, args ...any) (n int64, err error) {
	return one(ctx, s.read, scanNumber, query, args...)
}

// AtOneMoment asks for two numbers of one moment, one beside the other, with what a test
// does before each.
func (s *Store) AtOneMoment(ctx context.Context, query string, before func()) (a, b int64, err error) {
	err = s.inSnapshot(ctx, func(q querier) error {
		ask := func(n *int64) func() error {
			return func() (err error) {
				if *n, err = one(ctx, q, scanNumber, query); err != nil {
					return err
				}
				before()
				*n, err = one(ctx, q, scanNumber, query)
				return err
			}
		}
		return together(ctx, q, ask(&a), ask(&b))
	})
	return a, b, err
}

// InLanes does so many things in a transaction, which ask by exec and record by act.
func (s *Store) InLanes(
	ctx context.Context, n int, f func(i int, exec func(query string, args ...any) error, act func(Act) error) error,
) error {
	return s.inTx(ctx, func(tx *tx) error {
		return tx.each(ctx, n, func(tx *laneTx, i int) error {
			exec := func(query string, args ...any) error { return tx.exec(ctx, query, args...) }
			return f(i, exec, func(a Act) error { return tx.audit(ctx, a) })
		})
	})
}

// ReceiveTogether receives deliveries in one transaction.
func (s *Store) ReceiveTogether(all []DecidedEvent) ([]Receipt, error) {
	batch := make([]*receipt, len(all))
	for i, e := range all {
		batch[i] = &receipt{event: e.Event, decide: e.Decide}
	}
	err := s.inbox.save(batch...)
	receipts := make([]Receipt, len(all))
	for i, r := range batch {
		receipts[i] = Receipt{Repeat: r.repeat, Left: r.left}
	}
	return receipts, err
}

// SetAccountStatus puts an account into a state that is reached by longer ways.
func (s *Store) SetAccountStatus(ctx context.Context, id string, status AccountStatus) error {
	_, err := s.write.db.ExecContext(ctx, `UPDATE accounts SET status = $2 WHERE id = $1`, id, status)
	return err
}

// ReportOf is the last report of an attempt, opened.
func (s *Store) ReportOf(t testing.TB, id string) string {
	t.Helper()
	report, err := one(t.Context(), beside{s.read.db, s.keys.Load()}, func(row scanner) (text string, err error) {
		return text, row.Scan(&opening{column: attemptReport, row: &id, text: &text})
	}, `SELECT report FROM link_attempts WHERE id = $1`, id)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// SealedColumns are the names of the sealed columns.
func SealedColumns() (all []string) {
	for _, c := range sealedColumns {
		all = append(all, c.String())
	}
	slices.Sort(all)
	return all
}

// Unseal puts a sealed column's values in clear, as they were once.
func (s *Store) Unseal(t testing.TB, name string) {
	t.Helper()
	table, column, _ := strings.Cut(name, ".")
	c := sealedIn(table, column)
	values, err := collect(t.Context(), beside{s.write.db, s.keys.Load()}, scanKept, `SELECT `+c.row+`, `+c.name+` FROM `+c.table)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		value, err := s.keys.Load().open(c, v.row, v.kept)
		if err != nil {
			t.Fatal(err)
		}
		var into any = value
		if !c.binary {
			into = string(value)
		}
		s.Exec(t, `UPDATE `+c.table+` SET `+c.name+` = $2 WHERE `+c.row+` = $1`, v.row, into)
	}
}

// Kept is a value of a sealed column as it lies there, and PutKept puts another there.
func (s *Store) Kept(t testing.TB, name, row string) (kept []byte) {
	t.Helper()
	table, column, _ := strings.Cut(name, ".")
	c := sealedIn(table, column)
	if err := s.write.db.QueryRowContext(
		t.Context(), `SELECT `+c.name+` FROM `+c.table+` WHERE `+c.row+` = $1`, row,
	).Scan(&kept); err != nil {
		t.Fatal(err)
	}
	return kept
}

// PutKept is the other half of [Store.Kept].
func (s *Store) PutKept(t testing.TB, name, row string, kept []byte) {
	t.Helper()
	table, column, _ := strings.Cut(name, ".")
	c := sealedIn(table, column)
	var into any = kept
	if !c.binary {
		into = string(kept)
	}
	s.Exec(t, `UPDATE `+c.table+` SET `+c.name+` = $2 WHERE `+c.row+` = $1`, row, into)
}

// Schema is what there is of tables: their columns, and to which tables their foreign keys lead.
func (s *Store) Schema(t testing.TB) (columns, parents map[string][]string) {
	t.Helper()
	q := beside{s.read.db, nil}
	all, err := s.engine.columns(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	leads, err := s.engine.references(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	columns, parents = map[string][]string{}, map[string][]string{}
	for _, c := range all {
		if of := (table{name: c.table}); of.ours() {
			columns[c.table] = append(columns[c.table], c.name)
		}
	}
	for _, lead := range leads {
		parents[lead[0]] = append(parents[lead[0]], lead[1])
	}
	return columns, parents
}

// Shapes are the tables that are kept for good, in an order that foreign keys allow, each with
// its columns as the program knows them.
func (s *Store) Shapes(t testing.TB) (order []string, columns map[string]string) {
	t.Helper()
	all, err := shapes(t.Context(), s.engine, beside{s.read.db, nil})
	if err != nil {
		t.Fatal(err)
	}
	columns = map[string]string{}
	for _, shape := range all {
		order, columns[shape.name] = append(order, shape.name), fmt.Sprint(shape.columns)
	}
	return order, columns
}

// RefuseEvent has the database refuse events with a key.
func (s *Store) RefuseEvent(t testing.TB, key string) {
	t.Helper()
	if s.IsFile() {
		s.Exec(t, `CREATE TRIGGER bad BEFORE INSERT ON events WHEN NEW.dedup_key = '`+key+`' BEGIN SELECT RAISE(ABORT, 'no'); END`)
		return
	}
	s.Exec(t, `ALTER TABLE events ADD CONSTRAINT bad CHECK (dedup_key <> '`+key+`')`)
}

// HoldPayloads has the database refuse to remove the payloads of events; none: of none any more.
func (s *Store) HoldPayloads(t testing.TB, ids ...string) {
	t.Helper()
	held := `'` + strings.Join(ids, `', '`) + `'`
	switch {
	case len(ids) == 0 && s.IsFile():
		s.Exec(t, `DROP TRIGGER held`)
	case len(ids) == 0:
		s.Exec(t, `ALTER TABLE events DROP CONSTRAINT held`)
	case s.IsFile():
		s.Exec(t, `
			CREATE TRIGGER held BEFORE UPDATE ON events
			WHEN NEW.headers = '' AND NEW.id IN (`+held+`) BEGIN SELECT RAISE(ABORT, 'no'); END`)
	default:
		s.Exec(t, `ALTER TABLE events ADD CONSTRAINT held CHECK (headers <> '' OR id NOT IN (`+held+`))`)
	}
}

// Deliver puts an event in the inbox's queue and returns how to wait for the answer.
func (s *Store) Deliver(e Event) (answer func() error) {
	r := &receipt{event: e, answer: make(chan error, 1)}
	if err := s.inbox.put(r); err != nil {
		return func() error { return err }
	}
	return func() error { return <-r.answer }
}

// PersonalTable is what the lists in privacy.go say of a table.
type PersonalTable struct {
	Columns []string // exported or withheld
	Kept    string
}

// PersonalTables are the lists in privacy.go.
func PersonalTables() map[string]PersonalTable {
	all := map[string]PersonalTable{}
	for _, t := range personal {
		p := PersonalTable{Columns: strings.Fields(t.Withheld), Kept: t.Kept}
		for _, c := range strings.Fields(t.Columns) {
			name, _ := exported(c)
			p.Columns = append(p.Columns, name)
		}
		all[t.Name] = p
	}
	return all
}

// Tombstones are the tables that outlive a customer.
func Tombstones() []string { return tombstones }

// Texts are the values of a query's only column.
func (s *Store) Texts(t testing.TB, query string, args ...any) []string {
	t.Helper()
	all, err := collect(t.Context(), beside{s.read.db, s.keys.Load()}, scanText, query, args...)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// ChainAfter is what a check of the audit log finds after somebody has been at
// it by hand. The log is as before afterwards.
func (s *Store) ChainAfter(t testing.TB, tamper func(exec func(query string, args ...any))) Chain {
	t.Helper()
	tx, err := s.write.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	tamper(func(query string, args ...any) {
		t.Helper()
		if _, err := tx.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatal(err)
		}
	})
	check, err := newChainCheck(s.keys.Load(), nil, nil)
	check.batch = 1 + rand.IntN(20) // what is wrong may lie at the border of two
	for more := true; more && err == nil; {
		more, err = check.goOn(t.Context(), tx)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s.asOwn(check.Chain)
}

// ForgeChain makes all hashes and the head anew, as somebody can who has no key.
func (s *Store) ForgeChain(t testing.TB) {
	t.Helper()
	if err := s.inTx(t.Context(), func(tx *tx) error { _, err := tx.chainPlain(t.Context(), nil); return err }); err != nil {
		t.Fatal(err)
	}
}

// EndedWithin is what a change and a reading say whose contexts end while they run,
// once the transaction is over for what they ask.
func (s *Store) EndedWithin(t testing.TB) (change, reading error) {
	run := func(in func(ctx context.Context, f func(querier) error) error) error {
		ctx, end := context.WithCancel(t.Context())
		return in(ctx, func(q querier) error {
			ask := func() error { return q.QueryRowContext(ctx, `SELECT 1`).Scan(new(int)) }
			err := errors.Join(ask(), ask()) // the second time it is prepared
			for end(); err == nil || errors.Is(err, context.Canceled); {
				err = ask()
			}
			return err
		})
	}
	change = run(func(ctx context.Context, f func(querier) error) error {
		return s.inTx(ctx, func(tx *tx) error { return f(tx) })
	})
	return change, run(s.inSnapshot)
}

// MigrateTo changes the schema to that of a version. A short run leaves out what begins
// there: every migration since runs down and up again.
func (s *Store) MigrateTo(t testing.TB, version int64) {
	t.Helper()
	if testing.Short() {
		t.Skip("a short run begins at the newest schema")
	}
	p, err := s.migrations(s.write.db, new(int64), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.DownTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
}

// LinkedRecord says which customer a provider's record belongs to.
func (s *Store) LinkedRecord(ctx context.Context, provider, env, providerID string) (customerID string, err error) {
	return one(ctx, s.read, scanText, `
		SELECT customer_id
		FROM records
		WHERE provider = $1 AND env = $2 AND provider_id = $3`, provider, env, providerID)
}

// Refold works an account's latest balance out anew from its balances.
func (s *Store) Refold(t testing.TB, accountID string) {
	t.Helper()
	if err := s.inTx(t.Context(), func(tx *tx) error { return tx.foldLatest(t.Context(), accountID) }); err != nil {
		t.Fatal(err)
	}
}

// ListPlans is how the database goes through the customer list: the plan of
// each statement that a page in that order and with that filter takes.
func (s *Store) ListPlans(t testing.TB, o Order, f Filter) (plans [][]string) {
	t.Helper()
	return s.plansOf(t, o, CustomerQuery{Limit: 20, Filter: f, StaleBefore: s.now()})
}

// FewPlans are those of [Store.ListPlans] where a filter picks few.
func (s *Store) FewPlans(t testing.TB, o Order, f Filter) (plans [][]string) {
	t.Helper()
	few := func(args []any) (string, []any) { return s.named(fewByFilter[f], s.now(), args) }
	return s.plansOf(t, o, CustomerQuery{Limit: 20, Filter: f, StaleBefore: s.now(), among: few})
}

func (s *Store) plansOf(t testing.TB, o Order, q CustomerQuery) (plans [][]string) {
	t.Helper()
	find := seek("a b")
	type page struct {
		text, each string
		also       part
		more       []any
	}
	pages := map[Order][]page{
		ByName: {
			{namesPage, eachCustomer, nil, []any{"", "", behindAll}},
			{wordsPage, eachWord, all(find.nameElse, find.hasWords), []any{"", "", "", "", behindAll}},
		},
		ByNewest: {{newestPage, eachCustomer, find.isFound, []any{behindIDs}}},
		ByAge: {
			{agePage, eachAccount, find.isFound, []any{0, ""}},
			{namesPage, eachCustomer, all(text(withoutBalance), find.isFound), []any{"", "", behindAll}},
		},
	}
	for _, p := range pages[o] {
		text, args := s.pageOf(q, p.text, p.each, p.also, append([]any{1, 20}, p.more...))
		explain, before := "EXPLAIN QUERY PLAN ", []any{new(int), new(int), new(int)} // id, parent, unused
		if _, is := s.engine.(*postgresEngine); is {
			explain, before = "EXPLAIN (COSTS OFF) ", nil
		}
		plan, err := collect(t.Context(), s.read.db, func(row scanner) (step string, err error) {
			return step, row.Scan(append(before, &step)...)
		}, explain+text, args...)
		if err != nil {
			t.Fatal(err)
		}
		plans = append(plans, plan)
	}
	return plans
}

// CustomersByWalking is [Store.Customers] as it goes where the filter picks many.
func (s *Store) CustomersByWalking(ctx context.Context, q CustomerQuery) ([]CustomerRow, error) {
	q.sought = seek(q.Search)
	return s.page(ctx, q)
}

// NewExtract is an [Extract] that a test fills.
func NewExtract(folder string) *Extract { return newExtract(folder) }

// Fill adds to an extract.
func (e *Extract) Fill(p []byte) (int, error) { return e.write(p) }

// InMemory is how many bytes of an extract are in memory.
func (e *Extract) InMemory() int { return e.memory.Len() }

// File is what holds the rest; nil: there is none.
func (e *Extract) File() *os.File { return e.file }

// UseUpPayloads leaves nothing of what may be kept of customers' payloads.
func (s *Store) UseUpPayloads() {
	q := s.inbox.quota.claimed
	q.AllowN(s.now(), q.Burst())
}

// DeliverBalance is [Store.Deliver] of an event that brings a balance.
func (s *Store) DeliverBalance(e Event, minor int64) (answer func() error) {
	o := Balance{Source: SourceWebhook, Currency: "NGN", Figure: minor}
	r := &receipt{event: e, answer: make(chan error, 1), decide: func(EventTarget) (Outcome, bool) {
		return Outcome{Result: EventApplied, Balance: &o}, true
	}}
	if err := s.inbox.put(r); err != nil {
		return func() error { return err }
	}
	return func() error { return <-r.answer }
}

// ClaimedLeft is how many bytes of payloads that belong to somebody may be kept yet.
func (s *Store) ClaimedLeft() int64 { return int64(s.inbox.quota.claimed.TokensAt(s.now())) }

// KeepBalancesCheck notes what a look found that began then.
func (s *Store) KeepBalancesCheck(ctx context.Context, at time.Time, wrong int) error {
	return s.keepCheck(ctx, checkedBalances, at, wrong)
}
