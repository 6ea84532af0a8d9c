//go:build !race

package proof_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/storetest"
)

// asked is something that a program of the business asks for by POST.
type asked struct{ path, body string }

// impatient is a program that sends everything several times at once.
type impatient struct {
	t     *testing.T
	key   string
	asks  []asked
	known []map[string]bool // what was answered to each
}

// newImpatient adds a program with a key to a database, and to its accounts a balance: for
// those that have none the worker asks the bank by itself.
func newImpatient(t *testing.T, path string, accounts []string) *impatient {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite:"+path, store.Options{Keys: storetest.Keys(t, 'k')})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, key, err := s.AddAPIKey(
		t.Context(), store.Program, "bl_sim_", store.APIKey{Name: "Core", Scopes: store.KeyScopes()}, time.Hour,
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range accounts {
		if err := s.SaveBalance(t.Context(), store.Balance{
			AccountID: id, Source: store.SourceDemo, Currency: "NGN", Figure: 100, Basis: store.BasisLedger,
			AsOf: time.Now(), AsOfKind: store.AsOfStated, ReceivedAt: time.Now(),
		}); err != nil {
			t.Fatal(err)
		}
	}
	return &impatient{t: t, key: key}
}

// turns has it ask for a new customer, and for what concerns one that is there.
func (p *impatient) turns(turn int, customer, account string) {
	p.known = []map[string]bool{{}, {}, {}}
	p.asks = []asked{
		{"/customers", fmt.Sprintf(`{"name":"Amina Bello","reference":"LN-%d"}`, turn)},
		{"/customers/" + customer + "/links", `{"code":false}`}, {"/accounts/" + account + "/refreshes", ``},
	}
}

// askOften asks for each several times at once, under the idempotency keys of a turn, and
// calls answered at each answer. At most 50 requests of a key are answered at once.
func (p *impatient) askOften(to *program, turn int, answered func()) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	for i, a := range p.asks {
		for range 16 {
			wg.Go(func() {
				body, ok := p.ask(to, a, fmt.Sprint(turn, " ", i))
				if !ok {
					return
				}
				mu.Lock()
				p.known[i][body] = true
				mu.Unlock()
				answered()
			})
		}
	}
	wg.Wait()
}

// ask asks once; false: the program was killed before it answered.
func (p *impatient) ask(to *program, a asked, idem string) (body string, ok bool) {
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, to.Settings.PublicURL+"/api/v1"+a.path, strings.NewReader(a.body))
	if err != nil {
		p.t.Error(err)
		return "", false
	}
	r.Header.Set("Authorization", "Bearer "+p.key)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", idem)
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", false
	}
	defer w.Body.Close()
	all, err := io.ReadAll(w.Body)
	if err != nil {
		return "", false
	}
	if w.StatusCode >= 300 {
		p.t.Errorf("%s is answered %d %s", a.path, w.StatusCode, all)
	}
	if strings.Contains(a.path, "refreshes") { // how it stands now: its id is what stays
		all = all[:len(`{"id":"01936a5e-0000-7000-8000-000000000001"`)]
	}
	return string(all), true
}

func TestWhatIsAskedForOftenIsDoneOnceAlsoByAProgramThatIsKilled(t *testing.T) {
	t.Parallel()
	cycles, path := size(t, askKills), filepath.Join(t.TempDir(), "kept.db")
	fill(t, path, cycles)
	db := openDatabase(t, path)
	customers, accounts := db.texts(`SELECT customer_id FROM accounts ORDER BY id`), db.texts(`SELECT id FROM accounts ORDER BY id`)
	asking := newImpatient(t, path, accounts)
	for turn := range cycles {
		asking.turns(turn, customers[turn], accounts[turn])
		p := start(t, path)
		var answers atomic.Int64
		last := rand.Int64N(40) // the moment of the kill is chance
		asking.askOften(p, turn, func() {
			if answers.Add(1) == last {
				p.kill()
			}
		})
		p.kill()
		p = start(t, path)
		asking.askOften(p, turn, func() {})
		p.kill()
		for i, known := range asking.known {
			if len(known) != 1 {
				t.Errorf("turn %d: %s was answered in %d ways: %v", turn, asking.asks[i].path, len(known), known)
			}
		}
		if n := db.number(`SELECT COUNT(*) FROM customers WHERE reference <> ''`); n != turn+1 {
			t.Errorf("after %d turns there are %d customers", turn+1, n)
		}
		if n := db.number(`SELECT COUNT(*) FROM invitations WHERE customer_id = $1`, customers[turn]); n != 1 {
			t.Errorf("the customer has %d personal links", n)
		}
		if n := db.number(`SELECT COUNT(*) FROM refreshes WHERE account_id = $1`, accounts[turn]); n != 1 {
			t.Errorf("the account was refreshed %d times", n)
		}
	}
	t.Logf("%d kills, each act done once and answered alike", 2*cycles)
}
