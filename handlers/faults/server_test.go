package faults_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"balancelink/handlers"
	"balancelink/handlers/providers"
	"balancelink/handlers/settings"
	"balancelink/handlers/signin"
	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/fault"
	"balancelink/handlers/sitetest/site"
	"balancelink/handlers/worker"
	"balancelink/okra"
	"balancelink/okra/mono/monosim"
	"balancelink/okra/okrasim"
	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
	"balancelink/store"
	"balancelink/store/storetest"
)

// faultSite is a site whose way to the provider can go wrong. The site stays up;
// each row brings a worker with a client of its own.
type faultSite struct {
	*site.Site
	*way
	adapter  func(*http.Client, *url.URL) provider.Provider
	worker   swapped
	webhooks atomic.Bool         // otherwise all of them are lost
	edit     func([]byte) []byte // of the body of a webhook; nil: they come as they were sent

	staff, customer *site.Browser
	customerID      string
	account         store.Account
	seen            string // the balance, when the pages were last looked at
}

// way leads to a provider. It can go wrong at every height: in the answers (api),
// on the wire (the fronts), and before it (the dial of a row).
type way struct {
	path   string // of the API
	api    *okrasim.Faulty
	plain  *fault.Front
	tls    *fault.Front
	h2     *httptest.Server
	canary *fault.Canary
	roots  *x509.CertPool
	lines  fault.Lines // of the client of the worker
}

const faultLogin = "Amina456"

func newWay(t *testing.T, api http.Handler, path string) *way {
	t.Helper()
	w := &way{path: path, api: &okrasim.Faulty{API: api}, canary: fault.NewCanary(t)}
	backend := site.Serve(t, sitetest.Addr(t), w.api)
	ca := fault.NewAuthority(t)
	w.roots = ca.Pool
	w.plain = fault.NewFront(t, backend.Listener.Addr().String(), nil)
	w.tls = fault.NewFront(t, backend.Listener.Addr().String(), ca.Config(t, "127.0.0.1", time.Hour))
	w.h2 = httptest.NewUnstartedServer(w.api)
	w.h2.EnableHTTP2 = true
	w.h2.StartTLS()
	t.Cleanup(w.h2.Close)
	return w
}

// newFaultSite returns a site where an account is linked by Okra.
func newFaultSite(t *testing.T) *faultSite {
	t.Helper()
	t.Parallel()
	f, hook := newSite(t, settings.Okra)
	f.Sim = okrasim.New(okrasim.Config{
		SecretKey: f.Settings.OkraSecretKey.Reveal(), ClientToken: f.Settings.OkraClientToken,
		WebhookToken: f.Settings.OkraWebhookToken.Reveal(), WebhookURL: hook, PublicURL: f.Settings.OkraWidgetURL,
		BankDelay: time.Second, Now: f.Clock, After: f.Time.After, Logger: site.Quiet,
	})
	t.Cleanup(f.Sim.Close)
	f.way = newWay(t, f.Sim, "/v2/")
	adapter, err := providers.Okra(f.Settings)
	if err != nil {
		t.Fatal(err)
	}
	f.adapter = func(client *http.Client, base *url.URL) provider.Provider {
		a := *adapter
		a.Client = &okra.Client{BaseURL: base, SecretKey: f.Settings.OkraSecretKey, HTTP: client}
		return &a
	}
	f.openStore()
	f.serve(site.Okra(t, f.Settings, site.Proven(f.Store)))
	stop := f.work(hazard{})
	defer stop()
	f.staff = f.SignedIn()
	f.customerID = f.staff.CustomerWith("Amina Bello", "", "LN-1")
	f.customer = f.Connects(f.staff, f.customerID, faultLogin)
	f.customer.SetPassword("three little words") // by the link alone they would be signed out before the faults end
	f.account = f.Accounts(f.customerID)["2230011442"]
	return f
}

// newSite returns a site of which nothing is started, and where webhooks of the
// provider that makes its links are to be sent.
func newSite(t *testing.T, provider string) (f *faultSite, hook string) {
	t.Helper()
	s := &site.Site{T: t, Addr: sitetest.Addr(t), Time: sitetest.NewClock(time.Now())}
	f = &faultSite{Site: s}
	s.Wake = f.worker.Wake
	database := filepath.Join(storetest.Folder(t), "test.db")
	storetest.Create(t, database)
	s.Database = database
	var err error
	s.Settings, err = settings.Load(nil, []string{
		"LISTEN_ADDR=" + s.Addr, "SIMULATOR_ADDR=" + sitetest.Addr(t), "MONO_SIMULATOR_ADDR=" + sitetest.Addr(t), "DATABASE_URL=sqlite:" + database,
		"SESSION_KEY=0123456789abcdef0123456789abcdef", "DATA_KEY=" + storetest.DataKey, "LINK_PROVIDER=" + provider,
		"ADMIN_EMAIL=" + site.StaffEmail, "ADMIN_PASSWORD=" + site.StaffPassword, "BUSINESS_NAME=Lender Ltd",
		"REFRESH_FIRST_POLL=5s", "REFRESH_DEADLINE=60s", "REFRESH_COOLDOWN=1ms",
	}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	s.URL = s.Settings.PublicURL
	gate := httptest.NewServer(f.passing(s.Settings.WebhookURL(provider)))
	t.Cleanup(gate.Close)
	return f, gate.URL
}

func (f *faultSite) openStore() {
	f.T.Helper()
	f.Store = storetest.Open(f.T, f.Database, f.Clock)
	if err := signin.FirstStaff(f.T.Context(), f.Store, f.Settings, site.CheapCost); err != nil {
		f.T.Fatal(err)
	}
}

// serve serves the pages, without a worker.
func (f *faultSite) serve(upstreams []handlers.Upstream) *handlers.Server {
	f.T.Helper()
	server, err := handlers.New(handlers.Config{
		Settings: f.Settings, Store: f.Store, Upstreams: upstreams, Worker: &f.worker, Logger: site.Quiet, Now: f.Clock,
		PasswordCost: site.CheapCost,
	})
	if err != nil {
		f.T.Fatal(err)
	}
	site.Serve(f.T, f.Addr, server)
	return server
}

// passing hands webhooks of the simulator on to the site.
func (f *faultSite) passing(hook string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !f.webhooks.Load() {
			return
		}
		body, err := io.ReadAll(r.Body)
		if err == nil && f.edit != nil {
			body = f.edit(body)
		}
		req, wrong := http.NewRequestWithContext(r.Context(), http.MethodPost, hook, bytes.NewReader(body))
		if err := errors.Join(err, wrong); err != nil {
			panic(err)
		}
		req.Header = r.Header.Clone()
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		w.WriteHeader(resp.StatusCode)
	}
}

// work runs a worker with a fresh client until stop is called.
func (f *faultSite) work(h hazard) (stop func()) {
	client, base := h.client(f.T, f.way)
	w := worker.New(worker.Config{
		Store: f.Store, Env: f.Settings.Env, ReturnURL: f.Settings.ReturnURL,
		Providers: provider.Set{f.adapter(client, base)},
		FirstPoll: f.Settings.RefreshFirstPoll, PollEvery: time.Second, Logger: site.Quiet, Now: f.Clock,
	})
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { w.Run(ctx) })
	f.worker.Store(w)
	return func() {
		f.worker.Store(nil)
		cancel()
		wg.Wait()
		client.CloseIdleConnections()
	}
}

// swapped is the worker of the row that runs, if one does.
type swapped struct{ atomic.Pointer[worker.Worker] }

func (s *swapped) Alive() bool { return true }

func (s *swapped) Wake() {
	if w := s.Load(); w != nil {
		w.Wake()
	}
}

func (s *swapped) WakeInbox() { s.Wake() }

// hazard is how the way to the provider goes wrong. The zero hazard: it does not.
type hazard struct {
	fault    okrasim.Fault      // in what the API answers
	wire     func(net.Conn)     // on the connection
	dial     fault.Dialer       // before there is one
	refuse   bool               // nobody listens
	secure   bool               // over TLS
	h2       bool               // over HTTP/2
	scenario okrasim.Scenario   // of the account, at Okra
	awkward  []monosim.Scenario // and at Mono
	patience time.Duration      // of the client with a connection at fault; 0: as much as a test has
	dialing  *atomic.Bool       // dial and patience are in force
}

// client is the product's own client with the patience of a test.
func (h hazard) client(t testing.TB, w *way) (*http.Client, *url.URL) {
	address := "http://" + w.plain.Addr + w.path
	switch {
	case h.h2:
		address = w.h2.URL + w.path
	case h.secure:
		address = "https://" + w.tls.Addr + w.path
	}
	base, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	c := wire.NewHTTPClient(base)
	if h.h2 {
		c = w.h2.Client() // ours offers HTTP/1.1 only
	}
	c.Timeout = sitetest.Never
	transport := c.Transport.(*http.Transport)
	if h.secure {
		transport.TLSClientConfig.RootCAs = w.roots
	}
	dial := transport.DialContext
	if h.dialing != nil {
		dial = h.over(dial)
	}
	transport.DialContext = w.lines.Over(dial)
	if transport.DialTLSContext != nil {
		transport.DialTLSContext = w.lines.Over(transport.DialTLSContext)
	}
	return c, base
}

// over dials as whole does unless the hazard is in force.
func (h hazard) over(whole fault.Dialer) fault.Dialer {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		switch {
		case !h.dialing.Load():
			return whole(ctx, network, addr)
		case h.dial != nil:
			return h.dial(ctx, network, addr)
		}
		conn, err := whole(ctx, network, addr)
		if err == nil {
			err = conn.SetDeadline(time.Now().Add(h.patience))
		}
		return conn, err
	}
}

// on lets things go wrong for calls of those API paths, or for all connections.
func (f *faultSite) on(h hazard, paths ...string) {
	f.T.Helper()
	if h.scenario != "" {
		f.Sim.SetScenario(f.account.ProviderID, h.scenario)
	}
	f.api.Set(h.fault, paths...)
	f.block(f.T, h)
}

// off mends everything.
func (f *faultSite) off(h hazard) {
	f.T.Helper()
	f.Sim.SetScenario(f.account.ProviderID, okrasim.Normal)
	f.mend(f.T, h)
}

// block lets connections go wrong.
func (w *way) block(t testing.TB, h hazard) {
	t.Helper()
	if h.dialing != nil {
		h.dialing.Store(true)
	}
	front := w.plain
	if h.secure {
		front = w.tls
	}
	front.Set(t, h.wire, h.refuse)
	w.cut(h)
}

// cut ends the client's connections if those from now on are other ones.
func (w *way) cut(h hazard) {
	if h.wire != nil || h.refuse || h.dialing != nil {
		w.lines.Cut()
	}
}

// mend ends what goes wrong.
func (w *way) mend(t testing.TB, h hazard) {
	t.Helper()
	w.api.Set(okrasim.Fault{})
	if h.dialing != nil {
		h.dialing.Store(false)
	}
	w.plain.Set(t, nil, false)
	w.tls.Set(t, nil, false)
	w.cut(h)
}
