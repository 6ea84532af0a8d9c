package handlers

import (
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
	s.noteBalances(c, cu.ID)
	s.noteViewed(c.Request.Context(), cu.ID)
	if _, byStaff := web.SeenBy(c); !byStaff {
		if err := s.Store.MarkSeen(c.Request.Context(), cu.ID); err != nil {
			s.Logger.Warn("noting that a customer is here", "err", err)
		}
	}
	page, err := s.mePage(c, v)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.MeView(page))
}

func (s *Server) mePage(c *gin.Context, v viewer) (page views.Me, err error) {
	ctx, cu, scope := c.Request.Context(), web.MustCustomer(c), v.scope
	cards, err := s.Store.CardsByCustomer(ctx, scope)
	if err != nil {
		return page, err
	}
	page = views.Me{
		Frame: s.Frame(c, web.Say(c, "My balances"), ""), Banks: v.banks(cards),
		Sum: v.sum(store.Accounts(cards)), ConnectURL: "/me/attempts", ByLink: web.ByLink(c),
	}
	if err := s.addOnly(c, &page); err != nil {
		return page, err
	}
	if page.Checks, err = s.checks(c); err != nil {
		return page, err
	}
	if page.Password, err = s.Store.HasPassword(ctx, cu.ID); err != nil {
		return page, err
	}
	if page.Hidden, err = s.Store.HiddenAccounts(ctx, scope); err != nil {
		return page, err
	}
	may, err := s.Store.MaySetPassword(ctx, scope)
	if err != nil {
		return page, err
	}
	if may {
		page.PasswordURL = "/me/password"
	}
	if len(cards) > 1 {
		page.HistoryURL = "/me/history"
	}
	if len(cards) > 1 && acts.Refreshable(store.Accounts(cards)) && cards[0].Consent.Holds(s.Now()) {
		page.RefreshAllURL = "/me/refresh"
	}
	if page.Ended, err = s.ended(c, cu.ID, false); err != nil {
		return page, err
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
