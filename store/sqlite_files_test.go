package store_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"balancelink/handlers/sitetest"
	"balancelink/store"
	"balancelink/store/progress"
	"balancelink/store/storetest"
)

// oddNames are names that mean something else in an address.
var oddNames = []string{"branch #1", "branch #2", "what?", "what?mode=memory", "%41", "A", "a b", "it's", `say "so"`, "Àbúja—銀行", "[1-9]*", "a&b=c;d", ":memory:", "back\\slash"}

func TestTheDatabaseIsTheFileOfThatNameWhateverItIs(t *testing.T) {
	storetest.Long(t)
	t.Parallel()
	root := storetest.Folder(t)
	for i, name := range oddNames {
		d := &db{t: t, path: filepath.Join(root, name, name+".db"), time: sitetest.NewClock(noon)}
		d.ok(os.Mkdir(filepath.Dir(d.path), 0o700))
		d.Store = storetest.Open(t, d.path, d.clock)
		for range i + 1 {
			d.customer(name)
		}
		copied := must(d.BackUp(t.Context(), store.Program))
		d.customer("Later")
		d.ok(d.Close())
		if info, err := os.Stat(d.path); err != nil || info.Size() == 0 {
			t.Errorf("%q: no database there: %v", name, err)
		}
		if v := must(store.Verify(t.Context(), "sqlite:"+d.path, storetest.Keys(t, 'k'), nil)); v.Audit.Rows != int64(i+3) || v.Audit.BadRow != 0 {
			t.Errorf("%q: verified %+v, want %d acts", name, v, i+3)
		}
		_, _, err := store.Restore(t.Context(), "sqlite:"+d.path, copied.File, storetest.Keys(t, 'k'), nil)
		d.ok(err)
		d.Store = storetest.Open(t, d.path, d.clock)
		if n := d.Number(t, `SELECT COUNT(*) FROM customers`); n != i+1 {
			t.Errorf("%q: %d customers after the restore, want %d", name, n, i+1)
		}
		backups := filepath.Join(root, name, "backups")
		for day := range 6 { // which nobody reads before they are removed
			older := fmt.Sprintf("balancelink-2020010%dT000000.000.db", day+1)
			d.ok(os.WriteFile(filepath.Join(backups, older), nil, 0o600))
		}
		d.advance(1e9)
		must(d.BackUp(t.Context(), store.Program))
		copies := 0
		for _, file := range must(os.ReadDir(backups)) {
			if filepath.Ext(file.Name()) == ".db" {
				copies++
			}
		}
		if copies != 7 {
			t.Errorf("%q: %d backups are kept, want 7", name, copies)
		}
		d.ok(d.Close())
	}
	if all := must(os.ReadDir(root)); len(all) != len(oddNames) {
		t.Errorf("there are %v, want one folder for each name", all)
	}
}

// modes are the rights of every file below a folder.
func modes(t *testing.T, folder string) map[string]fs.FileMode {
	t.Helper()
	all := map[string]fs.FileMode{}
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		all[strings.TrimPrefix(path, folder+"/")] = info.Mode().Perm()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWhatIsKeptIsItsOwnersAloneInAFolderOfEverybodys(t *testing.T) {
	t.Parallel()
	folder := storetest.Folder(t)
	d := &db{t: t, path: filepath.Join(folder, "own.db"), time: sitetest.NewClock(noon)}
	d.ok(os.Chmod(folder, 0o755))
	d.ok(os.WriteFile(filepath.Join(folder, "somebodys.db"), nil, 0o644))
	open := func() {
		t.Helper()
		s, err := store.Open(t.Context(), "sqlite:"+d.path, store.Options{Now: d.clock, Keys: storetest.Keys(t, 'k')})
		d.ok(err)
		t.Cleanup(func() { s.Close() })
		d.Store = s
	}
	open()
	d.ok(d.Erase(t.Context(), store.Program, d.customer("Amina"), "test"))
	must(d.BackUp(t.Context(), store.Program))
	for range 2 { // as it is made, and as it is mended
		all := modes(t, folder)
		for _, name := range []string{"own.db", "own.db-wal", "own.db-shm", "own.db.lock", "own.db.erased", "own.db.backup"} {
			if _, there := all[name]; !there {
				t.Errorf("%s is not there: the test proves little", name)
			}
		}
		for name, mode := range all {
			if mode != 0o600 && name != "somebodys.db" {
				t.Errorf("%s has the mode %o", name, mode)
			}
		}
		if all["somebodys.db"] != 0o644 {
			t.Error("another's file was changed")
		}
		d.ok(d.Close())
		for name := range modes(t, folder) {
			d.ok(os.Chmod(filepath.Join(folder, name), 0o644))
		}
		open()
	}
}

func TestAFolderThatOthersLookIntoIsNamed(t *testing.T) {
	t.Parallel()
	folder := storetest.Folder(t)
	url := "sqlite:" + filepath.Join(folder, "test.db")
	for mode, open := range map[fs.FileMode]bool{0o700: false, 0o500: false, 0o755: true, 0o750: true, 0o701: true, 0o770: true} {
		if err := os.Chmod(folder, mode); err != nil {
			t.Fatal(err)
		}
		if err := store.Exposed(url); errors.Is(err, store.ErrExposed) != open {
			t.Errorf("with the mode %o: %v", mode, err)
		}
	}
	if err := store.Exposed("sqlite:" + filepath.Join(folder, "none", "test.db")); err != nil {
		t.Errorf("a folder that is not there yet: %v", err)
	}
}

func TestWhatRootMakesBesideTheDatabaseBelongsToItsOwner(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		sitetest.LeaveOut(t, "the right to give files away", "run as root")
	}
	folder := storetest.Folder(t)
	d := &db{t: t, path: filepath.Join(folder, "test.db"), time: sitetest.NewClock(noon)}
	d.Store = storetest.Open(t, d.path, d.clock)
	d.ok(d.Close())
	for name := range modes(t, folder) {
		d.ok(os.Chown(filepath.Join(folder, name), 4711, 4712))
	}
	d.Store = storetest.Open(t, d.path, d.clock) // as balancelink staff does
	d.ok(d.Erase(t.Context(), store.Program, d.customer("Amina"), "test"))
	copied, err := store.Backup(t.Context(), "sqlite:"+d.path, filepath.Join(folder, "copy.db"), nil, nil)
	d.ok(err)
	d.ok(d.Close())
	_, _, err = store.Restore(t.Context(), "sqlite:"+d.path, copied.File, storetest.Keys(t, 'k'), nil)
	d.ok(err)
	all := modes(t, folder)
	if len(all) < 8 {
		t.Errorf("there are only %v", all)
	}
	for name := range all {
		info, err := os.Stat(filepath.Join(folder, name))
		d.ok(err)
		if owner := info.Sys().(*syscall.Stat_t); owner.Uid != 4711 || owner.Gid != 4712 {
			t.Errorf("%s belongs to %d:%d", name, owner.Uid, owner.Gid)
		}
	}
}

func TestAStartThatIsStoppedBetweenMigrationsGoesOnBehindTheLast(t *testing.T) {
	d := newDB(t)
	keys := storetest.Keys(t, 'k')
	version := func(path string) int { return ask(t, path, `SELECT MAX(version_id) FROM goose_db_version`) }
	newest := d.Number(t, `SELECT MAX(version_id) FROM goose_db_version`)
	for {
		path := filepath.Join(storetest.Folder(t), "test.db")
		board := &progress.Board{}
		ctx := d.stopWhen(board, func(s progress.State) bool { return s.Name == progress.Migrating && s.Done > 2 })
		s, err := store.Open(ctx, "sqlite:"+path, store.Options{Keys: keys, Board: board})
		if err == nil { // it was quicker
			d.ok(s.Close())
			continue
		}
		if at := version(path); at <= 2 || at >= newest {
			t.Errorf("it stopped behind the migration %d of %d: %v", at, newest, err)
		}
		s, err = store.Open(t.Context(), "sqlite:"+path, store.Options{Keys: keys})
		d.ok(err)
		d.ok(s.Close())
		if at := version(path); at != newest {
			t.Errorf("the next start came to the migration %d of %d", at, newest)
		}
		return
	}
}
