package faults_test

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"balancelink/handlers"
	"balancelink/handlers/providers"
	"balancelink/handlers/settings"
	"balancelink/handlers/sitetest/site"
	"balancelink/handlers/worker"
	"balancelink/okra/mono"
	"balancelink/okra/mono/monosim"
	"balancelink/okra/provider"
	"balancelink/store"
)

// ngozis is an account at the simulated Mono, of Ngozi Chidera Umeh.
const ngozis = "0712345604"

// monoSite is a [faultSite] where people link by pages of Mono's. Each row has a
// customer of its own, whose account is unlinked in the end.
type monoSite struct {
	*faultSite
	nuban   string // of the row's account at the bank
	kept    log
	budget  *provider.Budget
	trust   *worker.Trust
	probe   atomic.Pointer[mono.Client] // of the row that runs
	stop    func()                      // ends the worker; nil: none is at work
	sign    *site.SignIns
	deaf    bool   // webhooks come and are turned away
	officer string // the member of staff who signs in
}

// log is what the program writes.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newMonoSite(t *testing.T) *monoSite {
	t.Helper()
	t.Parallel()
	f, hook := newSite(t, settings.Mono)
	m := &monoSite{faultSite: f, nuban: ngozis}
	f.Log = slog.New(slog.NewTextHandler(&m.kept, nil))
	f.Mono = monosim.New(monosim.Config{
		SecretKey: f.Settings.MonoSecretKey.Reveal(), App: f.Settings.MonoAppID,
		WebhookSecret: f.Settings.MonoWebhookSecret.Reveal(), OldWebhookSecret: "the secret of before",
		WebhookURL: hook, LinkURL: f.Settings.MonoLinkOrigin, BankDelay: time.Second, Now: f.Clock,
		After: f.Time.After, Logger: site.Quiet,
	})
	t.Cleanup(f.Mono.Close)
	f.way = newWay(t, f.Mono, "/")
	f.openStore()
	adapter, err := providers.Mono(f.Settings)
	if err != nil {
		t.Fatal(err)
	}
	adapter.Now = f.Clock
	m.budget = provider.NewBudget(600, f.Clock)
	m.trust = &worker.Trust{
		Store: f.Store, Name: settings.Mono, Env: provider.EnvSimulated, Logger: f.Log, Now: f.Clock, Budget: m.budget,
		Probe: func(ctx context.Context) error { return m.probe.Load().Banks(ctx) },
	}
	f.adapter = func(client *http.Client, base *url.URL) provider.Provider {
		a := *adapter
		a.Client = &mono.Client{
			BaseURL: base, SecretKey: f.Settings.MonoSecretKey, HTTP: client, Budget: m.budget, Failed: m.trust.Doubt,
		}
		m.probe.Store(a.Client)
		return &a
	}
	server := f.serve([]handlers.Upstream{{
		Provider: adapter, Trust: m.trust, Calls: &worker.Allowance{Budget: m.budget}, API: f.Settings.MonoAPIURL,
		Page: f.Settings.MonoLinkOrigin, Setting: "MONO_API_URL", Secret: "MONO_WEBHOOK_SECRET",
	}})
	m.sign = site.NewSignIns(t, server)
	all, err := f.Store.AllStaff(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m.officer = all[0].ID
	return m
}

// begin gives a row a customer who has agreed to nothing yet.
func (m *monoSite) begin(t *testing.T, row monoRow) (end func()) {
	m.T = t
	m.nuban, m.seen = cmp.Or(row.nuban, ngozis), ""
	m.customer, m.customerID, m.deaf = nil, "", false
	m.staff = m.SignedIn()
	m.resume(row.hazard)
	m.right(row.hazard)
	m.customerID = m.staff.CustomerWith(m.info().Holder, "ngozi@example.com", "")
	return m.rest
}

// signIn signs everybody in anew: so much time passes that they would be signed out.
func (m *monoSite) signIn() {
	m.T.Helper()
	m.staff.HTTP.Jar.SetCookies(m.Origin(), []*http.Cookie{m.sign.Staff(m.T, m.officer)})
	if m.customer != nil {
		m.customer.HTTP.Jar.SetCookies(m.Origin(), []*http.Cookie{m.sign.Customer(m.T, m.customerID)})
	}
}

// resume lets a worker work, with a client of its own.
func (m *monoSite) resume(h hazard) { m.T.Helper(); m.stop = m.work(h) }

// rest ends the worker, so that what begins now meets what goes wrong then.
func (m *monoSite) rest() {
	if m.stop != nil {
		m.stop()
		m.stop = nil
	}
}

func (m *monoSite) info() (i monosim.AccountInfo) {
	for _, i = range m.Mono.Accounts() {
		if i.NUBAN == m.nuban {
			break
		}
	}
	return i
}

// wrong lets all calls go wrong, or those of some paths.
func (m *monoSite) wrong(h hazard, paths ...string) {
	m.T.Helper()
	m.Mono.SetScenarios(m.nuban, h.awkward...)
	if len(paths) > 0 {
		m.api.Set(h.fault, paths...)
	} else {
		m.api.SetAll(h.fault)
	}
	m.block(m.T, h)
}

// right mends everything, and waits until nobody holds back because of it.
func (m *monoSite) right(h hazard) {
	m.T.Helper()
	m.Mono.Calm()
	m.mend(m.T, h)
	m.Advance(mono.Interval + time.Minute)
	m.until("Mono is trusted", 10*time.Second, func() bool { return m.trust.Asked(m.T.Context()).Proven })
	m.signIn()
}

// letTry ends a pause that another call has run into, as the search for sign-ins of which
// no webhook came does: what is waited for would never be tried.
func (m *monoSite) letTry() {
	m.budget.Probed(m.T.Context(), nil)
	m.budget.TryNow()
}

// until lets time pass in steps until something holds.
func (m *monoSite) until(what string, step time.Duration, holds func() bool) {
	m.T.Helper()
	m.Eventually(what, func() bool {
		if holds() {
			return true
		}
		m.Advance(step)
		return false
	})
}

// now is the attempt as it is.
func (m *monoSite) now(nonce string) store.Attempt {
	m.T.Helper()
	return m.Attempt(m.customerID, nonce)
}

// tellsNothing fails if what is secret lies in the clear in the database's files, or
// stands in the log.
func (m *monoSite) tellsNothing(t *testing.T) {
	t.Helper()
	written := map[string]string{"the log": m.kept.String()}
	files, err := filepath.Glob(m.Database + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("the database is not there: %v", err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		written[filepath.Base(name)] = string(content)
	}
	for where, text := range written {
		for what, secret := range m.secrets() {
			if strings.Contains(text, secret) {
				t.Errorf("%s tells %s", where, what)
			}
		}
	}
}

func (m *monoSite) secrets() map[string]string {
	all := map[string]string{
		"the key": m.Settings.MonoSecretKey.Reveal(), "the webhook's secret": m.Settings.MonoWebhookSecret.Reveal(),
		"what Mono says": monoSays, "a BVN": "222037037",
	}
	for _, a := range m.Mono.Accounts() {
		all["the number "+a.NUBAN] = a.NUBAN
	}
	return all
}

// discreet fails if a page tells what is nobody's business.
func (m *monoSite) discreet(what string, p site.Page) {
	m.T.Helper()
	html, err := p.Html()
	if err != nil {
		m.T.Fatal(err)
	}
	for name, secret := range m.secrets() {
		if strings.Contains(html, secret) {
			m.T.Errorf("%s: %s tells %s", what, p.Path, name)
		}
	}
}
