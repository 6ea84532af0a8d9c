package command_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/storetest"
)

func TestVerifyNamesWhatIsWrongWhileTheServerRuns(t *testing.T) {
	t.Parallel()
	path := filepath.Join(storetest.Folder(t), "test.db")
	s := storetest.Open(t, path, time.Now)
	if _, err := s.AddCustomer(t.Context(), store.Program, store.Customer{Name: "Amina Bello"}); err != nil {
		t.Fatal(err)
	}
	status, out, errs := run(t, path, "verify")
	if status != 0 || !strings.Contains(out, "rows agree") || !strings.Contains(out, "audit log is in order: 1 rows") {
		t.Errorf("status %d, said %q, %q; want 0 and that all is well", status, out, errs)
	}
	tamper(t, path, `UPDATE audit SET actor = 'staff:somebody-else' WHERE seq = 1`)
	if status, out, _ := run(t, path, "verify"); status != 1 || !strings.Contains(out, "Row 1 ") {
		t.Errorf("after the audit log was changed: status %d, said %q", status, out)
	}
	tamper(t, path, `PRAGMA foreign_keys = OFF; INSERT INTO refreshes
		(id, account_id, kind, trigger, staff_id, state, provider_record, provider_method, polls, created_at, next_at, deadline_at, tries, fault, cause)
		VALUES ('nobodys', 'none', 'refresh', 'staff', '', 'queued', '', '', 0, 1, 1, 1, 0, '', '')`)
	if status, _, errs := run(t, path, "verify"); status != 1 || !strings.Contains(errs, "refreshes refer to rows that are not there") {
		t.Errorf("with a request of no account: status %d, said %q", status, errs)
	}
	if status, _, usage := run(t, path, "verify", "everything"); status != 2 || !strings.HasPrefix(usage, "Usage: balancelink verify") {
		t.Errorf("with a word too many: status %d, said %q", status, usage)
	}
}
