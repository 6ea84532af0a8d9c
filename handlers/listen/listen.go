// Package listen opens the addresses that the program serves on: with a bound
// on connections, with every timeout, and with TLS where there is a
// certificate.
package listen

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"balancelink/store/limits"
)

// Options are what a [Server] needs to know.
type Options struct {
	Addr              string
	MaxConnections    int      // 0: as many as come
	Proxies           []string // addresses and networks that stand for others: no one of them has too many connections
	Behind            bool     // whoever comes stands for others
	CertFile, KeyFile string   // PEM; empty: plain http
	// Stopping says whether the server is about to be shut down: then each answer is the
	// last on its connection, and whoever sent for it knows. nil: it never is.
	Stopping func() bool
}

// Server is an HTTP server that listens.
type Server struct {
	*http.Server
	listener net.Listener
}

// Open listens at an address. Nobody can hold a connection of it for long
// without saying or taking something, nor more than their share of all.
func Open(h http.Handler, log *slog.Logger, o Options) (*Server, error) {
	if o.Stopping != nil {
		h = lastWhen(o.Stopping, h)
	}
	s := &Server{Server: &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: limits.ConnectionIdle, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}}
	if o.CertFile != "" {
		c := &certificate{certFile: o.CertFile, keyFile: o.KeyFile, log: log}
		if _, err := c.get(nil); err != nil {
			return nil, err
		}
		s.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}
	}
	l, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return nil, err
	}
	proxy := among(o.Proxies)
	if o.Behind {
		proxy = func(netip.Addr) bool { return true }
	}
	g := newGate(l, o.MaxConnections, proxy)
	s.listener, s.ConnState = g, g.note
	return s, nil
}

// lastWhen has the answers be the last on their connections from a moment on. Connections that
// nobody uses stay open: to close one may cross with a request that is sent on it.
func lastWhen(stopping func() bool, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if stopping() {
			w.Header().Set("Connection", "close") // of HTTP/2 net/http makes what it has for that
		}
		h.ServeHTTP(w, r)
	})
}

// Serve serves until the server is shut down; then it returns nil.
func (s *Server) Serve() error {
	serve := s.Server.Serve
	if s.TLSConfig != nil {
		serve = func(l net.Listener) error { return s.ServeTLS(l, "", "") }
	}
	if err := serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving %s: %w", s.listener.Addr(), err)
	}
	return nil
}
