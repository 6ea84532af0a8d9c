//go:build !race

package proof_test

import (
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"balancelink/handlers/sitetest"
)

// tracedDeliveries are enough for several checkpoints.
const tracedDeliveries = 600

func TestPowerCutLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("strace"); err != nil {
		sitetest.LeaveOut(t, "strace", "install Debian's package strace")
	}
	images, r := size(t, powerCuts), seeded(t)
	path := filepath.Join(t.TempDir(), "kept.db")
	before, ops := record(t, path)
	slices.SortStableFunc(ops, byMoment)

	cuts := make([]int, images)
	for i := range cuts {
		cuts[i] = r.IntN(len(ops) + 1)
	}
	slices.Sort(cuts)
	d, done, bad, checked := disk{durable: before}, 0, 0, 0
	for _, cut := range cuts {
		for ; done < cut; done++ {
			d.apply(ops[done])
		}
		checked += len(d.acked)
		if !recovers(t, path, d.cut(r), d.acked) {
			bad++
		}
	}
	if bad > 0 {
		t.Errorf("%d of %d images are corrupt or lack what was acknowledged", bad, images)
	}
	for ; done < len(ops); done++ {
		d.apply(ops[done])
	}
	if len(d.acked) < tracedDeliveries {
		t.Errorf("the trace shows %d acknowledgements, want %d: it proves nothing", len(d.acked), tracedDeliveries)
	}
	t.Logf("%d images of %d operations with %d acknowledgements; %d times one was looked for", images, len(ops), len(d.acked), checked)
}

// record lets the program receive webhooks under strace and returns the files
// before and what happened to them.
func record(t *testing.T, path string) (before map[string][]byte, ops []op) {
	t.Helper()
	start(t, path).stop() // makes the database
	before, err := filesOf(path)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "trace")
	p := start(t, path, tracing(file)...)
	to := p.sender()
	each(4, tracedDeliveries, func(i int) {
		if a, err := to.deliver(stranger(int64(i))); err != nil || a.Status != 200 {
			t.Errorf("delivery %d: %v, %v", i, a, err)
		}
	})
	p.stop()
	if ops, err = readTrace(file, path); err != nil {
		t.Fatal(err)
	}
	return before, ops
}

// recovers opens what a power cut left and reports whether the database is
// intact and has every acknowledged record.
func recovers(t *testing.T, path string, files map[string][]byte, acked []string) bool {
	t.Helper()
	found, err := image(t.TempDir(), path, files)
	if err != nil {
		t.Fatal(err)
	}
	db := openDatabase(t, found)
	defer db.Close()
	if said := db.texts(`PRAGMA integrity_check`); len(said) != 1 || said[0] != "ok" {
		return false
	}
	there := map[string]bool{}
	for _, record := range db.texts(`SELECT provider_record FROM events`) {
		there[record] = true
	}
	return !slices.ContainsFunc(acked, func(record string) bool { return !there[record] })
}
