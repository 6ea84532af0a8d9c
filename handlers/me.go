package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/store"
	"balancelink/views"
)

// me handles GET /me.
func (s *Server) me(c *gin.Context) error {
	ctx, cu := c.Request.Context(), mustCustomer(c)
	cards, err := s.Store.CardsByCustomer(ctx, cu.ID)
	if err != nil {
		return err
	}
	if err := s.Store.MarkViewed(ctx, cu.ID); err != nil {
		return err
	}
	page := views.Me{
		Frame: s.frame(c, "My balances", ""), Banks: presenter{server: s}.banks(cards),
		Sum: s.sum(store.Accounts(cards)), ConnectURL: "/me/attempts",
	}
	if len(cards) > 1 && refreshable(store.Accounts(cards)) {
		page.RefreshAllURL = "/me/refresh"
	}
	return s.render(c, http.StatusOK, views.MeView(page))
}
