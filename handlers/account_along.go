package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// balanceMark stands for the newest balance of an account.
func balanceMark(a store.Account) string { return strconv.FormatInt(a.ReceivedAt.UnixMilli(), 36) }

// pageOf is the address of the page that is shown: of what HTMX asks for, the page that
// it is asked for from.
func pageOf(c *gin.Context) *url.URL {
	if web.IsHTMX(c) {
		if u, err := url.Parse(c.GetHeader("HX-Current-URL")); err == nil {
			return u
		}
	}
	return c.Request.URL
}

// renderCard sends a card, and with it what else of its page is made of the same balances:
// an old figure beside a new one would look as fresh.
func (s *Server) renderCard(c *gin.Context, v viewer, code int, a store.Card, card views.Account) error {
	page := pageOf(c).Path
	alone := page == card.URL || strings.HasPrefix(page, card.URL+"/") // a form of it that has something wrong
	if alone {
		card = card.OnItsOwnPage()
	}
	along, err := s.along(c, v, a, card, alone)
	if err != nil {
		return err
	}
	return web.Render(c, code, views.AccountFragment(s.Clock(), card, along))
}

// along is what changes with a card. A page that shows this very balance already, and
// whose request goes on, has it.
func (s *Server) along(
	c *gin.Context, v viewer, a store.Card, card views.Account, alone bool,
) (templ.Component, error) {
	known := c.Query("of")
	if c.Request.Method == http.MethodPost {
		known = c.PostForm("of")
	}
	ended := c.Request.Method == http.MethodGet && card.PollURL == ""
	switch {
	case known == card.Mark && !ended:
		return templ.NopComponent, nil
	case alone:
		page, err := s.accountPageOf(c, v, a, accountForms{})
		return views.AlongAccount(page), err
	case v.forStaff:
		cu, err := s.Store.CustomerRowByID(c.Request.Context(), a.CustomerID)
		if err != nil {
			return nil, err
		}
		page, err := s.customerPageOf(c, v, cu, nil)
		return views.AlongCustomer(page, card.ID), err
	}
	page, err := s.mePage(c, v)
	return views.AlongMe(page, card.ID), err
}
