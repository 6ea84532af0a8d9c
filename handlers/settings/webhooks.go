package settings

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"balancelink/okra/provider/wire"
)

// readWebhookNetworks reads WEBHOOK_NETWORKS.
func (s *Settings) readWebhookNetworks() error {
	for _, text := range s.WebhookNetworks {
		p, err := readNetwork(strings.TrimSpace(text))
		if err != nil {
			return fmt.Errorf("WEBHOOK_NETWORKS holds %q, which is no address and no network", text)
		}
		if tooWide(p) {
			return fmt.Errorf("WEBHOOK_NETWORKS holds %s, by which webhooks could be sent anywhere: name your own network", text)
		}
		s.Webhooks = append(s.Webhooks, p)
	}
	return nil
}

// MayHook says whether webhooks may be sent to an address: a public one, one in a network
// of the business, and in a simulation this very machine's.
func (s Settings) MayHook(ip netip.Addr) bool {
	ip = ip.Unmap()
	return wire.Public(ip) || s.Simulated() && ip.IsLoopback() ||
		slices.ContainsFunc(s.Webhooks, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// WebhookAddress is an address that webhooks are to be sent to, as it is kept.
func (s Settings) WebhookAddress(text string) (string, error) {
	address, err := clean(text)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if u.Hostname() == "localhost" {
		ip, err = netip.AddrFrom4([4]byte{127, 0, 0, 1}), nil
	}
	if err == nil && !s.MayHook(ip) { // what a name stands for is looked at when it is sent
		return "", errors.New("it is not a public address, and not in WEBHOOK_NETWORKS")
	}
	return address, nil
}
