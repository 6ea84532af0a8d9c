// Package monosim is a simulated Mono: a small, stateful, deliberately awkward server
// that speaks Mono's API v2, serves the hosted page on which a person links an account,
// and delivers webhooks in the shapes of 2026. Mono's own sandbox cannot be made to
// fail; this one can (see Scenarios).
//
// It knows a fixed table of persons and keeps everything else in memory. Ids carry what
// they stand for, so that the accounts and jobs which an application remembers still
// mean something after a restart; an account that is taken up again like that has lost
// its ref and its customer.
//
// Comments name the page of Mono's documents that a behaviour is from, with its date.
// What no source has is marked INF, for inferred. The package imports only the standard
// library and what all simulators share: a mistake in the client cannot hide behind the
// same mistake here.
package monosim

import (
	"cmp"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"balancelink/okra/provider/simulate"
)

// Config says which key the simulated Mono demands and where it reports to.
type Config struct {
	SecretKey string // mono-sec-key that the API demands; empty: nobody has it
	App       string // id in events; empty: one of its own
	Business  string // id in events; empty: one of its own

	WebhookSecret    string // is sent as mono-webhook-secret
	OldWebhookSecret string // is sent under the scenario OldSecret
	WebhookURL       string // where webhooks go; empty: nowhere

	// LinkURL is the origin under which Pages are served, for mono_url; empty:
	// http://127.0.0.1:8082.
	LinkURL   string
	BankDelay time.Duration    // how long a bank takes to answer; 0: three seconds
	Now       func() time.Time // nil: time.Now
	HTTP      *http.Client     // delivers webhooks; nil: one with a timeout of ten seconds
	Logger    *slog.Logger     // nil: slog.Default

	// After is what the simulator waits by, for banks and with webhooks; nil: time.After.
	After func(time.Duration) <-chan time.Time
}

// Server is a simulated Mono. Make it with New; it is safe for concurrent use.
type Server struct {
	cfg     Config
	api     *simulate.Faulty
	window  *simulate.Faulty
	pages   http.Handler
	tasks   *simulate.Tasks
	traffic *simulate.Traffic
	courier *simulate.Courier

	mu        sync.Mutex // guards all below
	holdings  []*holding
	accounts  []*account // linked ones, oldest first
	unlinked  map[string]bool
	jobs      map[string]*job
	links     []*link // hosted ones, oldest first
	codes     map[string]*code
	sessions  map[string]*session
	customers map[string]customer
	next      []Scenario // of the next link
	calls     map[string]int
	sent      []Webhook
	nonce     uint32
	outage    int // index in outages
}

// New returns a simulated Mono in which nobody has linked anything yet.
func New(cfg Config) *Server {
	cfg.LinkURL = strings.TrimSuffix(cmp.Or(cfg.LinkURL, "http://127.0.0.1:8082"), "/")
	cfg.App = cmp.Or(cfg.App, fixedID(kindApp, 0, 0))
	cfg.Business = cmp.Or(cfg.Business, fixedID(kindBusiness, 0, 0))
	cfg.BankDelay = cmp.Or(cfg.BankDelay, 3*time.Second)
	cfg.HTTP = cmp.Or(cfg.HTTP, &http.Client{Timeout: 10 * time.Second})
	cfg.Logger = cmp.Or(cfg.Logger, slog.Default())
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.After == nil {
		cfg.After = time.After
	}
	s := &Server{
		cfg: cfg, holdings: openHoldings(), unlinked: map[string]bool{}, jobs: map[string]*job{},
		codes: map[string]*code{}, sessions: map[string]*session{}, customers: map[string]customer{},
		calls: map[string]int{},
	}
	s.tasks, s.traffic = simulate.NewTasks(cfg.After), &simulate.Traffic{Now: cfg.Now}
	s.courier = &simulate.Courier{
		Name: "monosim", Tasks: s.tasks, Traffic: s.traffic, HTTP: cfg.HTTP, Logger: cfg.Logger,
	}
	s.api = &simulate.Faulty{API: s.apiRoutes()}
	s.window = &simulate.Faulty{API: s.linkRoutes()}
	s.pages = s.pageRoutes()
	return s
}

// API answers what stands under Mono's one host.
func (s *Server) API() http.Handler { return bounded(s.traffic.Watched(s.api)) }

// Pages answers what stands under Config.LinkURL: the hosted page of each link, and a
// panel at / with which a person makes things happen.
func (s *Server) Pages() http.Handler { return bounded(s.pages) }

// ServeHTTP serves both at one address: the paths of the API begin with its version.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/v2/") || strings.HasPrefix(r.URL.Path, "/v3/") {
		s.API().ServeHTTP(w, r)
		return
	}
	s.Pages().ServeHTTP(w, r)
}

func bounded(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		h.ServeHTTP(w, r)
	})
}

// Close drops pending jobs and deliveries and waits until none runs.
func (s *Server) Close() { s.tasks.Close() }

// Pending returns how many jobs and webhooks are under way, or wait for their time.
func (s *Server) Pending() int { return s.tasks.Pending() }

// Exchanges lists the latest calls between the application and the simulator, newest
// first.
func (s *Server) Exchanges() []simulate.Exchange { return s.traffic.Exchanges() }

// Calls returns how often an endpoint, such as "GET /v2/accounts/{id}/balance", was
// called while no outage was on.
func (s *Server) Calls(endpoint string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[endpoint]
}

func (s *Server) now() time.Time { return s.cfg.Now().UTC() }
