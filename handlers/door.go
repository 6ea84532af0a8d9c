package handlers

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// door handles GET / for whoever is no member of staff: customers come to their balances,
// and who is not known chooses a door.
func (s *Server) door(c *gin.Context) {
	staff, customer := s.signin.Came(c)
	if staff || web.IsHTMX(c) { // who is a page that is open still
		return
	}
	to := "/me"
	if err := s.signin.Visitor(c); errors.Is(err, store.ErrNotFound) {
		to = "/me/login"
	} else if err != nil {
		s.ServeError(c, err)
		return
	}
	c.Abort()
	if customer {
		c.Redirect(http.StatusSeeOther, to)
		return
	}
	if err := web.Render(c, http.StatusOK, views.DoorView(s.Frame(c, "", ""))); err != nil {
		s.ServeError(c, err)
	}
}
