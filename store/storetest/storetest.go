// Package storetest opens databases for tests.
package storetest

import (
	"path/filepath"
	"testing"
	"time"

	"balancelink/store"
)

// New returns an empty database that lives as long as the test.
func New(t testing.TB) *store.Store {
	t.Helper()
	return Open(t, filepath.Join(t.TempDir(), "test.db"), time.Now)
}

// Open opens the database at path, to be opened again later perhaps, with a
// clock of the test's own.
func Open(t testing.TB, path string, now func() time.Time) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite:"+path, store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}
