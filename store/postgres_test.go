package store_test

import (
	"context"
	"errors"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"balancelink/handlers/sitetest"
	"balancelink/store"
	"balancelink/store/storetest"
)

// onPostgres is a database of PostgreSQL; without TEST_DATABASE=postgres the test is over.
func onPostgres(t *testing.T) *db {
	t.Helper()
	if !storetest.OnPostgres() {
		t.Skip("only on PostgreSQL: TEST_DATABASE=postgres")
	}
	return newDB(t)
}

// with is the database's address with a parameter.
func (d *db) with(name, value string) string {
	d.t.Helper()
	u, err := url.Parse(storetest.URL(d.t, d.path))
	d.ok(err)
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

func TestAnAddressOfPostgreSQLThatIsOfNoUseSaysWhyAndKeepsThePassword(t *testing.T) {
	for _, address := range []string{
		"postgres://user:canary@127.0.0.1:1/name", "postgres://user:canary@[::1/name", "postgres://user:canary@host/name?sslmode=no",
	} {
		_, err := store.Open(t.Context(), address, store.Options{Keys: storetest.Keys(t, 'k')})
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%v", err)
		}
	}
	for _, try := range []func(string) error{
		func(url string) error { _, err := store.Backup(t.Context(), url, "x", nil, nil); return err },
		func(url string) error {
			_, _, err := store.Restore(t.Context(), url, "x", storetest.Keys(t, 'k'), nil)
			return err
		},
	} {
		if err := try("postgres://user:canary@host/name"); !errors.Is(err, store.ErrNoFile) {
			t.Errorf("what only a file has: %v", err)
		}
	}
}

func TestPostgreSQLIsRefusedThatDoesNotKeepWhatItIsTold(t *testing.T) {
	d := onPostgres(t)
	d.ok(d.Close())
	for _, address := range []string{d.with("synchronous_commit", "off"), d.with("user", "nobody-of-that-name")} {
		if _, err := store.Open(t.Context(), address, store.Options{Keys: storetest.Keys(t, 'k')}); !errors.Is(err, store.ErrUnfit) {
			t.Errorf("%v, want ErrUnfit", err)
		}
		if err := store.CheckServer(t.Context(), address); !errors.Is(err, store.ErrUnfit) {
			t.Errorf("looked at from outside: %v, want ErrUnfit", err)
		}
	}
	d.ok(store.CheckServer(t.Context(), storetest.URL(t, d.path)))
}

func TestInstancesThatStartAtOnceMakeOneDatabase(t *testing.T) {
	d := onPostgres(t)
	d.ok(d.Close())
	url := storetest.URL(t, d.path)
	for _, change := range []string{`DROP SCHEMA public CASCADE`, `CREATE SCHEMA public`} {
		_, err := storetest.Database(t, d.path).ExecContext(t.Context(), change)
		d.ok(err)
	}
	var all sync.WaitGroup
	stores := make([]*store.Store, 6)
	for i := range stores {
		all.Go(func() {
			var err error
			if stores[i], err = store.Open(t.Context(), url, store.Options{Keys: storetest.Keys(t, 'k')}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	act := store.Act{Actor: store.Program, Action: store.ActSignedIn}
	for _, s := range stores {
		defer s.Close()
		all.Go(func() {
			for range 5 {
				if err := s.Record(context.Background(), act); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if c := must(stores[0].VerifyAudit(t.Context())); c.Rows != 30 || c.BadRow != 0 {
		t.Errorf("the chain of all is %+v", c)
	}
}

func TestWhatAnotherInstanceChangesIsNoticed(t *testing.T) {
	d := onPostgres(t)
	other := store.Beside(t, storetest.URL(t, d.path), store.Options{Keys: storetest.Keys(t, 'k')})
	writes := d.Writes()
	d.ok(other.Record(t.Context(), store.Act{Actor: store.Program, Action: store.ActSignedIn}))
	sitetest.Await(t, "another number of writes", func() string { return "the same" }, func() bool { return d.Writes() != writes })
}

func TestChangesAtOnceAreMadeOneAfterTheOther(t *testing.T) {
	d := newDB(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				if err := d.Record(context.Background(), store.Act{Actor: store.Program, Action: store.ActSignedIn}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if c := must(d.VerifyAudit(t.Context())); c.Rows != 80 || c.BadRow != 0 {
		t.Errorf("the chain is %+v", c)
	}
}

func TestBothDatabasesHaveTheSameTablesAndColumns(t *testing.T) {
	d := onPostgres(t)
	lite, err := store.Open(t.Context(), "sqlite:"+filepath.Join(storetest.Folder(t), "other.db"), store.Options{Keys: storetest.Keys(t, 'k')})
	d.ok(err)
	defer lite.Close()
	columns, parents := lite.Schema(t)
	theirs, lead := d.Schema(t)
	for table := range columns {
		slices.Sort(parents[table])
		slices.Sort(lead[table])
		if !slices.Equal(columns[table], theirs[table]) || !slices.Equal(slices.Compact(parents[table]), slices.Compact(lead[table])) {
			t.Errorf("%s: %v leading to %v, in PostgreSQL %v leading to %v", table, columns[table], parents[table], theirs[table], lead[table])
		}
	}
	_, shapes := lite.Shapes(t)
	_, like := d.Shapes(t)
	if diff := cmp.Diff(shapes, like); diff != "" {
		t.Errorf("the kinds and keys of columns (-SQLite +PostgreSQL)\n%s", diff)
	}
	if len(columns) != len(theirs) || len(columns) < 40 {
		t.Errorf("%d tables, in PostgreSQL %d", len(columns), len(theirs))
	}
}

func TestTheMomentOfAChangeIsTheServers(t *testing.T) {
	d := onPostgres(t)
	d.ok(d.Close())
	s, err := store.Open(t.Context(), storetest.URL(t, d.path), store.Options{Keys: storetest.Keys(t, 'k')})
	d.ok(err)
	defer s.Close()
	d.ok(s.Record(t.Context(), store.Act{Actor: store.Program, Action: store.ActSignedIn}))
	log := must(s.AuditLog(t.Context(), store.AuditQuery{Limit: 1}))
	if since := time.Since(log[0].At); since < -time.Minute || since > time.Minute {
		t.Errorf("it was made %v ago", since)
	}
}

// many adds customers who have linked an account each, as many as a server takes for many.
func (d *db) many(n int) {
	d.t.Helper()
	a := d.linked("Amina")
	d.save(said(a.ID, noon, 1, store.Minor(1)))
	all, _ := d.Schema(d.t)
	for _, copied := range []struct{ table, columns, values string }{
		{"customers", "id sort_name", `'c' || n, 'n' || n`},
		{"accounts", "id customer_id provider_id as_of", `'a' || n, 'c' || n, 'p' || n, as_of - n`},
		{"customer_words", "customer_id word name", `'c' || n, 'w' || n, 'n' || n`},
		{"invitations", "id customer_id secret_hash", `'i' || n, 'c' || n, 'h' || n`},
	} {
		own := strings.Fields(copied.columns)
		rest := slices.DeleteFunc(slices.Clone(all[copied.table]), func(c string) bool { return slices.Contains(own, c) })
		list := strings.Join(append(slices.Clone(own), rest...), ", ")
		values := strings.Join(append([]string{copied.values}, rest...), ", ")
		d.Exec(d.t, `
			INSERT INTO `+copied.table+` (`+list+`)
			SELECT `+values+`
			FROM (SELECT * FROM `+copied.table+` LIMIT 1) AS first, generate_series(1, $1) AS n`, n)
	}
	d.Exec(d.t, `ANALYZE`)
}

// Of very many customers a page shows a few: on PostgreSQL, too, it reads no more.
func TestPostgresReadsEachOrderOfTheListFromAnIndex(t *testing.T) {
	d := onPostgres(t)
	d.many(20_000)
	for _, order := range []store.Order{store.ByName, store.ByNewest, store.ByAge} {
		for _, filter := range []store.Filter{
			store.AllCustomers, store.Linked, store.NeverLinked, store.NeedsLogin, store.AskedLink, store.PutOff, store.StaleBalance,
			store.BelowThreshold, store.ThresholdUnknown, store.ConsentEnded, store.ConsentEnding,
		} {
			for _, plan := range d.ListPlans(t, order, filter) {
				text := strings.Join(plan, "\n")
				for _, whole := range []string{"Seq Scan on customers", "Seq Scan on accounts", "Seq Scan on invitations", "Seq Scan on customer_words"} {
					if strings.Contains(text, whole) || strings.Contains(text, "Hash") {
						t.Errorf("by %q, %q: reads all:\n%s", order, filter, text)
						break
					}
				}
			}
		}
	}
}

// Few are sorted: to go through all customers in their order until twenty of them are found
// would read nearly all.
func TestPostgresSortsFewRatherThanGoThroughAll(t *testing.T) {
	d := onPostgres(t)
	d.many(20_000)
	for _, order := range []store.Order{store.ByName, store.ByNewest} {
		for _, filter := range []store.Filter{store.NeedsLogin, store.NeedsReview, store.StaleBalance, store.BelowThreshold, store.ConsentEnded} {
			for _, plan := range d.FewPlans(t, order, filter) {
				text := strings.Join(plan, "\n")
				for _, whole := range []string{"customers_by_name ", "customer_words_pkey on customer_words found", "Backward using customers_pkey"} {
					if !strings.Contains(text, "Sort Key") || strings.Contains(text, whole) {
						t.Errorf("by %q, %q: goes through all:\n%s", order, filter, text)
					}
				}
			}
		}
	}
}

func TestAChangeIsNotDoneOfWhichAStatementFailed(t *testing.T) {
	d := onPostgres(t)
	a := d.linked("Amina")
	err := d.InLanes(t.Context(), 1, func(_ int, exec func(string, ...any) error, _ func(store.Act) error) error {
		d.ok(mark(a.ID, 1, exec))
		if exec(`UPDATE accounts SET status = NULL WHERE id = $1`, a.ID) == nil {
			t.Error("the statement did not fail")
		}
		return nil // nobody looks
	})
	if n := d.Number(t, `SELECT COALESCE(swept_at, 0) FROM accounts WHERE id = $1`, a.ID); err == nil || n != 0 {
		t.Errorf("said to be done (%v), and %d marks are there", err, n)
	}
}
