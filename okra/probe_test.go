package okra

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"balancelink/okra/provider"
)

// estate is a provider's two hosts, each as a handler says.
type estate struct {
	api, widget http.HandlerFunc
	lookup      func(host string) ([]netip.Addr, error)
	keys        []string // every Authorization that the API saw
}

// banks answers a list of banks, and everything else as an unknown route.
func banks(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path != "/v2/banks/list" {
		w.WriteHeader(http.StatusNotFound)
	}
	io.WriteString(w, `{"status":"success","data":{"banks":[{"id":"5d6fe57a4099cc4b210bbeb3","name":"Guaranty Trust Bank","slug":"guaranty-trust-bank"}]}}`)
}

// window answers the bank window's page, and its script at /app.js.
func window(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/app.js" {
		w.Header().Set("Content-Type", "text/javascript")
		io.WriteString(w, `parent.postMessage({ifameLoaded:true},"*")`)
		return
	}
	page(`<!doctype html><script type=module src="/app.js"></script>`)(w, r)
}

func page(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, text)
	}
}

// says answers a status and a JSON text.
func says(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, text)
	}
}

func (e *estate) probe(t *testing.T) error {
	t.Helper()
	if e.api == nil {
		e.api = banks
	}
	if e.widget == nil {
		e.widget = window
	}
	api := served(t, func(w http.ResponseWriter, r *http.Request) {
		if key := r.Header.Get("Authorization"); key != "" {
			e.keys = append(e.keys, key)
		}
		e.api(w, r)
	})
	widget := httptest.NewServer(e.widget)
	t.Cleanup(widget.Close)
	at, err := url.Parse(widget.URL)
	if err != nil {
		t.Fatal(err)
	}
	p := &Prober{API: api, Widget: at}
	if e.lookup != nil {
		p.Lookup = func(_ context.Context, _, host string) ([]netip.Addr, error) { return e.lookup(host) }
	}
	return p.Probe(t.Context())
}

const parked = `<!doctype html><title>okra.example</title><h1>This domain is for sale</h1><script src="/parking.js"></script>`

func TestAProbePassesOnlyWhatTheProviderWouldSay(t *testing.T) {
	redirect := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }
	for name, row := range map[string]struct {
		estate
		want provider.Kind // empty: it passes
	}{
		"both as they should be":          {estate{}, ""},
		"the window says it in its page":  {estate{widget: page(`<script>parent.postMessage({ifameLoaded:1},"*")</script>`)}, ""},
		"a parking page for the window":   {estate{widget: page(parked)}, provider.KindUntrusted},
		"an empty page for the window":    {estate{widget: page("")}, provider.KindUntrusted},
		"another site's script":           {estate{widget: page(`<script src="https://cdn.example/app.js"></script>`)}, provider.KindUntrusted},
		"the window is sent elsewhere":    {estate{widget: redirect}, provider.KindUntrusted},
		"the window is JSON":              {estate{widget: says(200, `{"ifameLoaded":true}`)}, provider.KindUntrusted},
		"the window is not found":         {estate{widget: http.NotFound}, provider.KindUntrusted},
		"the window's host is overloaded": {estate{widget: says(503, ``)}, provider.KindUnreachable},
		"a parking page for the API":      {estate{api: page(parked)}, provider.KindUntrusted},
		"the API is sent elsewhere":       {estate{api: redirect}, provider.KindUntrusted},
		"the API is not found":            {estate{api: http.NotFound}, provider.KindUntrusted},
		"JSON of somebody else":           {estate{api: says(200, `{"status":"success","data":{}}`)}, provider.KindUntrusted},
		"banks without names":             {estate{api: says(200, `{"status":"success","data":{"banks":[{"id":"x"}]}}`)}, provider.KindUntrusted},
		"text of somebody else":           {estate{api: says(200, `ok`)}, provider.KindUntrusted},
		"the API is overloaded":           {estate{api: says(503, ``)}, provider.KindUnreachable},
		"too many calls":                  {estate{api: says(429, ``)}, provider.KindRateLimited},
		"no such name": {estate{lookup: func(host string) ([]netip.Addr, error) {
			return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		}}, provider.KindUntrusted},
		"no name server": {estate{lookup: func(host string) ([]netip.Addr, error) {
			return nil, &net.DNSError{Err: "timeout", Name: host, IsTimeout: true}
		}}, provider.KindUnreachable},
		"a private address beside the right one": {estate{lookup: func(host string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr(host), netip.MustParseAddr("10.0.0.8")}, nil
		}}, provider.KindUntrusted},
	} {
		t.Run(name, func(t *testing.T) {
			err := row.probe(t)
			if provider.KindOf(err) != row.want || (err == nil) != (row.want == "") {
				t.Errorf("Probe = %v, want %q", err, row.want)
			}
			if err != nil && strings.Contains(err.Error(), "for sale") {
				t.Errorf("the error quotes who answered: %v", err)
			}
			if len(row.keys) != 0 {
				t.Errorf("the secret key was shown to whoever answers: %q", row.keys)
			}
		})
	}
}

func TestAProbeRefusesAnotherCertificate(t *testing.T) {
	srv := httptest.NewTLSServer(http.HandlerFunc(window))
	t.Cleanup(srv.Close)
	at, _ := url.Parse(srv.URL)
	err := (&Prober{API: served(t, banks), Widget: at}).Probe(t.Context())
	if provider.KindOf(err) != provider.KindUntrusted {
		t.Errorf("Probe = %v, want untrusted", err)
	}
}
