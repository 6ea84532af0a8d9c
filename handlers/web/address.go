package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
)

// forwardedFor is the one header that is believed, and of proxies that are named.
const forwardedFor = "X-Forwarded-For"

// Sender is the address that a request comes from: whom the named proxies say,
// or else who is connected. Limits, sessions and delays all go by it.
func (s *Site) Sender(c *gin.Context) netip.Addr {
	sender, unread := sender(c.Request, s.Settings.Proxies)
	if unread {
		s.unread.Do(func() {
			s.Logger.Warn("A proxy named in TRUSTED_PROXIES did not say in "+forwardedFor+
				" who sends: everybody behind it counts as one address. This is said once.", "proxy", sender)
		})
	}
	return sender
}

// sender reads who sends a request. Each proxy puts whom it heard behind what it
// was told, so the chain is read from its end for as long as it is proxies: what
// stands before the first stranger, that stranger made up. When a proxy wrote
// nothing, or what cannot be read, the sender is that proxy, and unread.
func sender(r *http.Request, proxies []netip.Prefix) (at netip.Addr, unread bool) {
	at, _ = readAddress(r.RemoteAddr) // net/http gives it; none: nobody's
	chain := strings.Split(strings.Join(r.Header.Values(forwardedFor), ","), ",")
	for _, said := range slices.Backward(chain) {
		if !among(at, proxies) {
			return at, false
		}
		before, ok := readAddress(said)
		if !ok {
			return at, true
		}
		at = before
	}
	return at, false
}

func among(a netip.Addr, networks []netip.Prefix) bool {
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(a) })
}

// readAddress reads an address as proxies write it: with a port or without, in
// brackets, in quotes, with a zone, which is left out, or IPv4 as IPv6.
func readAddress(text string) (netip.Addr, bool) {
	host := strings.TrimSpace(text)
	if n := len(host); n > 1 && host[0] == '"' && host[n-1] == '"' {
		host = host[1 : n-1]
	}
	port := ""
	if inner, bracketed := strings.CutPrefix(host, "["); bracketed {
		var closed bool
		if host, port, closed = strings.Cut(inner, "]"); !closed {
			return netip.Addr{}, false
		}
	} else if i := strings.IndexByte(host, ':'); i == strings.LastIndexByte(host, ':') && i >= 0 { // else IPv6
		host, port = host[:i], host[i:]
	}
	a, err := netip.ParseAddr(host)
	if err != nil || port != "" && !isPort(port) {
		return netip.Addr{}, false
	}
	return a.Unmap().WithZone(""), true
}

// isPort says whether a text is a colon and a port's number.
func isPort(text string) bool {
	_, err := strconv.ParseUint(strings.TrimPrefix(text, ":"), 10, 16)
	return text[0] == ':' && err == nil
}
