// Package api answers programs of the business, in JSON, below /api/v1: what pages show
// to staff and what staff may do, for whoever shows a key that allows it. It reads no
// cookie and draws nothing. What it answers is written down in openapi.yaml.
package api

import (
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/acts"
	"balancelink/handlers/settings"
	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/limits"
)

// Path is what every address of the API begins with.
const Path = "/api/v1"

// Config is what an [API] needs, all of it.
type Config struct {
	Settings settings.Settings
	Store    *store.Store
	Bank     acts.Bank
	Logger   *slog.Logger
	Now      func() time.Time

	Sender  func(*gin.Context) netip.Addr                           // whom a request comes from
	Headers func(http.Header)                                       // sets what every answer has
	Refused func(c *gin.Context, actor, request string, status int) // is told of who was not let do something
	Measure gin.HandlerFunc                                         // times every request
	// Recovering is what turns a panic into an error, which is answered so.
	Recovering func(answer func(*gin.Context, error)) gin.HandlerFunc
}

// API answers every request below [Path].
type API struct {
	Config
	engine   *gin.Engine
	strikes  *limits.Limiter[netip.Prefix] // requests whose key lets nobody in, by address
	requests *limits.Limiter[string]       // by key
	asks     *limits.Limiter[string]       // of banks, by key
	waiting  chan struct{}                 // has one for each request that waits
	ending   chan struct{}                 // closed: nobody is to wait any more
	end      func()
}

// New returns an API ready to serve.
func New(cfg Config) *API {
	a := &API{
		Config:   cfg,
		strikes:  limits.NewLimiter[netip.Prefix](limits.WrongTokens),
		requests: limits.NewLimiter[string](limits.RequestsOfKey),
		asks:     limits.NewLimiter[string](limits.RefreshesOfKey),
		waiting:  make(chan struct{}, limits.Waiting), ending: make(chan struct{}),
	}
	a.end = sync.OnceFunc(func() { close(a.ending) })
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.HandleMethodNotAllowed, e.RedirectTrailingSlash = true, false
	e.UseRawPath, e.UnescapePathValues = true, true // a reference may hold a slash
	e.Use(cfg.Measure, identify, cfg.Recovering(a.refuse), a.prepare, a.wellFormed)
	e.NoRoute(a.handle(func(*gin.Context) error { return notFound }))
	e.NoMethod(a.handle(func(*gin.Context) error { return notAllowed }))
	a.routes(e)
	a.engine = e
	return a
}

// Serves says whether a path is one of the API's.
func Serves(path string) bool { return path == Path || strings.HasPrefix(path, Path+"/") }

// ServeHTTP implements [http.Handler].
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.engine.ServeHTTP(w, withPluses(r))
}

// withPluses is a request in whose path a plus is one. gin reads what is escaped there as
// it reads a query, in which a plus is a space: a customer A+B/1 would be the customer A B/1.
func withPluses(r *http.Request) *http.Request {
	if !strings.Contains(r.URL.RawPath, "+") {
		return r
	}
	same, u := *r, *r.URL
	u.RawPath = strings.ReplaceAll(u.RawPath, "+", "%2B")
	same.URL = &u
	return &same
}

// End has everybody answered who waits, and lets nobody wait any more.
func (a *API) End() { a.end() }

// Routes is every route that the API answers.
func (a *API) Routes() gin.RoutesInfo { return a.engine.Routes() }

// KeyPrefix is what the keys of an environment begin with: who sees one knows what it is
// for.
func KeyPrefix(env string) string {
	switch env {
	case provider.EnvProduction:
		return "bl_prod_"
	case provider.EnvSandbox:
		return "bl_sbx_"
	}
	return "bl_sim_"
}
