package storetest

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver

	"balancelink/store"
)

// OnPostgres says whether the databases of tests are PostgreSQL's: TEST_DATABASE=postgres
// in the environment makes them so. They lie on a server of the test process's own, which
// ends with it.
func OnPostgres() bool { return os.Getenv("TEST_DATABASE") == "postgres" }

// URL is the address of the database that tests call by the path of a file. On PostgreSQL
// an empty one is made of that name, unless there is one.
func URL(t testing.TB, path string) string {
	t.Helper()
	if !OnPostgres() {
		return "sqlite:" + path
	}
	return databaseOf(t, path, Keys(t, 'k'))
}

// Database opens that database beside the store, whatever it is.
func Database(t testing.TB, path string) *sql.DB {
	t.Helper()
	driver, name := "sqlite", "file:"+path+"?_busy_timeout=5000"
	if OnPostgres() {
		driver, name = "pgx", databaseOf(t, path, Keys(t, 'k'))
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

//go:embed sqlite_only.txt
var sqliteOnly string

// OnlySQLite are the tests that look at what only SQLite has, with why, by their names.
func OnlySQLite() map[string]string { return Named(sqliteOnly) }

// Named are the tests that a list has, one a line, with why, by their names.
func Named(list string) map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(list) {
		if name, why, _ := strings.Cut(strings.TrimSpace(line), " "); name != "" && name != "#" {
			all[name] = strings.TrimSpace(why)
		}
	}
	return all
}

// skipSQLiteOnly skips a test that stands among them.
func skipSQLiteOnly(t testing.TB) {
	t.Helper()
	name, _, _ := strings.Cut(t.Name(), "/")
	if why, only := OnlySQLite()[name]; only {
		t.Skip("only on SQLite: " + why)
	}
}

// cluster is the server that all tests of a process share, with what it has of them.
type cluster struct {
	*Server
	copies string // how a database is copied

	mu    sync.Mutex      // of what is copied: one at a time, while nobody is in the template
	made  map[string]bool // databases, by their names
	empty map[string]bool // templates
}

// theCluster is that one.
var theCluster = sync.OnceValues(startCluster)

func startCluster() (*cluster, error) {
	s, err := Begin(place(), slices.Concat(light, []string{"-c", "wal_level=minimal", "-c", "max_wal_senders=0"})...)
	if err != nil {
		return nil, err
	}
	c := &cluster{Server: s, made: map[string]bool{}, empty: map[string]bool{}}
	var version int
	err = s.admin.QueryRow(`SELECT CAST(current_setting('server_version_num') AS INTEGER)`).Scan(&version)
	if version >= 150000 {
		c.copies = " STRATEGY file_copy"
	}
	return c, err
}

// url is the address of a database of the server. Tests that run beside many others wait
// longer than a program does.
func (c *cluster) url(name string) string {
	return c.URL(name) + "&" + url.Values{
		"lock_timeout": {"60s"}, "idle_in_transaction_session_timeout": {"60s"}, "statement_timeout": {"60s"},
	}.Encode()
}

// databaseOf is the address of the database that a path stands for, which is made under
// the keys unless there is one.
func databaseOf(t testing.TB, path string, keys *store.Keyring) string {
	t.Helper()
	skipSQLiteOnly(t)
	c, name := made(t, path, func(c *cluster, name string) error { return c.copy(name, keys) })
	return c.url(name)
}

// Instances is the address of an empty database under [DataKey] for instances of the
// program, which wait as long as they do anywhere. A machine without PostgreSQL leaves the
// test out.
func Instances(t testing.TB) (url string) {
	t.Helper()
	NeedsPostgres(t)
	c, name := made(t, t.Name(), func(c *cluster, name string) error { return c.copy(name, Keys(t, 'k')) })
	return c.URL(name)
}

// Bare is [Instances] for a database in which nothing was made.
func Bare(t testing.TB) (url string) {
	t.Helper()
	NeedsPostgres(t)
	c, name := made(t, t.Name(), func(c *cluster, name string) error {
		_, err := c.Create(name)
		return err
	})
	return c.URL(name)
}

// made is the name of the database that a path stands for, which create creates unless
// there is one.
func made(t testing.TB, path string, create func(c *cluster, name string) error) (*cluster, string) {
	t.Helper()
	c, err := theCluster()
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	name := "test_" + idOf(path)
	if c.made[name] {
		return c, name
	}
	if err := create(c, name); err != nil {
		t.Fatal(err)
	}
	c.made[name] = true
	t.Cleanup(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.made, name)
		if err := c.exec(`DROP DATABASE ` + name + ` WITH (FORCE)`); err != nil {
			t.Error(err)
		}
	})
	return c, name
}

// Keep keeps a database as it is, which nobody has open, until back puts that in its place.
func Keep(t testing.TB, path string) (back func()) {
	t.Helper()
	if !OnPostgres() {
		older, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return func() {
			if err := os.WriteFile(path, older, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	databaseOf(t, path, Keys(t, 'k'))
	c, _ := theCluster() // is there
	name := "test_" + idOf(path)
	kept := name + "_kept"
	all := func(queries ...string) {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, query := range queries {
			if err := c.exec(query); err != nil {
				t.Error(err)
			}
		}
	}
	all(`CREATE DATABASE ` + kept + ` TEMPLATE ` + name + c.copies)
	t.Cleanup(func() { all(`DROP DATABASE ` + kept) })
	return func() { all(`DROP DATABASE `+name+` WITH (FORCE)`, `CREATE DATABASE `+name+` TEMPLATE `+kept+c.copies) }
}

// copy makes a database of the empty one under those keys.
func (c *cluster) copy(name string, keys *store.Keyring) error {
	template := "empty_" + keys.IDs()[0]
	if !c.empty[template] {
		if err := c.exec(`CREATE DATABASE ` + template + ` TEMPLATE template0`); err != nil {
			return err
		}
		s, err := store.Open(context.Background(), c.url(template), store.Options{Keys: keys})
		if err != nil {
			return err
		}
		if err := s.Close(); err != nil {
			return err
		}
		c.empty[template] = true
	}
	return c.exec(`CREATE DATABASE ` + name + ` TEMPLATE ` + template + c.copies)
}

// PrepareEach has PostgreSQL prepare every text that any store of this process sent to
// SQLite, but those that are SQLite's own. The error names each that it does not take.
func PrepareEach() error {
	keys, err := store.NewKeyring(key('k'))
	if err != nil {
		return err
	}
	c, err := theCluster()
	if err != nil {
		return err
	}
	const name = "texts"
	c.mu.Lock()
	err = c.copy(name, keys)
	c.mu.Unlock()
	if err != nil {
		return err
	}
	db, err := sql.Open("pgx", c.url(name))
	if err != nil {
		return err
	}
	defer db.Close()
	var refused []error
	explained.Range(func(text, _ any) bool {
		refused = append(refused, prepares(db, text.(string)))
		return true
	})
	return errors.Join(refused...)
}

// prepares says why a database does not take a text.
func prepares(db *sql.DB, text string) error {
	if strings.Contains(text, "rowid") || strings.Contains(text, "sqlite_master") {
		return nil
	}
	stmt, err := db.Prepare(text)
	if err != nil {
		return fmt.Errorf("%w:\n%s", err, text)
	}
	return stmt.Close()
}

// Holds says whether a text lies in the files of a database, or in the rows that
// PostgreSQL has of it: what lies in the files of a server is its own affair.
func Holds(t testing.TB, path, text string) bool {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), text) {
			return true
		}
	}
	return OnPostgres() && rowsHold(t, path, text)
}

func rowsHold(t testing.TB, path, text string) bool {
	t.Helper()
	db := Database(t, path)
	defer db.Close()
	tables := Texts(t, db, `SELECT CAST(relname AS TEXT) FROM pg_class WHERE relkind = 'r' AND relnamespace = CAST(current_schema() AS REGNAMESPACE)`)
	for _, table := range tables {
		for _, row := range Texts(t, db, `SELECT CAST(`+table+` AS TEXT) FROM `+table) {
			if strings.Contains(row, text) || strings.Contains(row, hex.EncodeToString([]byte(text))) {
				return true
			}
		}
	}
	return false
}

// Texts are the values of a query's only column.
func Texts(t testing.TB, db *sql.DB, query string) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
