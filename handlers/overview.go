package handlers

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/days"
	"balancelink/views"
)

// overview handles GET /.
func (s *Server) overview(c *gin.Context) error {
	ctx := c.Request.Context()
	n, err := s.Store.Counts(ctx, s.staleBefore(), s.today())
	if err != nil {
		return err
	}
	newest, err := s.Store.NewestCustomers(ctx, 5)
	if err != nil {
		return err
	}
	rows, err := s.customerRows(c, newest)
	if err != nil {
		return err
	}
	provider, err := s.provider(ctx)
	if err != nil {
		return err
	}
	s.noteList(c, "overview")
	return web.Render(c, http.StatusOK, views.OverviewView(views.Overview{
		Frame:     s.Frame(c, web.Say(c, "Overview"), "overview"),
		Customers: n.Customers, Linked: n.Linked, NeverLinked: n.NeverLinked, NeedsLogin: n.NeedsLogin,
		Stale: n.Stale, Below: n.Below, BelowUnknown: n.BelowUnknown, NeedsReview: n.NeedsReview, ReviewsURL: s.reviewsURL(c), WebhooksToday: n.EventsSince, Unmatched: n.Unmatched,
		ConsentEnded: n.ConsentEnded, ConsentEnding: n.ConsentEnding,
		RefreshesRunning: n.RefreshesRunning, LastWebhook: n.LastEvent,
		Silent:     n.Linked > 0 && s.Now().Sub(n.LastEvent) > s.Settings.WebhookSilence,
		WebhookURL: s.Settings.WebhookURL(), Provider: provider, Recent: rows,
	}))
}

// staleBefore is the moment before which a balance is stale.
func (s *Server) staleBefore() time.Time { return s.Now().Add(-s.Settings.StaleAfter) }

// today is when the day began where the pages are read.
func (s *Server) today() time.Time {
	return days.Start(s.Now().In(s.Settings.Location))
}

func (s *Server) customerRows(c *gin.Context, customers []store.CustomerRow) ([]views.CustomerRow, error) {
	ids := make([]string, len(customers))
	for i, cu := range customers {
		ids[i] = cu.ID
	}
	accounts, err := s.Store.AccountsByCustomers(c.Request.Context(), ids)
	if err != nil {
		return nil, err
	}
	consents, err := s.Store.ConsentStates(c.Request.Context(), ids...)
	if err != nil {
		return nil, err
	}
	rows := make([]views.CustomerRow, len(customers))
	for i, cu := range customers {
		rows[i] = s.customerRow(cu, accounts[cu.ID], consents[cu.ID])
	}
	return rows, nil
}

// alive handles GET /healthz: the process answers.
func (s *Server) alive(c *gin.Context) error {
	c.String(http.StatusOK, "ok\n")
	return nil
}

// ready handles GET /readyz: the database takes writes and the worker works.
func (s *Server) ready(c *gin.Context) error {
	if err := s.Store.Ready(c.Request.Context()); err != nil {
		s.Logger.Error("readiness", "err", err)
		c.String(http.StatusServiceUnavailable, "the database cannot be written to\n")
		return nil
	}
	if !s.Worker.Alive() {
		c.String(http.StatusServiceUnavailable, "the worker is stuck\n")
		return nil
	}
	c.String(http.StatusOK, "ready\n")
	return nil
}
