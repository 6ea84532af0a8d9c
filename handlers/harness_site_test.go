package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"balancelink/handlers"
	"balancelink/handlers/settings"
	"balancelink/handlers/signin"
	"balancelink/handlers/sitetest"
	"balancelink/handlers/worker"
	"balancelink/okra"
	"balancelink/okra/okrasim"
	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/storetest"
)

const (
	staffEmail    = "officer@lender.example"
	staffPassword = "correct horse battery"
)

// cheapCost is next to nothing: most tests only want to be signed in.
var cheapCost = signin.PasswordCost{KiB: 64, Passes: 1}

// site is the whole product as main wires it, on ports of its own: pages,
// database, worker, and a simulated Okra that outlives restarts of the rest.
type site struct {
	t        testing.TB
	Sim      *okrasim.Server
	faulty   *okrasim.Faulty // stands before Sim
	Store    *store.Store
	Settings settings.Settings
	URL      string

	budget *provider.Budget                      // for the provider, from the next start on; nil: none
	prober func(*okra.Prober)                    // changes how the provider's hosts are probed; nil: nothing does
	log    *slog.Logger                          // of the program
	behind func(handlers.Worker) handlers.Worker // stands before the worker; nil: nothing does

	addr  string
	trust *worker.Trust
	time  *sitetest.Clock // the simulator's, too
	wake  func()          // the worker
	stop  func()
}

func (s *site) clock() time.Time { return s.time.Now() }

func (s *site) advance(by time.Duration) { s.time.Advance(by) }

// newSite starts a site and lets its test run beside others that have a site of
// their own. set are settings as in the environment, over those of the tests.
func newSite(t *testing.T, set ...string) *site {
	t.Helper()
	t.Parallel()
	s := &site{t: t, log: quiet}
	s.open(set)
	return s
}

// open is newSite for a site of which more is chosen.
func (s *site) open(set []string) {
	s.t.Helper()
	t := s.t
	s.time = sitetest.NewClock(time.Now())
	s.addr = sitetest.Addr(t)
	simAddr := sitetest.Addr(t)
	database := filepath.Join(storetest.Folder(t), "test.db")
	storetest.Create(t, database)
	environ := append([]string{
		"LISTEN_ADDR=" + s.addr, "PUBLIC_URL=http://" + s.addr, "SIMULATOR_ADDR=" + simAddr, "DATABASE_URL=sqlite:" + database,
		"SESSION_KEY=0123456789abcdef0123456789abcdef", "DATA_KEY=" + storetest.DataKey,
		"ADMIN_EMAIL=" + staffEmail, "ADMIN_PASSWORD=" + staffPassword, "BUSINESS_NAME=Lender Ltd",
		"REFRESH_FIRST_POLL=50ms", "REFRESH_DEADLINE=20s",
	}, set...)
	var err error
	if s.Settings, err = settings.Load(nil, environ, io.Discard); err != nil {
		t.Fatal(err)
	}
	s.URL = s.Settings.PublicURL
	s.Sim = okrasim.New(okrasim.Config{
		SecretKey: s.Settings.OkraSecretKey.Reveal(), ClientToken: s.Settings.OkraClientToken, PublicKey: s.Settings.OkraPublicKey,
		AppID: s.Settings.OkraAppID, WebhookToken: s.Settings.OkraWebhookToken.Reveal(), WebhookURL: s.Settings.WebhookURL(),
		PublicURL: s.Settings.OkraWidgetURL, BankDelay: bankDelay, Now: s.clock, After: s.time.After, Transactions: s.Settings.Transactions.On(), Logger: quiet,
	})
	t.Cleanup(s.Sim.Close)
	s.faulty = &okrasim.Faulty{API: s.Sim}
	serve(t, simAddr, s.faulty)
	s.start()
	t.Cleanup(func() { s.stop() })
}

var quiet = slog.New(slog.DiscardHandler)

func serve(t testing.TB, addr string, h http.Handler) *httptest.Server {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	srv := &httptest.Server{Listener: l, Config: &http.Server{Handler: h}}
	srv.Start()
	t.Cleanup(srv.Close)
	return srv
}

// start opens the database and serves, as a start of the program does.
func (s *site) start() {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	keys, err := handlers.DataKeys(s.Settings)
	if err != nil {
		s.t.Fatal(err)
	}
	db, err := store.Open(ctx, s.Settings.DatabaseURL.Reveal(), store.Options{Now: s.clock, ConsentValid: s.Settings.ConsentValid, ConsentUnused: s.Settings.ConsentUnused, Keys: keys})
	if err != nil {
		s.t.Fatal(err)
	}
	s.Store = db
	if err := signin.FirstStaff(ctx, db, s.Settings, cheapCost); err != nil {
		s.t.Fatal(err)
	}
	client := &okra.Client{BaseURL: s.apiURL(), SecretKey: s.Settings.OkraSecretKey, Budget: s.budget}
	adapter := adapterOf(s.Settings, client)
	trust := s.trustIn(client, db)
	s.trust = trust
	work := worker.New(worker.Config{
		Store: db, Provider: adapter, Env: s.Settings.OkraEnv, Transactions: s.Settings.Transactions.On(),
		FirstPoll: s.Settings.RefreshFirstPoll, Logger: s.log, Now: s.clock,
	})
	s.wake = work.Wake
	var behind handlers.Worker = work
	if s.behind != nil {
		behind = s.behind(work)
	}
	server, err := handlers.New(handlers.Config{Settings: s.Settings, Store: db, Provider: adapter, Worker: behind, Trust: trust, Budget: s.budget, Logger: s.log, Now: s.clock, PasswordCost: cheapCost})
	if err != nil {
		s.t.Fatal(err)
	}
	front := serve(s.t, s.addr, server)
	var wg sync.WaitGroup
	wg.Go(func() { trust.Run(ctx) })
	wg.Go(func() { work.Run(ctx) })
	wg.Go(func() { server.Run(ctx) })
	s.stop = sync.OnceFunc(func() {
		front.Close()
		cancel()
		wg.Wait()
		if err := db.Close(); err != nil {
			s.t.Error(err)
		}
	})
}

// adapterOf speaks with Okra as main lets it.
func adapterOf(set settings.Settings, client *okra.Client) *okra.Adapter {
	return &okra.Adapter{
		Client: client, Env: set.OkraEnv, Owner: set.OkraClientToken,
		Widget: okra.WidgetOptions{
			AppID: set.OkraAppID, Key: set.OkraPublicKey, Token: set.OkraClientToken,
			WebhookURL: set.WebhookURL(), CallbackURL: set.WebhookURL(),
		},
	}
}

// trustIn is what watches the provider's hosts, as main wires it.
func (s *site) trustIn(client *okra.Client, db *store.Store) *worker.Trust {
	s.t.Helper()
	widget, err := url.Parse(s.Settings.OkraWidgetURL)
	if err != nil {
		s.t.Fatal(err)
	}
	prober := &okra.Prober{API: client, Widget: widget}
	if s.prober != nil {
		s.prober(prober)
	}
	trust := &worker.Trust{
		Store: db, Name: "okra", Env: s.Settings.OkraEnv, Off: !s.Settings.Linking.On(), Budget: s.budget,
		Probe: prober.Probe, Logger: s.log, Now: s.clock,
	}
	client.Failed = trust.Doubt
	if err := trust.Recall(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	return trust
}

func (s *site) apiURL() *url.URL {
	s.t.Helper()
	base, err := url.Parse(s.Settings.OkraAPIURL)
	if err != nil {
		s.t.Fatal(err)
	}
	return base
}

// restart ends the program and starts it again on the same database.
func (s *site) restart() {
	s.t.Helper()
	s.stop()
	s.start()
}

// bankDelay is how long banks take. Webhooks of a link come after a quarter of
// it: what somebody does at once is done before.
const bankDelay = time.Second

// offline changes the database while the program does not run: its worker would
// take up what is only half there.
func (s *site) offline(change func()) {
	s.t.Helper()
	s.stop()
	s.Store = storetest.OpenWith(s.t, s.databaseFile(), store.Options{Now: s.clock})
	change()
	if err := s.Store.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.start()
}

// eventually waits until a condition that the worker brings about holds.
func (s *site) eventually(what string, holds func() bool) {
	s.t.Helper()
	s.time.Await(s.t, what, s.atHand, func() bool {
		s.wake()
		return holds()
	})
}

// atHand is what there is to do and what was asked of the banks last.
func (s *site) atHand() string {
	ctx := context.Background()
	waiting, err := s.Store.Waiting(ctx)
	log, err2 := s.Store.Refreshes(ctx, store.AllRefreshes, "", 3)
	said := fmt.Sprintf("waiting: %+v", waiting)
	for _, r := range log {
		said += fmt.Sprintf("; %s of %s is %s %s", r.Kind, r.CreatedAt.Format(time.TimeOnly), r.State, r.Cause)
	}
	if err := errors.Join(err, err2); err != nil {
		said += "; " + err.Error()
	}
	return said
}
