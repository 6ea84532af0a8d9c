package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"time"

	"balancelink/okra/provider"
)

// aslant is how far the clock may be from another before signatures, codes and the times
// of balances suffer.
const aslant = 30 * time.Second

func fmtCount(n int64) string { return strconv.FormatInt(n, 10) }

// addresses are those that the program asks or is asked at, with the setting of each.
func (d *Doctor) addresses() (all []struct{ setting, url string }) {
	add := func(setting, url string) { all = append(all, struct{ setting, url string }{setting, url}) }
	add("PUBLIC_URL", d.Settings.PublicURL)
	for _, p := range d.Probes {
		add(p.Setting, p.API)
		add(p.PageSetting, p.Page)
	}
	return all
}

// names looks up every name of the settings, each once.
func (d *Doctor) names(ctx context.Context) (all []finding) {
	var seen []string
	for _, a := range d.addresses() {
		u, err := url.Parse(a.url)
		if err != nil || slices.Contains(seen, u.Hostname()) {
			continue
		}
		host := u.Hostname()
		seen = append(seen, host)
		if _, err := netip.ParseAddr(host); err == nil || host == "localhost" {
			continue
		}
		found, err := d.Lookup(ctx, host)
		var no *net.DNSError
		switch {
		case errors.As(err, &no) && no.IsNotFound:
			all = append(all, bad(
				"names", "there is no name %s: correct %s, or its record in the DNS", host, a.setting,
			))
		case err != nil:
			all = append(all, bad(
				"names", "%s cannot be looked up: does this machine reach a DNS server? (%v)", host, err,
			))
		default:
			all = append(all, fine("names", "%s has %d addresses", host, len(found)))
		}
	}
	return all
}

// public looks whether what browsers are sent to is this program, with a certificate that
// they take.
func (d *Doctor) public(ctx context.Context) (all []finding) {
	resp, err := d.head(ctx, d.Settings.PublicURL+"/readyz")
	switch {
	case isCertificate(err):
		return []finding{bad(
			"public", "browsers do not take the certificate at PUBLIC_URL: %v: give the whole chain, for that name", why(err),
		)}
	case err != nil:
		return []finding{noted("public", "nobody answers at PUBLIC_URL from here: start the server, or ask from elsewhere (%v)", why(err))}
	case resp.StatusCode == http.StatusServiceUnavailable:
		all = append(all, bad("public", "the program answers at PUBLIC_URL that it is not ready: its log says why"))
	case resp.StatusCode != http.StatusOK:
		all = append(all, bad(
			"public", "somebody else answers at PUBLIC_URL, with %d: does the proxy lead to LISTEN_ADDR (%s)?",
			resp.StatusCode, d.Settings.ListenAddr,
		))
	default:
		all = append(all, fine("public", "the program answers at PUBLIC_URL and is ready"))
	}
	if resp.TLS != nil && len(resp.TLS.PeerCertificates) > 0 {
		all = append(all, d.validity("public", "PUBLIC_URL", resp.TLS.PeerCertificates[0]))
	}
	return all
}

// clock holds ours against that of the first provider who says the time.
func (d *Doctor) clock(ctx context.Context) []finding {
	for _, p := range d.Probes {
		resp, err := d.head(ctx, p.API)
		if err != nil {
			continue
		}
		theirs, err := http.ParseTime(resp.Header.Get("Date"))
		if err != nil {
			continue
		}
		off := d.Now().Sub(theirs).Round(time.Second)
		if off.Abs() > aslant {
			return []finding{bad(
				"clock", "it is %s from that of %s: have the machine's time kept (NTP)", off, p.Name,
			)}
		}
		return []finding{fine("clock", "it agrees with that of %s", p.Name)}
	}
	return []finding{noted("clock", "nobody was there to compare it with")}
}

// providers asks each as the server does before it trusts it, without a key.
func (d *Doctor) providers(ctx context.Context) (all []finding) {
	for _, p := range d.Probes {
		err := p.Run(ctx)
		e, _ := errors.AsType[*provider.Error](err)
		switch {
		case err == nil:
			all = append(all, fine(p.Name, "its API and its pages answer as they should"))
		case d.Settings.Simulated() && e != nil && e.Kind == provider.KindUnreachable:
			all = append(all, noted(p.Name, "the simulated one answers while the server runs: it does not now"))
		case e != nil && e.Kind == provider.KindUntrusted:
			all = append(all, bad(
				p.Name, "what answers cannot be trusted: %v: check %s and %s", err, p.Setting, p.PageSetting,
			))
		case e != nil && e.Kind == provider.KindUnreachable:
			all = append(all, bad(p.Name, "nobody answers: may this machine reach %s? (%v)", p.API, err))
		case e != nil && e.Kind == provider.KindRefused:
			all = append(all, bad(p.Name, "it refuses us: check the key and the plan (%v)", err))
		default:
			all = append(all, bad(p.Name, "it answers otherwise than it should: %v", err))
		}
	}
	return all
}

// why is an error without the address that was asked, which stands there already.
func why(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// isCertificate says that it was the certificate that was not taken.
func isCertificate(err error) bool {
	_, is := errors.AsType[*tls.CertificateVerificationError](err)
	return is
}
