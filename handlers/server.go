// Package handlers serves the pages, the personal links and the webhook
// endpoint over HTTP. It and what lies below it are all that knows gin.
package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/hook"
	"balancelink/handlers/settings"
	"balancelink/handlers/signin"
	"balancelink/handlers/web"
	"balancelink/handlers/worker"
	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/limits"
)

// Config is what a [Server] needs.
type Config struct {
	Settings settings.Settings
	Store    *store.Store
	Provider Provider         // through whom customers link their banks
	Worker   Worker           // nil: there is none, as in tests of the pages alone
	Trust    *worker.Trust    // in the provider's hosts; nil: nobody looks, and no bank window is opened
	Budget   *provider.Budget // the provider's, to be shown; nil: none
	Logger   *slog.Logger
	Now      func() time.Time // nil: time.Now

	PasswordCost signin.PasswordCost // of the passwords that people set; zero: [signin.FullCost]
}

// Provider is what the server needs of the provider. It calls none: that is the
// worker's.
type Provider interface {
	provider.Receiver
	provider.Window
	Traits() provider.Traits
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
	Store    *store.Store
	Provider Provider
	Worker   Worker
	Trust    *worker.Trust
	Budget   *provider.Budget

	handler   http.Handler
	signin    *signin.Service
	once      *web.ShownOnce
	hook      *hook.Service
	polls     *web.Polls
	started   time.Time
	audit     checked[store.Chain]
	balances  checked[[]store.Contradiction]
	backingUp sync.Mutex
	windows   *web.Limiter[string] // bank windows that customers open, by customer
	reports   *web.Limiter[string] // what their windows say, by customer
	steps     *web.Limiter[string] // how far they come in them, by customer
}

// New returns a server ready to serve.
func New(cfg Config) (*Server, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Worker == nil {
		cfg.Worker = noWorker{}
	}
	s := &Server{
		Store: cfg.Store, Provider: cfg.Provider, Worker: cfg.Worker, Trust: cfg.Trust, Budget: cfg.Budget,
		polls:   web.NewPolls(cfg.Store.Writes, cfg.Now),
		started: cfg.Now(),
		windows: web.NewLimiter[string](limits.AttemptsOfCustomer),
		reports: web.NewLimiter[string](limits.ReportsOfCustomer),
		steps:   web.NewLimiter[string](limits.StepsOfCustomer),
	}
	s.Site = web.New(
		web.Config{Settings: cfg.Settings, Logger: cfg.Logger, Now: cfg.Now, Alert: s.alert, Bodies: bodies},
	)
	s.hook = hook.New(hook.Config{Site: s.Site, Store: s.Store, Provider: s.Provider, Worker: s.Worker})
	var err error
	if s.once, err = web.NewShownOnce(s.Site); err != nil {
		return nil, err
	}
	s.signin, err = signin.New(signin.Config{Site: s.Site, Store: s.Store, Once: s.once, Cost: cfg.PasswordCost})
	if err != nil {
		return nil, err
	}
	engine, err := s.engine()
	if err != nil {
		return nil, err
	}
	s.handler = s.SameOrigin(engine)
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
	if s.polls.NothingNew(r) {
		s.SetHeaders(w.Header())
		w.WriteHeader(http.StatusNoContent)
		return
	}
	r = s.InLanguage(r)
	if r.Body == nil || r.ContentLength == 0 {
		s.handler.ServeHTTP(w, r)
		return
	}
	web.WatchBody(s.handler, w, r)
}

func (s *Server) engine() (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	if err := e.SetTrustedProxies(nil); err != nil { // gin is not asked: see [web.Site.Sender]
		return nil, err
	}
	e.Use(web.Identify, s.Recover, s.Headers, s.LimitBody, s.WellFormed)
	e.NoRoute(s.signin.Recognise, s.Handle(func(c *gin.Context) error { return web.NotFound(c, nil) }))
	e.NoMethod(s.Handle(func(c *gin.Context) error {
		return &web.Error{
			Status: http.StatusMethodNotAllowed, Heading: web.Say(c, "That is not possible here"),
			Sentence: web.Say(c, "This address does not take that kind of request."),
		}
	}))
	s.routes(e)
	s.SetRoutes(e.Routes())
	return e, nil
}

// pause is why no call to the provider is made now; the zero Pause: calls are made.
func (s *Server) pause() provider.Pause {
	if s.Budget == nil {
		return provider.Pause{}
	}
	if p := s.Budget.State().Pause; p.Kind == provider.KindUntrusted || s.Now().Before(p.Until) {
		return p
	}
	return provider.Pause{}
}

// alert tells staff that a balance may be wrong; or else that nothing can be
// asked, and why; or else that the audit log is not as it was written.
func (s *Server) alert(c *gin.Context) string {
	if wrong, _ := s.balances.last(); len(wrong) > 0 {
		return web.Say(c, "Do not decide by the balances here: %d rows of the database contradict each other. Refresh the accounts, and tell an owner of this installation.", len(wrong))
	}
	p := s.pause()
	until := " " + web.Say(c, "We try again at %s.", p.Until.In(s.Settings.Location).Format("15:04:05"))
	switch p.Kind {
	case provider.KindUnreachable:
		return web.Say(c, "The provider cannot be reached: no balance can be refreshed.") + until
	case provider.KindRateLimited:
		return web.Say(c, "The provider limits our calls.") + until
	case provider.KindUntrusted:
		return web.Say(c, "Linking and refreshing are paused: what answers at %s cannot be trusted (certificate, redirect or a web page instead of data). Check OKRA_API_URL before anything else.", s.Settings.OkraAPIURL) + until
	case provider.KindRefused:
		return web.Say(c, "Linking and refreshing are paused: the provider refuses our secret key, plan or wallet.") +
			until
	}
	if s.trust().Lost() {
		return web.Say(c, "Linking is paused: what answers at %s, or the bank window at %s, cannot be trusted (certificate, redirect, address or another page). Status says more.",
			s.Settings.OkraAPIURL, s.Settings.OkraWidgetURL)
	}
	if chain, _ := s.audit.last(); chain.BadRow != 0 {
		return web.Say(
			c, "The audit log is broken: somebody changed the database by hand. Tell an owner of this installation.",
		)
	}
	return ""
}

// flushEvery is how often the counts of rejected deliveries are written down:
// a flood of them costs the database nothing.
const flushEvery = 2 * time.Second

// expireEvery is how often what is over is looked for.
const expireEvery = time.Minute

// Run forgets what is over, writes down what was turned away and who failed to
// sign in, until ctx ends and once more after, and watches over what is kept.
func (s *Server) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { s.watch(ctx) })
	defer wg.Wait()
	tick, expiry := time.NewTicker(flushEvery), time.NewTicker(expireEvery)
	defer tick.Stop()
	defer expiry.Stop()
	s.signin.Expire(ctx)
	for {
		select {
		case <-ctx.Done():
			s.hook.RecordRejections(context.WithoutCancel(ctx))
			s.signin.RecordFailures(context.WithoutCancel(ctx), true)
			return
		case <-tick.C:
			s.hook.RecordRejections(ctx)
			s.signin.RecordFailures(ctx, false)
		case <-expiry.C:
			s.signin.Expire(ctx)
		}
	}
}
