package handlers

import (
	"errors"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// timelineMost is how many things that happened stand on a customer's page, the newest.
const timelineMost = 60

// customersActs are what everybody who sees a customer may read of what happened: what was
// done with links, the bank window, consents, banks and funds checks. Who has looked at
// what, taken it out or changed it is for who may read the audit log.
var customersActs = []store.Action{
	store.ActCustomerAdded, store.ActContacted, store.ActLinkMade, store.ActLinkSent, store.ActLinkAsked,
	store.ActLinkRevoked, store.ActCodeWrong, store.ActLinkLocked, store.ActConsentGiven, store.ActWindowOpened,
	store.ActBankLinked, store.ActLinkDoubted, store.ActLinkFailed, store.ActLinkApproved, store.ActLinkRefused,
	store.ActAccountUnlinked, store.ActConsentWithdrawn, store.ActRefreshStarted, store.ActCheckStarted,
	store.ActFundsAsked, store.ActFundsAnswered, store.ActFundsCancelled, store.ActFundsDecided,
	store.ActFellBelow, store.ActRoseAbove,
}

// addTimeline adds what happened about a customer: links, openings of the bank window,
// consents, requests, messages and looks, in one list.
func (s *Server) addTimeline(c *gin.Context, page *views.CustomerPage, links []store.LinkProgress) error {
	ctx := c.Request.Context()
	log, err := s.Store.AuditLog(ctx, store.AuditQuery{Customer: page.ID, Limit: timelineMost})
	if err != nil {
		return err
	}
	people, err := s.actorNames(ctx)
	if err != nil {
		return err
	}
	all := web.Can(web.MustStaff(c).Role, web.ReadAudit)
	for _, e := range log {
		if !all && !slices.Contains(customersActs, e.Action) {
			continue
		}
		row := views.TimelineRow{At: e.At, Action: string(e.Action), By: actorWords(ctx, e, people)}
		if err := s.addOutcome(c, &row, e.Act, page.Attempts); err != nil {
			return err
		}
		page.Timeline = append(page.Timeline, row)
	}
	since := time.Time{}
	if len(log) == timelineMost {
		since = log[len(log)-1].At
	}
	for _, l := range links { // when they were opened, which no act says
		if l.OpenedAt.After(since) {
			page.Timeline = append(page.Timeline, views.TimelineRow{At: l.OpenedAt, Opened: true})
		}
	}
	slices.SortStableFunc(page.Timeline, func(a, b views.TimelineRow) int { return b.At.Compare(a.At) })
	if all {
		page.TimelineURL = "/audit?customer=" + page.ID
	}
	return nil
}

// addOutcome adds to what was begun how it went.
func (s *Server) addOutcome(c *gin.Context, row *views.TimelineRow, a store.Act, attempts []views.AttemptRow) error {
	switch a.Action {
	case store.ActWindowOpened:
		if i := slices.IndexFunc(attempts, func(r views.AttemptRow) bool { return r.ID == a.Subject }); i >= 0 {
			row.Attempt = &attempts[i]
		}
	case store.ActRefreshStarted, store.ActCheckStarted:
		r, err := s.Store.RefreshByID(c.Request.Context(), a.Subject)
		if errors.Is(err, store.ErrNotFound) {
			return nil // it is not kept any more
		}
		if err != nil {
			return err
		}
		shown := s.present().refresh(r, "")
		row.Refresh, row.URL = &shown, "/refreshes/"+r.ID
	}
	return nil
}
