package store_test

import (
	"fmt"
	"os"
	"testing"

	"balancelink/store/storetest"
)

// TestMain holds every text that the tests have had sent to SQLite against PostgreSQL,
// where TEST_TEXTS=postgres asks for it: there is one SQL for both.
func TestMain(m *testing.M) {
	status := m.Run()
	if status == 0 && os.Getenv("TEST_TEXTS") == "postgres" && !storetest.OnPostgres() {
		if err := storetest.PrepareEach(); err != nil {
			fmt.Fprintf(os.Stderr, "PostgreSQL does not take what SQLite does:\n%v\n", err)
			status = 1
		}
	}
	os.Exit(status)
}
