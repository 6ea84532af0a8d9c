package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/views"
)

// overview handles GET /.
func (s *Server) overview(c *gin.Context) error {
	ctx := c.Request.Context()
	n, err := s.Store.Counts(ctx, s.present().staleBefore(), s.today())
	if err != nil {
		return err
	}
	newest, err := s.Store.NewestCustomers(ctx, 5)
	if err != nil {
		return err
	}
	rows, err := s.customerRows(c, newest, false)
	if err != nil {
		return err
	}
	providers, err := s.providers(ctx)
	if err != nil {
		return err
	}
	move, err := s.move(c)
	if err != nil {
		return err
	}
	steps, err := s.firstSteps(c, n)
	if err != nil {
		return err
	}
	s.noteList(c, "overview")
	return web.Render(c, http.StatusOK, views.OverviewView(views.Overview{
		Frame:     s.Frame(c, web.Say(c, "Overview"), "overview"),
		Customers: n.Customers, Linked: n.Linked, NeverLinked: n.NeverLinked, NeedsLogin: n.NeedsLogin,
		Stale: n.Stale, Below: n.Below, BelowUnknown: n.BelowUnknown, NeedsReview: n.NeedsReview,
		ReviewsURL: s.reviewsURL(c), WebhooksToday: n.EventsSince, Unmatched: n.Unmatched,
		ToMove: n.ToMove, Move: move, AskedLink: n.AskedLink,
		ConsentEnded: n.ConsentEnded, ConsentEnding: n.ConsentEnding,
		RefreshesRunning: n.RefreshesRunning, LastWebhook: n.LastEvent, CountedAt: n.CountedAt,
		Silent:     n.Linked > 0 && s.Now().Sub(n.LastEvent) > s.Settings.WebhookSilence,
		WebhookURL: s.endpoints(), Providers: providers, Recent: rows, Steps: steps,
	}))
}
