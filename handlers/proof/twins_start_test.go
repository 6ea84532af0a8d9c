//go:build !race

package proof_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"balancelink/handlers/sitetest"
	"balancelink/store/storetest"
)

func TestInstancesThatStartTogetherMakeOneDatabase(t *testing.T) {
	t.Parallel()
	w := newTwins(t, storetest.Bare(t))
	for range 6 {
		i := &instance{set: w.own()}
		i.program = launch(t, slices.Concat(w.set, i.set), w.binary)
		t.Cleanup(i.cleanUp)
		w.each = append(w.each, i)
		w.front.with(i.host())
	}
	each(len(w.each), len(w.each), func(n int) {
		if !w.each[n].listens() {
			t.Errorf("an instance does not start:\n%s", w.each[n].log)
		}
	})
	if t.Failed() {
		return
	}
	for what, query := range map[string]string{
		"members of staff":         `SELECT CAST(COUNT(*) AS TEXT) FROM staff`,
		"owners":                   `SELECT CAST(COUNT(*) AS TEXT) FROM staff WHERE role = 'owner'`,
		"leaders":                  `SELECT CAST(COUNT(*) AS TEXT) FROM leases`,
		"acts of setting settings": `SELECT CAST(COUNT(*) AS TEXT) FROM audit WHERE action = 'settings changed'`,
		"runs of each migration":   `SELECT DISTINCT CAST(COUNT(*) AS TEXT) FROM goose_db_version GROUP BY version_id`,
	} {
		if n := w.db.texts(query); !slices.Equal(n, []string{"1"}) {
			t.Errorf("%s: %v, want 1", what, n)
		}
	}
	if n := len(w.known()); n != len(w.each) {
		t.Errorf("%d instances say that they run, want %d", n, len(w.each))
	}
	staff := w.signedIn()
	for range w.each {
		if _, at := staff.get("/status"); at != "/status" {
			t.Errorf("who is signed in at one is led to %s by another", at)
		}
	}
	w.stop()
	w.db.wantIntact()
}

func TestARollingUpgradeAnswersAll(t *testing.T) {
	t.Parallel()
	w := newTwins(t, storetest.Instances(t))
	next, err := newer()
	if err != nil {
		t.Fatal(err)
	}
	w.fill()
	w.set = append(w.set, "DRAIN_FOR=5s")
	w.start(2)
	s, pages := w.storm(seeded(t)), w.reads()
	s.goesOn(200)
	w.binary = next
	for _, i := range w.each {
		w.replace(i)
		s.goesOn(200)
	}
	pages.end()
	s.ends()
	if n := s.silent.Load(); n > 0 {
		t.Errorf("%d deliveries were not answered", n)
	}
	if n := w.front.missed.Load(); n > 0 {
		t.Errorf("%d requests were sent to an instance that did not listen any more", n)
	}
	if n := w.db.number(`SELECT COUNT(*) FROM newer`); n != 0 {
		t.Errorf("the schema is not the newer one: %d", n)
	}
	w.wantConverged(s)
	w.stop()
}

// newer is the path of the program of a release that knows one more migration: one that
// only adds, as they do. It is built of the sources that are there, with a file among them
// that is somewhere else.
var newer = sync.OnceValues(func() (path string, err error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return "", err
	}
	dir := os.TempDir()
	migration, overlay, path := filepath.Join(dir, "newer.sql"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "newer")
	files, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, "store/migrations/90000_newer.sql"): migration}})
	if err == nil {
		err = os.WriteFile(overlay, files, 0o600)
	}
	if err == nil {
		err = os.WriteFile(migration, []byte(adds), 0o600)
	}
	if err != nil {
		return "", err
	}
	return path, build(path, "-overlay="+overlay)
})

const adds = `-- +goose Up
CREATE TABLE newer (id TEXT PRIMARY KEY, at BIGINT NOT NULL);
ALTER TABLE customers ADD COLUMN newer TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN newer BIGINT NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN newer BIGINT;
CREATE INDEX newer_events ON events (newer);
`

// replace replaces an instance by the program that is there now, as an operator does: it is told to end, and
// the balancer learns of that from /readyz. What it was at when it was told to has to be answered.
func (w *twins) replace(i *instance) {
	w.t.Helper()
	half := w.halfSent(i)
	i.signal(syscall.SIGTERM)
	w.front.follow(i.host())
	sitetest.Await(w.t, "an instance that ends to take nothing more", func() string { return "it listens" }, func() bool {
		conn, err := net.Dial("tcp", i.host())
		if err == nil {
			conn.Close()
		}
		return err != nil
	})
	if status := half(); status != http.StatusOK {
		w.t.Errorf("what it was at when it was told to end was answered %d", status)
	}
	if err := i.ended(); err != nil {
		w.t.Fatalf("the instance ended with %v:\n%s", err, i.log)
	}
	w.begin(i)
}

// halfSent sends an instance a webhook of which it has read the head, and returns what sends
// the rest and says how it was answered.
func (w *twins) halfSent(i *instance) (rest func() int) {
	w.t.Helper()
	reads, status := make(chan struct{}), make(chan int, 1)
	body, more := io.Pipe()
	hook := stranger(linkedAccounts).body() // about nobody whom the storm tells of
	ctx := httptrace.WithClientTrace(w.t.Context(), &httptrace.ClientTrace{Got100Continue: func() { close(reads) }})
	r, err := http.NewRequestWithContext(ctx, "POST", "http://"+i.host()+"/webhooks/okra", body)
	if err != nil {
		w.t.Fatal(err)
	}
	r.ContentLength = int64(len(hook))
	r.Header = http.Header{
		"Content-Type": {"application/json"}, "Expect": {"100-continue"},
		"Authorization": {"Bearer " + i.Settings.OkraWebhookToken.Reveal()},
	}
	patient := &http.Transport{ExpectContinueTimeout: sitetest.Never}
	w.t.Cleanup(patient.CloseIdleConnections)
	go func() {
		resp, err := patient.RoundTrip(r)
		if err != nil {
			w.t.Error(err)
			status <- 0
			return
		}
		resp.Body.Close()
		status <- resp.StatusCode
	}()
	sitetest.Receive(w.t, reads, "an instance to read a webhook")
	return func() int {
		w.t.Helper()
		if _, err := io.Copy(more, strings.NewReader(hook)); err != nil {
			w.t.Error(err)
		}
		more.Close()
		return sitetest.Receive(w.t, status, "the answer to a webhook")
	}
}
