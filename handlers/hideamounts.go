package handlers

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/store"
	"balancelink/views"
)

// amountsCookie remembers in a browser that amounts are hidden. It says nothing
// about anybody and outlives the session: whoever hid them finds them hidden.
const amountsCookie = "balancelink_amounts"

// showAmounts handles POST /amounts: hides the amounts of all pages in this
// browser, or shows them again, and goes back to the page.
func (s *Server) showAmounts(c *gin.Context) error {
	cookie := http.Cookie{
		Name: amountsCookie, Value: "hidden", Path: "/", MaxAge: 365 * 24 * 60 * 60,
		HttpOnly: true, Secure: s.overTLS(), SameSite: http.SameSiteLaxMode,
	}
	if c.PostForm("amounts") != "hidden" {
		cookie.Value, cookie.MaxAge = "", -1
	}
	http.SetCookie(c.Writer, &cookie)
	return seeOther(c, localPath(c.PostForm("next")))
}

// drawing is the context in which a page is drawn: for whoever is signed in, and
// without amounts for who has hidden them. Files that are taken out have them all
// the same.
func drawing(c *gin.Context) context.Context {
	ctx := c.Request.Context()
	if who := actorOf(c); who != store.Nobody {
		ctx = views.DrawnFor(ctx, who)
	}
	if cookie, err := c.Request.Cookie(amountsCookie); err == nil && cookie.Value == "hidden" {
		ctx = views.HideAmounts(ctx)
	}
	return ctx
}
