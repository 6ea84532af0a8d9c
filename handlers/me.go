package handlers

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/acts"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// me handles GET /me.
func (s *Server) me(c *gin.Context) error {
	v, cu := s.viewer(c), web.MustCustomer(c)
	err := s.together(c, noting(func() { s.noteBalances(c, cu.ID) }), noting(func() {
		s.noteViewed(c.Request.Context(), cu.ID)
	}), noting(func() { s.noteHere(c, cu.ID) }))
	if err != nil {
		return err
	}
	page, err := s.mePage(c, v)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.MeView(page))
}

// noteHere notes that a customer is here, if it is they.
func (s *Server) noteHere(c *gin.Context, id string) {
	if _, byStaff := web.SeenBy(c); byStaff {
		return
	}
	if err := s.Store.MarkSeen(c.Request.Context(), id); err != nil {
		s.Logger.Warn("noting that a customer is here", "err", err)
	}
}

func (s *Server) mePage(c *gin.Context, v viewer) (page views.Me, err error) {
	cu, scope := web.MustCustomer(c), v.scope
	page = views.Me{
		Frame: s.Frame(c, web.Say(c, "My balances"), ""), ConnectURL: "/me/attempts", ByLink: web.ByLink(c),
	}
	in := func() context.Context { return c.Request.Context() }
	var cards []store.Card
	var may bool
	err = s.together(c, func() (err error) {
		cards, err = s.Store.CardsByCustomer(in(), scope)
		return err
	}, func() error {
		return s.addOnly(c, &page)
	}, func() (err error) {
		page.Checks, err = s.checks(c)
		return err
	}, func() (err error) {
		page.Password, err = s.Store.HasPassword(in(), cu.ID)
		return err
	}, func() (err error) {
		page.Hidden, err = s.Store.HiddenAccounts(in(), scope)
		return err
	}, func() (err error) {
		may, err = s.Store.MaySetPassword(in(), scope)
		return err
	}, func() (err error) {
		page.Ended, err = s.ended(c, cu.ID, false)
		return err
	})
	if err != nil {
		return page, err
	}
	page.Banks, page.Sum = v.banks(cards), v.sum(store.Accounts(cards))
	if may {
		page.PasswordURL = "/me/password"
	}
	if len(cards) > 1 {
		page.HistoryURL = "/me/history"
	}
	if len(cards) > 1 && acts.Refreshable(store.Accounts(cards)) && cards[0].Consent.Holds(s.Now()) {
		page.RefreshAllURL = "/me/refresh"
	}
	if page.Withdrawn() {
		page.ConnectURL, page.Sum = "", views.Sum{}
	}
	return page, nil
}

// outcomeShown is how long a customer reads that a link was refused.
const outcomeShown = 30 * 24 * time.Hour

// checks are the customer's links that staff look at, or lately refused.
func (s *Server) checks(c *gin.Context) (all []views.Check, err error) {
	attempts, err := s.Store.AttemptsByCustomer(c.Request.Context(), web.ScopeOf(c))
	for _, a := range attempts {
		refused := a.State == store.AttemptRefused && s.Now().Sub(a.CreatedAt) < outcomeShown
		if a.State == store.AttemptNeedsReview || refused {
			all = append(all, views.Check{
				Bank: a.BankName, StartedAt: a.CreatedAt, Refused: refused, Reference: store.Reference(a.ID),
			})
		}
	}
	return all, err
}
