package main

import (
	"bytes"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"balancelink/store/storetest"
)

func TestAnOlderBinaryDoesNotStartOnANewerDatabase(t *testing.T) {
	path := filepath.Join(storetest.Folder(t), "test.db")
	if err := storetest.Open(t, path, time.Now).Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	status := run(t.Context(), nil, []string{"DATABASE_URL=sqlite:" + path}, &stdout, &stderr)
	if status != 78 || stdout.Len() > 0 || strings.Count(stderr.String(), "\n") != 1 || !strings.Contains(stderr.String(), "newer balancelink") {
		t.Errorf("status %d, said %q %q, want 78 and a sentence", status, stdout.String(), stderr.String())
	}
}
