//go:build !race

package proof_test

import (
	"database/sql"
	"fmt"
	"testing"

	_ "modernc.org/sqlite" // the driver

	"balancelink/handlers/sitetest"
)

// database looks at a database beside the program, or after its end.
type database struct {
	*sql.DB
	t          *testing.T
	wantIntact func() // fails unless it is in order
}

func openDatabase(t *testing.T, path string) *database {
	t.Helper()
	db, err := sql.Open("sqlite", fmt.Sprintf("file:%s?_busy_timeout=%d&_synchronous=OFF", path, sitetest.Never.Milliseconds()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	d := &database{DB: db, t: t}
	d.wantIntact = func() {
		t.Helper()
		if said := d.texts(`PRAGMA integrity_check`); len(said) != 1 || said[0] != "ok" {
			t.Errorf("the database is corrupt: %q", said)
		}
	}
	return d
}

func (d *database) exec(query string, args ...any) {
	d.t.Helper()
	if _, err := d.Exec(query, args...); err != nil {
		d.t.Fatal(err)
	}
}

// texts is the first column of every row.
func (d *database) texts(query string, args ...any) []string {
	d.t.Helper()
	rows, err := d.Query(query, args...)
	if err != nil {
		d.t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			d.t.Fatal(err)
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		d.t.Fatal(err)
	}
	return all
}

// number is the only number of the only row.
func (d *database) number(query string, args ...any) (n int) {
	d.t.Helper()
	if err := d.QueryRow(query, args...).Scan(&n); err != nil {
		d.t.Fatal(err)
	}
	return n
}

// event is what the inbox has of a webhook.
type event struct{ Record, Key string }

// events counts the deliveries of every event; a record that stands in two
// rows was doubled.
func (d *database) events() (count map[event]int) {
	d.t.Helper()
	rows, err := d.Query(`SELECT provider_record, dedup_key, deliveries FROM events`)
	if err != nil {
		d.t.Fatal(err)
	}
	defer rows.Close()
	count = map[event]int{}
	for rows.Next() {
		var e event
		var n int
		if err := rows.Scan(&e.Record, &e.Key, &n); err != nil {
			d.t.Fatal(err)
		}
		count[e] += n
	}
	if err := rows.Err(); err != nil {
		d.t.Fatal(err)
	}
	return count
}

// until waits for what the program brings about in its own time: until a query
// finds nothing that is in the way any more.
func (d *database) until(what, inTheWay string) {
	d.t.Helper()
	seen := func() string { return fmt.Sprint(d.texts(inTheWay)) }
	sitetest.Await(d.t, what, seen, func() bool { return len(d.texts(inTheWay)) == 0 })
}

// untilQuiet waits until the program has nothing to do.
func (d *database) untilQuiet() {
	d.t.Helper()
	d.until("every event to be applied", `SELECT id FROM events WHERE result = 'received' LIMIT 5`)
	d.until("every link to be confirmed", `SELECT id || ' ' || tries || ' ' || reason FROM link_attempts WHERE state = 'claimed' LIMIT 5`)
	d.until("every refresh to end", `SELECT id || ' ' || state || ' ' || cause FROM refreshes WHERE ended_at IS NULL LIMIT 5`)
}
