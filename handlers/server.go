// Package handlers serves the pages, the personal links and the webhook
// endpoint over HTTP. It is the only package that knows gin.
package handlers

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/settings"
	"balancelink/okra"
	"balancelink/store"
	"balancelink/views"
)

// Config is what a [Server] needs.
type Config struct {
	Settings settings.Settings
	Store    *store.Store
	Worker   Worker       // nil: there is none, as in tests of the pages alone
	Budget   *okra.Budget // the provider's, to be shown; nil: none
	Logger   *slog.Logger
	Now      func() time.Time // nil: time.Now
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
	Config
	handler   http.Handler
	staff     *sessionStore
	customers *sessionStore
	door      *door
	hashing   chan struct{} // bounds how many passwords are hashed at once
}

// New returns a server ready to serve.
func New(cfg Config) (*Server, error) {
	s := &Server{
		Config: cfg, hashing: make(chan struct{}, 4),
		door: newDoor(cfg.Settings.OkraWebhookToken, cfg.Settings.OkraWebhookTokenOld),
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Worker == nil {
		s.Worker = noWorker{}
	}
	var err error
	if s.staff, err = newSessionStore(s, staffSessions); err != nil {
		return nil, err
	}
	if s.customers, err = newSessionStore(s, customerSessions); err != nil {
		return nil, err
	}
	engine, err := s.engine()
	if err != nil {
		return nil, err
	}
	s.handler = s.sameOrigin(engine)
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
	s.handler.ServeHTTP(w, r)
}

func (s *Server) engine() (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	if err := e.SetTrustedProxies(s.Settings.TrustedProxies); err != nil {
		return nil, err
	}
	e.Use(s.identify, s.recover, s.headers)
	e.NoRoute(s.recognise, s.handle(func(*gin.Context) error { return notFound(nil) }))
	e.NoMethod(s.handle(func(*gin.Context) error {
		return &httpError{Status: http.StatusMethodNotAllowed, Heading: "That is not possible here", Sentence: "This address does not take that kind of request."}
	}))
	s.routes(e)
	return e, nil
}

// clock is the moment for which a page is drawn.
func (s *Server) clock() views.Clock {
	return views.Clock{Now: s.Now(), Zone: s.Settings.Location}
}

// frame is what every page shows around its content.
func (s *Server) frame(c *gin.Context, title, nav string) views.Frame {
	f := views.Frame{Title: title, Business: s.Settings.BusinessName, Env: s.Settings.OkraEnv, Nav: nav, Clock: s.clock()}
	if s.Settings.Simulated() {
		f.SimulatorURL = s.Settings.OkraWidgetURL
	}
	if m, ok := staffOf(c); ok {
		f.Staff, f.Alert = m.Email, s.alert()
	}
	if cu, ok := customerOf(c); ok {
		f.Customer = cu.Name
	}
	return f
}

// pause is why no call to the provider is made now; the zero Pause: calls are made.
func (s *Server) pause() okra.Pause {
	if s.Budget == nil {
		return okra.Pause{}
	}
	if p := s.Budget.State().Pause; s.Now().Before(p.Until) {
		return p
	}
	return okra.Pause{}
}

// alert tells staff that nothing can be asked, and why.
func (s *Server) alert() string {
	p := s.pause()
	until := " We try again at " + p.Until.In(s.Settings.Location).Format("15:04:05") + "."
	switch p.Kind {
	case okra.KindUnreachable:
		return "The provider cannot be reached: no balance can be refreshed." + until
	case okra.KindRateLimited:
		return "The provider limits our calls." + until
	case okra.KindUntrusted:
		return "Linking and refreshing are paused: what answers at " + s.Settings.OkraAPIURL + " cannot be trusted (certificate, redirect or a web page instead of data). Check OKRA_API_URL before anything else." + until
	case okra.KindRefused:
		return "Linking and refreshing are paused: the provider refuses our secret key, plan or wallet." + until
	}
	return ""
}
