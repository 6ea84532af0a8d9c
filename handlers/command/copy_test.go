package command_test

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/command"
	"balancelink/store"
	"balancelink/store/storetest"
)

func TestEverythingIsCopiedIntoTheDatabaseOfTheSetting(t *testing.T) {
	t.Parallel()
	path, there := filepath.Join(storetest.Folder(t), "test.db"), filepath.Join(storetest.Folder(t), "there.db")
	s := storetest.Open(t, path, time.Now)
	if _, err := s.AddCustomer(t.Context(), store.Program, store.Customer{Name: "Amina Bello"}); err != nil {
		t.Fatal(err)
	}
	if status, out, errs := run(t, there, "copy", "sqlite:"+path); status != 1 || out != "" || !strings.Contains(errs, "the database to copy: ") || !strings.Contains(errs, "; stop it first") {
		t.Errorf("beside the program: status %d, said %q %q", status, out, errs)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, was, _ := run(t, path, "audit", "verify")
	head := regexp.MustCompile(`1:[0-9a-f]{64}`).FindString(was)
	status, out, errs := run(t, there, "copy", "sqlite:"+path)
	if status != 0 || head == "" || !strings.HasSuffix(out, "in order at both: 1 rows.\n"+head+"\n") || errs != "" {
		t.Fatalf("status %d, said %q %q, want %q", status, out, errs, head)
	}
	if status, out, errs := run(t, there, "verify"); status != 0 || !strings.Contains(out, head) {
		t.Errorf("what was copied: status %d, said %q %q", status, out, errs)
	}
	if status, _, errs := run(t, there, "copy", "sqlite:"+path, "DATABASE_URL"); status != 1 || !strings.Contains(errs, "it is not empty, there are rows in customers") {
		t.Errorf("once more: status %d, said %q", status, errs)
	}
}

func TestCopyTakesAddressesAndSaysNoPassword(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"copy"}, {"copy", "a", "b", "c"}, {"copy", "postgre://user:canary@host/name"}, {"copy", "sqlite:"}} {
		if status, out, errs := run(t, filepath.Join(t.TempDir(), "x.db"), args...); status != 2 || out != "" || errs == "" || strings.Contains(errs, "canary") {
			t.Errorf("%v: status %d, said %q %q", args, status, out, errs)
		}
	}
	path := filepath.Join(storetest.Folder(t), "test.db")
	if err := storetest.Open(t, path, time.Now).Close(); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"postgres://user:canary@127.0.0.1:1/name", "postgres://user:canary@[::1/name"} {
		var out, errs bytes.Buffer
		status, _ := command.Run(t.Context(), []string{"copy", "sqlite:" + path}, []string{
			"DATABASE_URL=" + address, "DATA_KEY=" + storetest.DataKey, "ERASED_FILE=" + path + ".list",
		}, &out, &errs)
		if status == 0 || !strings.Contains(errs.String(), "the database to copy into: ") || strings.Contains(errs.String(), "canary") {
			t.Errorf("status %d, said %q %q", status, &out, &errs)
		}
	}
}
