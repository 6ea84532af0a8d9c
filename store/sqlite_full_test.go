package store

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
)

func TestAFileWithoutRoomOrThatMayNotBeWrittenToIsAway(t *testing.T) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "full.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, step := range []struct {
		before, query string
		fails, away   bool
	}{
		{"", `CREATE TABLE things (thing TEXT)`, false, false},
		{"", `INSERT INTO nothing VALUES (1)`, true, false},
		{`PRAGMA max_page_count = 3`, `INSERT INTO things VALUES (hex(zeroblob(100000)))`, true, true},
		{`PRAGMA max_page_count = 1000`, `INSERT INTO things VALUES (hex(zeroblob(100000)))`, false, false},
		{`PRAGMA query_only = 1`, `INSERT INTO things VALUES ('x')`, true, true},
	} {
		if _, err := db.Exec(step.before); err != nil {
			t.Fatal(err)
		}
		_, err := db.Exec(step.query)
		if err != nil {
			err = fmt.Errorf("store: %w", err)
		}
		if (err != nil) != step.fails || Away(err) != step.away {
			t.Errorf("%s, %s: %v, away %v", step.before, step.query, err, Away(err))
		}
	}
}
