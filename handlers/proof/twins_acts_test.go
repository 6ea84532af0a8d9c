//go:build !race

package proof_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/storetest"
)

func TestWhatIsDoneAtOnceAtTwoInstancesIsAllDone(t *testing.T) {
	t.Parallel()
	const programs, acts = 8, 200
	w := newTwins(t, storetest.Instances(t))
	w.start(2)
	s, keys := w.open(), make([]string, programs)
	for i := range keys {
		var err error
		if _, keys[i], err = s.AddAPIKey(
			t.Context(), store.Program, "bl_sbx_", store.APIKey{Name: fmt.Sprint("Core ", i), Scopes: store.KeyScopes()}, time.Hour,
		); err != nil {
			t.Fatal(err)
		}
	}
	each(programs, acts, func(i int) {
		r, err := http.NewRequestWithContext(
			t.Context(), http.MethodPost, w.front.URL+"/api/v1/customers", strings.NewReader(fmt.Sprintf(`{"name":"Amina Bello","reference":"LN-%d"}`, i)),
		)
		if err != nil {
			t.Error(err)
			return
		}
		r.Header.Set("Authorization", "Bearer "+keys[i%programs])
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", fmt.Sprint("customer ", i))
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Error(err)
			return
		}
		defer resp.Body.Close()
		if said, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode >= 300 {
			t.Errorf("a customer to be added: %s %s, %v", resp.Status, said, err)
		}
	})
	if n := w.db.number(`SELECT COUNT(DISTINCT reference) FROM customers`); n != acts {
		t.Errorf("%d customers, want %d", n, acts)
	}
	w.stop()
	w.db.wantIntact()
}

func TestNoInstanceKeepsWhatItHearsOfSomebodyWhomAnotherHasErased(t *testing.T) {
	t.Parallel()
	w := newTwins(t, storetest.Instances(t))
	w.fill()
	w.start(2)
	to, gone := w.sender(), accountID(0)
	hears := func(n int64) {
		for i := range w.each { // by turns, each of them
			hook := webhook{Record: linkedTell(10*n + int64(i)).Record, Account: gone, EndedAt: time.Now(), Ledger: "1204.50"}
			if a, err := to.deliver(hook); err != nil || a.Status != 200 {
				t.Errorf("a delivery: %v, %v", a, err)
			}
		}
	}
	hears(1)
	w.settled()
	named := func() int { return w.db.number(`SELECT COUNT(*) FROM events WHERE provider_account = $1`, gone) }
	if n := named(); n != len(w.each) {
		t.Errorf("%d webhooks name somebody who is there, want %d", n, len(w.each))
	}
	who := w.db.texts(`SELECT customer_id FROM accounts WHERE provider_id = $1`, gone)[0]
	if err := w.open().Erase(t.Context(), "program", who, "asked"); err != nil {
		t.Fatal(err)
	}
	hears(2)
	if n := named(); n != 0 {
		t.Errorf("%d webhooks name somebody who was erased", n)
	}
	w.stop()
	w.db.wantIntact()
}
