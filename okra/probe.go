package okra

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

// Prober finds out whether the provider's two hosts, of the API and of the bank
// window, are still the provider's: whether their names lead to public addresses
// only (or to the loopback or literal address that is configured), whether their
// certificates are right, and whether each says what nobody else would. It never
// sends the secret key. Its fields must not change after the first probe.
type Prober struct {
	API    *Client
	Widget *url.URL
	// HTTP asks the widget's host; nil means NewHTTPClient(Widget).
	HTTP *http.Client
	// Lookup resolves names; nil means the system's.
	Lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)
}

const (
	opBanks  = "banks/list"
	opWidget = "widget"
)

var (
	errNoWidget = errors.New("the page is not the bank window's")
	errNoBanks  = errors.New("the answer lists no banks")
	errNoName   = errors.New("the name does not exist")
)

// Probe returns nil if both hosts are the provider's, as far as can be told from
// here. Otherwise the error is an [Error]: of KindUntrusted where somebody else
// may answer, of another kind where nobody did.
func (p *Prober) Probe(ctx context.Context) error {
	calls := p.API.caller()
	if err := p.probeWidget(ctx); err != nil {
		return calls.Named(opWidget, err)
	}
	if err := p.resolves(ctx, p.API.BaseURL); err != nil {
		return calls.Named(opBanks, err)
	}
	return p.API.probe(ctx)
}

// resolves looks at every address of a name: a browser may take any of them.
func (p *Prober) resolves(ctx context.Context, base *url.URL) error {
	lookup := p.Lookup
	if lookup == nil {
		lookup = net.DefaultResolver.LookupNetIP
	}
	host := base.Hostname()
	addrs, err := lookup(ctx, "ip", host)
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return &provider.Error{Kind: provider.KindUntrusted, NotSent: true, Err: errNoName}
	}
	if err != nil {
		return &provider.Error{Kind: provider.KindUnreachable, NotSent: true, Err: err}
	}
	for _, ip := range addrs {
		if !wire.Allowed(host, ip) {
			return &provider.Error{
				Kind: provider.KindUntrusted, NotSent: true,
				Err: fmt.Errorf("an address of %s is not public", host),
			}
		}
	}
	return nil
}

// scripts finds the scripts of a page, at most so many.
var scripts = regexp.MustCompile(`(?i)<script[^>]*\ssrc\s*=\s*["']?([^"'\s>]+)`)

const (
	maxScripts    = 20
	maxWidgetFile = 8 << 20
)

// saysLoaded is what okra-js waits for from the page in its frame, misspelt as it
// is (see okra-js 2.1.1): whatever page lacks it, in itself and in its scripts,
// is not a bank window that could ever open.
var saysLoaded = []byte("ifameLoaded")

func (p *Prober) probeWidget(ctx context.Context) error {
	if err := p.resolves(ctx, p.Widget); err != nil {
		return err
	}
	base := *p.Widget
	base.Path = "/"
	base.RawQuery = "isIframe=true&withOptions=true"
	page, err := p.get(ctx, &base, "html")
	if err != nil || bytes.Contains(page, saysLoaded) {
		return err
	}
	for _, src := range scripts.FindAllSubmatch(page, maxScripts) {
		script, err := base.Parse(string(src[1]))
		if err != nil || script.Host != base.Host || script.Scheme != base.Scheme {
			continue
		}
		if text, err := p.get(ctx, script, "javascript"); err == nil && bytes.Contains(text, saysLoaded) {
			return nil
		}
	}
	return &provider.Error{Kind: provider.KindUntrusted, Status: http.StatusOK, Err: errNoWidget}
}

// get fetches a file of the widget's host.
func (p *Prober) get(ctx context.Context, from *url.URL, media string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from.String(), nil)
	if err != nil {
		return nil, &provider.Error{Kind: provider.KindBadRequest, NotSent: true, Err: err}
	}
	req.Header.Set("User-Agent", wire.UserAgent)
	resp, err := p.http().Do(req)
	if err != nil {
		return nil, wire.Unsent(err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode >= 500, resp.StatusCode == http.StatusTooManyRequests:
		return nil, &provider.Error{Kind: provider.KindUnreachable, Status: resp.StatusCode}
	case resp.StatusCode != http.StatusOK, !wire.MediaIs(resp, media):
		return nil, &provider.Error{Kind: provider.KindUntrusted, Status: resp.StatusCode, Err: errNoWidget}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxWidgetFile))
	if err != nil {
		return nil, wire.Unsent(err)
	}
	return body, nil
}

func (p *Prober) http() *http.Client {
	h := p.HTTP
	if h == nil {
		h = wire.NewHTTPClient(p.Widget)
	}
	return wire.WithoutLocation(h)
}

// probe asks for the list of banks, which Okra gave to callers without a key.
func (c *Client) probe(ctx context.Context) error {
	return c.caller().Probe(ctx, opBanks, c.listsBanks)
}

func (c *Client) listsBanks(ctx context.Context) error {
	var data wire.Object
	r := wire.Request{Op: opBanks, Method: http.MethodGet, Path: []string{opBanks}}
	err := c.caller().Ask(ctx, r, func(a wire.Answer) (err error) {
		data, err = dataOf(opBanks, a)
		return err
	})
	switch provider.KindOf(err) {
	case provider.KindUnreachable, provider.KindUntrusted, provider.KindRateLimited, provider.KindBusy:
		return err
	}
	banks, others := data.Objects("banks") // none in an answer that failed
	for _, b := range banks {
		if bank := parseBank(b); others == 0 && bank.ID != "" && bank.Name != "" {
			return nil
		}
	}
	return &provider.Error{Op: nameOf(opBanks), Kind: provider.KindUntrusted, Err: errNoBanks}
}
