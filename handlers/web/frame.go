package web

import (
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/gin-gonic/gin"

	"balancelink/views"
	"balancelink/views/locale"
)

// Clock is the moment for which a page is drawn.
func (s *Site) Clock() views.Clock {
	return views.Clock{Now: s.Now(), Zone: s.Settings.Location}
}

// Frame is what every page shows around its content.
func (s *Site) Frame(c *gin.Context, title, nav string) views.Frame {
	f := views.Frame{
		Title: title, Business: s.Settings.BusinessName, Env: s.Settings.Env, Nav: nav, Path: s.PageOf(c),
		Clock: s.Clock(),
	}
	if s.Settings.Simulated() {
		f.SimulatorURL, f.MonoSimulatorURL = s.Settings.OkraWidgetURL, s.Settings.MonoLinkOrigin
	}
	f.Languages = locale.Languages()
	if m, ok := StaffOf(c); ok {
		f.StaffName = m.Name
		f.Staff, f.May, f.Alert = m.Email, abilities(m.Role), s.Alert(c)
	} else {
		f.Languages = append(f.Languages, s.Settings.CustomerLanguages...)
	}
	if cu, ok := CustomerOf(c); ok {
		f.Customer = cu.Name
	}
	if as := seenOf(c); as != nil {
		f.Seen = &as.banner
	} else {
		f.Flash, f.Undo = s.saidHere(c)
	}
	if f.Staff != "" || f.Customer != "" {
		f.FreshFor, f.StaleAfter = s.Settings.FreshFor, s.Settings.StaleAfter
	}
	return f
}

// PageOf is the page that a request comes from: itself, the one HTMX names, or
// the nearest one above the address that a form posts to.
func (s *Site) PageOf(c *gin.Context) string {
	if c.Request.Method == http.MethodGet {
		return c.Request.URL.RequestURI()
	}
	if u, err := url.Parse(c.GetHeader("HX-Current-URL")); err == nil && u.Path != "" {
		return LocalPath(u.RequestURI())
	}
	route, page := c.FullPath(), c.Request.URL.EscapedPath()
	for len(route) > 1 && !s.pages[route] { // no route at all: ""
		route, page = path.Dir(route), path.Dir(strings.TrimSuffix(page, "/"))
	}
	return page
}
