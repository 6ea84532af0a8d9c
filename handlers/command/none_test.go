package command_test

import (
	"database/sql"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"balancelink/store/storetest"
)

// commands are what an operator may do to a database, beside a folder for copies.
func commands(folder string) [][]string {
	return [][]string{
		{"verify"}, {"audit", "verify"}, {"audit", "restart"}, {"backup", filepath.Join(folder, "copy.db")},
		{"staff", "list"}, {"staff", "link", email}, {"copy", "DATABASE_URL", "sqlite:" + filepath.Join(folder, "to.db")},
	}
}

func TestNoCommandMakesTheDatabaseThatItIsToLookInto(t *testing.T) {
	t.Parallel()
	folder := storetest.Folder(t)
	path := filepath.Join(folder, "none", "test.db")
	for _, command := range commands(folder) {
		status, out, errs := run(t, path, command...)
		missing := strings.Contains(errs, path+" is not there") || strings.Contains(errs, "no such file")
		if status == 0 || out != "" || !missing || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: status %d, said %q, %q; want that nothing is there", command, status, out, errs)
		}
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("in the folder there is %v, %v", left, err)
	}
}

// As on a disk that the system has mounted anew to be read only, which root may write to as
// little as anybody.
func TestAFileBesideWhichNothingMayBeWrittenIsNotTakenForDamaged(t *testing.T) {
	t.Parallel()
	folder := storetest.Folder(t)
	path := filepath.Join(folder, "s")
	storetest.Create(t, path)
	db, err := sql.Open("sqlite", "file:"+path)
	if err == nil {
		_, err = db.Exec(`PRAGMA journal_mode = WAL`) // as the program has it, and the tests' files do not
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", path+"-wal") // which not even root opens
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for _, command := range [][]string{{"verify"}, {"audit", "verify"}, {"backup", filepath.Join(folder, "copy.db")}} {
		status, out, errs := run(t, path, command...)
		if status != 78 || out != "" || !strings.Contains(errs, "may not") || strings.Contains(errs, "no whole") || strings.Contains(errs, "no database of") {
			t.Errorf("%v: status %d, said %q, %q", command, status, out, errs)
		}
	}
}

func TestAFileThatCannotBeOpenedIsNotTakenForDamaged(t *testing.T) {
	t.Parallel()
	folder := storetest.Folder(t)
	path := filepath.Join(folder, "s")
	socket, err := net.Listen("unix", path) // which not even root opens
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for _, command := range commands(folder)[:6] {
		status, out, errs := run(t, path, command...)
		if status != 78 || out != "" || !strings.Contains(errs, "open "+path) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: status %d, said %q, %q", command, status, out, errs)
		}
	}
}

func TestNoCommandWritesIntoADatabaseOfAnotherProgram(t *testing.T) {
	t.Parallel()
	for name, made := range map[string]string{
		"its own tables":        `CREATE TABLE things (id TEXT); INSERT INTO things VALUES ('kept')`,
		"migrated by goose too": `CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY, version_id INTEGER, is_applied INTEGER, tstamp TEXT); INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (3, 1); CREATE TABLE customers (id TEXT)`,
	} {
		folder := storetest.Folder(t)
		path := filepath.Join(folder, "theirs.db")
		tamper(t, path, made)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, command := range append(commands(folder), []string{"copy", "sqlite:" + storeOf(t), "DATABASE_URL"}) {
			status, out, errs := run(t, path, command...)
			foreign := strings.Contains(errs, "of another program") || strings.Contains(errs, "no database of balancelink")
			if status == 0 || out != "" || !foreign || strings.Count(errs, "\n") != 1 {
				t.Errorf("%s: %v: status %d, said %q, %q; want that it is another program's", name, command, status, out, errs)
			}
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
			t.Errorf("%s: the file is another one now (%v)", name, err)
		}
	}
}

// storeOf is where a database of ours is.
func storeOf(t *testing.T) string {
	t.Helper()
	path := filepath.Join(storetest.Folder(t), "ours.db")
	if err := storetest.Open(t, path, time.Now).Close(); err != nil {
		t.Fatal(err)
	}
	return path
}
