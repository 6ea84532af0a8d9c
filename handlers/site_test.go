package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

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
	"balancelink/views"
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

// moment is how long people take from one thing that they do to the next.
const moment = 10 * time.Millisecond

// browser is one person's browser without JavaScript.
type browser struct {
	t     testing.TB
	site  *site
	http  *http.Client
	drawn atomic.Value // for whom the page was drawn that was seen last: a string, or nothing
}

func (b *browser) forWhom() string {
	who, _ := b.drawn.Load().(string)
	return who
}

func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &browser{t: s.t, site: s, http: &http.Client{Jar: jar, Timeout: sitetest.Never}}
}

// signedIn is the browser of a member of staff.
func (s *site) signedIn() *browser {
	s.t.Helper()
	b := s.browser()
	p := b.post("/login", url.Values{"email": {staffEmail}, "password": {staffPassword}})
	p.wantStatus(http.StatusOK)
	return b
}

// page is an answer after redirects.
type page struct {
	t      testing.TB
	Status int
	Path   string
	Header http.Header
	*goquery.Document
}

func (b *browser) get(path string) page { b.t.Helper(); return b.do("GET", path, nil, nil) }

// post presses a button of the page that was seen last.
func (b *browser) post(path string, form url.Values) page {
	b.t.Helper()
	return b.do("POST", path, b.form(form), typeOfForms())
}

// form is a form of the page that was seen last.
func (b *browser) form(fields url.Values) io.Reader {
	return strings.NewReader(drawnFor(b.forWhom(), fields).Encode())
}

// drawnFor is a form with the field that says for whom it was drawn.
func drawnFor(who string, fields url.Values) url.Values {
	all := url.Values{views.DrawnForField: {who}}
	maps.Copy(all, fields)
	return all
}

func typeOfForms() http.Header { return withTypeOfForms(http.Header{}) }

func withTypeOfForms(h http.Header) http.Header {
	h.Set("Content-Type", "application/x-www-form-urlencoded")
	return h
}

// isReport says whether what is posted to a path is a report of a bank window or
// of the provider, which no page has drawn.
func isReport(path string) bool {
	return strings.HasPrefix(path, "/connect/attempts/") || strings.HasPrefix(path, "/webhooks/")
}

// htmx sends what the page's script would.
func (b *browser) htmx(method, path string) page {
	b.t.Helper()
	return b.do(method, path, nil, http.Header{"Hx-Request": {"true"}})
}

func (b *browser) postJSON(path, body string) page {
	b.t.Helper()
	return b.do("POST", path, strings.NewReader(body), http.Header{"Content-Type": {"application/json"}})
}

func (b *browser) do(method, path string, body io.Reader, header http.Header) page {
	b.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = b.site.URL + path
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	for k, v := range header {
		req.Header[k] = v
	}
	if body == nil && method == "POST" && !isReport(req.URL.Path) { // a button without fields
		req.Body, req.Header = io.NopCloser(b.form(nil)), withTypeOfForms(req.Header)
	}
	// Browsers say which page a form is on; ours is where it goes unless said otherwise.
	if method != "GET" && req.Header.Get("Origin") == "" && req.Header.Get("Sec-Fetch-Site") == "" {
		req.Header.Set("Origin", req.URL.Scheme+"://"+req.URL.Host)
	}
	b.site.advance(moment)
	resp, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	doc, err := goquery.NewDocumentFromReader(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if who, ok := doc.Find("input[name=" + views.DrawnForField + "]").Attr("value"); ok {
		b.drawn.Store(who)
	}
	return page{t: b.t, Status: resp.StatusCode, Path: resp.Request.URL.Path, Header: resp.Header, Document: doc}
}

func (p page) wantStatus(want int) {
	p.t.Helper()
	if p.Status != want {
		p.t.Fatalf("%s: status = %d, want %d: %s", p.Path, p.Status, want, p.text("main"))
	}
}

// text is what a person reads of the elements, with single spaces.
func (p page) text(selector string) string {
	return strings.Join(strings.Fields(p.Find(selector).Text()), " ")
}

// wantText fails unless the elements say so.
func (p page) wantText(selector, want string) {
	p.t.Helper()
	if got := p.text(selector); !strings.Contains(got, want) {
		p.t.Errorf("%s %q says %q, want %q in it", p.Path, selector, got, want)
	}
}

// addCustomer adds a customer as staff do and returns the id.
func (b *browser) addCustomer(name string) string {
	b.t.Helper()
	p := b.post("/customers", url.Values{"name": {name}})
	p.wantStatus(http.StatusOK)
	id := strings.TrimPrefix(p.Path, "/customers/")
	if id == p.Path {
		b.t.Fatalf("after adding a customer at %s", p.Path)
	}
	return id
}

var personalLink = regexp.MustCompile(`/connect/[\w-]{20,}`)

// invite makes a personal link as staff do and returns its path.
func (b *browser) invite(customerID string) string {
	b.t.Helper()
	p := b.post("/customers/"+customerID+"/invitations", nil)
	p.wantStatus(http.StatusOK)
	html, err := p.Html()
	if err != nil {
		b.t.Fatal(err)
	}
	link := personalLink.FindString(html)
	if link == "" {
		b.t.Fatal("the page shows no personal link")
	}
	return link
}

// consent opens a personal link, agrees, and returns the nonce of the attempt.
func (b *browser) consent(link string) string {
	b.t.Helper()
	p := b.get(link)
	p.wantStatus(http.StatusOK)
	version, _ := p.Find("input[name=consent]").Attr("value")
	p = b.post(link+"/attempts", url.Values{"consent": {version}})
	p.wantStatus(http.StatusOK)
	nonce := strings.TrimPrefix(p.Path, "/connect/attempts/")
	if nonce == p.Path {
		b.t.Fatalf("after consenting at %s", p.Path)
	}
	return nonce
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

// holder is whose a sandbox log-in is.
func (s *site) holder(login string) string {
	s.t.Helper()
	for _, a := range s.Sim.Accounts() {
		if a.Login == login {
			return a.Name
		}
	}
	s.t.Fatalf("no sandbox log-in %s", login)
	return ""
}

// claims posts what the bank's window reports: it is accepted, or known already
// when a webhook was faster.
func (b *browser) claims(nonce string, success []byte) {
	b.t.Helper()
	if p := b.postJSON("/connect/attempts/"+nonce+"/success", string(success)); p.Status != http.StatusAccepted && p.Status != http.StatusOK {
		b.t.Fatalf("the claim is answered %d: %s", p.Status, p.text("body"))
	}
}

// link takes a new customer all the way to linked accounts of a sandbox log-in.
// name has to be its holder's, or it would wait for staff.
func (s *site) link(staff *browser, name, login string) (customerID string, customer *browser) {
	s.t.Helper()
	customerID = staff.addCustomer(name)
	customer = s.browser()
	nonce := customer.consent(staff.invite(customerID))
	success, err := s.Sim.Connect(login, nonce, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if success != nil {
		customer.claims(nonce, success)
	}
	s.eventually("the attempt is linked", func() bool {
		a, err := s.Store.AttemptByNonce(s.t.Context(), store.OfCustomer(customerID), nonce)
		if a.State == store.AttemptNeedsReview {
			s.t.Fatalf("%s at %s needs review: %s", name, login, a.Reason)
		}
		return err == nil && a.State == store.AttemptLinked
	})
	return customerID, customer
}

// accounts are a customer's accounts by account number.
func (s *site) accounts(customerID string) map[string]store.Account {
	s.t.Helper()
	all, err := s.Store.AccountsByCustomer(s.t.Context(), customerID)
	if err != nil {
		s.t.Fatal(err)
	}
	by := map[string]store.Account{}
	for _, a := range all {
		by[a.NUBAN] = a
	}
	return by
}
