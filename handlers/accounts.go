package handlers

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"balancelink/store"
	"balancelink/views"
)

// viewer is who looks at an account: staff see every account, a customer only
// their own.
type viewer struct {
	presenter
	customerID string // empty for staff
	staffID    string // empty for customers
}

func (s *Server) viewer(c *gin.Context) viewer {
	if m, ok := staffOf(c); ok {
		return viewer{presenter: presenter{server: s, forStaff: true}, staffID: m.ID}
	}
	cu, ok := customerOf(c)
	if !ok {
		panic("route is behind neither requireStaff nor requireCustomer")
	}
	return viewer{presenter: presenter{server: s}, customerID: cu.ID}
}

// find returns the account if it is the viewer's to see.
func (v viewer) find(c *gin.Context, id string) (store.Card, error) {
	if v.customerID == "" && !v.forStaff {
		return store.Card{}, store.ErrNotFound
	}
	return v.server.Store.CardByID(c.Request.Context(), v.customerID, id)
}

// actor is the viewer in the audit log.
func (v viewer) actor() string {
	if v.forStaff {
		return store.ByStaff(v.staffID)
	}
	return store.ByCustomer(v.customerID)
}

// refresh handles POST /accounts/:id/refresh and POST /me/accounts/:id/refresh.
func (s *Server) refresh(c *gin.Context) error { return s.ask(c, store.KindRefresh) }

// check handles POST /accounts/:id/check.
func (s *Server) check(c *gin.Context) error { return s.ask(c, store.KindCheck) }

// ask starts a request to the bank, or joins the one under way. Only the
// worker talks to the bank; this answers at once.
func (s *Server) ask(c *gin.Context, kind store.RefreshKind) error {
	v, id := s.viewer(c), c.Param("id")
	_, _, err := s.Store.StartRefresh(c.Request.Context(), v.request(id, kind))
	var tooSoon *store.CoolDownError
	switch {
	case errors.As(err, &tooSoon):
		return s.tooSoon(c, v, id, tooSoon)
	case errors.Is(err, store.ErrUnlinked):
		return &httpError{Status: http.StatusConflict, Heading: "This account is not linked any more", Sentence: "Its last known balance stays here. Link it again to ask the bank."}
	case err != nil:
		return err
	}
	s.Worker.Wake()
	return s.answerCard(c, v, http.StatusOK, id)
}

// request is the viewer's wish to ask the bank about an account.
func (v viewer) request(accountID string, kind store.RefreshKind) store.RefreshRequest {
	set := v.server.Settings
	q := store.RefreshRequest{
		AccountID: accountID, CustomerID: v.customerID, Kind: kind, Trigger: "customer", StaffID: v.staffID,
		CoolDown: set.RefreshCooldown, Deadline: set.RefreshDeadline,
	}
	if v.forStaff {
		q.Trigger = "staff"
	}
	return q
}

// refreshAll handles POST /customers/:id/refresh and POST /me/refresh: every
// account that may be asked is, those under way go on, those asked a moment ago
// are left alone.
func (s *Server) refreshAll(c *gin.Context) error {
	ctx, v := c.Request.Context(), s.viewer(c)
	customerID, back := v.customerID, "/me"
	if v.forStaff {
		customerID = c.Param("id")
		back = "/customers/" + customerID
	}
	accounts, err := s.Store.AccountsByCustomer(ctx, customerID)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		_, _, err := s.Store.StartRefresh(ctx, v.request(a.ID, store.KindRefresh))
		var tooSoon *store.CoolDownError
		if err != nil && !errors.As(err, &tooSoon) && !errors.Is(err, store.ErrUnlinked) {
			return err
		}
	}
	s.Worker.Wake()
	return seeOther(c, back)
}

// tooSoon answers a refresh within the cool-down: the card says when, a page
// without HTMX gets a sentence.
func (s *Server) tooSoon(c *gin.Context, v viewer, accountID string, e *store.CoolDownError) error {
	if isHTMX(c) {
		return s.answerCard(c, v, http.StatusTooManyRequests, accountID)
	}
	return &httpError{
		Status: http.StatusTooManyRequests, RetryAfter: e.Until.Sub(s.Now()), Heading: "The bank was asked a moment ago",
		Sentence: "It can be asked again at " + e.Until.In(s.Settings.Location).Format("15:04:05") + ". Nothing was changed.",
		NextURL:  v.base() + "/accounts/" + accountID, NextLabel: "Back to the account",
	}
}

// answerCard sends the account's card to HTMX, and others back to its page.
func (s *Server) answerCard(c *gin.Context, v viewer, code int, accountID string) error {
	if !isHTMX(c) {
		return seeOther(c, v.base()+"/accounts/"+accountID)
	}
	a, err := v.find(c, accountID)
	if err != nil {
		return err
	}
	return s.renderCard(c, code, v.account(a), a.CustomerID)
}

// renderCard sends a card and, unless the bank is still being asked, the sum
// that it is part of: both have to change together.
func (s *Server) renderCard(c *gin.Context, code int, card views.Account, customerID string) error {
	var sum views.Sum
	if card.Refresh == nil || !card.Refresh.Running {
		accounts, err := s.Store.AccountsByCustomer(c.Request.Context(), customerID)
		if err != nil {
			return err
		}
		sum = s.sum(accounts)
	}
	if u, err := url.Parse(c.GetHeader("HX-Current-URL")); err == nil && u.Path == card.URL {
		card.URL = "" // the page of the account itself needs no link to it
	}
	return s.render(c, code, views.AccountFragment(s.clock(), card, sum))
}

// refreshStatus handles GET /refreshes/:id and GET /me/refreshes/:id: the card
// as the page that watches a refresh shows it now.
func (s *Server) refreshStatus(c *gin.Context) error {
	v := s.viewer(c)
	r, err := s.Store.RefreshByID(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	a, err := v.find(c, r.AccountID)
	if err != nil {
		return err
	}
	if !isHTMX(c) {
		return seeOther(c, v.base()+"/accounts/"+a.ID)
	}
	return s.renderCard(c, http.StatusOK, v.account(a), a.CustomerID)
}

// reveal handles POST /accounts/:id/reveal and POST /me/accounts/:id/reveal:
// the whole account number, and a line in the audit log.
func (s *Server) reveal(c *gin.Context) error {
	v := s.viewer(c)
	a, err := v.find(c, c.Param("id"))
	if err != nil {
		return err
	}
	act := store.Act{Actor: v.actor(), Action: "account number shown", Customer: a.CustomerID, Subject: a.ID}
	if err := s.Store.Record(c.Request.Context(), act); err != nil {
		return err
	}
	if isHTMX(c) {
		card := v.account(a)
		card.NUBAN, card.Revealed = a.NUBAN, true
		return s.renderCard(c, http.StatusOK, card, a.CustomerID)
	}
	return s.renderAccount(c, v, a, true)
}

// unlink handles POST /accounts/:id/unlink and POST /me/accounts/:id/unlink.
func (s *Server) unlink(c *gin.Context) error {
	v, id := s.viewer(c), c.Param("id")
	if err := s.Store.UnlinkAccount(c.Request.Context(), v.actor(), v.customerID, id); err != nil {
		return err
	}
	return seeOther(c, v.base()+"/accounts/"+id)
}

// accountPage handles GET /accounts/:id and GET /me/accounts/:id.
func (s *Server) accountPage(c *gin.Context) error {
	v := s.viewer(c)
	a, err := v.find(c, c.Param("id"))
	if err != nil {
		return err
	}
	return s.renderAccount(c, v, a, false)
}

func (s *Server) renderAccount(c *gin.Context, v viewer, a store.Card, revealed bool) error {
	ctx := c.Request.Context()
	card := v.account(a)
	if revealed {
		card.NUBAN, card.Revealed = a.NUBAN, true
	}
	history, err := s.Store.BalancesByAccount(ctx, a.ID, 100)
	if err != nil {
		return err
	}
	log, err := s.Store.RefreshesByAccount(ctx, a.ID, 50)
	if err != nil {
		return err
	}
	page := views.AccountPage{
		Frame: s.frame(c, a.Bank.Name+" "+mask(a.NUBAN), ""), BackURL: "/me", BackLabel: "My balances",
		Account: card, History: observations(history),
	}
	if v.forStaff {
		page.Nav, page.BackURL, page.BackLabel = "customers", "/customers/"+a.CustomerID, "Back to the customer"
		if v.staff, err = s.Store.StaffEmails(ctx); err != nil {
			return err
		}
	}
	if a.Status != store.AccountUnlinked {
		page.UnlinkURL = card.URL + "/unlink"
	}
	for _, r := range log {
		page.Refreshes = append(page.Refreshes, v.presenter.refresh(r, a.Currency))
	}
	return s.render(c, http.StatusOK, views.AccountView(page))
}
