package storetest

import (
	"cmp"
	"context"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

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
func OnlySQLite() map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(sqliteOnly) {
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

// cluster is a server of PostgreSQL that this process has started.
type cluster struct {
	folder string // where its socket is
	admin  *sql.DB
	copies string // how a database is copied

	mu    sync.Mutex      // of what is copied: one at a time, while nobody is in the template
	made  map[string]bool // databases, by their names
	empty map[string]bool // templates
}

// theCluster is the one that all tests of a process share.
var theCluster = sync.OnceValues(startCluster)

// tools are where PostgreSQL's programs are.
func tools() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // an error would be one of the pattern
	if len(found) == 0 {
		return "", errors.New("PostgreSQL is not installed")
	}
	slices.SortFunc(found, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	return filepath.Dir(found[len(found)-1]), nil
}

// somebody is a user whom the server may run as, which does not run as root; nil: we are one.
func somebody() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err1, err2)
	}
	return nil, errors.New("there is no user that PostgreSQL can run as")
}

// serving runs the server until its input ends, as it does when the test process has, and
// then leaves nothing of it. What is kept lies in memory and is gone with the tests, but
// fsync stays on, for the program refuses a server without.
const serving = `
trap '' INT TERM HUP
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=300 -c shared_buffers=64MB \
	-c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=128MB -c min_wal_size=32MB \
	-c autovacuum=off -c jit=off >"$2/log" 2>&1 &
cat >/dev/null
kill -QUIT $!
wait $!
rm -rf "$2"
`

func startCluster() (*cluster, error) {
	bin, err := tools()
	if err != nil {
		return nil, err
	}
	as, err := somebody()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(place(), "storetest-postgres-")
	if err != nil {
		return nil, err
	}
	if as != nil {
		if err := os.Chown(folder, int(as.Uid), int(as.Gid)); err != nil {
			return nil, err
		}
	}
	run := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(name, args...)
		cmd.Dir = folder
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as, Setpgid: true}
		return cmd
	}
	if said, err := run(
		filepath.Join(bin, "initdb"), "-D", "data", "-U", "postgres", "-A", "trust",
		"--locale=C", "-E", "UTF8", "--no-sync",
	).CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w: %s", err, said), os.RemoveAll(folder))
	}
	server := run("/bin/sh", "-c", serving, "sh", bin, folder)
	input, err := server.StdinPipe() // which nobody closes but the end of this process
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	go server.Wait()
	c := &cluster{folder: folder, made: map[string]bool{}, empty: map[string]bool{}}
	return c, c.await(input)
}

// await waits until the server answers.
func (c *cluster) await(input io.Closer) (err error) {
	if c.admin, err = sql.Open("pgx", c.url("postgres")); err != nil {
		return err
	}
	c.admin.SetMaxOpenConns(1)
	var version int
	const ask = `SELECT CAST(current_setting('server_version_num') AS INTEGER)`
	for range 600 {
		if err = c.admin.QueryRow(ask).Scan(&version); err == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(c.folder, "log"))
		return errors.Join(fmt.Errorf("PostgreSQL does not start: %w: %s", err, log), input.Close())
	}
	if version >= 150000 {
		c.copies = " STRATEGY file_copy"
	}
	return nil
}

// url is the address of a database of the server. Tests that run beside many others wait
// longer than a program does.
func (c *cluster) url(name string) string {
	return "postgres:///" + name + "?" + url.Values{
		"host": {c.folder}, "user": {"postgres"},
		"lock_timeout": {"60s"}, "idle_in_transaction_session_timeout": {"60s"}, "statement_timeout": {"60s"},
	}.Encode()
}

// databaseOf is the address of the database that a path stands for, which is made under
// the keys unless there is one.
func databaseOf(t testing.TB, path string, keys *store.Keyring) string {
	t.Helper()
	skipSQLiteOnly(t)
	c, err := theCluster()
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	name := "test_" + idOf(path)
	if c.made[name] {
		return c.url(name)
	}
	if err := c.copy(name, keys); err != nil {
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
	return c.url(name)
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

// exec runs a statement of the server's owner, whatever becomes of the test.
func (c *cluster) exec(query string) error {
	_, err := c.admin.ExecContext(context.Background(), query)
	return err
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
