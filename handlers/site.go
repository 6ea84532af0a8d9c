package handlers

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/settings"
)

// siteConfig is what a [Site] needs.
type siteConfig struct {
	Settings settings.Settings
	Logger   *slog.Logger
	Now      func() time.Time

	Alert  func(*gin.Context) string // what staff read above every page; empty: nothing
	Bodies map[string]body           // of the routes that take no form, by their path
}

// body is what a route takes that takes no form.
type body struct {
	Most  int64 // bytes
	Asked bool  // the route itself refuses what is announced to be larger
}

// Site is what all pages share: what is around them, how they are answered, and
// what everybody who asks is held to. It knows none of them.
type Site struct {
	siteConfig
	languages languages
	standing  http.Header     // what every answer has; never written to
	pages     map[string]bool // the routes that GET takes
	refused   refusals
	unread    sync.Once // says that a proxy does not say who sends
	downloads downloads
}

// newSite returns what pages share. [Site.setRoutes] has to follow.
func newSite(cfg siteConfig) *Site {
	return &Site{siteConfig: cfg, standing: standingHeaders(cfg.Settings.PublicURL), languages: newLanguages(cfg.Settings.Language)}
}

// setRoutes says which routes there are, for [Site.pageOf].
func (s *Site) setRoutes(all gin.RoutesInfo) {
	s.pages = map[string]bool{}
	for _, r := range all {
		if r.Method == http.MethodGet {
			s.pages[r.Path] = true
		}
	}
}
