//go:build !race

package proof_test

import (
	"database/sql"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver

	"balancelink/handlers/sitetest"
	"balancelink/okra/okrasim"
	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/storetest"
)

// twins are instances of the program on one database of PostgreSQL, behind a balancer,
// with a provider that is no part of them.
type twins struct {
	t      *testing.T
	url    string // of the database
	db     *database
	front  *balancer
	bank   *okrasim.Server
	door   *door    // of the bank
	set    []string // that all have in common
	binary string   // path of the program
	each   []*instance
}

// instance is one of them.
type instance struct {
	*program
	set []string // of its own
	id  string   // by which it says in the database that it runs
}

// newTwins has everything that instances on a database need, and none of them.
func newTwins(t *testing.T, address string) *twins {
	t.Helper()
	w := &twins{t: t, url: address, binary: binary(t), front: newBalancer(t)}
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxIdleConns(0) // a connection from before the server fell says so only when it is asked
	t.Cleanup(func() { db.Close() })
	w.db = &database{DB: db, t: t, wantIntact: w.wantVerified}
	w.door = &door{}
	srv := httptest.NewUnstartedServer(w.door)
	at, secret, token := "http://"+srv.Listener.Addr().String(), drawn(), drawn()
	w.set = []string{
		"ENV=sandbox", "PUBLIC_URL=" + w.front.URL, "DATABASE_URL=" + address, "BUSINESS_NAME=Lender Ltd",
		"SESSION_KEY=" + drawn(), "DATA_KEY=" + storetest.DataKey, "ADMIN_EMAIL=" + staffEmail, "ADMIN_PASSWORD=" + staffPassword,
		"OKRA_API_URL=" + at + "/v2/", "OKRA_WIDGET_URL=" + at, "OKRA_PUBLIC_KEY=0191f18f-0000-5000-8000-000000000001",
		"OKRA_CLIENT_TOKEN=5f0000000000000000000001", "OKRA_SECRET_KEY=" + secret, "OKRA_WEBHOOK_TOKEN=" + token,
		"OKRA_RATE_LIMIT=6000", "SWEEP_EVERY=0s", "REFRESH_FIRST_POLL=5s", "REFRESH_DEADLINE=60s",
		"DRAIN_FOR=0s",
	}
	w.bank = okrasim.New(okrasim.Config{
		SecretKey: secret, ClientToken: "5f0000000000000000000001", PublicKey: "0191f18f-0000-5000-8000-000000000001",
		WebhookToken: token, WebhookURL: w.front.URL + "/webhooks/okra", PublicURL: at, BankDelay: 200 * time.Millisecond,
		Logger: slog.New(slog.DiscardHandler),
	})
	t.Cleanup(w.bank.Close)
	w.door.to = w.bank
	srv.Start()
	t.Cleanup(srv.Close)
	return w
}

// start starts so many instances, one after the other.
func (w *twins) start(n int) {
	w.t.Helper()
	for range n {
		i := &instance{set: w.own()}
		w.each = append(w.each, i)
		w.begin(i)
	}
}

// own are settings of an instance alone.
func (w *twins) own() []string {
	w.t.Helper()
	return []string{"LISTEN_ADDR=" + sitetest.Addr(w.t), "ERASED_FILE=" + filepath.Join(w.t.TempDir(), "erased")}
}

// begin starts an instance, for the first time or again, and has the balancer send to it.
func (w *twins) begin(i *instance) {
	w.t.Helper()
	before := w.known()
	i.program = launch(w.t, slices.Concat(w.set, i.set), w.binary)
	i.begin()
	is := slices.DeleteFunc(w.known(), func(id string) bool { return slices.Contains(before, id) })
	if len(is) != 1 {
		w.t.Fatalf("an instance that starts says that it runs as %q", is)
	}
	i.id = is[0]
	w.front.with(i.host())
}

func (i *instance) host() string { return i.Settings.ListenAddr }

// known are the ids of the instances of which the database knows.
func (w *twins) known() []string {
	w.t.Helper()
	if w.db.number(`SELECT CASE WHEN to_regclass('instances') IS NULL THEN 0 ELSE 1 END`) == 0 {
		return nil
	}
	return w.db.texts(`SELECT id FROM instances`)
}

// stop ends all as an operator does.
func (w *twins) stop() {
	w.t.Helper()
	for _, i := range w.each {
		i.program.stop()
	}
}

func (w *twins) sender() *sender {
	return newSender(w.t, w.front.URL+"/webhooks/okra", w.each[0].Settings.OkraWebhookToken.Reveal())
}

// wantVerified fails unless the program itself finds nothing wrong in its database, and the
// audit log in order.
func (w *twins) wantVerified() {
	w.t.Helper()
	o := operator{t: w.t, binary: w.binary}
	if status, said := o.types(slices.Concat(w.set, w.each[0].set), "verify"); status != 0 {
		w.t.Errorf("balancelink verify: status %d\n%s", status, said)
	}
}

// open is the database as another instance has it, of which nobody knows.
func (w *twins) open() *store.Store {
	w.t.Helper()
	s, err := store.Open(w.t.Context(), w.url, store.Options{Env: provider.EnvSandbox, Keys: storetest.Keys(w.t, 'k')})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { s.Close() })
	return s
}

// fill has linked accounts, each with a balance from before all that is told: for one that
// has none the bank is asked.
func (w *twins) fill() {
	w.t.Helper()
	fillOf(w.t, w.url, provider.EnvSandbox, linkedAccounts)
	s := w.open()
	for _, id := range w.db.texts(`SELECT id FROM accounts`) {
		if err := s.SaveBalance(w.t.Context(), store.Balance{
			AccountID: id, Source: store.SourceDemo, Currency: "NGN", Figure: 100, Basis: store.BasisLedger,
			AsOf: time.Date(2023, 9, 1, 8, 0, 0, 0, time.UTC), AsOfKind: store.AsOfStated, ReceivedAt: time.Now(),
		}); err != nil {
			w.t.Fatal(err)
		}
	}
}

// settled waits until there is nothing to do, neither at the bank nor here.
func (w *twins) settled() {
	w.t.Helper()
	sitetest.Await(w.t, "the bank to be done", func() string { return "it is not" }, func() bool { return w.bank.Pending() == 0 })
	w.db.untilQuiet()
}

// door is where the bank is asked, and where questions can be kept waiting.
type door struct {
	to   http.Handler
	mu   sync.Mutex
	came chan<- struct{} // is told of each
	open <-chan struct{} // nil: it is
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/balance/refresh") {
		d.wait()
	}
	d.to.ServeHTTP(w, r)
}

func (d *door) wait() {
	d.mu.Lock()
	came, open := d.came, d.open
	d.mu.Unlock()
	if open != nil {
		came <- struct{}{}
		<-open
	}
}

// shut has the next question wait until open is called.
func (d *door) shut() (came <-chan struct{}, open func()) {
	comes, opens := make(chan struct{}, 1), make(chan struct{})
	d.set(comes, opens)
	return comes, func() {
		d.set(nil, nil)
		close(opens)
	}
}

func (d *door) set(came chan<- struct{}, open <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.came, d.open = came, open
}
