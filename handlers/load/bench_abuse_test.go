package load_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/views"
)

// abuse is one way to keep a server busy with nothing, until stop is closed.
type abuse struct {
	name string
	do   func(addr string, stop <-chan struct{}) error
}

var abuses = []abuse{
	{"1,000 slow headers", slowHeaders},
	{"200 bodies of 10 MiB", func(addr string, stop <-chan struct{}) error {
		body := strings.Repeat("x", 10<<20)
		return repeat(200, stop, func() error { return send(addr, "POST", "/login", "", strings.NewReader(body)) })
	}},
	{"cookies of garbage", func(addr string, stop <-chan struct{}) error {
		cookie := "balancelink_staff=" + strings.Repeat("garbage", 500)
		return repeat(100_000, stop, func() error { return send(addr, "GET", "/customers", cookie, nil) })
	}},
	{"1,000 idle connections", idleConnections},
	{"a new connection each time", reconnects},
	{"polls with large cookies", func(addr string, stop <-chan struct{}) error {
		cookie := "balancelink_staff=" + strings.Repeat("x", 14<<10)
		return repeat(100_000, stop, func() error { return send(addr, "GET", "/refreshes/x?seen=1", cookie, nil) })
	}},
	{"100,000 pages that are not there", func(addr string, stop <-chan struct{}) error {
		return repeat(100_000, stop, func() error { return send(addr, "GET", "/no/such/page", "", nil) })
	}},
}

// stranger dials from another address than the viewers do.
var stranger = net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}

// idleConnections holds connections that have asked for something once.
func idleConnections(addr string, stop <-chan struct{}) error {
	for range 1000 {
		conn, err := stranger.Dial("tcp", addr)
		if err != nil {
			return err
		}
		defer conn.Close()
		io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n") // the server may have hung up: that is its right
	}
	<-stop
	return nil
}

// reconnects opens a connection for everything it asks.
func reconnects(addr string, stop <-chan struct{}) error {
	return repeat(100_000, stop, func() error {
		conn, err := stranger.Dial("tcp", addr)
		if err != nil {
			return err
		}
		defer conn.Close()
		io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		io.Copy(io.Discard, conn)
		return nil
	})
}

// slowHeaders holds connections that say a letter a second.
func slowHeaders(addr string, stop <-chan struct{}) error {
	var conns []net.Conn
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	for range 1000 {
		conn, err := stranger.Dial("tcp", addr)
		if err != nil {
			return err
		}
		conns = append(conns, conn)
		io.WriteString(conn, "GET /login HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	}
	for {
		select {
		case <-stop:
			return nil
		case <-time.After(time.Second):
			for _, c := range conns {
				io.WriteString(c, "x") // the server may have hung up: that is its right
			}
		}
	}
}

var abuser = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func send(addr, method, path, cookie string, body io.Reader) error {
	req, err := http.NewRequestWithContext(context.Background(), method, "http://"+addr+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	resp, err := abuser.Do(req)
	if err != nil {
		return nil // whoever sends on to a closed connection may miss its answer
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// repeat does something n times, eight at once, or until it is stopped.
func repeat(n int, stop <-chan struct{}, do func() error) error {
	errs := make(chan error, 8)
	for range 8 {
		go func() {
			for range n / 8 {
				select {
				case <-stop:
					errs <- nil
					return
				default:
				}
				if err := do(); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	var first error
	for range 8 {
		if err := <-errs; first == nil {
			first = err
		}
	}
	return first
}

// abuseRounds are how often four viewers are measured, idle and abused in turn.
const abuseRounds = 10

// BenchmarkAbuse measures what others notice of abuse: four viewers of the list
// of customers, 50 views a second each, alone and beside each abuse, while the
// worker does what there is to do. Abusers and
// viewers share the server's processors, so that some of it is theirs: of the
// large bodies, which are refused unread, three quarters is their own writing.
func BenchmarkAbuse(b *testing.B) {
	p := newProduct(b, store.Options{})
	p.addr = serveAsMain(b, p.server, 1000) // as is set unless somebody sets another number
	p.fill(b)
	defer p.work()()
	view := get("/customers", p.signIn(b), "")
	abuses := append(p.abuses(b), abuses...)
	lines := []string{fmt.Sprintf("%-34s %12s %14s   %s", "others at 200 views/s beside", "idle p99 ms", "abused p99 ms", "ratio")}
	for _, a := range abuses {
		b.Run(a.name, func(b *testing.B) {
			var idle, abused result
			before := 0
			for b.Loop() {
				viewers := dial(b, p.addr, 4)
				idle = p.views(b, viewers, view)
				before = runtime.NumGoroutine()
				stop, done := make(chan struct{}), make(chan error, 1)
				go func() { done <- a.do(p.addr, stop) }()
				abused = p.views(b, viewers, view)
				close(stop)
				if err := <-done; err != nil {
					b.Fatal(err)
				}
			}
			abuser.CloseIdleConnections()
			worst := abused.percentile(99)
			ratio := worst / idle.percentile(99)
			b.ReportMetric(ratio, "x-idle-p99")
			verdict := "missed"
			if ratio <= 3 {
				verdict = "reached"
			}
			lines = append(lines, fmt.Sprintf("%-34s %12.2f %14.2f   %.2f, aim <= 3: %s; %d goroutines before, %d after",
				a.name, idle.percentile(99), worst, ratio, verdict, before, settled(before)))
		})
	}
	fmt.Fprintf(os.Stdout, "\n%s\n\n", strings.Join(lines, "\n"))
}

// mallory is a customer who is up to no good.
type mallory struct{ cookie, form, nonce string }

// mallory makes one who has a bank window open, and an export of 20 MB.
func (p *product) mallory(b *testing.B) mallory {
	b.Helper()
	ctx := b.Context()
	ok := func(err error) {
		if err != nil {
			b.Helper()
			b.Fatal(err)
		}
	}
	cu, err := p.store.AddCustomer(ctx, store.Program, store.Customer{Name: "Mallory"})
	ok(err)
	text := views.CurrentConsent(false)
	co, err := p.store.AddConsent(ctx, store.Consent{CustomerID: cu.ID, Version: text.Version, Scope: text.Scope})
	ok(err)
	window, err := p.store.StartAttempt(ctx, store.Attempt{CustomerID: cu.ID, ConsentID: co.ID, Provider: "okra", Env: p.settings.Env}, time.Hour)
	ok(err)
	large := strings.Repeat("x", 200<<10)
	for i := range 100 {
		_, err := p.store.ReceiveEvent(store.Event{Provider: "okra", Env: p.settings.Env, DedupKey: fmt.Sprint("long", i, window.Nonce), AttemptNonce: window.Nonce, Headers: "{}", Body: fmt.Appendf(nil, `{"long":%q}`, large)}, nil)
		ok(err)
	}
	return mallory{site.NewSignIns(b, p.server).Customer(b, cu.ID).String(), site.DrawnFor(store.ByCustomer(cu.ID), nil).Encode(), window.Nonce}
}

// abuses are those by customers, and by who has the webhook token.
func (p *product) abuses(b *testing.B) []abuse {
	b.Helper()
	var all []mallory
	for range 4 {
		all = append(all, p.mallory(b))
	}
	return []abuse{
		{"four unread downloads", func(addr string, stop <-chan struct{}) error {
			for _, m := range all {
				conn, err := net.Dial("tcp", addr)
				if err != nil {
					return err
				}
				defer conn.Close()
				fmt.Fprintf(conn, "POST /me/export HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nCookie: %s\r\n"+
					"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", m.cookie, len(m.form), m.form)
				first := make([]byte, len("HTTP/1.1 200"))
				conn.SetReadDeadline(time.Now().Add(sitetest.Never))
				if _, err := io.ReadFull(conn, first); err != nil || !strings.HasSuffix(string(first), " 200") {
					return fmt.Errorf("a download begins with %q: %v", first, err)
				}
			}
			<-stop
			return nil
		}},
		{"55 forged claims", func(addr string, stop <-chan struct{}) error {
			return repeat(55, stop, func() error {
				if err := send(addr, "POST", "/me/attempts", all[0].cookie, strings.NewReader(all[0].form)); err != nil {
					return err
				}
				return send(addr, "POST", "/connect/attempts/"+all[0].nonce+"/success", all[0].cookie, strings.NewReader(`{"record":"5f0000000000000000000000","customer_id":"5f0000000000000000000000","accounts":[]}`))
			})
		}},
		{"events without end", func(addr string, stop <-chan struct{}) error {
			conns := make(chan *client, 8)
			for range cap(conns) {
				conn, err := net.Dial("tcp", addr)
				if err != nil {
					return err
				}
				defer conn.Close()
				conns <- &client{Conn: conn, r: bufio.NewReader(conn)}
			}
			n := 0
			for {
				select {
				case <-stop:
					return nil
				case c := <-conns:
					n++
					c.buf = p.delivery(0x1000, n, c.buf[:0])
					go func() { c.do(); conns <- c }() // it may be refused: that is the server's right
				}
			}
		}},
	}
}

// views are the rounds of viewers who come every 20 ms. An answer that is no page
// is fatal.
func (p *product) views(b *testing.B, viewers clients, view func(int, int, []byte) []byte) (r result) {
	b.Helper()
	for range abuseRounds {
		took, _, _ := viewers.run(b, view, nil, 20*time.Millisecond)
		r.took = append(r.took, took...)
	}
	slices.Sort(r.took)
	return r
}

// settled is how many goroutines there are once those that end have ended.
func settled(before int) int {
	for end := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > before+10 && time.Now().Before(end); {
		time.Sleep(100 * time.Millisecond)
	}
	return runtime.NumGoroutine()
}
