package handlers

import (
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

// readTimeline reads what happened about a customer, and the requests that are among it.
func (s *Server) readTimeline(c *gin.Context, of *ofCustomer) (err error) {
	ctx := c.Request.Context()
	if of.happened, err = s.Store.AuditLog(ctx, store.AuditQuery{Customer: of.ID, Limit: timelineMost}); err != nil {
		return err
	}
	var ids []string
	for _, e := range of.happened {
		if e.Action == store.ActRefreshStarted || e.Action == store.ActCheckStarted {
			ids = append(ids, e.Subject)
		}
	}
	of.begun, err = s.Store.RefreshesByID(ctx, ids)
	return err
}

// addTimeline adds what happened about a customer: links, openings of the bank window,
// consents, requests, messages and looks, in one list.
func (s *Server) addTimeline(c *gin.Context, page *views.CustomerPage, of ofCustomer) {
	ctx, all := c.Request.Context(), web.Can(web.MustStaff(c).Role, web.ReadAudit)
	for _, e := range of.happened {
		if !all && !slices.Contains(customersActs, e.Action) {
			continue
		}
		row := views.TimelineRow{At: e.At, Action: string(e.Action), By: actorWords(ctx, e, of.people)}
		s.addOutcome(&row, e.Act, page.Attempts, of.begun)
		page.Timeline = append(page.Timeline, row)
	}
	since := time.Time{}
	if len(of.happened) == timelineMost {
		since = of.happened[timelineMost-1].At
	}
	for _, l := range of.links { // when they were opened, which no act says
		if l.OpenedAt.After(since) {
			page.Timeline = append(page.Timeline, views.TimelineRow{At: l.OpenedAt, Opened: true})
		}
	}
	slices.SortStableFunc(page.Timeline, func(a, b views.TimelineRow) int { return b.At.Compare(a.At) })
	if all {
		page.TimelineURL = "/audit?customer=" + page.ID
	}
}

// addOutcome adds to what was begun how it went. Of a request that is not kept any more it
// is not known.
func (s *Server) addOutcome(
	row *views.TimelineRow, a store.Act, attempts []views.AttemptRow, begun map[string]store.Refresh,
) {
	switch a.Action {
	case store.ActWindowOpened:
		if i := slices.IndexFunc(attempts, func(r views.AttemptRow) bool { return r.ID == a.Subject }); i >= 0 {
			row.Attempt = &attempts[i]
		}
	case store.ActRefreshStarted, store.ActCheckStarted:
		if r, is := begun[a.Subject]; is {
			shown := s.present().refresh(r, "")
			row.Refresh, row.URL = &shown, "/refreshes/"+r.ID
		}
	}
}
