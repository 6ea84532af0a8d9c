package command_test

import (
	"bytes"
	"database/sql"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/command"
	"balancelink/store"
	"balancelink/store/storetest"
)

func environ(path string) []string {
	return []string{"DATABASE_URL=sqlite:" + path, "DATA_KEY=" + storetest.DataKey}
}

func run(t *testing.T, path string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status, handled := command.Run(t.Context(), args, environ(path), &out, &err)
	if !handled {
		t.Fatalf("%v is no command", args)
	}
	return status, out.String(), err.String()
}

// tamper changes the database with a tool of somebody else's.
func tamper(t *testing.T, path, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}

func TestAuditVerifyNamesTheFirstBadRowWhileTheServerRuns(t *testing.T) {
	t.Parallel()
	path := filepath.Join(storetest.Folder(t), "test.db")
	s := storetest.Open(t, path, time.Now)
	for range 5 {
		if err := s.Record(t.Context(), store.Act{Actor: store.Program, Action: store.ActSignedIn}); err != nil {
			t.Fatal(err)
		}
	}
	status, out, errs := run(t, path, "audit", "verify")
	noted := regexp.MustCompile(`5:[0-9a-f]{64}`).FindString(out)
	if status != 0 || noted == "" {
		t.Fatalf("status %d, said %q, %q; want 0 and rows:head", status, out, errs)
	}
	if status, out, _ := run(t, path, "audit", "verify", noted); status != 0 {
		t.Errorf("against its own head: status %d, said %q", status, out)
	}
	tamper(t, path, `UPDATE audit SET actor = 'staff:somebody-else' WHERE seq = 3`)
	if status, out, _ := run(t, path, "audit", "verify"); status != 1 || !strings.Contains(out, "Row 3 ") {
		t.Errorf("after row 3 was changed: status %d, said %q", status, out)
	}
}

func TestOnlyCommandsAreHandled(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"--listen-addr", "x"}, {"nothing"}} {
		if _, handled := command.Run(t.Context(), args, nil, nil, nil); handled {
			t.Errorf("%q was handled", args)
		}
	}
	if status, _, usage := run(t, "x", "audit"); status != 2 || !strings.HasPrefix(usage, "Usage: balancelink audit verify") {
		t.Errorf("audit alone: status %d, said %q", status, usage)
	}
}
