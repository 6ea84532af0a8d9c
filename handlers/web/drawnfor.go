package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/views"
)

// DrawnFor lets a form through only when its page was drawn for whoever is
// signed in now: in another tab somebody else may have signed in since, and a
// button that one person reads must not act for another. A form that does not
// Say for whom it was drawn is refused too.
//
// It says so by the plain id, which is no secret: who could write another one
// into a form could as well press the button. That other sites send no forms is
// for [Site.SameOrigin] to see to.
func (s *Site) DrawnFor(c *gin.Context) {
	if Changes(c.Request) && c.PostForm(views.DrawnForField) != ActorOf(c) {
		s.ServeError(c, &Error{
			Status: http.StatusConflict, Heading: Say(c, "This page was opened for somebody else"),
			Sentence: Say(c, "Somebody else is signed in by now, or the page is from before you signed in. Nothing was done. Open it again and look whose it is."),
			NextURL:  s.PageOf(c), NextLabel: Say(c, "Open the page again"),
		})
	}
}
