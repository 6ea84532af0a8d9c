package signin

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
)

// keptCookie shows that a browser keeps cookies. It says nothing else.
const keptCookie = web.CookiePrefix + "kept"

// KeepsCookies lets what somebody sends through only from a browser that keeps
// cookies: without any we would not know them on the next page, and they would
// go round in circles. The page before it has set one.
func (s *Service) KeepsCookies(c *gin.Context) {
	switch {
	case web.HasCookie(c.Request):
	case web.Changes(c.Request):
		s.ServeError(c, noCookies(c, s.PageOf(c)))
	default:
		http.SetCookie(c.Writer, &http.Cookie{
			Name: keptCookie, Value: "1", Path: "/", HttpOnly: true, Secure: s.OverTLS(),
			SameSite: http.SameSiteLaxMode,
		})
	}
}

// noCookies is the answer to a browser that keeps none.
func noCookies(c *gin.Context, page string) *web.Error {
	return &web.Error{
		Status: http.StatusBadRequest, Heading: web.Say(c, "Your browser keeps no cookies"),
		Sentence: web.Say(c, "We need one to know on the next page that it is still you. Nothing was recorded. Allow cookies for this site, then try again."),
		NextURL:  page, NextLabel: web.Say(c, "Try again"),
	}
}

// arrive goes on to a page after signing in: by way of another when it is not
// known whether the browser keeps cookies.
func arrive(c *gin.Context, next string) error {
	if web.HasCookie(c.Request) {
		return web.SeeOther(c, next)
	}
	return web.SeeOther(c, "/signed-in?"+url.Values{"next": {next}}.Encode())
}

// Arrived handles GET /signed-in: on to the page, for a browser that has kept
// the cookie of the page before.
func (s *Service) Arrived(c *gin.Context) error {
	next := web.LocalPath(c.Query("next"))
	if !web.HasCookie(c.Request) {
		return noCookies(c, next)
	}
	return web.SeeOther(c, next)
}
