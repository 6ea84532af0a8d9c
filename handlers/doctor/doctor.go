// Package doctor looks from the outside at what the program needs in order to run: its
// settings, the machine, the network and the providers. It changes nothing and opens no
// database, so that it may run before the first start, and beside a running server.
package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"balancelink/handlers/providers"
	"balancelink/handlers/settings"
	"balancelink/store"
)

const usage = `Usage: balancelink doctor [flags]

Looks at the settings, the disk, backups, the clock, names, certificates, the
providers and the server for e-mail, also while the server runs, and says of each what is well or what to do.
It changes nothing. The exit status is 1 when something has to be done, and 78 when
a setting does.
`

// Exit statuses besides 0.
const (
	exitWrong  = 1
	exitConfig = 78 // as of a start that a setting stops
)

// Doctor looks. Its zero value but for Settings and Probes is ready for use.
type Doctor struct {
	Settings settings.Settings
	Probes   []providers.Probe
	Now      func() time.Time // nil: time.Now
	Roots    *x509.CertPool   // whose certificates are trusted; nil: the machine's
	// Lookup looks a name up; nil: as the machine does.
	Lookup func(ctx context.Context, host string) ([]net.IPAddr, error)
	Disk   func(url string) (store.Disk, error) // nil: [store.DiskOf]
}

// level says how bad a finding is.
type level string

const (
	well  level = "ok"
	note  level = "note"  // to be known; nothing need be done
	wrong level = "wrong" // says what to do
)

// finding is what there is to say of something.
type finding struct {
	level
	about, says string
}

func fine(about, format string, parts ...any) finding {
	return finding{well, about, fmt.Sprintf(format, parts...)}
}

func noted(about, format string, parts ...any) finding {
	return finding{note, about, fmt.Sprintf(format, parts...)}
}

func bad(about, format string, parts ...any) finding {
	return finding{wrong, about, fmt.Sprintf(format, parts...)}
}

// patience is how long one look may take.
const patience = 15 * time.Second

// Run is the sub-command: it returns the exit status.
func Run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	set, err := settings.Load(args, environ, io.Discard)
	if errors.Is(err, settings.ErrHelp) {
		fmt.Fprint(stdout, usage)
		return 0
	}
	if err != nil {
		print(stdout, bad("settings", "%v", err))
		return exitConfig
	}
	probes, err := providers.Probes(set)
	if err != nil {
		print(stdout, bad("settings", "%v", err))
		return exitConfig
	}
	return (&Doctor{Settings: set, Probes: probes}).Look(ctx, stdout)
}

// Look looks at everything, says of each as soon as it is known, and returns the exit
// status.
func (d *Doctor) Look(ctx context.Context, out io.Writer) (status int) {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Lookup == nil {
		d.Lookup = net.DefaultResolver.LookupIPAddr
	}
	if d.Disk == nil {
		d.Disk = store.DiskOf
	}
	print(out, fine("settings", "they can be used; ENV is %s", d.Settings.Env))
	for _, look := range []func(context.Context) []finding{
		d.database, d.backup, d.names, d.certificate, d.public, d.clock, d.providers, d.email,
	} {
		within, cancel := context.WithTimeout(ctx, patience)
		for _, f := range look(within) {
			print(out, f)
			if f.level == wrong {
				status = exitWrong
			}
		}
		cancel()
	}
	return status
}

func print(out io.Writer, f finding) { fmt.Fprintf(out, "%-6s %-12s %s\n", f.level, f.about, f.says) }

// client asks without following redirects, and trusts whom the machine trusts.
func (d *Doctor) client() *http.Client {
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: d.Roots, MinVersion: tls.VersionTLS12}}
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
}

// head asks an address for its headers alone. It sends no key.
func (d *Doctor) head(ctx context.Context, address string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return nil, err
	}
	client := d.client()
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err == nil {
		resp.Body.Close()
	}
	return resp, err
}
