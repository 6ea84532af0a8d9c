// Package fault lets connections go wrong, for the tests of what the program does
// then.
package fault

import (
	"crypto/tls"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
)

// Front stands before the simulator and hands connections through, unless a
// fault takes them.
type Front struct {
	Addr    string
	backend string
	config  *tls.Config // nil: plain

	mu       sync.Mutex
	listener net.Listener
	wire     func(net.Conn)
	open     map[net.Conn]bool
}

// NewFront returns a front of the address backend, with TLS of config if there is one.
func NewFront(t *testing.T, backend string, config *tls.Config) *Front {
	t.Helper()
	f := &Front{Addr: sitetest.Addr(t), backend: backend, config: config, open: map[net.Conn]bool{}}
	f.Set(t, nil, false)
	t.Cleanup(func() { f.Set(t, nil, true) })
	return f
}

// Set changes what happens to connections from now on, and ends those there are.
func (f *Front) Set(t testing.TB, wire func(net.Conn), refuse bool) {
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
		l, err := net.Listen("tcp", f.Addr)
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

func (f *Front) accept(l net.Listener) {
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

func (f *Front) through(conn net.Conn) {
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

// Hangs takes the request and never says a word.
func Hangs(conn net.Conn) { io.Copy(io.Discard, conn) }

// Resets takes the request and ends the connection rudely, without a word.
func Resets(conn net.Conn) {
	conn.Read(make([]byte, 4096))
	conn.(*net.TCPConn).SetLinger(0)
}

// HangsUp takes a few bytes and ends the connection politely: in TLS that is
// in the middle of the handshake.
func HangsUp(conn net.Conn) { conn.Read(make([]byte, 64)) }

// Says answers with a text and ends the connection.
func Says(text string) func(net.Conn) {
	return func(conn net.Conn) {
		conn.Read(make([]byte, 4096))
		io.WriteString(conn, text)
	}
}

// Drips writes an answer a byte at a time.
func Drips(conn net.Conn) {
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

// Shows does the handshake of another TLS server.
func Shows(config *tls.Config) func(net.Conn) {
	return func(conn net.Conn) {
		c := tls.Server(conn, config)
		if c.Handshake() == nil {
			io.Copy(io.Discard, c)
		}
	}
}
