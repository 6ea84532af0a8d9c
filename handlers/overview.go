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
	var n store.Counts
	var page views.Overview
	err := s.together(c, func() (err error) {
		if n, err = s.Store.Counts(c.Request.Context(), s.countsAt()); err != nil {
			return err
		}
		page.Steps, err = s.firstSteps(c, n)
		return err
	}, func() error {
		newest, err := s.Store.NewestCustomers(c.Request.Context(), 5)
		if err != nil {
			return err
		}
		page.Recent, err = s.customerRows(c, newest, false)
		return err
	}, func() (err error) {
		page.Providers, err = s.providers(c.Request.Context())
		return err
	}, func() (err error) {
		page.Move, err = s.move(c)
		return err
	}, func() (err error) {
		page.OldBackup, err = s.oldBackup(c)
		return err
	}, noting(func() { s.noteList(c, "overview") }), func() error {
		page.Frame = s.Frame(c, web.Say(c, "Overview"), "overview")
		return nil
	})
	if err != nil {
		return err
	}
	s.addNumbers(c, &page, n)
	return web.Render(c, http.StatusOK, views.OverviewView(page))
}

// addNumbers adds what was counted.
func (s *Server) addNumbers(c *gin.Context, page *views.Overview, n store.Counts) {
	page.Customers, page.Linked, page.NeverLinked, page.NeedsLogin = n.Customers, n.Linked, n.NeverLinked, n.NeedsLogin
	page.Stale, page.NotFresh, page.Below, page.BelowUnknown = n.Stale, n.NotFresh, n.Below, n.BelowUnknown
	page.NeedsReview, page.ReviewsURL = n.NeedsReview, s.reviewsURL(c)
	page.WebhooksToday, page.Unmatched, page.LastWebhook = n.EventsSince, n.Unmatched, n.LastEvent
	page.ToMove, page.AskedLink = n.ToMove, n.AskedLink
	page.ConsentEnded, page.ConsentEnding = n.ConsentEnded, n.ConsentEnding
	page.RefreshesRunning, page.CountedAt = n.RefreshesRunning, n.CountedAt
	page.Silent = n.Linked > 0 && s.olderThan(n.LastEvent, s.Settings.WebhookSilence)
	page.WebhookURL = s.endpoints()
}

// oldBackup is when the last backup was made, for whoever may make one, where that is too
// long ago; zero: it is not, or there was none, of which the first steps speak.
func (s *Server) oldBackup(c *gin.Context) (at time.Time, err error) {
	if !web.Can(web.MustStaff(c).Role, web.ExportData) {
		return at, nil
	}
	backup, err := s.Store.LastBackup(c.Request.Context())
	if err == nil && !backup.At.IsZero() && s.olderThan(backup.At, store.OldBackup) {
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
