package handlers

import (
	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/views"
	"balancelink/views/locale"
)

// seeAsCustomer is before the pages that show staff what a customer sees, in the
// customer's language: GET /customers/:id/seen and what is below.
func (s *Server) seeAsCustomer(c *gin.Context) {
	cu, err := s.Store.CustomerByID(c.Request.Context(), c.Param("id"))
	if err != nil {
		s.ServeError(c, err)
		return
	}
	base := "/customers/" + cu.ID
	web.SeeAs(c, cu, base+"/seen", views.SeenAs{
		Sentence: web.Say(c, "This is what %s sees with a password. You are not signed in as them: nothing here does anything, and your look is written down.", cu.Name),
		BackURL:  base, Back: web.Say(c, "Back to %s", cu.Name), Language: locale.Language(c.Request.Context()),
	})
	if id := c.Param("account"); id != "" {
		c.Params = gin.Params{{Key: "id", Value: id}} // as on the customer's own route
	}
	language := s.Settings.Language
	if s.Speaks(cu.Language) {
		language = cu.Language
	}
	c.Request = c.Request.WithContext(locale.In(c.Request.Context(), language))
}
