package okra

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// NewHTTPClient returns a client that can reach base's host and nothing else.
// It follows no redirect, uses no proxy, asks for no compression, and connects
// to a public address only, unless base itself names an IP address (then that
// one) or "localhost" (then a loopback address).
func NewHTTPClient(base *url.URL) *http.Client {
	g := guard{host: base.Hostname(), addr: addrOf(base)}
	t := &http.Transport{
		DialContext:            g.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		DisableCompression:     true,
		MaxConnsPerHost:        4,
		IdleConnTimeout:        time.Minute,
		ResponseHeaderTimeout:  20 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	t.DialTLSContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		return g.dialTLS(ctx, network, addr, t.TLSClientConfig)
	}
	return &http.Client{Transport: t, CheckRedirect: refuseRedirect, Timeout: 45 * time.Second}
}

func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func addrOf(base *url.URL) string {
	port := base.Port()
	if port == "" && base.Scheme == "http" {
		port = "80"
	} else if port == "" {
		port = "443"
	}
	return net.JoinHostPort(base.Hostname(), port)
}

// untrustedError marks a failure that may be somebody in the middle.
type untrustedError struct{ err error }

func (e *untrustedError) Error() string { return e.err.Error() }
func (e *untrustedError) Unwrap() error { return e.err }

// guard dials one host.
type guard struct{ host, addr string }

func (g guard) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if !strings.EqualFold(addr, g.addr) {
		return nil, &untrustedError{errors.New("not the configured host")}
	}
	d := net.Dialer{Timeout: 5 * time.Second, Control: g.control}
	return d.DialContext(ctx, network, addr)
}

// dialTLS does the handshake itself, so that its failures can be told from
// those of the network: a certificate that is not right is no outage.
func (g guard) dialTLS(ctx context.Context, network, addr string, config *tls.Config) (net.Conn, error) {
	raw, err := g.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	config = config.Clone()
	config.ServerName = g.host
	conn := tls.Client(raw, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, handshakeError(err)
	}
	return conn, nil
}

// handshakeError tells a certificate that is not right from an outage, which is
// one of dialling: nothing of the request has left yet.
func handshakeError(err error) error {
	lost := &net.OpError{Op: "dial", Net: "tls", Err: err}
	for _, cause := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE, context.Canceled} {
		if errors.Is(err, cause) {
			return lost
		}
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return lost
	}
	return &untrustedError{err}
}

// control runs after the name was resolved, on the very address that the
// socket is about to connect to.
func (g guard) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err == nil && g.allows(to.Addr().Unmap()) {
		return nil
	}
	return &untrustedError{fmt.Errorf("the address of %s is not public", g.host)}
}

func (g guard) allows(ip netip.Addr) bool {
	if literal, err := netip.ParseAddr(g.host); err == nil {
		return ip == literal.Unmap()
	}
	if strings.EqualFold(g.host, "localhost") {
		return ip.IsLoopback()
	}
	return public(ip)
}

// public reports whether ip is a unicast address of the open Internet.
func public(ip netip.Addr) bool {
	for _, p := range reserved {
		if p.Contains(ip) {
			return false
		}
	}
	return ip.Is4() && ip.IsGlobalUnicast() && !ip.IsPrivate() || globalIPv6.Contains(ip)
}

var globalIPv6 = netip.MustParsePrefix("2000::/3")

// reserved has the special blocks of IANA's registries that netip's own tests
// let through, with the IPv6 blocks that hide an IPv4 address.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("3fff::/20"),
}
