// Package okrasim is a simulated Okra: a small, stateful, deliberately awkward
// HTTP server that speaks the documented API, serves the page that the real
// okra-js opens in its iframe, and delivers webhooks in the shapes really seen
// in 2023. Okra closed in May 2025; the binary runs against this server on its
// own origin, and the tests do too.
//
// It knows a fixed table of sandbox customers and keeps everything else in
// memory. Ids carry what they stand for, so that the records which an
// application remembers still mean something after a restart.
//
// What no source documents is marked [invented], what follows from other facts
// [inferred]. The package imports only the standard library and what all simulators
// share: a mistake in the client cannot hide behind the same mistake here.
package okrasim

import (
	"cmp"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"balancelink/okra/provider/simulate"
)

// Config says which keys the simulated Okra demands and where it reports to.
type Config struct {
	SecretKey   string // bearer key that the API demands
	ClientToken string // widget option `token`, and the `owner` in every answer (24 hex digits)
	PublicKey   string // widget option `key`
	AppID       string // widget option `app_id`; a widget that names none is let in, as Okra's own samples were
	// sent as bearer token with webhooks, but only to the host of WebhookURL if that is set
	WebhookToken string
	WebhookURL   string           // where webhooks go when the widget options name no address; empty: nowhere
	PublicURL    string           // own origin, used in callback_url; empty: http://127.0.0.1:8081
	Transactions bool             // links that no window has made share their transactions too
	BankDelay    time.Duration    // how long a bank takes to answer; 0: three seconds
	Now          func() time.Time // nil: time.Now
	HTTP         *http.Client     // delivers webhooks; nil: one with a timeout of ten seconds
	Logger       *slog.Logger     // nil: slog.Default

	// After is what the simulator waits by, for banks and with webhooks; nil: time.After.
	After func(time.Duration) <-chan time.Time
}

// Server is a simulated Okra. Make it with New; it is safe for concurrent use.
type Server struct {
	cfg     Config
	handler http.Handler
	api     *Faulty
	window  *Faulty
	ahead   atomic.Int64 // of the bank's clock, in nanoseconds

	tasks   *simulate.Tasks
	traffic *simulate.Traffic
	courier *simulate.Courier

	mu         sync.Mutex // guards all below
	accounts   []*account
	records    map[string]*record
	removed    map[string]bool // records of customers who were removed
	jobs       map[string]*job
	sessions   map[string]*session
	calls      map[string]int
	nonce      uint16
	webhookURL string // of refreshes: the last that a widget named, else the configured one
	outage     int    // index in outages
	notes      []note // what the panel's forms did
}

// New returns a simulated Okra in which nobody has linked anything yet.
func New(cfg Config) *Server {
	cfg.PublicURL = strings.TrimSuffix(cmp.Or(cfg.PublicURL, "http://127.0.0.1:8081"), "/")
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
		cfg:        cfg,
		records:    map[string]*record{},
		removed:    map[string]bool{},
		jobs:       map[string]*job{},
		sessions:   map[string]*session{},
		calls:      map[string]int{},
		webhookURL: cfg.WebhookURL,
	}
	s.tasks, s.traffic = simulate.NewTasks(cfg.After), &simulate.Traffic{Now: cfg.Now}
	s.courier = &simulate.Courier{
		Name: "okrasim", Tasks: s.tasks, Traffic: s.traffic, HTTP: cfg.HTTP, Logger: cfg.Logger,
	}
	s.accounts = openAccounts(cfg.Now())
	s.api = &Faulty{API: http.HandlerFunc(s.serveAPI)}
	s.window = &Faulty{API: http.HandlerFunc(s.serveWindow)}
	s.handler = s.routes()
	return s
}

// routes lists everything the simulator answers. Browsers of other origins may
// open the widget but not post to it.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v2/", s.traffic.Watched(s.api))
	mux.HandleFunc("GET /{$}", s.serveRoot)
	mux.Handle("GET /widget/{file}", s.window)
	mux.HandleFunc("POST /widget/session", s.serveSession)
	mux.HandleFunc("POST /widget/login", s.serveLogin)
	mux.HandleFunc("POST /widget/otp", s.serveOTP)
	mux.HandleFunc("POST /widget/share", s.serveShare)
	s.panelRoutes(mux)
	mux.HandleFunc("/", s.serveUnknown)
	return http.NewCrossOriginProtection().Handler(mux)
}

// ServeHTTP answers the API under /v2/, the widget and the panel at /.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	s.handler.ServeHTTP(w, r)
}

// Close drops pending jobs and deliveries and waits until none runs.
func (s *Server) Close() { s.tasks.Close() }

// Pending returns how many jobs and webhooks are under way, or wait for their time.
func (s *Server) Pending() int { return s.tasks.Pending() }

// Exchange is one call between the application and the simulated Okra.
type Exchange = simulate.Exchange

// Exchanges lists the latest calls, newest first.
func (s *Server) Exchanges() []Exchange { return s.traffic.Exchanges() }

// Calls returns how often an API path, such as "balance/refresh", was called
// while no outage was on.
func (s *Server) Calls(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[apiPath(path)]
}

// serveUnknown is loud, because a path that the simulator lacks is either a
// mistake of the client or a gap in the simulator.
func (s *Server) serveUnknown(w http.ResponseWriter, r *http.Request) {
	s.cfg.Logger.Warn("okrasim: no such path", "method", r.Method, "path", r.URL.Path)
	writeJSON(w, http.StatusNotFound, object{"status": "error", "message": "The API Route you're using doesn't exist."})
}
