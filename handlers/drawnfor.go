package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/views"
)

// drawnFor lets a form through only when its page was drawn for whoever is
// signed in now: in another tab somebody else may have signed in since, and a
// button that one person reads must not act for another. A form that does not
// say for whom it was drawn is refused too.
//
// It says so by the plain id, which is no secret: who could write another one
// into a form could as well press the button. That other sites send no forms is
// for [Server.sameOrigin] to see to.
func (s *Site) drawnFor(c *gin.Context) {
	if changes(c.Request) && c.PostForm(views.DrawnForField) != actorOf(c) {
		s.serveError(c, &httpError{
			Status: http.StatusConflict, Heading: say(c, "This page was opened for somebody else"),
			Sentence: say(c, "Somebody else is signed in by now, or the page is from before you signed in. Nothing was done. Open it again and look whose it is."),
			NextURL:  s.pageOf(c), NextLabel: say(c, "Open the page again"),
		})
	}
}
