package settings

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	hostName   = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)
	numberName = regexp.MustCompile(`(^|\.)(0x[0-9a-f]*|[0-9]+)$`) // which browsers read as an address
	plainPath  = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?$`)
)

var errAddress = errors.New("it is not an address such as https://host.example")

// clean is an address as browsers write it: lower case, without the port that its
// scheme has anyway. Only scheme, host, port and a plain path may be in it: it
// stands in links and in the Content-Security-Policy.
func clean(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Opaque != "" || u.User != nil || strings.ContainsAny(address, "?#") ||
		!plainPath.MatchString(u.EscapedPath()) {
		return "", errAddress
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if !isHost(host) || strings.HasSuffix(u.Host, ":") {
		return "", errAddress
	}
	if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0) {
		return "", errAddress
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && loopback(host)) {
		return "", errors.New("it must start with https:// (http:// only on a loopback address)")
	}
	if port != "" && port != map[string]string{"https": "443", "http": "80"}[u.Scheme] {
		host = net.JoinHostPort(host, port)
	} else if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return u.Scheme + "://" + host + u.EscapedPath(), nil
}

// isHost says whether a text is a host's name or address, as it is written in links.
func isHost(text string) bool {
	if ip, err := netip.ParseAddr(text); err == nil {
		return ip.Zone() == ""
	}
	return hostName.MatchString(text) && !numberName.MatchString(text)
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// CheckPublicURL says what is wrong with PUBLIC_URL, with which every link begins,
// and leaves it as browsers write it.
func (s *Settings) CheckPublicURL() error {
	if err := checkURL("PUBLIC_URL", &s.PublicURL, "where browsers and the provider reach this server"); err != nil {
		return err
	}
	s.PublicURL = strings.TrimSuffix(s.PublicURL, "/")
	if strings.Count(s.PublicURL, "/") > 2 {
		return errors.New(
			"PUBLIC_URL has a path, and pages are served without one: give scheme and host, and nothing behind them",
		)
	}
	return nil
}

// checkURL says what is wrong with an address, and leaves it clean.
func checkURL(name string, address *string, what string) error {
	if *address == "" {
		return fmt.Errorf("%s is missing: it is %s", name, what)
	}
	cleaned, err := clean(*address)
	if err != nil {
		return fmt.Errorf("%s is %s, but %w", name, what, err)
	}
	*address = cleaned
	return nil
}

func (s *Settings) checkAddresses() error {
	for _, a := range []struct{ name, value string }{
		{"LISTEN_ADDR", s.ListenAddr}, {"SIMULATOR_ADDR", s.SimulatorAddr},
		{"MONO_SIMULATOR_ADDR", s.MonoSimulatorAddr}, {"METRICS_ADDR", cmp.Or(s.MetricsAddr, "127.0.0.1:0")},
	} {
		_, port, err := net.SplitHostPort(a.value)
		if err == nil {
			_, err = strconv.ParseUint(port, 10, 16)
		}
		if err != nil {
			return fmt.Errorf("%s is %q; it must be host:port, such as 127.0.0.1:8080", a.name, a.value)
		}
	}
	if err := s.checkDatabase(); err != nil {
		return err
	}
	if err := s.CheckPublicURL(); err != nil {
		return err
	}
	if s.HasOkra() {
		if err := checkURL("OKRA_API_URL", &s.OkraAPIURL, "the address of the provider's API"); err != nil {
			return err
		}
		if err := checkURL("OKRA_WIDGET_URL", &s.OkraWidgetURL, "the address of the bank-linking widget"); err != nil {
			return err
		}
		s.OkraWidgetURL = strings.TrimSuffix(s.OkraWidgetURL, "/")
	}
	if !s.HasMono() {
		return nil
	}
	if err := checkURL("MONO_API_URL", &s.MonoAPIURL, "the address of Mono's API"); err != nil {
		return err
	}
	return checkURL("MONO_LINK_ORIGIN", &s.MonoLinkOrigin, "where Mono's pages are")
}

// The widest networks that are somebody's own: those that are private.
const (
	widestIPv4 = 8 // 10.0.0.0/8
	widestIPv6 = 7 // fc00::/7
)

// noProxies says in TRUSTED_PROXIES that none is to be believed, knowingly.
const noProxies = "none"

// ReadProxies reads TRUSTED_PROXIES.
func (s *Settings) ReadProxies() error {
	if slices.Equal(s.TrustedProxies, []string{noProxies}) {
		return nil
	}
	for _, text := range s.TrustedProxies {
		p, err := readNetwork(strings.TrimSpace(text))
		if err != nil {
			return fmt.Errorf("TRUSTED_PROXIES holds %q, which is no address and no network", text)
		}
		if tooWide(p) && !s.Simulated() {
			return fmt.Errorf("TRUSTED_PROXIES holds %s, by which anybody could say that they come from anywhere: name the proxies, or their own network", text)
		}
		s.Proxies = append(s.Proxies, p)
	}
	return nil
}

func tooWide(p netip.Prefix) bool {
	if p.Addr().Is4() {
		return p.Bits() < widestIPv4
	}
	return p.Bits() < widestIPv6
}

// readNetwork reads a network, or an address as the network of it alone. IPv4
// that is written as IPv6 is IPv4.
func readNetwork(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		a = a.Unmap().WithZone("")
		return a.Prefix(a.BitLen())
	}
	p, err := netip.ParsePrefix(text)
	if err == nil && p.Addr().Is4In6() && p.Bits() >= 96 {
		return p.Addr().Unmap().Prefix(p.Bits() - 96)
	}
	return p, err
}
