//go:build !race

package proof_test

import (
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"balancelink/handlers/sitetest"
)

func TestFullDiskAnswers503AndRecovers(t *testing.T) {
	t.Parallel()
	dir := tmpfs(t, "size=8m")
	r := newRefused(t, filepath.Join(dir, "kept.db"))
	ballast := filepath.Join(dir, "ballast")
	fillUp(t, ballast)
	// What SQLite has room for in its files it may store and acknowledge still.
	for n := 0; r.refused.Load() < 100; n += 100 {
		if n > 20_000 {
			t.Fatal("the disk is full and nothing is refused")
		}
		r.deliver(100)
	}
	r.pagesRead("/", "/customers", "/inbox")
	r.p.wantReady(503)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	r.recovers()
}

// tmpfs mounts a small disk.
func tmpfs(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		sitetest.LeaveOut(t, "the right to mount a small disk ("+err.Error()+")", "run as root")
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

func fillUp(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
	if pathErr, ok := err.(*os.PathError); !ok || pathErr.Err != syscall.ENOSPC {
		t.Fatal(err)
	}
}

func TestReadOnlyDiskAnswers503AndRecovers(t *testing.T) {
	t.Parallel()
	r := newRefused(t, filepath.Join(t.TempDir(), "kept.db"))
	release := r.p.fail("pwrite64,ftruncate", "EROFS")
	r.deliverInVain(100)
	r.pagesRead("/", "/customers", "/inbox")
	r.p.wantReady(503)
	release()
	r.recovers()
}

func TestDiskThatDoesNotSyncAnswers503AndRecovers(t *testing.T) {
	t.Parallel()
	r := newRefused(t, filepath.Join(t.TempDir(), "kept.db"))
	release := r.p.fail("fsync,fdatasync", "EIO")
	r.deliverInVain(100)
	r.pagesRead("/", "/customers", "/inbox")
	r.p.wantReady(503)
	release()
	r.recovers()
}

func TestLockedDatabaseAnswers503AndRecovers(t *testing.T) {
	t.Parallel()
	r := newRefused(t, filepath.Join(t.TempDir(), "kept.db"))
	holder, err := r.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	if _, err := holder.ExecContext(t.Context(), `BEGIN EXCLUSIVE`); err != nil {
		t.Fatal(err)
	}
	r.deliverInVain(8) // as many as there are senders: they wait together
	r.pagesRead("/inbox")
	r.p.wantReady(503)
	if _, err := holder.ExecContext(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	r.recovers()
}

// refused is a program whose disk is about to fail, what it was sent, and what
// it refused.
type refused struct {
	*ledger
	t       *testing.T
	p       *program
	to      *sender
	staff   *browser
	db      *database
	number  atomic.Int64
	refused atomic.Int64
	again   []webhook
}

func newRefused(t *testing.T, path string) *refused {
	t.Helper()
	fill(t, path, 1) // without it the program seeds its demo, which takes a while
	p := start(t, path)
	r := &refused{ledger: newLedger(), t: t, p: p, to: p.sender(), staff: p.signedIn(), db: openDatabase(t, path)}
	r.deliver(50)
	if n := r.refused.Load(); n > 0 {
		t.Fatalf("%d deliveries refused before anything failed", n)
	}
	r.db.untilQuiet()
	// A session that was used a while ago is written to by the next page.
	r.db.exec(`UPDATE sessions SET last_seen_at = last_seen_at - 120000`)
	return r
}

// deliver sends new webhooks from parallel senders. Each is acknowledged, or
// refused with a 503 that says when to come again.
func (r *refused) deliver(n int) {
	r.t.Helper()
	each(8, n, func(int) {
		w := stranger(r.number.Add(1))
		a, err := r.ledger.deliver(r.to, w)
		switch {
		case err == nil && a.Status == 200:
		case err == nil && a.Status == 503 && a.RetryAfter != "":
			r.refused.Add(1)
			r.mu.Lock()
			r.again = append(r.again, w)
			r.mu.Unlock()
		default:
			r.t.Errorf("a delivery was answered %+v, %v", a, err)
		}
	})
}

// deliverInVain sends what cannot be stored.
func (r *refused) deliverInVain(n int) {
	r.t.Helper()
	acked := r.acks()
	r.deliver(n)
	if got := r.acks() - acked; got > 0 {
		r.t.Errorf("%d of %d deliveries were acknowledged that cannot have been stored", got, n)
	}
}

// pagesRead opens what staff look at.
func (r *refused) pagesRead(paths ...string) {
	r.t.Helper()
	for _, path := range paths {
		if _, at := r.staff.get(path); at != path {
			r.t.Errorf("%s leads to %s", path, at)
		}
	}
}

// recovers checks that the same process takes what it refused, and lost nothing.
func (r *refused) recovers() {
	r.t.Helper()
	refused := r.refused.Load()
	for _, w := range r.again {
		if a, err := r.ledger.deliver(r.to, w); err != nil || a.Status != 200 {
			r.t.Fatalf("after the repair a delivery was answered %+v, %v", a, err)
		}
	}
	r.p.wantReady(200)
	r.db.untilQuiet()
	r.p.stop()
	r.wantKept(r.t, r.db)
	r.t.Logf("%d deliveries refused, %d acknowledgements, none lost", refused, r.acks())
}
