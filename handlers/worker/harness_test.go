package worker

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
	"balancelink/okra"
	"balancelink/okra/okrasim"
	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
	"balancelink/store"
	"balancelink/store/storetest"
)

const (
	secretKey   = "secret-key-canary"
	clientToken = "5f00000000000000000000aa"
	bankDelay   = 2 * time.Minute
	deadline    = 10 * time.Minute
)

// bench is a worker with a real database and a simulated Okra, driven step by
// step on a clock of its own: nothing happens that the test did not ask for.
// Webhooks that the simulator would send later never come.
type bench struct {
	*Worker
	t      *testing.T
	Okra   *okra.Adapter
	Sim    *okrasim.Server
	path   string
	canary atomic.Int32 // connections to a host that nobody may be sent to
	hears  atomic.Bool  // webhooks arrive; otherwise all of them are lost

	mail func(body []byte)                                             // gets the webhooks instead; nil: see hears
	wire func(http.Handler, *httptest.ResponseRecorder, *http.Request) // is between the worker and the simulator; nil: nothing is

	scope                       string        // of new customers' consents
	consentValid, consentUnused time.Duration // 0: consents do not end by themselves

	bank *sitetest.Clock // nobody sets it; ours, too, unless that is wrong
	step atomic.Int64    // by how many nanoseconds ours is ahead
}

func newBench(t *testing.T) *bench {
	t.Helper()
	t.Parallel()
	return newBenchAlone(t)
}

// newBenchAlone is a bench for a test that says itself what it runs beside.
func newBenchAlone(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, scope: "auth,balance", path: filepath.Join(storetest.Folder(t), "test.db"), bank: sitetest.NewClock(time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC))}
	canary := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { b.canary.Add(1) }))
	t.Cleanup(canary.Close)
	inbox := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		switch {
		case err == nil && b.mail != nil:
			b.mail(body)
		case err == nil && b.hears.Load():
			b.receive(body)
		}
	}))
	t.Cleanup(inbox.Close)
	api := httptest.NewServer(b.pointing(canary.URL))
	t.Cleanup(api.Close)
	b.Sim = okrasim.New(okrasim.Config{
		SecretKey: secretKey, ClientToken: clientToken, WebhookURL: inbox.URL, PublicURL: api.URL,
		Transactions: true, BankDelay: bankDelay, Now: b.bank.Now, After: never, HTTP: &http.Client{}, Logger: slog.New(slog.DiscardHandler),
	})
	t.Cleanup(b.Sim.Close)
	base, err := url.Parse(api.URL + "/v2/")
	b.ok(err)
	b.Okra = &okra.Adapter{
		Client: &okra.Client{BaseURL: base, SecretKey: secretKey, HTTP: patient(base)}, Env: provider.EnvSimulated, Owner: clientToken,
	}
	b.Worker = New(Config{
		Store: b.open(), Providers: provider.Set{b.Okra}, Env: provider.EnvSimulated, FirstPoll: 2 * time.Minute, PollEvery: 2 * time.Minute, Deadline: deadline, LookUpFor: sitetest.Never,
		Logger: slog.New(slog.DiscardHandler), Now: b.clock,
	})
	return b
}

// never is when the simulator does what it would do later.
func never(time.Duration) <-chan time.Time { return nil }

// patient is the client that the program uses, without its time limits: a slow
// machine does the same and only later.
func patient(base *url.URL) *http.Client {
	c := wire.NewHTTPClient(base)
	c.Timeout = 0
	c.Transport.(*http.Transport).ResponseHeaderTimeout = 0
	return c
}

// hangingUp carries a call for somebody who does not wait for an answer that hangs.
func hangingUp(sim http.Handler, w *httptest.ResponseRecorder, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	cancel() // nobody looks at it but who hangs
	sim.ServeHTTP(w, r.WithContext(ctx))
}

// open opens the database as the program does.
func (b *bench) open() *store.Store {
	b.t.Helper()
	return storetest.OpenWith(b.t, b.path, store.Options{Now: b.clock, ConsentValid: b.consentValid, ConsentUnused: b.consentUnused})
}

// pointing serves the simulator with every foreign address turned into canary's.
func (b *bench) pointing(canary string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		if b.wire != nil {
			b.wire(b.Sim, rec, r)
		} else {
			b.Sim.ServeHTTP(rec, r)
		}
		body := bytes.ReplaceAll(rec.Body.Bytes(), []byte("http://127.0.0.1:9/"), []byte(canary+"/"))
		maps.Copy(w.Header(), rec.Header())
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		if w.Header().Get("Location") != "" {
			w.Header().Set("Location", canary+"/v2/elsewhere")
		}
		w.WriteHeader(rec.Code)
		w.Write(body)
	})
}

func (b *bench) clock() time.Time { return b.bank.Now().Add(time.Duration(b.step.Load())) }

// set sets our clock, and ours alone, that much ahead of the bank's.
func (b *bench) set(ahead time.Duration) { b.step.Store(int64(ahead)) }

func (b *bench) advance(by time.Duration) { b.bank.Advance(by) }

func (b *bench) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// restart ends the program and starts it again: only the database is left.
func (b *bench) restart() {
	b.t.Helper()
	b.ok(b.Store.Close())
	cfg := b.Config
	cfg.Store = b.open()
	b.Worker = New(cfg)
}

// work lets the worker do everything that is due now.
func (b *bench) work() {
	b.t.Helper()
	ctx := b.t.Context()
	b.ok(b.applyAll(ctx))
	b.ok(b.confirmDue(ctx))
	b.ok(b.applyAll(ctx))
	b.ok(b.fetchFirst(ctx))
	due, err := b.Store.DueRefreshes(ctx, 100)
	b.ok(err)
	for _, r := range due {
		b.ok(b.drive(ctx, r))
	}
}

// applyAll is the step of the inbox, with what it does beside itself.
func (w *Worker) applyAll(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	return w.applyEvents(&wg)(ctx)
}

// confirmDue is the step of the links, one after the other: what a test sees then
// is always the same.
func (w *Worker) confirmDue(ctx context.Context) error {
	return w.eachProvider(func(p provider.Provider) error {
		due, err := w.Store.DueAttempts(ctx, p.Name(), 20)
		for _, a := range due {
			looked, failed := w.confirmIfConsented(ctx, a)
			if err = errors.Join(err, failed); looked {
				w.wake(linkLoop)
			}
		}
		return err
	})
}

// receive stores a delivery as the webhook endpoint does, and returns its id.
func (b *bench) receive(body []byte) (id string) {
	b.t.Helper()
	b.receiveFrom(b.Providers[0], body)
	all, err := b.Store.Events(b.t.Context(), "", "", 1)
	b.ok(err)
	return all[0].ID
}

func (b *bench) receiveFrom(p provider.Provider, body []byte) {
	b.t.Helper()
	b.ok(receiveIn(b.Worker, p, body))
}

// receiveIn stores a delivery of a provider's with a worker's database.
func receiveIn(w *Worker, p provider.Provider, body []byte) error {
	e, redacted, err := p.Receive(body)
	if err != nil {
		return err
	}
	_, err = w.Store.ReceiveEvent(NewEvent(p.Name(), w.Env, e, "{}", redacted), AtOnce(e, w.Transactions))
	return err
}

func (b *bench) event(id string) store.Event {
	b.t.Helper()
	e, err := b.Store.EventByID(b.t.Context(), id)
	b.ok(err)
	return e
}

// attempt is the bank window that a new customer opens.
func (b *bench) attempt(name string) store.Attempt {
	b.t.Helper()
	ctx := b.t.Context()
	cu, err := b.Store.AddCustomer(ctx, store.Program, store.Customer{Name: name, Email: "somebody@example.com"})
	b.ok(err)
	co, err := b.Store.AddConsent(ctx, store.Consent{CustomerID: cu.ID, Version: "1", Scope: b.scope, Provider: b.Providers[0].Name()})
	b.ok(err)
	a, err := b.Store.StartAttempt(ctx, store.Attempt{CustomerID: cu.ID, ConsentID: co.ID, Provider: b.Providers[0].Name(), Env: b.Env}, 30*time.Minute)
	b.ok(err)
	return a
}

// connect signs in at the bank and returns what the widget tells the browser.
func (b *bench) connect(login, nonce string, shared ...string) []byte {
	b.t.Helper()
	success, err := b.Sim.Connect(login, nonce, shared)
	b.ok(err)
	return success
}

// claim reports what the widget told the browser, as the site does.
func (b *bench) claim(a store.Attempt, success []byte) {
	b.t.Helper()
	c, body, err := b.Providers[0].ReceiveClaim(success)
	b.ok(err)
	_, err = b.Store.ReportAttempt(b.t.Context(), a.Nonce, store.Report{
		State: store.AttemptClaimed, ClaimedBy: "widget", ProviderRecord: c.Record, ProviderCustomer: c.Customer, Body: string(body),
	})
	b.ok(err)
}

// now the attempt is…
func (b *bench) wantAttempt(a store.Attempt, want store.AttemptState) store.Attempt {
	b.t.Helper()
	got, err := b.Store.AttemptByNonce(b.t.Context(), store.OfCustomer(a.CustomerID), a.Nonce)
	b.ok(err)
	if got.State != want {
		b.t.Fatalf("attempt is %s (%s), want %s", got.State, got.Reason, want)
	}
	return got
}

// linked is a new customer's first account at the bank of a sandbox log-in.
func (b *bench) linked(login string, shared ...string) store.Account {
	b.t.Helper()
	a := b.attempt(b.holder(login))
	b.claim(a, b.connect(login, a.Nonce, shared...))
	b.work()
	b.wantAttempt(a, store.AttemptLinked)
	return b.accounts(a.CustomerID)[0]
}

// holder is whose a sandbox log-in is.
func (b *bench) holder(login string) string {
	b.t.Helper()
	for _, a := range b.Sim.Accounts() {
		if a.Login == login {
			return a.Name
		}
	}
	b.t.Fatalf("no sandbox log-in %s", login)
	return ""
}

func (b *bench) accounts(customerID string) []store.Account {
	b.t.Helper()
	all, err := b.Store.AccountsByCustomer(b.t.Context(), customerID)
	b.ok(err)
	return all
}

func (b *bench) account(id string) store.Account {
	b.t.Helper()
	a, err := b.Store.AccountByID(b.t.Context(), id)
	b.ok(err)
	return a
}

// start asks for a refresh or a check, as a click does.
func (b *bench) start(accountID string, kind store.RefreshKind) store.Refresh {
	b.t.Helper()
	r, _, err := b.Store.StartRefresh(b.t.Context(), store.RefreshRequest{Scope: store.Whole(), AccountID: accountID, Kind: kind, Trigger: "staff", Deadline: deadline})
	b.ok(err)
	return r
}

func (b *bench) refresh(id string) store.Refresh {
	b.t.Helper()
	r, err := b.Store.RefreshByID(b.t.Context(), id)
	b.ok(err)
	return r
}

// outcome lets time pass until a refresh has ended.
func (b *bench) outcome(r store.Refresh) store.Refresh {
	b.t.Helper()
	for range 20 {
		b.work()
		if r = b.refresh(r.ID); !r.Open() {
			return r
		}
		b.advance(time.Minute)
	}
	b.t.Fatalf("the refresh is still %s after %v", r.State, b.clock().Sub(r.CreatedAt))
	return r
}

// stored says whether the database holds a text in clear.
func (b *bench) stored(text string) bool {
	b.t.Helper()
	return storetest.Holds(b.t, b.path, text)
}
