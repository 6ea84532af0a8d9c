package handlers_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
)

// front stands before the simulator and hands connections through, unless a
// fault takes them.
type front struct {
	addr, backend string
	config        *tls.Config // nil: plain

	mu       sync.Mutex
	listener net.Listener
	wire     func(net.Conn)
	open     map[net.Conn]bool
}

func newFront(t *testing.T, backend string, config *tls.Config) *front {
	t.Helper()
	f := &front{addr: sitetest.Addr(t), backend: backend, config: config, open: map[net.Conn]bool{}}
	f.set(t, nil, false)
	t.Cleanup(func() { f.set(t, nil, true) })
	return f
}

// set changes what happens to connections from now on, and ends those there are.
func (f *front) set(t testing.TB, wire func(net.Conn), refuse bool) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	changed := wire != nil || f.wire != nil || refuse
	f.wire = wire
	if refuse && f.listener != nil {
		f.listener.Close()
		f.listener = nil
	}
	if !refuse && f.listener == nil {
		l, err := net.Listen("tcp", f.addr)
		if err != nil {
			t.Fatal(err)
		}
		f.listener = l
		go f.accept(l)
	}
	if changed {
		for c := range f.open {
			c.Close()
		}
	}
}

func (f *front) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		f.mu.Lock()
		f.open[conn] = true
		wire := f.wire
		f.mu.Unlock()
		go func() {
			if wire != nil {
				wire(conn)
			} else {
				f.through(conn)
			}
			conn.Close()
			f.mu.Lock()
			delete(f.open, conn)
			f.mu.Unlock()
		}()
	}
}

func (f *front) through(conn net.Conn) {
	if f.config != nil {
		conn = tls.Server(conn, f.config)
	}
	back, err := net.Dial("tcp", f.backend)
	if err != nil {
		return
	}
	defer back.Close()
	go func() {
		io.Copy(back, conn)
		back.Close()
	}()
	io.Copy(conn, back)
}

// hangs takes the request and never says a word.
func hangs(conn net.Conn) { io.Copy(io.Discard, conn) }

// resets takes the request and ends the connection rudely, without a word.
func resets(conn net.Conn) {
	conn.Read(make([]byte, 4096))
	conn.(*net.TCPConn).SetLinger(0)
}

// hangsUp takes a few bytes and ends the connection politely: in TLS that is
// in the middle of the handshake.
func hangsUp(conn net.Conn) { conn.Read(make([]byte, 64)) }

// says answers with a text and ends the connection.
func says(text string) func(net.Conn) {
	return func(conn net.Conn) {
		conn.Read(make([]byte, 4096))
		io.WriteString(conn, text)
	}
}

// drips writes an answer a byte at a time.
func drips(conn net.Conn) {
	conn.Read(make([]byte, 4096))
	io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n")
	pace := time.NewTicker(20 * time.Millisecond)
	defer pace.Stop()
	for range 5000 {
		if _, err := conn.Write([]byte(" ")); err != nil {
			return
		}
		<-pace.C
	}
}

// shows does the handshake of another TLS server.
func shows(config *tls.Config) func(net.Conn) {
	return func(conn net.Conn) {
		c := tls.Server(conn, config)
		if c.Handshake() == nil {
			io.Copy(io.Discard, c)
		}
	}
}

type dialer = func(ctx context.Context, network, addr string) (net.Conn, error)

// lines are the connections of a client. They are cut at its own end: what the
// other end closes, the client takes for open until it has been told.
type lines struct {
	mu   sync.Mutex
	cuts int
	open []net.Conn
}

func (l *lines) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cuts++
	for _, conn := range l.open {
		conn.Close()
	}
	l.open = nil
}

// over dials as whole does, and again if the lines were cut meanwhile.
func (l *lines) over(whole dialer) dialer {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		for {
			l.mu.Lock()
			cuts := l.cuts
			l.mu.Unlock()
			conn, err := whole(ctx, network, addr)
			l.mu.Lock()
			same := l.cuts == cuts
			if same && err == nil {
				l.open = append(l.open, conn)
			}
			l.mu.Unlock()
			if same {
				return conn, err
			}
			if err == nil {
				conn.Close()
			}
		}
	}
}

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return authority{cert, key, pool}
}

// config has a certificate for an address that is good for that long from now.
func (a authority) config(t *testing.T, ip string, valid time.Duration) *tls.Config {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), IPAddresses: []net.IP{net.ParseIP(ip)},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(valid), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// canary is a host that nobody may ever be sent to.
type canary struct {
	URL         string
	connections atomic.Int32
	keys        atomic.Int32 // requests with an Authorization
}

func newCanary(t *testing.T) *canary {
	t.Helper()
	c := &canary{}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			c.keys.Add(1)
		}
	}))
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			c.connections.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	c.URL = srv.URL
	return c
}
