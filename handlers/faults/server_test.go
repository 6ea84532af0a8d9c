package faults_test

import (
	"context"
	"crypto/x509"
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
	"balancelink/okra/okrasim"
	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
	"balancelink/store"
	"balancelink/store/storetest"
)

// faultSite is a site whose way to the provider can go wrong at every height:
// in the answers (api), on the wire (front), and before it (the dial of a row).
// The site stays up; each row brings a worker with a client of its own.
type faultSite struct {
	*site.Site
	api      *okrasim.Faulty
	plain    *fault.Front
	tls      *fault.Front
	h2       *httptest.Server
	canary   *fault.Canary
	roots    *x509.CertPool
	worker   swapped
	lines    fault.Lines // of the client of the worker
	webhooks atomic.Bool // otherwise all of them are lost

	staff, customer *site.Browser
	customerID      string
	account         store.Account
	seen            string // the balance, when the pages were last looked at
}

const faultLogin = "Amina456"

func newFaultSite(t *testing.T) *faultSite {
	t.Helper()
	t.Parallel()
	s := &site.Site{T: t, Addr: sitetest.Addr(t), Time: sitetest.NewClock(time.Now())}
	f := &faultSite{Site: s, canary: fault.NewCanary(t)}
	s.Wake = f.worker.Wake
	database := filepath.Join(storetest.Folder(t), "test.db")
	storetest.Create(t, database)
	var err error
	s.Settings, err = settings.Load(nil, []string{
		"LISTEN_ADDR=" + s.Addr, "SIMULATOR_ADDR=" + sitetest.Addr(t), "MONO_SIMULATOR_ADDR=" + sitetest.Addr(t), "DATABASE_URL=sqlite:" + database,
		"SESSION_KEY=0123456789abcdef0123456789abcdef", "DATA_KEY=" + storetest.DataKey,
		"ADMIN_EMAIL=" + site.StaffEmail, "ADMIN_PASSWORD=" + site.StaffPassword, "BUSINESS_NAME=Lender Ltd",
		"REFRESH_FIRST_POLL=5s", "REFRESH_DEADLINE=60s", "REFRESH_COOLDOWN=1ms",
	}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	s.URL = s.Settings.PublicURL
	gate := httptest.NewServer(http.HandlerFunc(f.passWebhook))
	t.Cleanup(gate.Close)
	s.Sim = okrasim.New(okrasim.Config{
		SecretKey: s.Settings.OkraSecretKey.Reveal(), ClientToken: s.Settings.OkraClientToken,
		WebhookToken: s.Settings.OkraWebhookToken.Reveal(), WebhookURL: gate.URL, PublicURL: s.Settings.OkraWidgetURL,
		BankDelay: time.Second, Now: s.Clock, After: s.Time.After, Logger: site.Quiet,
	})
	t.Cleanup(s.Sim.Close)
	f.api = &okrasim.Faulty{API: s.Sim}
	backend := site.Serve(t, sitetest.Addr(t), f.api)
	ca := fault.NewAuthority(t)
	f.roots = ca.Pool
	f.plain = fault.NewFront(t, backend.Listener.Addr().String(), nil)
	f.tls = fault.NewFront(t, backend.Listener.Addr().String(), ca.Config(t, "127.0.0.1", time.Hour))
	f.h2 = httptest.NewUnstartedServer(f.api)
	f.h2.EnableHTTP2 = true
	f.h2.StartTLS()
	t.Cleanup(f.h2.Close)
	f.open()
	return f
}

// open starts the site without a worker and links an account.
func (f *faultSite) open() {
	f.T.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, f.Settings.DatabaseURL.Reveal(), store.Options{Now: f.Clock, Keys: storetest.Keys(f.T, 'k')})
	if err != nil {
		f.T.Fatal(err)
	}
	f.T.Cleanup(func() { db.Close() })
	f.Store = db
	if err := signin.FirstStaff(ctx, db, f.Settings, site.CheapCost); err != nil {
		f.T.Fatal(err)
	}
	server, err := handlers.New(handlers.Config{Settings: f.Settings, Store: db, Upstreams: site.Okra(f.T, f.Settings, site.Proven(db)), Worker: &f.worker, Logger: site.Quiet, Now: f.Clock, PasswordCost: site.CheapCost})
	if err != nil {
		f.T.Fatal(err)
	}
	site.Serve(f.T, f.Addr, server)
	stop := f.work(hazard{})
	defer stop()
	f.staff = f.SignedIn()
	f.customerID = f.staff.CustomerWith("Amina Bello", "", "LN-1")
	f.customer = f.Connects(f.staff, f.customerID, faultLogin)
	f.customer.SetPassword("three little words") // by the link alone they would be signed out before the faults end
	f.account = f.Accounts(f.customerID)["2230011442"]
}

// passWebhook hands a webhook of the simulator on to the site.
func (f *faultSite) passWebhook(w http.ResponseWriter, r *http.Request) {
	if !f.webhooks.Load() {
		return
	}
	req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, f.Settings.WebhookURL("okra"), r.Body)
	if err != nil {
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

// work runs a worker with a fresh client until stop is called.
func (f *faultSite) work(h hazard) (stop func()) {
	client, base := h.client(f)
	adapter, err := providers.Okra(f.Settings)
	if err != nil {
		f.T.Fatal(err)
	}
	adapter.Client = &okra.Client{BaseURL: base, SecretKey: f.Settings.OkraSecretKey, HTTP: client}
	w := worker.New(worker.Config{
		Store: f.Store, Env: f.Settings.Env,
		Providers: provider.Set{adapter},
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
	fault    okrasim.Fault    // in what the API answers
	wire     func(net.Conn)   // on the connection
	dial     fault.Dialer     // before there is one
	refuse   bool             // nobody listens
	secure   bool             // over TLS
	h2       bool             // over HTTP/2
	scenario okrasim.Scenario // of the account
	patience time.Duration    // of the client with a connection at fault; 0: as much as a test has
	dialing  *atomic.Bool     // dial and patience are in force
}

// client is the product's own client with the patience of a test.
func (h hazard) client(f *faultSite) (*http.Client, *url.URL) {
	address := "http://" + f.plain.Addr + "/v2/"
	switch {
	case h.h2:
		address = f.h2.URL + "/v2/"
	case h.secure:
		address = "https://" + f.tls.Addr + "/v2/"
	}
	base, err := url.Parse(address)
	if err != nil {
		f.T.Fatal(err)
	}
	c := wire.NewHTTPClient(base)
	if h.h2 {
		c = f.h2.Client() // ours offers HTTP/1.1 only
	}
	c.Timeout = sitetest.Never
	t := c.Transport.(*http.Transport)
	if h.secure {
		t.TLSClientConfig.RootCAs = f.roots
	}
	dial := t.DialContext
	if h.dialing != nil {
		dial = h.over(dial)
	}
	t.DialContext = f.lines.Over(dial)
	if t.DialTLSContext != nil {
		t.DialTLSContext = f.lines.Over(t.DialTLSContext)
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
	f.api.Set(h.fault, paths...)
	if h.scenario != "" {
		f.Sim.SetScenario(f.account.ProviderID, h.scenario)
	}
	if h.dialing != nil {
		h.dialing.Store(true)
	}
	front := f.plain
	if h.secure {
		front = f.tls
	}
	front.Set(f.T, h.wire, h.refuse)
	f.cut(h)
}

// cut ends the client's connections if those from now on are other ones.
func (f *faultSite) cut(h hazard) {
	if h.wire != nil || h.refuse || h.dialing != nil {
		f.lines.Cut()
	}
}

// off mends everything.
func (f *faultSite) off(h hazard) {
	f.api.Set(okrasim.Fault{})
	f.Sim.SetScenario(f.account.ProviderID, okrasim.Normal)
	if h.dialing != nil {
		h.dialing.Store(false)
	}
	f.plain.Set(f.T, nil, false)
	f.tls.Set(f.T, nil, false)
	f.cut(h)
}
