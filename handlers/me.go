package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/views"
)

// me handles GET /me.
func (s *Server) me(c *gin.Context) error {
	ctx, cu := c.Request.Context(), mustCustomer(c)
	accounts, err := s.Store.AccountsByCustomer(ctx, cu.ID)
	if err != nil {
		return err
	}
	latest, err := s.Store.LastRefreshes(ctx, cu.ID)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, views.MeView(views.Me{
		Frame: s.frame(c, "My balances", ""), Banks: presenter{server: s}.banks(accounts, latest),
		Totals: totals(accounts), OldestAsOf: oldest(accounts), Freshness: s.freshness(oldest(accounts)),
		ConnectURL: "/me/attempts",
	}))
}
