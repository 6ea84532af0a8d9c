package handlers

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/views/samples"
)

// simulatedOnly hides a page from installations with real people and money.
func (s *Server) simulatedOnly(c *gin.Context) {
	if !s.Settings.Simulated() {
		s.ServeError(c, web.NotFound(c, nil))
	}
}

// gallery handles GET /gallery: every screen as a sample.
func (s *Server) gallery(c *gin.Context) error {
	onlyLook(c)
	return web.Render(c, http.StatusOK, samples.Gallery(c.Request.Context(), s.Frame(c, web.Say(c, "Gallery"), "")))
}

// gallerySample handles GET /gallery/:screen/:state: one screen in one state.
func (s *Server) gallerySample(c *gin.Context) error {
	page, ok := samples.Page(c.Request.Context(), c.Param("screen"), c.Param("state"))
	if !ok {
		return web.NotFound(c, nil)
	}
	onlyLook(c)
	return web.Render(c, http.StatusOK, page)
}

// onlyLook lets a page run no script and post no form: its buttons are those
// of the real page and lead to real addresses.
func onlyLook(c *gin.Context) {
	const name = "Content-Security-Policy"
	c.Header(name, nothingRuns.Replace(c.Writer.Header().Get(name)))
}

var nothingRuns = strings.NewReplacer(
	"script-src 'self'", "script-src 'none'", "form-action 'self'", "form-action 'none'",
)
