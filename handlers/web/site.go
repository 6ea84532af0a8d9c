// Package web is what all pages share: what is around them and how they are
// answered, the errors that people read, who asks and what their role allows, and
// the limits that everybody is held to. It knows no page, and neither how somebody
// signs in: package signin tells it by [SetStaff] and [SetCustomer].
package web

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/settings"
)

// Config is what a [Site] needs, all of it.
type Config struct {
	Settings settings.Settings
	Logger   *slog.Logger
	Now      func() time.Time

	Alert  func(*gin.Context) string // what staff read above every page; empty: nothing
	Bodies map[string]Body           // of the routes that take no form, by their path

	Machines []string // what the addresses begin with that programs ask: errors are no pages there
}

// Body is what a route takes that takes no form.
type Body struct {
	Most        int64 // bytes
	SelfChecked bool  // the route itself refuses what is announced to be larger
}

// Site is what all pages share: what is around them, how they are answered, and
// what everybody who asks is held to. It knows none of them.
type Site struct {
	Config
	languages languages
	standing  http.Header     // what every answer has; never written to
	pages     map[string]bool // the routes that GET takes
	refused   refusals
	unread    sync.Once // says that a proxy does not say who sends
	downloads downloads
	said      said
}

// New returns what pages share. [Site.SetRoutes] has to follow.
func New(cfg Config) (s *Site, err error) {
	s = &Site{
		Config: cfg, standing: standingHeaders(cfg.Settings.PublicURL),
		languages: newLanguages(cfg.Settings.Language, cfg.Settings.CustomerLanguages),
	}
	s.said, err = newSaid(s)
	return s, err
}

// SetRoutes says which routes there are, for [Site.PageOf].
func (s *Site) SetRoutes(all gin.RoutesInfo) {
	s.pages = map[string]bool{}
	for _, r := range all {
		if r.Method == http.MethodGet {
			s.pages[r.Path] = true
		}
	}
}
