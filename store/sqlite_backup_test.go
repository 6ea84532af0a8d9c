package store_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/progress"
	"balancelink/store/storetest"
)

// backup makes a copy in a folder of its own.
func (d *db) backup() store.Copy {
	d.t.Helper()
	c, err := store.Backup(d.t.Context(), "sqlite:"+d.path, filepath.Join(d.t.TempDir(), "copy.db"), storetest.Keys(d.t, 'k'), nil)
	d.ok(err)
	return c
}

// ask reads a number from a database file that nobody has open.
func ask(t testing.TB, file, query string) (n int) {
	t.Helper()
	other, err := sql.Open("sqlite", "file:"+file+"?mode=rw")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := other.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// change changes a database file that nobody has open.
func change(t testing.TB, file, query string) {
	t.Helper()
	other, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.ExecContext(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}

// sum writes the sum of a file beside it, as if it had been copied like that.
func sum(t testing.TB, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file+".sha256", fmt.Appendf(nil, "%x  copy.db\n", sha256.Sum256(text)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// customersComing has so many add customers, each a row and an act together, until rest is
// called.
func (d *db) customersComing(writers int) (rest func()) {
	var all sync.WaitGroup
	stop := make(chan struct{})
	for range writers {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					d.customer("Bola")
				}
			}
		})
	}
	return func() { close(stop); all.Wait() }
}

func TestEveryBackupDuringWritesIsTheDatabaseOfOneMoment(t *testing.T) {
	d := newDB(t)
	for range 50 {
		d.customer("Amina")
	}
	rest := d.customersComing(3)
	last := 0
	for range 5 {
		c := d.backup()
		customers := ask(t, c.File, `SELECT COUNT(*) FROM customers`)
		if c.Audit.BadRow != 0 || int64(customers) != c.Audit.Rows || customers < last || customers < 50 {
			t.Errorf("the copy has %d customers and %d acts (%s), the one before had %d", customers, c.Audit.Rows, c.Audit.Problem, last)
		}
		last = customers
		if live := d.Texts(t, `SELECT hash FROM audit WHERE seq = $1`, c.Audit.Rows); live[0] != c.Audit.Head {
			t.Error("the copy's audit log is not the beginning of the database's")
		}
	}
	rest()
	// Without the write-ahead log a copy lacks what was committed lately, but
	// for a commit that was the turn to put the log into the file.
	if first, second := d.lacksOnCopying(), d.lacksOnCopying(); !first && !second {
		t.Error("a copy of the file alone has every act: this test proves nothing")
	}
}

// lacksOnCopying says whether a copy of the file alone lacks the last commit.
func (d *db) lacksOnCopying() bool {
	d.t.Helper()
	d.customer("Chidi")
	plain := filepath.Join(d.t.TempDir(), "plain.db")
	if out, err := exec.CommandContext(d.t.Context(), "cp", d.path, plain).CombinedOutput(); err != nil {
		d.t.Fatalf("%v: %s", err, out)
	}
	return ask(d.t, plain, `SELECT COUNT(*) FROM audit`) < d.Number(d.t, `SELECT COUNT(*) FROM audit`)
}

func TestABackupIsForItsOwnerOnlyAndOverwritesNothing(t *testing.T) {
	d := newDB(t)
	d.ok(d.Erase(t.Context(), store.Program, d.customer("Amina"), "test"))
	c := d.backup()
	for _, name := range []string{c.File, c.File + ".sha256", c.File + ".erased"} {
		info, err := os.Stat(name)
		if d.ok(err); info.Mode() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
	if found := must(filepath.Glob(filepath.Join(filepath.Dir(c.File), ".*"))); len(found) > 0 {
		t.Errorf("it left %v", found)
	}
	for _, name := range []string{"", ".sha256", ".erased"} {
		file := filepath.Join(t.TempDir(), "copy.db")
		d.ok(os.WriteFile(file+name, []byte("something of somebody's"), 0o600))
		if _, err := store.Backup(t.Context(), "sqlite:"+d.path, file, storetest.Keys(t, 'k'), nil); err == nil || !strings.Contains(err.Error(), "is there already") {
			t.Errorf("where copy.db%s is: %v", name, err)
		}
		if got := string(must(os.ReadFile(file + name))); got != "something of somebody's" {
			t.Errorf("copy.db%s is %q now", name, got)
		}
	}
	if note := must(d.LastBackup(t.Context())); note.File != c.File || note.Size != c.Size || note.Rows != c.Rows || note.At.IsZero() {
		t.Errorf("noted is %+v, made was %+v", note, c)
	}
}

func TestABackupSaysInWhichStepItIs(t *testing.T) {
	d := newDB(t)
	d.filled()
	d.shows(func(board *progress.Board) {
		_, err := store.Backup(t.Context(), "sqlite:"+d.path, filepath.Join(t.TempDir(), "copy.db"), storetest.Keys(t, 'k'), board)
		d.ok(err)
	}, progress.TheFile, progress.TheSum, progress.ThePages, progress.TheRows, progress.TheReferences, progress.TheNumber, progress.TheAudit)
}

// stopWhen is a context that ends when the board shows work that has come so far.
func (d *db) stopWhen(board *progress.Board, so func(progress.State) bool) context.Context {
	ctx, stop := context.WithCancel(d.t.Context())
	go func() {
		defer stop()
		for ctx.Err() == nil && !slices.ContainsFunc(board.UnderWay(), so) {
			runtime.Gosched()
		}
	}()
	return ctx
}

func TestABackupThatIsStoppedLeavesNothing(t *testing.T) {
	d := newDB(t)
	d.filled()
	folder := t.TempDir()
	for _, step := range []progress.Step{progress.TheFile, progress.TheRows} {
		for stopped := false; !stopped; {
			board := &progress.Board{}
			ctx := d.stopWhen(board, func(s progress.State) bool { return s.Step == step })
			c, err := store.Backup(ctx, "sqlite:"+d.path, filepath.Join(folder, "copy.db"), storetest.Keys(t, 'k'), board)
			if err == nil { // it was quicker
				for _, name := range must(filepath.Glob(c.File + "*")) {
					d.ok(os.Remove(name))
				}
				continue
			}
			stopped = true
			if !errors.Is(err, context.Canceled) {
				t.Errorf("at the step %s: %v", step, err)
			}
			if left := must(os.ReadDir(folder)); len(left) > 0 {
				t.Errorf("at the step %s: it left %v", step, left)
			}
		}
	}
}

func TestABackupOfNoDatabaseMakesNone(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "none.db")
	if _, err := store.Backup(t.Context(), "sqlite:"+path, filepath.Join(folder, "copy.db"), nil, nil); err == nil {
		t.Error("it was copied")
	}
	if found := must(os.ReadDir(folder)); len(found) > 0 {
		t.Errorf("it made %v", found)
	}
}

// restoring is a database and a copy of it, and what the database got later.
type restoring struct {
	*db
	copy store.Copy
}

func newRestoring(t *testing.T) restoring {
	d := newDB(t)
	d.lived()
	c := d.backup()
	d.customer("Later")
	d.ok(d.Close())
	return restoring{d, c}
}

func (r restoring) restore() (kept string, err error) {
	kept, _, err = store.Restore(r.t.Context(), "sqlite:"+r.path, r.copy.File, storetest.Keys(r.t, 'k'), nil)
	return kept, err
}

// wantRefused says that the copy is refused with words, and that nothing changed.
func (r restoring) wantRefused(name, words string) {
	r.t.Helper()
	if _, err := r.restore(); err == nil || !strings.Contains(err.Error(), words) {
		r.t.Errorf("%s: %v, want %q in it", name, err, words)
	}
	if n := ask(r.t, r.path, `SELECT COUNT(*) FROM customers WHERE name = 'Later'`); n != 1 {
		r.t.Fatalf("%s: the database was changed", name)
	}
	if found := must(filepath.Glob(filepath.Join(filepath.Dir(r.path), "*.replaced-*"))); len(found) > 0 {
		r.t.Errorf("%s: it left %v", name, found)
	}
	if found := must(filepath.Glob(filepath.Join(filepath.Dir(r.path), ".*"))); len(found) > 0 {
		r.t.Errorf("%s: it left %v", name, found)
	}
}

func TestACopyWithAByteChangedOrCutOffIsNotRestored(t *testing.T) {
	r := newRestoring(t)
	whole := must(os.ReadFile(r.copy.File))
	chance := rand.New(rand.NewPCG(1, 2))
	for range storetest.Often(100) {
		torn := append([]byte(nil), whole...)
		at := chance.IntN(len(torn))
		torn[at] ^= byte(1 + chance.IntN(255))
		r.ok(os.WriteFile(r.copy.File, torn, 0o600))
		r.wantRefused(fmt.Sprint("byte ", at), "is not restored")
	}
	for _, size := range []int{0, 1, 100, 4096, len(whole) / 2, len(whole) - 1} {
		r.ok(os.WriteFile(r.copy.File, whole[:size], 0o600))
		r.wantRefused(fmt.Sprint(size, " bytes"), "is not restored")
	}
	r.ok(os.WriteFile(r.copy.File, whole, 0o600))
	if _, err := r.restore(); err != nil {
		t.Errorf("the whole copy: %v", err)
	}
}

func TestOnlyOurOwnCopiesOfThisOrAnOlderVersionAreRestored(t *testing.T) {
	r := newRestoring(t)
	change(t, r.copy.File, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)`)
	sum(t, r.copy.File)
	r.wantRefused("newer", "newer balancelink")
	r.ok(os.Remove(r.copy.File))
	change(t, r.copy.File, `CREATE TABLE foreign_thing (x)`)
	sum(t, r.copy.File)
	r.wantRefused("foreign", "no database of balancelink")
	r.ok(os.WriteFile(r.copy.File, []byte(strings.Repeat("no database\n", 1000)), 0o600))
	sum(t, r.copy.File)
	r.wantRefused("no database", "no whole SQLite database")
	r.ok(os.Remove(r.copy.File + ".sha256"))
	r.wantRefused("without a sum", "nobody can tell")
}

func TestARestoreKeepsWhatWasThereAndSaysSo(t *testing.T) {
	r := newRestoring(t)
	kept, err := r.restore()
	if r.ok(err); ask(t, kept, `SELECT COUNT(*) FROM customers WHERE name = 'Later'`) != 1 {
		t.Error("the database that was there is not kept whole")
	}
	r.Store = storetest.Open(t, r.path, r.clock)
	if n := r.Number(t, `SELECT COUNT(*) FROM customers WHERE name = 'Later'`); n != 0 {
		t.Error("what came after the copy is there")
	}
	if n := r.Number(t, `SELECT COUNT(*) FROM sessions`); n != 0 {
		t.Errorf("%d sessions live", n)
	}
	if n := r.Number(t, `SELECT COUNT(*) FROM audit WHERE action = $1`, store.ActRestored); n != 1 {
		t.Errorf("%d acts of it, want 1", n)
	}
	if c := must(r.VerifyAudit(t.Context(), r.copy.Audit.String())); c.BadRow != 0 {
		t.Errorf("the audit log: %s", c.Problem)
	}
}

func TestOnANewMachineARestoreBringsEverythingBack(t *testing.T) {
	r := newRestoring(t)
	r.path = filepath.Join(t.TempDir(), "new", "test.db")
	if kept, err := r.restore(); err != nil || kept != "" {
		t.Fatalf("kept %q, %v", kept, err)
	}
	r.Store = storetest.Open(t, r.path, r.clock)
	if n := r.Number(t, `SELECT COUNT(*) FROM customers`); n != 1 {
		t.Errorf("%d customers, want 1", n)
	}
}

func TestWhoWasErasedAfterTheCopyIsErasedAgainByTheRestore(t *testing.T) {
	d := newDB(t)
	id := d.lived()
	r := restoring{d, d.backup()}
	d.ok(d.Erase(t.Context(), store.Program, id, "test"))
	d.ok(d.Close())
	kept, err := r.restore()
	d.ok(err)
	for _, end := range []string{"", "-wal", "-shm"} { // it holds what was there, which is not for the test below
		if err := os.Remove(kept + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	for _, canary := range canaries {
		if d.contains(canary) {
			t.Errorf("%q is back", canary)
		}
	}
}

func TestNothingIsRestoredUnderARunningServer(t *testing.T) {
	d := newDB(t)
	r := restoring{d, d.backup()}
	if _, err := r.restore(); !errors.Is(err, store.ErrInUse) {
		t.Errorf("%v, want ErrInUse", err)
	}
}

func TestAnOlderProgramLeavesANewerDatabaseAlone(t *testing.T) {
	d := newDB(t)
	d.ok(d.Close())
	change(t, d.path, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)`)
	before := ask(t, d.path, `SELECT COUNT(*) FROM goose_db_version`)
	if s, err := store.Open(t.Context(), "sqlite:"+d.path, store.Options{Now: time.Now}); !errors.Is(err, store.ErrNewer) {
		t.Errorf("%v, want ErrNewer (%v)", err, s)
	}
	if got := ask(t, d.path, `SELECT COUNT(*) FROM goose_db_version`); got != before {
		t.Error("it wrote to the database")
	}
}
