package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"balancelink/okra/provider"
)

// NewHTTPClient returns a client that can reach base's host and nothing else.
// It follows no redirect, uses no proxy, asks for no compression, and connects
// to a public address only, unless base itself names an IP address (then that
// one) or "localhost" (then a loopback address).
func NewHTTPClient(base *url.URL) *http.Client {
	return guard{addr: addrOf(base), may: Allowed}.client()
}

// NewOutwardClient is a [NewHTTPClient] that reaches whichever host is asked for, at the
// addresses that it may: that is asked of the very one that is about to be connected to. Its
// caller bounds how many requests are under way: for a connection none waits, since what is
// behind one address of a host need not be what is behind another.
func NewOutwardClient(may func(netip.Addr) bool) *http.Client {
	client := guard{may: func(_ string, ip netip.Addr) bool { return may(ip.Unmap()) }}.client()
	client.Transport.(*http.Transport).MaxConnsPerHost = 0
	return client
}

func (g guard) client() *http.Client {
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

// OwnClient is the client of whoever was given none: made when it is first wanted.
type OwnClient struct {
	once   sync.Once
	client *http.Client
}

// Or returns given, or without one a [NewHTTPClient] of base, which is always the same.
func (o *OwnClient) Or(given *http.Client, base *url.URL) *http.Client {
	if given != nil {
		return given
	}
	o.once.Do(func() { o.client = NewHTTPClient(base) })
	return o.client
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

// guard dials hosts where they may be.
type guard struct {
	addr string                                // the only one that is dialled; empty: any is
	may  func(host string, ip netip.Addr) bool // whether an address may be that host's
}

func (g guard) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if g.addr != "" && !strings.EqualFold(addr, g.addr) {
		return nil, &untrustedError{errors.New("not the configured host")}
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: 5 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		return g.control(host, address)
	}}
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
	config.ServerName, _, _ = net.SplitHostPort(addr) // dial has looked
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
func (g guard) control(host, address string) error {
	to, err := netip.ParseAddrPort(address)
	if err == nil && g.may(host, to.Addr()) {
		return nil
	}
	return &untrustedError{fmt.Errorf("the address of %s is not public", host)}
}

// Allowed says whether an address may be the configured host's: the very one if
// host is an address, a loopback address if it is "localhost", else a public one.
func Allowed(host string, ip netip.Addr) bool {
	ip = ip.Unmap()
	if literal, err := netip.ParseAddr(host); err == nil {
		return ip == literal.Unmap()
	}
	if strings.EqualFold(host, "localhost") {
		return ip.IsLoopback()
	}
	return Public(ip)
}

// Public reports whether ip is a unicast address of the open Internet.
func Public(ip netip.Addr) bool {
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

// WithoutLocation is h, which cannot be sent elsewhere.
func WithoutLocation(h *http.Client) *http.Client {
	direct := *h
	direct.Transport = dropLocation{h.Transport}
	return &direct
}

// dropLocation takes the target out of redirects, so that no client follows or
// even parses it.
type dropLocation struct{ next http.RoundTripper }

func (d dropLocation) RoundTrip(req *http.Request) (*http.Response, error) {
	next := d.next
	if next == nil {
		next = http.DefaultTransport
	}
	resp, err := next.RoundTrip(req)
	if err == nil {
		resp.Header.Del("Location")
	}
	return resp, err
}

var errBroken = errors.New("the connection or the answer broke")

// Unsent classifies a call that got no answer. The text of an error that we do
// not know may quote the other side, so only its place is kept.
func Unsent(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	var network net.Error
	dial, _ := errors.AsType[*net.OpError](err)
	notSent := dial != nil && dial.Op == "dial"
	_, untrusted := errors.AsType[*untrustedError](err)
	switch {
	case untrusted:
		return &provider.Error{Kind: provider.KindUntrusted, NotSent: true, Err: err}
	case errors.As(err, &network), errors.Is(err, context.Canceled), errors.Is(err, io.EOF):
		return &provider.Error{Kind: provider.KindUnreachable, NotSent: notSent, Err: err}
	}
	return &provider.Error{Kind: provider.KindUnreachable, Err: errBroken}
}

// MediaIs says whether the media type of an answer holds a word, such as "json".
func MediaIs(resp *http.Response, kind string) bool {
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return strings.Contains(media, kind)
}

// RetryAfter reads a Retry-After header, seconds or a date, as 1 s to 1 h. It
// returns 0 for one that is absent or cannot be read.
func RetryAfter(header string, now time.Time) time.Duration {
	return RetryWithin(header, now, time.Hour)
}

// RetryWithin is [RetryAfter] up to another time.
func RetryWithin(header string, now time.Time, most time.Duration) time.Duration {
	if date, err := http.ParseTime(header); err == nil {
		return min(max(date.Sub(now), time.Second), most)
	}
	seconds, err := strconv.ParseInt(header, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0
	}
	return time.Duration(min(max(seconds, 1), int64(most/time.Second))) * time.Second
}
