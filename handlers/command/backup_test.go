package command_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/command"
	"balancelink/store"
	"balancelink/store/storetest"
)

func TestADatabaseIsCopiedWhileItIsInUseAndPutBackWhenItIsNot(t *testing.T) {
	t.Parallel()
	path, file := filepath.Join(storetest.Folder(t), "test.db"), filepath.Join(t.TempDir(), "copy.db")
	s := storetest.Open(t, path, time.Now)
	if err := s.Record(t.Context(), store.Act{Actor: store.Program, Action: store.ActSignedIn}); err != nil {
		t.Fatal(err)
	}
	status, out, errs := run(t, path, "backup", file)
	if status != 0 || !strings.Contains(out, "in order: 1 rows") || errs != "" {
		t.Fatalf("backup: status %d, said %q %q", status, out, errs)
	}
	if status, _, errs := run(t, path, "backup", file); status != 1 || !strings.Contains(errs, "is there already") {
		t.Errorf("onto a file: status %d, said %q", status, errs)
	}
	if status, _, errs := run(t, path, "restore", file); status != 1 || !strings.Contains(errs, "the server is running") {
		t.Errorf("under the server: status %d, said %q", status, errs)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	status, out, errs = run(t, path, "restore", file)
	if status != 0 || !strings.Contains(out, "is kept as "+path) || !strings.Contains(out, "Restored from "+file) || errs != "" {
		t.Errorf("restore: status %d, said %q %q", status, out, errs)
	}
	if err := os.Truncate(file, 5000); err != nil {
		t.Fatal(err)
	}
	if status, out, errs := run(t, path, "restore", file); status != 1 || out != "" || !strings.Contains(errs, "is not restored") {
		t.Errorf("a torn copy: status %d, said %q %q", status, out, errs)
	}
}

func TestABackupThatIsStoppedSaysThatNoCopyWasMade(t *testing.T) {
	t.Parallel()
	path, folder := filepath.Join(storetest.Folder(t), "test.db"), t.TempDir()
	storetest.Open(t, path, time.Now)
	for status := 0; status == 0; {
		ctx, stop := context.WithCancel(t.Context())
		go func() {
			defer stop()
			for ctx.Err() == nil {
				if begun, _ := filepath.Glob(filepath.Join(folder, ".*.part")); len(begun) > 0 {
					return
				}
			}
		}()
		var out, errs bytes.Buffer
		status, _ = command.Run(ctx, []string{"backup", filepath.Join(folder, "copy.db")}, environ(path), &out, &errs)
		if status != 0 && (status != 1 || errs.String() != "balancelink: stopped: no copy was made\n" || out.Len() > 0) {
			t.Errorf("status %d, said %q %q", status, &out, &errs)
		}
		left, err := filepath.Glob(filepath.Join(folder, "*"))
		if err != nil || status != 0 && len(left) > 0 {
			t.Errorf("it left %v, %v", left, err)
		}
		for _, name := range left { // it was quicker
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestACopyOfABrokenAuditLogSaysSo(t *testing.T) {
	t.Parallel()
	path, file := filepath.Join(storetest.Folder(t), "test.db"), filepath.Join(t.TempDir(), "copy.db")
	s := storetest.Open(t, path, time.Now)
	if err := s.Record(t.Context(), store.Act{Actor: store.Program, Action: store.ActSignedIn}); err != nil {
		t.Fatal(err)
	}
	tamper(t, path, `UPDATE audit SET actor = 'somebody-else'`)
	if status, out, _ := run(t, path, "backup", file); status != 0 || !strings.Contains(out, "Row 1 of the audit log in it is not in order") {
		t.Errorf("status %d, said %q", status, out)
	}
}

func TestACommandTakesADatabaseByTheNameThatItHas(t *testing.T) {
	t.Parallel()
	root := storetest.Folder(t)
	for _, name := range []string{"branch #1", "branch #2", "what?", "%41", "a b", `it's "so"`, "Àbúja"} {
		folder := filepath.Join(root, name)
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, "test.db")
		s := storetest.Open(t, path, time.Now)
		if _, err := s.AddCustomer(t.Context(), store.Program, store.Customer{Name: name}); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"backup", filepath.Join(folder, "copy.db")}, {"restore", filepath.Join(folder, "copy.db")}, {"verify"}, {"audit", "verify"}} {
			if status, out, errs := run(t, path, args...); status != 0 || errs != "" || !strings.Contains(out, "in order: ") {
				t.Errorf("%q: %v: status %d, said %q %q", name, args, status, out, errs)
			}
		}
	}
}

func TestBackupAndRestoreTakeOneFile(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"backup"}, {"restore"}, {"backup", "a", "b"}, {"restore", "a", "b"}} {
		if status, out, usage := run(t, filepath.Join(t.TempDir(), "x.db"), args...); status != 2 || out != "" || !strings.HasPrefix(usage, "Usage: balancelink "+args[0]) {
			t.Errorf("%v: status %d, said %q %q", args, status, out, usage)
		}
	}
}
