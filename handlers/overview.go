package handlers

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// overview handles GET /.
func (s *Server) overview(c *gin.Context) error {
	ctx := c.Request.Context()
	n, err := s.Store.Counts(ctx, s.countsAt())
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
	oldBackup, err := s.oldBackup(c)
	if err != nil {
		return err
	}
	s.noteList(c, "overview")
	return web.Render(c, http.StatusOK, views.OverviewView(views.Overview{
		Frame:     s.Frame(c, web.Say(c, "Overview"), "overview"),
		Customers: n.Customers, Linked: n.Linked, NeverLinked: n.NeverLinked, NeedsLogin: n.NeedsLogin,
		Stale: n.Stale, NotFresh: n.NotFresh, Below: n.Below, BelowUnknown: n.BelowUnknown, NeedsReview: n.NeedsReview,
		ReviewsURL: s.reviewsURL(c), WebhooksToday: n.EventsSince, Unmatched: n.Unmatched,
		ToMove: n.ToMove, Move: move, AskedLink: n.AskedLink,
		ConsentEnded: n.ConsentEnded, ConsentEnding: n.ConsentEnding,
		RefreshesRunning: n.RefreshesRunning, LastWebhook: n.LastEvent, CountedAt: n.CountedAt,
		Silent:     n.Linked > 0 && s.Now().Sub(n.LastEvent) > s.Settings.WebhookSilence,
		WebhookURL: s.endpoints(), Providers: providers, Recent: rows, Steps: steps, OldBackup: oldBackup,
	}))
}

// oldBackup is when the last backup was made, for whoever may make one, where that is too
// long ago; zero: it is not, or there was none, of which the first steps speak.
func (s *Server) oldBackup(c *gin.Context) (at time.Time, err error) {
	if !web.Can(web.MustStaff(c).Role, web.ExportData) {
		return at, nil
	}
	backup, err := s.Store.LastBackup(c.Request.Context())
	if err == nil && !backup.At.IsZero() && s.Now().Sub(backup.At) > store.OldBackup {
		at = backup.At
	}
	return at, err
}

// countsAt is what the counts of the pages are of.
func (s *Server) countsAt() store.CountsAt {
	return store.CountsAt{
		FreshSince: s.Now().Add(-s.Settings.FreshFor), StaleBefore: s.present().staleBefore(), EventsSince: s.today(),
	}
}
