// Package site is the harness of the tests of the whole product: it starts it as
// main does, and uses it as staff, customers, banks and the provider do. It lies
// beside sitetest because the tests inside of worker use that, and this uses
// worker.
package site

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"balancelink/handlers"
	"balancelink/handlers/api"
	"balancelink/handlers/email"
	"balancelink/handlers/metrics"
	"balancelink/handlers/providers"
	"balancelink/handlers/settings"
	"balancelink/handlers/signin"
	"balancelink/handlers/sitetest"
	"balancelink/handlers/worker"
	"balancelink/okra"
	"balancelink/okra/mono/monosim"
	"balancelink/okra/okrasim"
	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/storetest"
)

// What the owner signs in with who is there from the first start on.
const (
	StaffEmail    = "officer@lender.example"
	StaffPassword = "correct horse battery"
)

// CheapCost is next to nothing: most tests only want to be signed in.
var CheapCost = signin.PasswordCost{KiB: 64, Passes: 1}

// RealProvider are settings under which nothing is simulated. Nobody answers.
var RealProvider = []string{
	"OKRA_ENV=production-sandbox", "OKRA_API_URL=http://127.0.0.1:9/v2/", "OKRA_WIDGET_URL=http://127.0.0.1:9",
	"OKRA_PUBLIC_KEY=0191f18f-0000-5000-8000-000000000001", "OKRA_CLIENT_TOKEN=5f0000000000000000000001",
	"OKRA_SECRET_KEY=a-secret-key", "OKRA_WEBHOOK_TOKEN=a-long-webhook-token", "SIMULATOR_ADDR=",
	"MONO_SIMULATOR_ADDR=",
}

// Site is the whole product as main wires it, on ports of its own: pages,
// database, worker, and a simulated Okra that outlives restarts of the rest.
type Site struct {
	T        testing.TB
	Sim      *okrasim.Server
	Faulty   *okrasim.Faulty // stands before Sim
	Mono     *monosim.Server // the simulated Mono, through which no links are made unless LINK_PROVIDER says so
	Store    *store.Store
	Settings settings.Settings
	URL      string
	Addr     string          // of URL
	Time     *sitetest.Clock // the simulator's, too

	Budget *provider.Budget                      // for the provider, from the next start on; nil: none
	Prober func(*okra.Prober)                    // changes how the provider's hosts are probed; nil: nothing does
	Log    *slog.Logger                          // of the program
	Behind func(handlers.Worker) handlers.Worker // stands before the worker; nil: nothing does
	Ahead  time.Duration                         // of the database's clock is that of the pages, from the next start on
	AtOnce time.Duration                         // for how long who begins long work waits; zero: until its end

	Only string // the provider that alone is configured, from the next start on; empty: all are

	Metrics http.Handler // answers GET /metrics
	LookOut func()       // looks for what staff are told of while it stands

	Wake func() // wakes the worker
	Note func() // has other instances know what the first one is at that takes long
	Stop func() // ends the program

	Database  string          // path by which tests call it
	trust     []*worker.Trust // in Okra, of each instance
	transport http.Transport  // of browsers
}

// Clock is the time at the site.
func (s *Site) Clock() time.Time { return s.Time.Now() }

// ahead is the clock of the pages.
func (s *Site) ahead() func() time.Time {
	by := s.Ahead
	return func() time.Time { return s.Clock().Add(by) }
}

// Advance sets the time at the site forward.
func (s *Site) Advance(by time.Duration) { s.Time.Advance(by) }

// New starts a site and lets its test run beside others that have a site of
// their own. set are settings as in the environment, over those of the tests.
func New(t *testing.T, set ...string) *Site {
	t.Helper()
	skipOneInstance(t)
	t.Parallel()
	s := &Site{T: t, Log: Quiet}
	s.Open(set)
	return s
}

// Open is [New] for a site of which more is chosen.
func (s *Site) Open(set []string) {
	s.T.Helper()
	t := s.T
	s.Time = sitetest.NewClock(time.Now())
	s.Addr = sitetest.Addr(t)
	simAddr := sitetest.Addr(t)
	database := filepath.Join(storetest.Folder(t), "test.db")
	storetest.Create(t, database)
	environ := append([]string{
		"LISTEN_ADDR=" + s.Addr, "PUBLIC_URL=http://" + s.Addr, "SIMULATOR_ADDR=" + simAddr,
		"MONO_SIMULATOR_ADDR=" + sitetest.Addr(t),
		"DATABASE_URL=" + storetest.URL(t, database),
		"SESSION_KEY=0123456789abcdef0123456789abcdef", "DATA_KEY=" + storetest.DataKey,
		"ADMIN_EMAIL=" + StaffEmail, "ADMIN_PASSWORD=" + StaffPassword, "BUSINESS_NAME=Lender Ltd",
		"REFRESH_FIRST_POLL=50ms", "REFRESH_DEADLINE=20s",
	}, set...)
	if storetest.OnPostgres() {
		environ = append(environ, "ERASED_FILE="+database+".erased")
	}
	s.Database = database
	var err error
	if s.Settings, err = settings.Load(nil, environ, io.Discard); err != nil {
		t.Fatal(err)
	}
	s.URL = s.Settings.PublicURL
	s.Sim = okrasim.New(okrasim.Config{
		SecretKey: s.Settings.OkraSecretKey.Reveal(), ClientToken: s.Settings.OkraClientToken,
		PublicKey: s.Settings.OkraPublicKey, AppID: s.Settings.OkraAppID,
		WebhookToken: s.Settings.OkraWebhookToken.Reveal(), WebhookURL: s.Settings.WebhookURL("okra"),
		PublicURL: s.Settings.OkraWidgetURL, BankDelay: bankDelay, Now: s.Clock, After: s.Time.After,
		Transactions: s.Settings.Transactions.On(), Logger: Quiet,
	})
	t.Cleanup(s.Sim.Close)
	s.Faulty = &okrasim.Faulty{API: s.Sim}
	Serve(t, simAddr, s.Faulty)
	s.Mono = monosim.New(monosim.Config{
		SecretKey: s.Settings.MonoSecretKey.Reveal(), App: s.Settings.MonoAppID,
		WebhookSecret: s.Settings.MonoWebhookSecret.Reveal(), WebhookURL: s.Settings.WebhookURL(settings.Mono),
		LinkURL: s.Settings.MonoLinkOrigin, BankDelay: bankDelay, Now: s.Clock, After: s.Time.After, Logger: Quiet,
	})
	t.Cleanup(s.Mono.Close)
	if s.Settings.Simulated() {
		Serve(t, s.Settings.MonoSimulatorAddr, s.Mono)
	}
	s.Start()
	t.Cleanup(func() { s.Stop() })
}

// Quiet is the log of a site of which nobody reads it.
var Quiet = slog.New(slog.DiscardHandler)

// Serve serves on an address until the test ends.
func Serve(t testing.TB, addr string, h http.Handler) *httptest.Server {
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

// instances is how many serve from one database, by turns: TEST_INSTANCES=2 in the
// environment has two where the database is one that several can have. What looks at one of
// them alone is named in one_instance.txt.
func instances() int {
	if n, err := strconv.Atoi(os.Getenv("TEST_INSTANCES")); err == nil && storetest.OnPostgres() {
		return n
	}
	return 1
}

//go:embed one_instance.txt
var oneInstance string

// skipOneInstance skips a test that looks at one instance where there are several.
func skipOneInstance(t testing.TB) {
	t.Helper()
	name, _, _ := strings.Cut(t.Name(), "/")
	if why, only := storetest.Named(oneInstance)[name]; only && instances() > 1 {
		t.Skip("only of one instance: " + why)
	}
}

// Start opens the database and serves, as a start of the program does.
func (s *Site) Start() {
	s.T.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	s.trust = nil
	first := s.instance(ctx, &wg, true)
	s.Store, s.Wake = first.store, first.work.Wake
	s.Note = func() {
		s.T.Helper()
		if err := s.Store.NoteWork(ctx, first.id); err != nil {
			s.T.Fatal(err)
		}
	}
	s.Metrics, s.LookOut = first.server.Metrics(), func() { first.server.LookOut(ctx) }
	all := []instance{first}
	for range instances() - 1 {
		all = append(all, s.instance(ctx, &wg, false))
	}
	var turn atomic.Uint32
	front := Serve(s.T, s.Addr, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all[int(turn.Add(1))%len(all)].server.ServeHTTP(w, r)
	}))
	s.Stop = sync.OnceFunc(func() {
		front.Close()
		s.transport.CloseIdleConnections() // a request on one would get lost at the next start
		cancel()
		wg.Wait()
		for _, i := range all {
			if err := i.store.Close(); err != nil {
				s.T.Error(err)
			}
		}
	})
}

// instance is one of those that serve.
type instance struct {
	id     string
	store  *store.Store
	work   *worker.Worker
	server *handlers.Server
}

// instance starts one, of which the first works too.
func (s *Site) instance(ctx context.Context, wg *sync.WaitGroup, leads bool) instance {
	s.T.Helper()
	keys, err := handlers.DataKeys(s.Settings)
	if err != nil {
		s.T.Fatal(err)
	}
	meter := metrics.New()
	db, err := store.Open(ctx, s.Settings.DatabaseURL.Reveal(), store.Options{
		MovesTo: s.Settings.MovesTo(), Mails: s.Settings.Mails(),
		Now: s.Clock, ErasedFile: s.Settings.ErasedFile,
		ConsentValid: s.Settings.ConsentValid, ConsentUnused: s.Settings.ConsentUnused, Keys: keys,
		SearchTime: storetest.Patience, Transacted: meter.Transacted,
		RefreshEnded: func(outcome store.RefreshState) { meter.RefreshEnded(string(outcome)) },
	})
	if err != nil {
		s.T.Fatal(err)
	}
	s.T.Cleanup(func() { storetest.NoScans(s.T, db) })
	if err := signin.FirstStaff(ctx, db, s.Settings, CheapCost); err != nil {
		s.T.Fatal(err)
	}
	upstreams, err := providers.Open(ctx, providers.Config{
		Settings: s.Settings, Store: db, Logger: s.Log, Now: s.Clock, Prober: s.Prober, Called: meter.Called,
		Budget: func(name string) *provider.Budget {
			switch {
			case name == settings.Mono || s.Budget == nil:
				return nil
			case !leads: // each has one of its own, and goes by what the leader says of its
				return provider.NewBudget(s.Budget.State().PerMinute, s.Clock)
			}
			s.Budget.Keep = func(ctx context.Context, at time.Time) error {
				return db.KeepCall(ctx, name, s.Settings.Env, at)
			}
			return s.Budget
		},
		Leads: func() bool { return leads },
	})
	if err != nil {
		s.T.Fatal(err)
	}
	upstreams = slices.DeleteFunc(
		upstreams, func(u handlers.Upstream) bool { return s.Only != "" && u.Name() != s.Only },
	)
	for _, u := range upstreams {
		if u.Name() == settings.Okra {
			s.trust = append(s.trust, u.Trust)
		}
	}
	outgoing, mail := api.Outgoing(s.Settings), (&email.Office{Settings: s.Settings, Now: s.Clock}).Mail()
	outgoing.Tried, mail.Tried = meter.Sent, meter.Mailed
	work := worker.New(worker.Config{
		Store: db, ReturnURL: s.Settings.ReturnURL, Providers: handlers.Providers(upstreams), Env: s.Settings.Env,
		Transactions: s.Settings.Transactions.On(),
		DailyCalls:   s.Settings.DailyCalls(),
		FirstPoll:    s.Settings.RefreshFirstPoll, Deadline: s.Settings.RefreshDeadline, Logger: s.Log, Now: s.Clock,
		FreshFor: s.Settings.FreshFor, StaleAfter: s.Settings.StaleAfter, Location: s.Settings.Location,
		Outgoing: outgoing, Mail: mail,
	})
	var behind handlers.Worker = work
	if s.Behind != nil {
		behind = s.Behind(work)
	}
	id := db.NewInstance("").ID
	server, err := handlers.New(handlers.Config{
		Settings: s.Settings, Store: db, Upstreams: upstreams, Worker: behind, Logger: s.Log, Now: s.ahead(),
		Instance:     func() string { return id },
		PasswordCost: CheapCost, Meter: meter, Leads: func() bool { return leads },
		AtOnce: cmp.Or(s.AtOnce, storetest.Patience),
	})
	if err != nil {
		s.T.Fatal(err)
	}
	for _, u := range upstreams {
		wg.Go(func() { u.Trust.Run(ctx) })
		if u.Calls != nil && leads {
			if err := u.Calls.TakeUp(ctx); err != nil {
				s.T.Fatal(err)
			}
			wg.Go(func() { u.Calls.Run(ctx) })
		}
	}
	if leads {
		wg.Go(func() { work.Run(ctx) })
	}
	wg.Go(func() { work.Prepare(ctx) })
	wg.Go(func() { server.Run(ctx) })
	return instance{id, db, work, server}
}

// Okra is Okra alone as it is for tests of the pages, which call nobody.
func Okra(t testing.TB, set settings.Settings, trust *worker.Trust) []handlers.Upstream {
	t.Helper()
	a, err := providers.Okra(set)
	if err != nil {
		t.Fatal(err)
	}
	return []handlers.Upstream{{
		Provider: a, Trust: trust, API: set.OkraAPIURL, Page: set.OkraWidgetURL, Setting: "OKRA_API_URL",
		Secret: "OKRA_WEBHOOK_TOKEN",
	}}
}

// APIURL is where the provider's API is.
func (s *Site) APIURL() *url.URL {
	s.T.Helper()
	base, err := url.Parse(s.Settings.OkraAPIURL)
	if err != nil {
		s.T.Fatal(err)
	}
	return base
}

// Restart ends the program and starts it again on the same database.
func (s *Site) Restart() {
	s.T.Helper()
	s.Stop()
	s.Start()
}

// bankDelay is how long banks take. Webhooks of a link come after a quarter of
// it: what somebody does at once is done before.
const bankDelay = time.Second

// Offline changes the database while the program does not run: its worker would
// take up what is only half there.
func (s *Site) Offline(change func()) {
	s.T.Helper()
	s.Stop()
	s.Store = storetest.OpenWith(s.T, s.Database, store.Options{Now: s.Clock})
	change()
	if err := s.Store.Close(); err != nil {
		s.T.Fatal(err)
	}
	s.Start()
}

// Eventually waits until a condition that the worker brings about holds.
func (s *Site) Eventually(what string, holds func() bool) {
	s.T.Helper()
	s.Time.Await(s.T, what, s.atHand, func() bool {
		s.Wake()
		return holds()
	})
}

// atHand is what there is to do and what was asked of the banks last.
func (s *Site) atHand() string {
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
