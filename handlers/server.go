// Package handlers serves the pages, the personal links and the webhook
// endpoint over HTTP. It and what lies below it are all that knows gin.
package handlers

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/acts"
	"balancelink/handlers/api"
	"balancelink/handlers/email"
	"balancelink/handlers/hook"
	"balancelink/handlers/metrics"
	"balancelink/handlers/settings"
	"balancelink/handlers/signin"
	"balancelink/handlers/web"
	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/limits"
)

// Config is what a [Server] needs.
type Config struct {
	Settings settings.Settings
	Store    *store.Store
	// Upstreams are the providers that are configured, at least one. Through the first
	// one new links are made.
	Upstreams []Upstream
	Worker    Worker        // nil: there is none, as in tests of the pages alone
	Leads     func() bool   // whether this instance does what one alone does; nil: yes
	Instance  func() string // its id, by which others know it; nil: it is alone
	Logger    *slog.Logger
	Now       func() time.Time // nil: time.Now
	Stopping  func() bool      // whether the program was told to end and serves on for a while; nil: never

	Meter *metrics.Meter // counts and times; nil: nobody does

	PasswordCost signin.PasswordCost // of the passwords that people set; zero: [signin.FullCost]
	AtOnce       time.Duration       // for how long who begins long work waits for its end; zero: a second
}

// Worker is what the server needs of the background work.
type Worker interface {
	Wake()       // there is something to do
	WakeInbox()  // a webhook has come in
	Alive() bool // for the readiness check
}

// noWorker stands in where nothing is done in the background.
type noWorker struct{}

func (noWorker) Wake()       {}
func (noWorker) WakeInbox()  {}
func (noWorker) Alive() bool { return true }

// Server answers every request of the product but those to the simulator.
type Server struct {
	*web.Site
	Store  *store.Store
	Worker Worker

	meter     *metrics.Meter
	upstreams []Upstream
	bank      acts.Bank
	api       *api.API
	engine    *gin.Engine
	handler   http.Handler // engine, behind what is asked before it
	signin    *signin.Service
	email     *email.Office
	once      *web.ShownOnce
	hooks     []*hook.Service // of upstreams, in their order
	leads     func() bool
	stopping  func() bool
	instance  func() string
	polls     *web.Polls
	started   time.Time
	backups   backups
	atOnce    time.Duration
	windows   *limits.Limiter[string] // bank windows that customers open, by customer
	reports   *limits.Limiter[string] // what their windows say, by customer
	steps     *limits.Limiter[string] // how far they come in them, by customer
	imports   imports
	going     sync.WaitGroup  // what goes on when its request has been answered
	running   context.Context // of that, until Run ends
	end       context.CancelFunc
}

// New returns a server ready to serve.
func New(cfg Config) (*Server, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Worker == nil {
		cfg.Worker = noWorker{}
	}
	if cfg.Leads == nil {
		cfg.Leads = func() bool { return true }
	}
	if cfg.Stopping == nil {
		cfg.Stopping = func() bool { return false }
	}
	if cfg.Instance == nil {
		cfg.Instance = func() string { return "" }
	}
	s := &Server{
		Store: cfg.Store, Worker: cfg.Worker, upstreams: cfg.Upstreams, meter: cfg.Meter,
		leads: cfg.Leads, stopping: cfg.Stopping, instance: cfg.Instance,
		polls:   web.NewPolls(cfg.Store.Writes, cfg.Now),
		started: cfg.Now(),
		atOnce:  cmp.Or(cfg.AtOnce, time.Second),
		windows: limits.NewLimiter[string](limits.AttemptsOfCustomer),
		reports: limits.NewLimiter[string](limits.ReportsOfCustomer),
		steps:   limits.NewLimiter[string](limits.StepsOfCustomer),
	}
	s.email = &email.Office{Settings: cfg.Settings, Now: cfg.Now}
	s.running, s.end = context.WithCancel(context.Background())
	s.bank = acts.Bank{
		Store: cfg.Store, Settings: cfg.Settings, Intervals: provider.Intervals(Providers(s.upstreams)),
		Wake: s.Worker.Wake,
	}
	var err error
	s.Site, err = web.New(
		web.Config{
			Settings: cfg.Settings, Logger: cfg.Logger, Now: cfg.Now, Alert: s.alert, Bodies: bodies,
			Machines: machines,
		},
	)
	if err != nil {
		return nil, err
	}
	for _, u := range s.upstreams {
		s.hooks = append(s.hooks, hook.New(hook.Config{
			Site: s.Site, Store: s.Store, Provider: u, Worker: s.Worker,
			Answered: func(result string, took time.Duration) { s.meter.Webhook(u.Name(), result, took) },
		}))
	}
	s.expect()
	if s.once, err = web.NewShownOnce(s.Site); err != nil {
		return nil, err
	}
	s.signin, err = signin.New(signin.Config{Site: s.Site, Store: s.Store, Once: s.once, Cost: cfg.PasswordCost})
	if err != nil {
		return nil, err
	}
	if s.engine, err = s.newEngine(); err != nil {
		return nil, err
	}
	s.handler = s.SameOrigin(s.engine)
	s.api = api.New(api.Config{
		Settings: cfg.Settings, Store: cfg.Store, Bank: s.bank, Logger: cfg.Logger, Now: cfg.Now,
		Sender: s.Sender, Headers: s.SetHeaders, Refused: s.LogRefusal, Measure: s.measure,
		Recovering: web.Recovering,
	})
	return s, nil
}

// ServeHTTP implements [http.Handler]. HEAD is answered as GET, whose body
// net/http then leaves out: link scanners ask so.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		get := *r
		get.Method = http.MethodGet
		r = &get
	}
	if api.Serves(r.URL.Path) {
		serve(s.api, w, r)
		return
	}
	if s.polls.NothingNew(r) {
		s.SetHeaders(w.Header())
		w.WriteHeader(http.StatusNoContent)
		return
	}
	r = s.InLanguage(r)
	serve(s.handler, w, r)
}

// serve has a request answered, and what is left of its body dropped.
func serve(h http.Handler, w http.ResponseWriter, r *http.Request) {
	if r.Body == nil || r.ContentLength == 0 {
		h.ServeHTTP(w, r)
		return
	}
	web.WatchBody(h, w, r)
}

// Routes is every route that the server answers, but those of package api.
func (s *Server) Routes() gin.RoutesInfo { return s.engine.Routes() }

func (s *Server) newEngine() (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	if err := e.SetTrustedProxies(nil); err != nil { // gin is not asked: see [web.Site.Sender]
		return nil, err
	}
	e.Use(s.measure, web.Identify, s.Recover, s.Headers, s.LimitBody, s.WellFormed)
	e.NoRoute(s.signin.Recognise, s.Handle(func(c *gin.Context) error { return web.NotFound(c, nil) }))
	e.NoMethod(s.Handle(notAllowed))
	s.routes(e)
	s.SetRoutes(e.Routes())
	return e, nil
}

// notAllowed is the answer to a method that an address does not take. Who looks with a
// browser whether the address of webhooks is there learns that it is.
func notAllowed(c *gin.Context) error {
	e := &web.Error{
		Status: http.StatusMethodNotAllowed, Heading: web.Say(c, "That is not possible here"),
		Sentence: web.Say(c, "This address does not take that kind of request."),
	}
	if strings.HasPrefix(c.Request.URL.Path, settings.WebhookPath("")) {
		e.Sentence = web.Say(
			c, "Webhooks are received at this address. The provider sends them by POST; there is no page here.",
		)
	}
	return e
}

// alert tells staff that a balance may be wrong; or else that nothing can be
// asked, and why; or else that the audit log is not as it was written; or else that
// programs of the business are not told what happens, to whom that is of use.
func (s *Server) alert(c *gin.Context) string {
	found, disabled := s.alerting(c)
	if wrong := found.Balances.Found; wrong > 0 {
		return web.Say(c, "Do not decide by the balances here: %d rows of the database contradict each other. Refresh the accounts, and tell an owner of this installation.", wrong)
	}
	for _, u := range s.upstreams {
		if words := s.alertOf(c, u); words != "" {
			return words
		}
	}
	if found.Audit.Found.BadRow != 0 {
		return web.Say(
			c, "The audit log is broken: somebody changed the database by hand. Tell an owner of this installation.",
		)
	}
	return disabled
}

// alerting is what of alerts lies in the database: what was found there last, and what is
// said of the endpoints to those who can do something about it.
func (s *Server) alerting(c *gin.Context) (found store.SelfChecks, disabled string) {
	reads := []func() error{func() (err error) {
		found, err = s.Store.SelfChecks(c.Request.Context())
		return err
	}}
	if m, _ := web.StaffOf(c); web.Can(m.Role, web.ReadInbox) {
		reads = append(reads, func() error {
			disabled = s.endpointAlert(c)
			return nil
		})
	}
	if err := s.together(c, reads...); err != nil && c.Request.Context().Err() == nil {
		s.Logger.Warn("looking for what staff are told above every page", "err", err)
	}
	return found, disabled
}

// together does reads of a page that have nothing to do with each other.
func (s *Server) together(c *gin.Context, reads ...func() error) error {
	return web.Together(c, s.Store, reads...)
}

func (s *Server) recordRejections(ctx context.Context) {
	for _, h := range s.hooks {
		h.RecordRejections(ctx)
	}
}

// flushEvery is how often the counts of rejected deliveries are written down:
// a flood of them costs the database nothing.
const flushEvery = 2 * time.Second

// expireEvery is how often what is over is looked for.
const expireEvery = time.Minute

// Run forgets what is over, writes down what was turned away and who failed to
// sign in, until ctx ends and once more after, and watches over what is kept. It waits for
// what goes on beside requests.
func (s *Server) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { s.watch(ctx) })
	defer wg.Wait()
	defer s.going.Wait()
	defer s.end()
	tick, expiry := time.NewTicker(flushEvery), time.NewTicker(expireEvery)
	defer tick.Stop()
	defer expiry.Stop()
	s.signin.Expire(ctx)
	for {
		select {
		case <-ctx.Done():
			s.api.End()
			s.recordRejections(context.WithoutCancel(ctx))
			s.signin.RecordFailures(context.WithoutCancel(ctx), true)
			return
		case <-tick.C:
			s.recordRejections(ctx)
			s.signin.RecordFailures(ctx, false)
		case <-expiry.C:
			s.signin.Expire(ctx)
			if s.leads() {
				s.lead(ctx)
			}
		}
	}
}

// lead does each minute what one of several instances does for all.
func (s *Server) lead(ctx context.Context) {
	s.LookOut(ctx)
	if err := s.Store.ForgetAPIRequests(ctx); err != nil {
		s.Logger.Warn("forgetting what programs asked for", "err", err)
	}
	if err := s.Store.ForgetFiles(ctx); err != nil && ctx.Err() == nil {
		s.Logger.Warn("forgetting files of customers", "err", err)
	}
}
