package command_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/storetest"
)

func TestAnAuditLogThatWasChainedAnewByHandIsNotInOrder(t *testing.T) {
	t.Parallel()
	path := filepath.Join(storetest.Folder(t), "test.db")
	s := storetest.Open(t, path, time.Now)
	for range 3 {
		if err := s.Record(t.Context(), store.Act{Actor: store.Program, Action: store.ActSignedIn}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	tamper(t, path, `UPDATE audit SET hash = '', actor = 'staff:x' WHERE seq > 1; UPDATE audit_head SET hash = ''`)
	if status, out, _ := run(t, path, "staff", "list"); status != 0 {
		t.Fatalf("opened: status %d, said %q", status, out)
	}
	for _, command := range [][]string{{"audit", "verify"}, {"verify"}} {
		if status, out, _ := run(t, path, command...); status != 1 || !strings.Contains(out, "Row 2 ") {
			t.Errorf("%v: status %d, said %q", command, status, out)
		}
	}
	for _, command := range [][]string{{"audit", "verify"}, {"verify"}} {
		if status, out, _ := run(t, path, append(command, "--data-key=")...); status != 1 || !strings.Contains(out, "only be told with DATA_KEY") {
			t.Errorf("%v without a key: status %d, said %q", command, status, out)
		}
	}
}

func TestTheAuditLogGoesOnUnderAnotherKeyWhenTheFirstIsLost(t *testing.T) {
	t.Parallel()
	path, other := filepath.Join(storetest.Folder(t), "test.db"), "--data-key="+strings.Repeat("78", store.KeySize)
	if err := storetest.Open(t, path, time.Now).Close(); err != nil {
		t.Fatal(err)
	}
	if status, _, errs := run(t, path, "staff", "list", other); status != 78 || !strings.Contains(errs, "DATA_KEY lacks the key") {
		t.Errorf("under another key: status %d, said %q", status, errs)
	}
	if status, out, errs := run(t, path, "audit", "restart", other); status != 0 || !strings.Contains(out, "in order: ") {
		t.Errorf("restart: status %d, said %q %q", status, out, errs)
	}
	if status, _, errs := run(t, path, "staff", "list", other); status != 0 {
		t.Errorf("and after it: status %d, said %q", status, errs)
	}
	if status, _, errs := run(t, path, "audit", "restart", "--data-key="); status != 1 || !strings.Contains(errs, "DATA_KEY is missing") {
		t.Errorf("without a key: status %d, said %q", status, errs)
	}
}
