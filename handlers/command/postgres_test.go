package command_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/command"
	"balancelink/store"
	"balancelink/store/storetest"
)

// server is an operator at the command line, beside a database of PostgreSQL.
type server struct {
	t    *testing.T
	path string
}

func newServer(t *testing.T) server {
	t.Helper()
	if !storetest.OnPostgres() {
		t.Skip("only on PostgreSQL: TEST_DATABASE=postgres")
	}
	return server{t, filepath.Join(storetest.Folder(t), "test.db")}
}

func (s server) run(args ...string) (status int, stdout, stderr string) {
	s.t.Helper()
	var out, errs bytes.Buffer
	status, _ = command.Run(s.t.Context(), args, []string{
		"DATABASE_URL=" + storetest.URL(s.t, s.path), "DATA_KEY=" + storetest.DataKey, "ERASED_FILE=" + s.path + ".erased",
	}, &out, &errs)
	return status, out.String(), errs.String()
}

func (s server) open() *store.Store {
	s.t.Helper()
	return storetest.Open(s.t, s.path, time.Now)
}

func (s server) empty() {
	s.t.Helper()
	for _, change := range []string{`DROP SCHEMA public CASCADE`, `CREATE SCHEMA public`} {
		if _, err := storetest.Database(s.t, s.path).ExecContext(s.t.Context(), change); err != nil {
			s.t.Fatal(err)
		}
	}
}

func TestPostgreSQLIsCopiedPutBackAndVerifiedByCommands(t *testing.T) {
	s := newServer(t)
	file := filepath.Join(t.TempDir(), "copy.dump")
	db := s.open()
	c, err := db.AddCustomer(t.Context(), store.Program, store.Customer{Name: "Amina Bello"})
	if err != nil {
		t.Fatal(err)
	}
	status, out, errs := s.run("backup", file)
	if status != 0 || !strings.Contains(out, "in order: 1 rows") || errs != "" {
		t.Fatalf("backup: status %d, said %q %q", status, out, errs)
	}
	if status, _, errs := s.run("restore", file); status != 1 || !strings.Contains(errs, "is not empty") {
		t.Errorf("over another database: status %d, said %q", status, errs)
	}
	if err := db.Erase(t.Context(), store.Program, c.ID, "asked"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s.empty()
	if status, _, errs := s.run("restored"); status != 1 || !strings.Contains(errs, "no database of balancelink") {
		t.Errorf("nothing restored: status %d, said %q", status, errs)
	}
	status, out, errs = s.run("restore", file, s.path+".erased")
	if status != 0 || !strings.Contains(out, "Restored from "+file) || errs != "" {
		t.Errorf("restore: status %d, said %q %q", status, out, errs)
	}
	if status, out, errs := s.run("restored"); status != 0 || !strings.Contains(out, "sign in again") || errs != "" {
		t.Errorf("restored: status %d, said %q %q", status, out, errs)
	}
	for _, args := range [][]string{{"verify"}, {"audit", "verify"}} {
		if status, out, errs := s.run(args...); status != 0 || errs != "" || !strings.Contains(out, "in order: 4 rows") {
			t.Errorf("%v: status %d, said %q %q", args, status, out, errs)
		}
	}
	if _, err := s.open().CustomerByID(t.Context(), c.ID); err == nil {
		t.Error("who was erased came back")
	}
}

func TestWhatPostgreSQLLacksForACopyIsSaidInASentence(t *testing.T) {
	s := newServer(t)
	db := s.open()
	t.Setenv("PATH", t.TempDir())
	file := filepath.Join(t.TempDir(), "copy.dump")
	if status, out, errs := s.run("backup", file); status != 78 || out != "" || !strings.Contains(errs, "pg_dump is not in PATH") {
		t.Errorf("without pg_dump: status %d, said %q %q", status, out, errs)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("there is a file")
	}
	if _, err := db.Beat(t.Context(), db.NewInstance("v1")); err != nil {
		t.Fatal(err)
	}
	if status, _, errs := s.run("restored"); status != 1 || !strings.Contains(errs, "stop it first") {
		t.Errorf("while an instance runs: status %d, said %q", status, errs)
	}
}

func TestRestoredIsForPostgreSQL(t *testing.T) {
	t.Parallel()
	if status, _, errs := run(t, filepath.Join(t.TempDir(), "x.db"), "restored"); status != 1 || !strings.Contains(errs, "restore FILE") {
		t.Errorf("of SQLite: status %d, said %q", status, errs)
	}
}
