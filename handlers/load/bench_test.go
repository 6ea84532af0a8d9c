package load_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers"
	"balancelink/handlers/listen"
	"balancelink/handlers/settings"
	"balancelink/handlers/signin"
	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/site"
	"balancelink/handlers/worker"
	"balancelink/store"
	"balancelink/store/storetest"
)

const (
	benchRounds    = 5 // and one before them that does not count
	benchRound     = time.Second
	benchCustomers = 1000
)

// BenchmarkReceipt measures storing webhooks before they are acknowledged.
func BenchmarkReceipt(b *testing.B) {
	var t table
	for _, clients := range []int{1, 16, 64} {
		p := newProduct(b, store.Options{Unmetered: true})
		t.measure(b, p, load{name: "receipt", clients: clients, request: p.delivery, beside: p.work, check: p.allStored})
	}
	t.print()
}

// BenchmarkPages measures the pages that staff look at most, with a database
// that has something to show.
func BenchmarkPages(b *testing.B) {
	p := newProduct(b, store.Options{Unmetered: true})
	poll := p.fill(b)
	cookie := p.signIn(b)
	var t table
	t.measure(b, p, load{name: "list", clients: 16, request: get("/customers", cookie, "")})
	t.measure(b, p, load{name: "poll", clients: 16, request: get(poll, cookie, "HX-Request: true\r\n")})
	t.print()
}

// BenchmarkWatching measures many viewers who poll one refresh: as fast as they
// can, and once a second each as pages do. In the second case everybody's rate
// is the same, and the ratio is of the CPU time: hello's through ours.
func BenchmarkWatching(b *testing.B) {
	p := newProduct(b, store.Options{Unmetered: true})
	poll := p.fill(b)
	cookie := p.signIn(b)
	var t table
	for _, viewers := range []int{1, 100, 1000} {
		v := newViewers(viewers, poll, cookie)
		t.measure(b, p, load{name: "flood", clients: viewers, request: v.request, answered: v.answered})
		t.measure(b, p, load{name: "1 poll/s", clients: viewers, request: v.request, answered: v.answered, every: time.Second})
	}
	t.print()
}

// viewers poll as pages do: each where its last card says.
type viewers struct {
	cookie string
	at     []string
}

func newViewers(n int, poll, cookie string) viewers {
	return viewers{cookie, slices.Repeat([]string{poll}, n)}
}

func (v viewers) request(client, n int, buf []byte) []byte {
	return fmt.Appendf(buf, "GET %s HTTP/1.1\r\nHost: lender.example\r\nCookie: %s\r\nHX-Request: true\r\n\r\n", v.at[client], v.cookie)
}

func (v viewers) answered(client int, body []byte) {
	if _, after, ok := bytes.Cut(body, []byte(`hx-get="`)); ok {
		address, _, _ := bytes.Cut(after, []byte(`"`))
		v.at[client] = html.UnescapeString(string(address))
	}
}

// table is the results of a benchmark for people, one line each.
type table []string

// measure runs a load beside a gin handler that says hello and is served the
// same way: rounds of both in turn over loopback connections that are kept
// open. Clients and servers share this process and its processors, so that the
// rates are lower than those of a server alone: compare ratios.
func (t *table) measure(b *testing.B, p *product, l load) {
	b.Run(fmt.Sprintf("%s/clients=%d", l.name, l.clients), func(b *testing.B) {
		var r result
		for b.Loop() {
			r = p.beside(b, l)
		}
		r.report(b)
		*t = append(*t, fmt.Sprintf("%-8s %7d   %s", l.name, l.clients, r))
	})
}

func (t table) print() {
	if len(t) > 0 {
		fmt.Fprintf(os.Stdout, "\n%-8s %7s   %s\n%s\n\n", "", "clients", resultHeading, strings.Join(t, "\n"))
	}
}

// product is what main wires, without the simulated bank. The worker rests
// unless a load says otherwise.
type product struct {
	store    *store.Store
	server   *handlers.Server
	settings settings.Settings
	worker   *worker.Worker
	addr     string
	hello    string // the address of the server that says hello
}

func newProduct(b testing.TB, opt store.Options) *product {
	b.Helper()
	set, err := settings.Load(nil, []string{
		"DATABASE_URL=sqlite:" + filepath.Join(b.TempDir(), "bench.db"), "SESSION_KEY=0123456789abcdef0123456789abcdef", "DATA_KEY=" + storetest.DataKey,
		"ADMIN_EMAIL=" + site.StaffEmail, "ADMIN_PASSWORD=" + site.StaffPassword,
	}, io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	opt.Keys = storetest.Keys(b, 'k')
	db, err := store.Open(b.Context(), set.DatabaseURL.Reveal(), opt)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	if err := signin.FirstStaff(b.Context(), db, set, signin.FullCost); err != nil {
		b.Fatal(err)
	}
	upstreams := site.Okra(b, set, site.Proven(db))
	p := &product{store: db, settings: set, worker: worker.New(worker.Config{Store: db, Providers: handlers.Providers(upstreams), Env: set.Env, Logger: site.Quiet})}
	server, err := handlers.New(handlers.Config{Settings: set, Store: db, Upstreams: upstreams, Worker: p.worker, Logger: site.Quiet})
	if err != nil {
		b.Fatal(err)
	}
	p.server = server
	hello := gin.New()
	hello.GET("/", func(c *gin.Context) { c.String(http.StatusOK, "hello") })
	p.addr, p.hello = serveAsMain(b, server, 5000), serveAsMain(b, hello, 5000)
	return p
}

// serveAsMain serves as main does, with so many connections, and returns the address.
func serveAsMain(t testing.TB, h http.Handler, most int) string {
	t.Helper()
	addr := sitetest.Addr(t)
	srv, err := listen.Open(h, site.Quiet, listen.Options{Addr: addr, MaxConnections: most})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- srv.Serve() }()
	t.Cleanup(func() {
		srv.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return addr
}

// work starts the worker, which competes with receipt for the disk as it does
// in production, and returns what stops it, so that it costs hello nothing.
func (p *product) work() (rest func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { p.worker.Run(ctx) })
	return func() { cancel(); wg.Wait() }
}

// delivery is a webhook as the provider sends them, each of another account.
func (p *product) delivery(client, n int, buf []byte) []byte {
	id := fmt.Sprintf("%06x%06x", client, n)
	ended := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Millisecond).Format("2006-01-02T15:04:05.000Z")
	body := fmt.Sprintf(`{"method":"BALANCE","callback_type":"BALANCE","callback_code":"BALANCE_SUCCESS","type":"CALLBACK","code":"BALANCE_SUCCESS",`+
		`"callbackURL":"https://lender.example/webhooks/okra","env":"production-sandbox","status":"is_success","started_at":"2025-12-31T23:59:58.100Z",`+
		`"ended_at":"%[2]s","message":"Successfully fetched balance","options":{"branch":"Ikeja","reference":"LN-20260101-%[1]s"},"meta":{},`+
		`"bankName":"Sample Bank","bankType":"5d6fe57a4099cc4b210bbeb1","bankId":"5d6fe57a4099cc4b210bbeb1","bankSlug":"sample-bank",`+
		`"record":"64fec9000001%[1]s","recordId":"64fec9000001%[1]s","callback_url":"https://api.okra.ng/v2/callback?record=64fec9000001%[1]s&method=BALANCE",`+
		`"customerId":"64fec8000002%[1]s","customerBvn":"22200000009","country":"NG","extras":{},"login_type":"bank","nuban":"0123456789",`+
		`"balance":{"nuban":"0123456789","name":"INVENTED, PERSON","ledger_balance":1250340.75,"available_balance":1248340.75,`+
		`"currency":"NGN","status":"Active","connected":true,"accountId":"64fec8000003%[1]s"}}`, id, ended)
	return fmt.Appendf(buf, "POST /webhooks/okra HTTP/1.1\r\nHost: lender.example\r\nUser-Agent: axios/1.6.0\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", p.settings.OkraWebhookToken.Reveal(), len(body), body)
}

// allStored fails unless every acknowledged delivery has its row.
func (p *product) allStored(b *testing.B, acknowledged int) {
	b.Helper()
	n, err := p.store.Counts(b.Context(), store.CountsAt{FreshSince: time.Now(), StaleBefore: time.Now(), EventsSince: time.Now().Add(-time.Hour)})
	if err != nil {
		b.Fatal(err)
	}
	if n.EventsSince != acknowledged {
		b.Fatalf("%d deliveries were acknowledged and %d are stored", acknowledged, n.EventsSince)
	}
}

// fill stores customers with two linked accounts each, asks one account's bank
// for its balance, and returns the address at which that refresh is polled.
func (p *product) fill(b *testing.B) (poll string) {
	b.Helper()
	must := func(err error) {
		if err != nil {
			b.Helper()
			b.Fatal(err)
		}
	}
	var last string
	for i := range benchCustomers {
		ctx, id := b.Context(), fmt.Sprintf("%012x", i)
		c, err := p.store.AddCustomer(ctx, store.Program, store.Customer{
			Name: fmt.Sprintf("Customer Bello-%04d", i*7919%benchCustomers), Reference: "LN-" + id, Email: "c" + id + "@mail.example", Phone: "+2348000000000",
		})
		must(err)
		consent, err := p.store.AddConsent(ctx, store.Consent{CustomerID: c.ID, Version: "1", Scope: "balance"})
		must(err)
		a, err := p.store.StartAttempt(ctx, store.Attempt{
			CustomerID: c.ID, ConsentID: consent.ID, Provider: "okra", Env: p.settings.Env,
		}, time.Hour)
		must(err)
		_, err = p.store.ReportAttempt(ctx, a.Nonce, store.Report{State: store.AttemptClaimed, ProviderRecord: "64fec9000001" + id, ClaimedBy: "widget"})
		must(err)
		must(p.store.FinishLink(ctx, a.ID, store.Link{
			ProviderRecord: "64fec9000001" + id, Bank: store.Bank{ID: "5d6fe57a4099cc4b210bbeb1", Name: "Sample Bank", Slug: "sample-bank"},
			Accounts: []store.LinkedAccount{linkedAccount("64fec8000003"+id, "SAVINGS", i), linkedAccount("64fec8000004"+id, "CURRENT", i)},
		}))
		last = c.ID
	}
	accounts, err := p.store.AccountsByCustomer(b.Context(), last)
	must(err)
	r, _, err := p.store.StartRefresh(b.Context(), store.RefreshRequest{
		Scope: store.Whole(), AccountID: accounts[0].ID, Kind: store.KindRefresh, Trigger: "schedule", Deadline: time.Hour,
	})
	must(err)
	return "/refreshes/" + r.ID
}

func linkedAccount(id, kind string, i int) store.LinkedAccount {
	return store.LinkedAccount{
		ProviderID: id, Name: "Invented Person", NUBAN: fmt.Sprintf("%010d", i), Type: kind, Currency: "NGN",
		Balance: &store.Balance{
			Source: store.SourceLink, Currency: "NGN", Figure: int64(125034075 + i), Basis: store.BasisLedger, Available: store.Minor(int64(124834075 + i)),
			AsOf: time.Now().Add(-time.Duration(i) * time.Minute),
		},
	}
}

// signIn returns the cookie of a member of staff.
func (p *product) signIn(b *testing.B) string {
	b.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	at := &url.URL{Scheme: "http", Host: p.addr, Path: "/"}
	resp, err := (&http.Client{Jar: jar}).PostForm(at.String()+"login", url.Values{"email": {site.StaffEmail}, "password": {site.StaffPassword}})
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	for _, c := range jar.Cookies(at) {
		if c.Name == "balancelink_staff" && resp.StatusCode == http.StatusOK { // the other one is the browser's own
			return c.String()
		}
	}
	b.Fatalf("signing in: %s", resp.Status)
	return ""
}

// load is what the clients do in ours' rounds.
type load struct {
	name     string
	clients  int
	request  func(client, n int, buf []byte) []byte // appends the request as it goes over the wire
	answered func(client int, body []byte)          // nil: answers are not looked at
	every    time.Duration                          // between a client's requests; 0: as fast as it can
	beside   func() (stop func())                   // what runs in ours' rounds as well; nil: nothing
	check    func(b *testing.B, answered int)       // in the end; nil: nothing
}

func get(path, cookie, header string) func(int, int, []byte) []byte {
	return func(_, _ int, buf []byte) []byte {
		return fmt.Appendf(buf, "GET %s HTTP/1.1\r\nHost: lender.example\r\nCookie: %s\r\n%s\r\n", path, cookie, header)
	}
}

// beside runs ours and hello in turn.
func (p *product) beside(b *testing.B, l load) result {
	b.Helper()
	var ours, hello clients
	var r result
	answered := 0
	for round := range benchRounds + 1 {
		stop := func() {}
		if l.beside != nil {
			stop = l.beside()
		}
		if round == 0 { // not before: a connection that says nothing for long is closed
			ours = dial(b, p.addr, l.clients)
		}
		took, rate, spent := ours.run(b, l.request, l.answered, l.every)
		stop()
		if round == 0 {
			hello = dial(b, p.hello, l.clients)
		}
		_, helloRate, helloSpent := hello.run(b, get("/", "", ""), nil, l.every)
		ratio := rate / helloRate
		if l.every > 0 {
			ratio = helloSpent / spent
		}
		answered += len(took)
		if round > 0 {
			r.ours, r.hello, r.ratios = append(r.ours, rate), append(r.hello, helloRate), append(r.ratios, ratio)
			r.took = append(r.took, took...)
			r.cpu = append(r.cpu, spent)
		}
	}
	if l.check != nil {
		l.check(b, answered)
	}
	slices.Sort(r.took)
	return r
}

// clients are connections that are kept open, each with one request at a time.
type clients []*client

type client struct {
	net.Conn
	r    *bufio.Reader
	sent int
	buf  []byte
	body bytes.Buffer // of the last answer
	took []time.Duration
}

func dial(b *testing.B, addr string, n int) clients {
	b.Helper()
	all := make(clients, n)
	for i := range all {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close() })
		all[i] = &client{Conn: conn, r: bufio.NewReaderSize(conn, 64<<10)}
	}
	return all
}

// run lets all clients send for one round, spread evenly when they pause
// between requests, and returns how long each answer took, how many came in a
// second and how many µs of CPU time each cost. Any other answer than
// 200 or 204 is fatal.
func (all clients) run(b *testing.B, request func(client, n int, buf []byte) []byte, answered func(int, []byte), every time.Duration) (took []time.Duration, rate, spent float64) {
	b.Helper()
	runtime.GC() // nobody pays for the garbage of the round before
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	start, before := time.Now(), cpu(b)
	for i, c := range all {
		c.took = c.took[:0]
		wg.Go(func() {
			next := start.Add(every * time.Duration(i) / time.Duration(len(all)))
			for errs[i] == nil && max(time.Since(start), next.Sub(start)) < benchRound {
				time.Sleep(time.Until(next))
				next = next.Add(every)
				c.buf = request(i, c.sent, c.buf[:0])
				if errs[i] = c.do(); answered != nil && len(c.body.Bytes()) > 0 {
					answered(i, c.body.Bytes())
				}
			}
		})
	}
	wg.Wait()
	elapsed, used := time.Since(start), cpu(b)-before
	if every > 0 {
		elapsed = max(elapsed, benchRound) // the last pause is part of it
	}
	for i, c := range all {
		if errs[i] != nil {
			b.Fatal(errs[i])
		}
		took = append(took, c.took...)
	}
	n := float64(len(took))
	return took, n / elapsed.Seconds(), float64(used.Microseconds()) / n
}

func (c *client) do() error {
	start := time.Now()
	c.sent++
	if _, err := c.Write(c.buf); err != nil {
		return err
	}
	resp, err := http.ReadResponse(c.r, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusNoContent {
		return fmt.Errorf("answer was %s", resp.Status)
	}
	c.body.Reset()
	if _, err := c.body.ReadFrom(resp.Body); err != nil {
		return err
	}
	c.took = append(c.took, time.Since(start))
	return nil
}

// result is what the rounds that count came to.
type result struct {
	ours, hello, ratios []float64
	cpu                 []float64       // µs a request of ours, with the client's share and what runs beside
	took                []time.Duration // ours, sorted
}

const resultHeading = "ours req/s   hello req/s   ours/hello (min–max)    p50 ms    p99 ms   CPU µs"

// String is a line under resultHeading.
func (r result) String() string {
	return fmt.Sprintf("%10.0f   %11.0f   %.4f (%.4f–%.4f)   %7.2f   %7.2f   %6.0f", median(r.ours), median(r.hello),
		median(r.ratios), slices.Min(r.ratios), slices.Max(r.ratios), r.percentile(50), r.percentile(99), median(r.cpu))
}

func (r result) report(b *testing.B) {
	b.ReportMetric(0, "ns/op") // an operation is all the rounds: it says nothing
	b.ReportMetric(median(r.ours), "req/s")
	b.ReportMetric(median(r.ratios), "x-hello")
	b.ReportMetric(median(r.cpu), "cpu-us/req")
	b.ReportMetric(r.percentile(50), "p50-ms")
	b.ReportMetric(r.percentile(99), "p99-ms")
}

func (r result) percentile(p int) float64 {
	return float64(r.took[len(r.took)*p/100].Microseconds()) / 1000
}

// cpu is what this process has used of all processors.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func median[T cmp.Ordered](all []T) T {
	return slices.Sorted(slices.Values(all))[len(all)/2]
}
