package mono_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
	"balancelink/okra/mono"
	"balancelink/okra/mono/monosim"
	"balancelink/okra/provider"
	"balancelink/okra/provider/providertest"
)

const (
	key    = "canary.mono.key"
	secret = "canary.webhook.secret"
	ngozis = "0712345604"
)

func TestMonoKeepsTheContractOfProviders(t *testing.T) {
	providertest.Run(t, func(t *testing.T) providertest.World { return newWorld(t) })
}

// world is the simulated Mono, whose time stands until something has to come to its end.
type world struct {
	t     *testing.T
	sim   *monosim.Server
	clock *sitetest.Clock
	base  *url.URL

	mu    sync.Mutex
	heard []providertest.Delivery
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, clock: sitetest.NewClock(time.Now())}
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.heard = append(w.heard, providertest.Delivery{Header: r.Header, Body: body})
	}))
	t.Cleanup(app.Close)
	api := httptest.NewUnstartedServer(nil)
	w.base = &url.URL{Scheme: "http", Host: api.Listener.Addr().String()}
	w.sim = monosim.New(monosim.Config{
		SecretKey: key, WebhookSecret: secret, WebhookURL: app.URL, LinkURL: w.base.String(), BankDelay: time.Second,
		Now: w.clock.Now, After: w.clock.After, Logger: slog.New(slog.DiscardHandler),
	})
	t.Cleanup(w.sim.Close)
	api.Config.Handler = w.sim
	api.Start()
	t.Cleanup(api.Close)
	return w
}

func (w *world) Adapter(budget *provider.Budget, bare bool) provider.Provider {
	a := &mono.Adapter{
		Client: &mono.Client{BaseURL: w.base, SecretKey: key, Budget: budget}, Env: provider.EnvSimulated,
		Secrets: []provider.Secret{secret, ""}, Page: w.base,
	}
	if bare {
		a.Secrets = []provider.Secret{"", ""}
	}
	return a
}

func (w *world) Link(attempt string) providertest.Linked {
	shared, err := w.sim.Link(ngozis, attempt)
	if err != nil {
		w.t.Fatal(err)
	}
	return providertest.Linked{
		Claim: provider.Claim{Record: shared.Account}, Forget: shared.Account, NUBAN: ngozis,
		Ref: provider.Ref{Account: shared.Account, Customer: shared.Account, Record: shared.Account},
	}
}

func (w *world) Set(_ providertest.Linked, minor int64) {
	if err := w.sim.SetBalance(ngozis, minor); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) Meet(l providertest.Linked, trouble providertest.Trouble) bool {
	w.clock.Advance(mono.Interval)
	w.sim.Calm()
	switch trouble {
	case providertest.Slow:
		w.sim.SetScenarios(ngozis, monosim.SlowBank)
	case providertest.BankFails:
		w.sim.SetScenarios(ngozis, monosim.SyncFailed)
	case providertest.WantsLogin:
		w.sim.SetScenarios(ngozis, monosim.NeedsLogin)
	case providertest.Odd:
		w.sim.SetScenarios(ngozis, monosim.OddSync)
	default:
		outage := map[providertest.Trouble]string{
			providertest.Well: monosim.NoOutage, providertest.Down: "down", providertest.Garbage: "garbled",
			providertest.Denied: "refused", providertest.Limited: "busy",
		}[trouble]
		if err := w.sim.SetOutage(outage); err != nil {
			w.t.Fatal(err)
		}
	}
	return true
}

func (w *world) Settle() {
	w.t.Helper()
	sitetest.Await(w.t, "quiet", func() string { return "something still goes on" }, func() bool {
		w.clock.Advance(time.Second)
		return w.sim.Pending() == 0
	})
}

func (w *world) Heard() []providertest.Delivery {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.heard
	w.heard = nil
	return all
}

func (w *world) Key() string { return key }
