//go:build !race

package proof_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"balancelink/store"
	"balancelink/store/storetest"
)

// host is a system of the business that is sent what happens.
type host struct {
	mu    sync.Mutex
	seqs  map[string]int64 // by webhook-id
	times int              // that anything came
}

// hears serves a host at the endpoint of a database, which it adds to it.
func hears(t *testing.T, path string) *host {
	t.Helper()
	h := &host{seqs: map[string]int64{}}
	var hook *standardwebhooks.Webhook
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the program was killed while it sent it
		}
		if err := hook.Verify(body, r.Header); err != nil {
			t.Errorf("%s: %v", body, err)
		}
		h.take(t, r.Header.Get("webhook-id"), body)
	}))
	t.Cleanup(srv.Close)
	db, err := store.Open(t.Context(), "sqlite:"+path, store.Options{Keys: storetest.Keys(t, 'k')})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	e, err := db.AddEndpoint(t.Context(), store.Program, store.Endpoint{URL: srv.URL})
	if err == nil {
		hook, err = standardwebhooks.NewWebhook(e.Secret)
	}
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *host) take(t *testing.T, id string, body []byte) {
	var e struct{ Seq int64 }
	if err := json.Unmarshal(body, &e); err != nil {
		t.Errorf("%s: %v", body, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if before := h.seqs[id]; before != 0 && before != e.Seq {
		t.Errorf("%s is %d, and was %d", id, e.Seq, before)
	}
	h.seqs[id] = e.Seq
	h.times++
}

func TestEveryActReachesTheHost(t *testing.T) {
	t.Parallel()
	cycles, path := size(t, hostKills), filepath.Join(t.TempDir(), "kept.db")
	fill(t, path, linkedAccounts)
	h, known := hears(t, path), newLedger()
	senders := make([]*persistent, 8)
	var number atomic.Int64
	for i := range senders {
		senders[i] = &persistent{ledger: known, number: &number, tells: linkedTell}
	}
	db := openDatabase(t, path)
	for range cycles {
		deliverUntilKilled(t, start(t, path), senders)
		db.wantTold()
	}
	p := start(t, path)
	db.untilQuiet()
	db.until("everything to be taken up", `SELECT cursor FROM endpoints WHERE cursor < (SELECT seq FROM outbox_head)`)
	db.until("everything to arrive", `SELECT seq || ' ' || error FROM deliveries WHERE state = 'waiting' LIMIT 5`)
	p.stop()
	h.wantAll(t, db)
	t.Logf("%d kills, %d acts, told %d times, none lost and none invented", cycles, len(h.seqs), h.times)
}

// linkedTell is the n-th webhook about the accounts that are linked: each has a figure of
// its own, later than those before.
func linkedTell(n int64) webhook {
	return webhook{
		Record: fmt.Sprintf("64feca%018x", n), Account: accountID(int(n % linkedAccounts)),
		EndedAt: time.Date(2023, 9, 11, 8, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Second),
		Ledger:  fmt.Sprintf("%d.00", n),
	}
}

// wantTold fails unless of every account that figure was told last that it has, and no
// number of what was told is missing.
func (d *database) wantTold() {
	d.t.Helper()
	if wrong := d.texts(`
		SELECT provider_id || ' ' || ledger
		FROM accounts
		WHERE ledger IS NOT (
			SELECT figure
			FROM outbox
			WHERE account_id = accounts.id AND type = 'balance.changed'
			ORDER BY seq DESC
			LIMIT 1)`); len(wrong) > 0 {
		d.t.Errorf("of these accounts another figure was told last: %q", wrong)
	}
	if n := d.number(`SELECT (SELECT seq FROM outbox_head) - (SELECT COUNT(*) FROM outbox)`); n != 0 {
		d.t.Errorf("%d numbers were given to nothing", n)
	}
}

// wantAll fails unless a host was sent everything that happened, and nothing else.
func (h *host) wantAll(t *testing.T, db *database) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	happened := map[string]bool{}
	for _, id := range db.texts(`SELECT 'msg_' || id FROM outbox`) {
		if happened[id] = true; h.seqs[id] == 0 {
			t.Errorf("%s never came", id)
		}
	}
	for id := range h.seqs {
		if !happened[id] {
			t.Errorf("%s did not happen", id)
		}
	}
	if len(happened) == 0 {
		t.Error("nothing happened: the proof proves nothing")
	}
}
