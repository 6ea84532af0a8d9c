package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"balancelink/handlers/sitetest"
	"balancelink/store"
	"balancelink/store/storetest"
)

// onFile is a database of SQLite, whichever the tests' are.
func onFile(t *testing.T) *db {
	t.Helper()
	if !storetest.OnPostgres() {
		return newDB(t)
	}
	t.Parallel()
	d := &db{t: t, path: filepath.Join(storetest.Folder(t), "file.db"), time: sitetest.NewClock(noon)}
	var err error
	d.Store, err = store.Open(t.Context(), "sqlite:"+d.path, store.Options{Keys: storetest.Keys(t, 'k'), Now: d.clock})
	d.ok(err)
	t.Cleanup(func() { d.Close() })
	return d
}

// to copies a database of SQLite, which is closed, into the one that tests call by a path.
func (d *db) to(path string) store.Transfer {
	d.t.Helper()
	return store.Transfer{From: "sqlite:" + d.path, To: storetest.URL(d.t, path), Erased: erasedAt(path), Keys: storetest.Keys(d.t, 'k')}
}

// erasedAt is ERASED_FILE of a database that tests call by a path.
func erasedAt(path string) string {
	if !storetest.OnPostgres() {
		return ""
	}
	return path + ".erased"
}

// opened is the database at an address as it lies there.
func opened(t *testing.T, url string) *sql.DB {
	t.Helper()
	driver := "pgx"
	if path, is := strings.CutPrefix(url, "sqlite:"); is {
		driver, url = "sqlite", "file:"+path+"?_busy_timeout=5000"
	}
	db, err := sql.Open(driver, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// everyRow is each row of those tables as a text, whichever database it lies in.
func everyRow(t *testing.T, url string, columns map[string][]string) (all []string) {
	t.Helper()
	db := opened(t, url)
	for name, of := range columns {
		rows, err := db.QueryContext(t.Context(), `SELECT `+strings.Join(of, ", ")+` FROM `+name)
		if err != nil {
			t.Fatal(err)
		}
		values, into := make([]any, len(of)), make([]any, len(of))
		for i := range values {
			into[i] = &values[i]
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			text := name
			for i, v := range values {
				switch is := v.(type) {
				case bool: // which SQLite has as a number
					v = map[bool]int{true: 1}[is]
				case []byte:
					v = fmt.Sprintf("bytes %x", is)
				case string:
					v = fmt.Sprintf("%q", is)
				}
				text += fmt.Sprintf(" %s=%v", of[i], v)
			}
			all = append(all, text)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(all)
	return all
}

// copied are the columns of the tables that are copied.
func (d *db) copied() map[string][]string {
	d.t.Helper()
	columns, _ := d.Schema(d.t)
	for _, not := range []string{"writer", "leases", "instances", "backups", "self_checks", "works"} {
		delete(columns, not)
	}
	return columns
}

// fullOf has rows in every table, and of every kind of value the odd ones.
func (d *db) fullOf() {
	d.t.Helper()
	ctx := d.t.Context()
	d.lived()
	m := d.member("ada@lender.example", store.RoleOwner)
	d.ok(d.SetSecondFactor(ctx, m.ID, "", "SEEDCANARY", 1, []string{"the hash of a recovery code"}))
	d.ok(d.Erase(ctx, store.Program, d.linked("Gone Canary").CustomerID, "asked"))
	must(d.HoldFile(ctx, m.ID, []byte("a file of customers")))
	for _, row := range []string{
		`environment (name) VALUES ('simulated')`,
		`guesses (subject, number, last_at) VALUES ('address:x', 3, -1)`,
		`occasions (kind, subject, since, seen_at, told_at) VALUES ('k', '', 1, 2, NULL)`,
		`provider_calls (provider, env, at) VALUES ('okra', 'simulated', 9223372036854775807)`,
		`provider_state (provider, env, pause_kind, pause_until) VALUES ('okra', 'simulated', '', NULL)`,
		`purges (day, what, number) VALUES (0, 'payloads', 2)`,
		`rejections (hour, code, number, last_at) VALUES (1, 'c', 2, 3)`,
		`removals (id, customer_id, provider, env, provider_customer, state, tries, cause, requested_at) VALUES ('r', 'c', 'okra', 'simulated', '', 'done', 0, '', 1)`,
		`rounds (name, at) VALUES ('swept', -9223372036854775808)`,
		`run_days (day, at) VALUES (1, 2)`,
		`staff_links (id, staff_id, secret_hash, created_at, expires_at) VALUES ('l', NULL, 'x', 1, 2)`,
	} {
		d.Exec(d.t, `INSERT INTO `+row)
	}
	d.Exec(d.t, `INSERT INTO trust (provider, env, trusted, reason, since) VALUES ('okra', 'simulated', $1, $2, 1)`, false, "Àbúja says\n\"it's\" $1 \\x41 😀")
	d.Exec(d.t, `UPDATE events SET body = $1 WHERE id = (SELECT MIN(id) FROM events)`, []byte{})
	d.Exec(d.t, `UPDATE events SET body = $1 WHERE id = (SELECT MAX(id) FROM events)`, []byte{0, 255, '\\', 'x', '4', '1'})
}

func TestEverythingGoesToAnotherDatabaseAndBack(t *testing.T) {
	d := onFile(t)
	d.fullOf()
	columns, head := d.copied(), must(d.VerifyAudit(t.Context()))
	d.ok(d.Close())
	rows := everyRow(t, "sqlite:"+d.path, columns)
	for table := range columns {
		if !slices.ContainsFunc(rows, func(row string) bool { return strings.HasPrefix(row, table+" ") }) {
			t.Errorf("nothing is in %s that could be copied", table)
		}
	}
	there := filepath.Join(storetest.Folder(t), "there.db")
	back := filepath.Join(storetest.Folder(t), "back.db")
	forth := d.to(there)
	for _, way := range []store.Transfer{forth, {From: forth.To, To: "sqlite:" + back, Erased: forth.Erased, Keys: forth.Keys}} {
		done, err := way.Run(t.Context())
		d.ok(err)
		if done.Audit != head || done.Tables != len(columns) || int(done.Rows) != len(rows) {
			t.Errorf("%+v, want %s, %d tables, %d rows", done, head, len(columns), len(rows))
		}
		if diff := cmp.Diff(rows, everyRow(t, way.To, columns)); diff != "" {
			t.Errorf("what is in the other one (-want +got)\n%s", diff)
		}
	}
	list := must(os.ReadFile(d.path + ".erased"))
	for _, path := range []string{there + ".erased", back + ".erased"} {
		if text := must(os.ReadFile(path)); len(list) == 0 || string(text) != string(list) {
			t.Errorf("%s is %q, want %q", path, text, list)
		}
	}
	s, err := store.Open(t.Context(), "sqlite:"+back, store.Options{Keys: forth.Keys, Now: d.clock})
	d.ok(err)
	defer s.Close()
	if now := must(s.VerifyAudit(t.Context(), head.String())); now != head {
		t.Errorf("once it is opened the audit log ends with %s, want %s", now, head)
	}
}

func TestADatabaseWithoutTablesIsFilledToo(t *testing.T) {
	d := onFile(t)
	d.customer("Amina")
	d.ok(d.Close())
	one := d.to(filepath.Join(storetest.Folder(t), "empty.db"))
	if storetest.OnPostgres() {
		for _, change := range []string{`DROP SCHEMA public CASCADE`, `CREATE SCHEMA public`} {
			_, err := opened(t, one.To).ExecContext(t.Context(), change)
			d.ok(err)
		}
	}
	done, err := one.Run(t.Context())
	d.ok(err)
	if done.Audit.Rows != 1 {
		t.Errorf("%+v", done)
	}
}

func TestACopyThatFailsHalfwayLeavesTheTargetEmpty(t *testing.T) {
	d := onFile(t)
	d.fullOf()
	d.ok(d.Close())
	target := filepath.Join(storetest.Folder(t), "target.db")
	storetest.Create(t, target)
	one := d.to(target)
	refuses, lets := `CREATE TRIGGER bad BEFORE INSERT ON balances BEGIN SELECT RAISE(ABORT, 'no'); END`, `DROP TRIGGER bad`
	if storetest.OnPostgres() {
		refuses, lets = `ALTER TABLE balances ADD CONSTRAINT bad CHECK (currency = '')`, `ALTER TABLE balances DROP CONSTRAINT bad`
	}
	beside := opened(t, one.To)
	_, err := beside.ExecContext(t.Context(), refuses)
	d.ok(err)
	if _, err := one.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "copying balances") {
		t.Errorf("%v, want that balances were not copied", err)
	}
	for _, table := range []string{"customers", "staff", "audit", "events", "environment"} {
		var n int
		d.ok(beside.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM `+table).Scan(&n))
		if n != 0 {
			t.Errorf("it left %d rows in %s", n, table)
		}
	}
	if _, err := os.Stat(target + ".erased"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it left a list of who was erased: %v", err)
	}
	_, err = beside.ExecContext(t.Context(), lets)
	d.ok(err)
	if _, err := one.Run(t.Context()); err != nil {
		t.Errorf("and then it does not go on: %v", err)
	}
}

func TestACopyThatFailsOrIsStoppedLeavesNoFileThatThereWasNot(t *testing.T) {
	d := onFile(t)
	d.customer("Amina")
	d.Exec(t, `UPDATE audit SET actor = 'somebody'`)
	d.ok(d.Close())
	folder := storetest.Folder(t)
	one := store.Transfer{From: "sqlite:" + d.path, To: "sqlite:" + filepath.Join(folder, "new.db"), Keys: storetest.Keys(t, 'k')}
	if _, err := one.Run(t.Context()); err == nil {
		t.Error("it was copied")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := one.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if left := must(os.ReadDir(folder)); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
}
