package main

import (
	"bytes"
	"database/sql"
	"os"
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

func TestAFolderThatOthersLookIntoStopsTheStartOutsideTheSimulation(t *testing.T) {
	folder := storetest.Folder(t)
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	real := []string{
		"DATABASE_URL=sqlite:" + filepath.Join(folder, "test.db"), "ENV=production", "PUBLIC_URL=https://balances.example", "BUSINESS_NAME=Adire Savings",
		"OKRA_API_URL=https://gateway.example/v2/", "OKRA_WIDGET_URL=https://widget.example", "OKRA_PUBLIC_KEY=5f1a2b3c-public", "OKRA_CLIENT_TOKEN=5f00000000000000000000ab",
		"OKRA_SECRET_KEY=b7c9d1e3f5a2468097531357", "OKRA_WEBHOOK_TOKEN=q8w7e6r5t4y3u2i1o0p9", "SESSION_KEY=Zk3vQ9sT1xW7bN5mL2jH8gF4dS6aP0oI",
		"DATA_KEY=1f2e3d4c5b6a798897a6b5c4d3e2f10f1f2e3d4c5b6a798897a6b5c4d3e2f10f", "LISTEN_ADDR=127.0.0.1:0", "TRUSTED_PROXIES=127.0.0.1", "BEHIND_TLS=true",
	}
	var stdout, stderr bytes.Buffer
	status := run(t.Context(), nil, real, &stdout, &stderr)
	if status != 78 || strings.Count(stderr.String(), "\n") != 1 || !strings.Contains(stderr.String(), "is open to others: "+folder+" has the mode 0755") {
		t.Errorf("status %d, said %q %q, want 78 and a sentence", status, stdout.String(), stderr.String())
	}
	if all, err := os.ReadDir(folder); err != nil || len(all) > 0 {
		t.Errorf("it left %v, %v", all, err)
	}
}
