package store_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"balancelink/store/storetest"
)

func TestAMigrationThatTakesSomethingAwayIsRefusedWithoutSayingSinceWhenNothingReadsIt(t *testing.T) {
	t.Parallel()
	const excuse = "-- contract: nothing reads it since v1.7\n"
	for up, refused := range map[string]bool{
		"DROP TABLE trust;":                                                         true,
		"DROP INDEX mails_due;":                                                     true,
		"alter table trust\n\tdrop column reason;":                                  true,
		"ALTER TABLE trust RENAME COLUMN reason TO why;":                            true,
		"ALTER TABLE trust RENAME TO trusted; -- for good":                          true,
		"ALTER TABLE trust ALTER COLUMN since TYPE TEXT;":                           true,
		"ALTER TABLE trust ALTER since SET DATA TYPE TEXT;":                         true,
		excuse + "DROP TABLE trust;":                                                false,
		excuse + "ALTER TABLE trust\n\tDROP COLUMN reason;":                         false,
		excuse + "DROP TABLE trust;\nDROP TABLE mails;":                             true,
		"-- contract: later\nDROP TABLE trust;":                                     true,
		"-- This must not DROP anything.\nALTER TABLE trust ADD COLUMN type TEXT;":  false,
		"CREATE TABLE dropped (renamed TEXT);\n-- +goose Down\nDROP TABLE dropped;": false,
	} {
		file := filepath.Join(storetest.Folder(t), "00100_change.sql")
		if err := os.WriteFile(file, []byte("-- +goose Up\n"+up+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		said, err := exec.CommandContext(t.Context(), "awk", "-f", "../.ci/contract.awk", file).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		if got := strings.Contains(string(said), "00100_change.sql:"); got != refused {
			t.Errorf("%q is refused: %v, want %v; said %q", up, got, refused, said)
		}
	}
}
