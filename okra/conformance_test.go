package okra_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
	"balancelink/okra"
	"balancelink/okra/okrasim"
	"balancelink/okra/provider"
	"balancelink/okra/provider/providertest"
)

const (
	key    = "canary.okra.key"
	token  = "canary.webhook.token"
	owner  = "63f1000000000000000000aa"
	zenith = "2230011442" // of Amina456, who has no other account
)

func TestOkraKeepsTheContractOfProviders(t *testing.T) {
	providertest.Run(t, func(t *testing.T) providertest.World { return newContractWorld(t) })
}

// contractWorld is the simulated Okra, whose time stands until something has to come to
// its end.
type contractWorld struct {
	t       *testing.T
	sim     *okrasim.Server
	clock   *sitetest.Clock
	base    *url.URL
	account okrasim.AccountInfo

	mu    sync.Mutex
	heard []providertest.Delivery
}

func newContractWorld(t *testing.T) *contractWorld {
	w := &contractWorld{t: t, clock: sitetest.NewClock(time.Now())}
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.heard = append(w.heard, providertest.Delivery{Header: r.Header, Body: body})
	}))
	t.Cleanup(app.Close)
	w.sim = okrasim.New(okrasim.Config{
		SecretKey: key, ClientToken: owner, PublicKey: "public", WebhookToken: token, WebhookURL: app.URL,
		BankDelay: time.Second, Now: w.clock.Now, After: w.clock.After, Logger: slog.New(slog.DiscardHandler),
	})
	t.Cleanup(w.sim.Close)
	api := httptest.NewServer(w.sim)
	t.Cleanup(api.Close)
	w.base, _ = url.Parse(api.URL + "/v2/")
	w.sim.Calm()
	for _, a := range w.sim.Accounts() {
		if a.NUBAN == zenith {
			w.account = a
		}
	}
	return w
}

func (w *contractWorld) Adapter(budget *provider.Budget, bare bool) provider.Provider {
	a := &okra.Adapter{
		Client: &okra.Client{BaseURL: w.base, SecretKey: key, Budget: budget}, Env: provider.EnvSimulated, Owner: owner,
		Tokens: []provider.Secret{token, ""},
	}
	if bare {
		a.Tokens = []provider.Secret{"", ""}
	}
	return a
}

func (w *contractWorld) Link(attempt string) providertest.Linked {
	message, err := w.sim.Connect("Amina456", attempt, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	claim, _, err := w.Adapter(nil, false).ReceiveClaim(message)
	if err != nil {
		w.t.Fatalf("%s: %v", message, err)
	}
	return providertest.Linked{
		Claim: claim, Forget: w.account.CustomerID, NUBAN: zenith,
		Ref: provider.Ref{Account: w.account.ID, Customer: w.account.CustomerID, Record: claim.Record},
	}
}

func (w *contractWorld) Set(_ providertest.Linked, minor int64) {
	major := fmt.Sprintf("%d.%02d", minor/100, minor%100)
	if err := w.sim.SetBalance(w.account.ID, major, ""); err != nil {
		w.t.Fatal(err)
	}
}

func (w *contractWorld) Meet(_ providertest.Linked, trouble providertest.Trouble) bool {
	w.clock.Advance(time.Minute)
	w.sim.Calm()
	switch trouble {
	case providertest.Slow:
		w.sim.SetScenario(w.account.ID, okrasim.SlowBank)
	case providertest.BankFails:
		w.sim.SetScenario(w.account.ID, okrasim.Failed)
	case providertest.WantsLogin:
		w.sim.SetScenario(w.account.ID, okrasim.NeedsLogin)
	case providertest.Odd:
		return false
	default:
		outage := map[providertest.Trouble]string{
			providertest.Well: okrasim.NoOutage, providertest.Down: "down", providertest.Garbage: "garbled",
			providertest.Denied: "refused", providertest.Limited: "busy",
		}[trouble]
		if err := w.sim.SetOutage(outage); err != nil {
			w.t.Fatal(err)
		}
	}
	return true
}

func (w *contractWorld) Settle() {
	w.t.Helper()
	sitetest.Await(w.t, "quiet", func() string { return "something still goes on" }, func() bool {
		w.clock.Advance(time.Second)
		return w.sim.Pending() == 0
	})
}

func (w *contractWorld) Heard() []providertest.Delivery {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.heard
	w.heard = nil
	return all
}

func (w *contractWorld) Key() string { return key }
