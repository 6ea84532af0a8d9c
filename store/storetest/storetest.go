// Package storetest opens databases for tests.
package storetest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"balancelink/store"
)

// New returns an empty database that lives as long as the test.
func New(t testing.TB) *store.Store {
	t.Helper()
	return Open(t, filepath.Join(Folder(t), "test.db"), time.Now)
}

const (
	memory = "/dev/shm"
	plenty = 1 << 30 // bytes: for as many tests as run at once
)

// Folder is an empty folder that lives as long as the test, in memory where
// there is plenty: who waits for a disk at every commit learns only its pace.
func Folder(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp(place(), "balancelink-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return folder
}

// place is where folders are made; empty: where any other temporary one is.
func place() string {
	var fs unix.Statfs_t
	if err := unix.Statfs(memory, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < plenty {
		return ""
	}
	return memory
}

// DataKey is the key of [Open] as the setting DATA_KEY takes it.
var DataKey = hex.EncodeToString(key('k'))

// idOf is a short name of a path.
func idOf(path string) string {
	sum := sha256.Sum256([]byte(path))
	return hex.EncodeToString(sum[:8])
}

// key is a key of which no byte shows that it was made of a letter.
func key(letter byte) []byte {
	sum := sha256.Sum256([]byte{letter})
	return sum[:store.KeySize]
}

// Keys is a keyring of keys that are made of those letters, the newest first.
func Keys(t testing.TB, letters ...byte) *store.Keyring {
	t.Helper()
	var keys [][]byte
	for _, l := range letters {
		keys = append(keys, key(l))
	}
	k, err := store.NewKeyring(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Open opens the database at path, to be opened again later perhaps, with a
// clock of the test's own.
func Open(t testing.TB, path string, now func() time.Time) *store.Store {
	t.Helper()
	return OpenWith(t, path, store.Options{Now: now})
}

// Patience is how long a search may take in tests, whose machine may be slow.
const Patience = time.Hour

// OpenWith is [Open] with options. Without keys they are those of [Keys] for 'k', and
// searches have [Patience].
func OpenWith(t testing.TB, path string, options store.Options) *store.Store {
	t.Helper()
	if options.Keys == nil {
		options.Keys = Keys(t, 'k')
	}
	options.SearchTime = cmp.Or(options.SearchTime, Patience)
	options.Rehearse = options.Rehearse || os.Getenv("REHEARSE") != ""
	address := "sqlite:" + path
	if OnPostgres() {
		address, options.ErasedFile = databaseOf(t, path, options.Keys), path+".erased"
	} else {
		create(t, path, options.Keys)
	}
	s, err := store.Open(t.Context(), address, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(); NoScans(t, s) })
	return s
}

// Create puts an empty database at path, under [DataKey], unless there is one.
func Create(t testing.TB, path string) {
	t.Helper()
	if OnPostgres() {
		databaseOf(t, path, Keys(t, 'k'))
		return
	}
	create(t, path, Keys(t, 'k'))
}

func create(t testing.TB, path string, keys *store.Keyring) {
	t.Helper()
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	empty, err := emptyUnder(keys)
	if err == nil {
		err = os.WriteFile(path, empty, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// migrated are empty databases as the migrations leave them, by the id of the key
// that they are under. They run once a process: under the race detector they
// take seconds.
var migrated sync.Map

// emptyUnder is an empty database under keys.
func emptyUnder(keys *store.Keyring) ([]byte, error) {
	made, _ := migrated.LoadOrStore(keys.IDs()[0], sync.OnceValues(func() ([]byte, error) { return migrate(keys) }))
	return made.(func() ([]byte, error))()
}

func migrate(keys *store.Keyring) (file []byte, err error) {
	dir, err := os.MkdirTemp(place(), "storetest-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "empty.db")
	s, err := store.Open(context.Background(), "sqlite:"+path, store.Options{Keys: keys})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil { // which leaves no -wal behind
		return nil, err
	}
	return os.ReadFile(path)
}
