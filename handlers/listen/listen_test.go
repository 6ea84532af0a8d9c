package listen_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"balancelink/handlers/listen"
	"balancelink/handlers/sitetest"
)

var quiet = slog.New(slog.DiscardHandler)

// files are where a certificate and its key stand.
type files struct{ cert, key string }

// write makes a certificate of its own signature with a serial number, as of a moment.
func (f files) write(t *testing.T, serial int64, changed time.Time) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "balances.example"},
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	put(t, f.cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), changed)
	put(t, f.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), changed)
}

func put(t *testing.T, path string, content []byte, changed time.Time) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, changed, changed); err != nil {
		t.Fatal(err)
	}
}

// serve says hello at an address, which it returns.
func serve(t *testing.T, o listen.Options) string {
	t.Helper()
	return serveWith(t, o, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
}

// serveWith serves without the limits of time, which the slowness of a machine
// would come up against.
func serveWith(t *testing.T, o listen.Options, h http.Handler) string {
	t.Helper()
	return serveTold(t, o, h, nil)
}

// serveTold is [serveWith] that tells of each connection that has fallen silent.
func serveTold(t *testing.T, o listen.Options, h http.Handler, silent chan<- struct{}) string {
	t.Helper()
	o.Addr = sitetest.Addr(t)
	srv, err := listen.Open(h, quiet, o)
	if err != nil {
		t.Fatal(err)
	}
	if note := srv.ConnState; silent != nil {
		srv.ConnState = func(c net.Conn, state http.ConnState) {
			if note(c, state); state == http.StateIdle {
				silent <- struct{}{}
			}
		}
	}
	srv.ReadHeaderTimeout, srv.ReadTimeout, srv.WriteTimeout, srv.IdleTimeout = 0, 0, 0, 0
	ended := make(chan error)
	go func() { ended <- srv.Serve() }()
	t.Cleanup(func() {
		srv.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return o.Addr
}

// serial is of the certificate that a new connection is shown. The tests trust
// whoever answers: what they look at is who that is.
func serial(t *testing.T, addr string) int64 {
	t.Helper()
	conn, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

func newFiles(t *testing.T) files {
	dir := t.TempDir()
	return files{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
}

func TestARenewedCertificateIsServedWithoutARestart(t *testing.T) {
	f, begun := newFiles(t), time.Now().Add(-time.Hour)
	f.write(t, 1, begun)
	addr := serve(t, listen.Options{CertFile: f.cert, KeyFile: f.key})
	if got := serial(t, addr); got != 1 {
		t.Fatalf("the certificate is number %d, want 1", got)
	}
	f.write(t, 2, begun.Add(time.Minute))
	if got := serial(t, addr); got != 2 {
		t.Errorf("after the change it is number %d, want 2", got)
	}
	put(t, f.cert, []byte("half a file"), begun.Add(2*time.Minute))
	if got := serial(t, addr); got != 2 {
		t.Errorf("with a broken file it is number %d, want the 2 from before", got)
	}
	f.write(t, 3, begun.Add(3*time.Minute))
	if got := serial(t, addr); got != 3 {
		t.Errorf("once mended it is number %d, want 3", got)
	}
}

func TestAServerThatStopsHasEachAnswerBeTheLastOnItsConnection(t *testing.T) {
	f := newFiles(t)
	f.write(t, 1, time.Now())
	for version, c := range map[string]*http.Transport{
		"HTTP/1.1": {TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
		"HTTP/2.0": {TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true},
	} {
		t.Run(version, func(t *testing.T) {
			var stopping atomic.Bool
			addr := serve(t, listen.Options{CertFile: f.cert, KeyFile: f.key, Stopping: stopping.Load})
			t.Cleanup(c.CloseIdleConnections)
			wantKept := func(want bool) {
				t.Helper()
				kept := false
				ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
					GotConn: func(i httptrace.GotConnInfo) { kept = i.Reused },
				})
				r, err := http.NewRequestWithContext(ctx, "GET", "https://"+addr, nil)
				if err != nil {
					t.Fatal(err)
				}
				resp, err := c.RoundTrip(r)
				if err != nil {
					t.Fatal(err)
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				if resp.Proto != version || kept != want {
					t.Errorf("by %s, over a connection from before: %v, want %v", resp.Proto, kept, want)
				}
			}
			wantKept(false)
			wantKept(true)
			stopping.Store(true)
			wantKept(true) // nobody closes a connection that somebody may be about to use
			wantKept(false)
		})
	}
}

func TestTLSBefore12IsRefused(t *testing.T) {
	f := newFiles(t)
	f.write(t, 1, time.Now())
	addr := serve(t, listen.Options{CertFile: f.cert, KeyFile: f.key})
	for version, want := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		conn, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version})
		if err == nil {
			conn.Close()
		}
		if (err == nil) != want {
			t.Errorf("%s: %v, want it taken: %v", tls.VersionName(version), err, want)
		}
	}
}

func TestACertificateThatCannotBeUsedStopsTheStart(t *testing.T) {
	f := newFiles(t)
	_, err := listen.Open(http.NotFoundHandler(), quiet, listen.Options{Addr: "127.0.0.1:0", CertFile: f.cert, KeyFile: f.key})
	if !errors.Is(err, listen.ErrCertificate) {
		t.Errorf("error = %v, want one about the certificate", err)
	}
}

// caller is a connection that requests are sent over.
type caller struct {
	net.Conn
	t       *testing.T
	answers *bufio.Reader
}

func dial(t *testing.T, addr string) caller {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return called(t, conn)
}

func called(t *testing.T, conn net.Conn) caller {
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(sitetest.Never))
	return caller{conn, t, bufio.NewReader(conn)}
}

func (c caller) ask() {
	c.t.Helper()
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		c.t.Fatal(err)
	}
}

func (c caller) wantAnswer(to string) {
	c.t.Helper()
	resp, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		c.t.Fatalf("waited up to %v for the answer to %s: %v", sitetest.Never, to, err)
	}
	resp.Body.Close()
}
