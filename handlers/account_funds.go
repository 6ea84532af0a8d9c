package handlers

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// fundsShown is how many checks stand beside an account or a customer.
const fundsShown = 5

// askFunds handles POST /accounts/:id/funds-checks: can the account cover an
// amount? Asking the bank first needs the permission to ask banks.
func (s *Server) askFunds(c *gin.Context) error {
	v, ctx := s.viewer(c), c.Request.Context()
	a, err := s.find(c, v, c.Param("id"))
	if err != nil {
		return err
	}
	form := views.FundsForm{Typed: web.Clip(c.PostForm("amount"), 100), Refresh: c.PostForm("refresh") != ""}
	minor, wrong := parseTyped(ctx, form.Typed, a.Currency)
	if minor == 0 && wrong == "" {
		wrong = web.Say(c, "Enter an amount above zero.")
	}
	if form.Error = wrong; wrong != "" {
		return s.renderAccount(c, v, a, accountForms{funds: form})
	}
	f := store.FundsCheck{AccountID: a.ID, StaffID: v.staffID, Amount: minor, FreshFor: s.Settings.FreshFor}
	if form.Refresh {
		if f.RefreshID, err = s.refreshFirst(c, v, a.ID); err != nil {
			return err
		}
	}
	if f, err = s.Store.AskFunds(ctx, f); errors.Is(err, store.ErrUnlinked) {
		return notLinked(c)
	} else if err != nil {
		return err
	}
	return web.SeeOther(c, "/funds-checks/"+f.ID)
}

// refreshFirst starts a refresh or joins the one under way. Within the
// cool-down it is the last one, whose answer is as new as can be had.
func (s *Server) refreshFirst(c *gin.Context, v viewer, accountID string) (id string, err error) {
	if m := web.MustStaff(c); !web.Can(m.Role, web.AskBanks) {
		return "", web.Forbidden(c)
	}
	id, err = s.bank.First(c.Request.Context(), v.by(), accountID)
	switch {
	case errors.Is(err, store.ErrNoProvider):
		return "", notConfigured(c)
	case errors.Is(err, store.ErrUnlinked):
		return "", notLinked(c)
	}
	return id, err
}

// fundsCheck handles GET /funds-checks/:id: one check as evidence, or, for the
// page that waits for its answer, the answer.
func (s *Server) fundsCheck(c *gin.Context) error {
	f, err := s.Store.FundsCheckByID(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	shown, err := s.fundsViews(c.Request.Context(), []store.LoggedFundsCheck{f})
	if err != nil {
		return err
	}
	also, err := s.Store.SharedWith(c.Request.Context(), f.AccountID)
	if err != nil {
		return err
	}
	shown[0].Shared = sharedView(also, f.AccountID)
	s.noteView(c, store.ActFundsSeen, f.CustomerID, f.ID)
	if web.IsHTMX(c) {
		return web.Render(c, http.StatusOK, views.FundsFragment(s.Clock(), shown[0]))
	}
	return web.Render(c, http.StatusOK, views.FundsView(views.FundsPage{
		Frame: s.Frame(c, web.Say(c, "Funds check %s", shown[0].Reference), "customers"), Check: shown[0],
	}))
}

// sharedView is who has an account too, as evidence names them.
func sharedView(also map[string]store.Named, accountID string) views.Shared {
	with, ok := also[accountID]
	if !ok {
		return views.Shared{}
	}
	return views.Shared{Name: with.Name, URL: "/customers/" + with.ID}
}

// accountFunds handles GET /accounts/:id/funds-checks.
func (s *Server) accountFunds(c *gin.Context) error {
	a, err := s.Store.CardByID(c.Request.Context(), web.ScopeOf(c), c.Param("id"))
	if err != nil {
		return err
	}
	s.noteView(c, store.ActFundsSeen, a.CustomerID, a.ID)
	page := views.FundsList{
		BackURL: "/accounts/" + a.ID, BackLabel: titled(c.Request.Context(), a), Customer: a.Customer,
	}
	return s.renderFunds(c, page, s.Store.FundsChecksByAccount, a.ID, nil)
}

// customerFunds handles GET /customers/:id/funds-checks.
func (s *Server) customerFunds(c *gin.Context) error {
	id := c.Param("id")
	var cu store.Customer
	if err := s.together(c, func() (err error) {
		cu, err = s.Store.CustomerByID(c.Request.Context(), id)
		return err
	}, noting(func() { s.noteView(c, store.ActFundsSeen, id, id) })); err != nil {
		return err
	}
	page := views.FundsList{BackURL: "/customers/" + cu.ID, BackLabel: cu.Name, Customer: cu.Name}
	return s.renderFunds(c, page, s.Store.FundsChecksByCustomer, cu.ID, func() (all []views.FundsSum, err error) {
		sums, err := s.Store.FundsSumsByCustomer(c.Request.Context(), cu.ID, onePage)
		if err != nil {
			return nil, err
		}
		return s.fundsSumViews(c, sums, cu)
	})
}

type fundsQuery func(ctx context.Context, id, before string, limit int) ([]store.LoggedFundsCheck, error)

// renderFunds shows checks, and before the first page of them what sums returns; nil:
// there are none of a customer's accounts together.
func (s *Server) renderFunds(
	c *gin.Context, page views.FundsList, query fundsQuery, id string, sums func() ([]views.FundsSum, error),
) error {
	before := c.Query("before")
	if err := s.together(c, func() error {
		page.Frame = s.Frame(c, web.Say(c, "Funds checks"), "customers")
		return nil
	}, func() (err error) {
		if before == "" && sums != nil {
			page.Sums, err = sums()
		}
		return err
	}, func() error {
		checks, err := query(c.Request.Context(), id, before, onePage)
		if err != nil {
			return err
		}
		checks, last := cut(checks)
		if last != nil {
			page.NextURL = c.Request.URL.Path + "?" + url.Values{"before": {last.ID}}.Encode()
		}
		page.Checks, err = s.fundsViews(c.Request.Context(), checks)
		return err
	}); err != nil {
		return err
	}
	if before != "" {
		page.FirstURL = c.Request.URL.Path
	}
	return web.Render(c, http.StatusOK, views.FundsListView(page))
}

// addFunds adds the form and the newest checks to an account's page.
func (s *Server) addFunds(c *gin.Context, page *views.AccountPage, a store.Card, form views.FundsForm) error {
	checks, err := s.Store.FundsChecksByAccount(c.Request.Context(), a.ID, "", fundsShown+1)
	if err != nil {
		return err
	}
	form.URL = "/accounts/" + a.ID + "/funds-checks"
	form.MayRefresh = web.Can(web.MustStaff(c).Role, web.AskBanks) && a.Consent.Holds(s.Now())
	form.MayAsk = web.Can(web.MustStaff(c).Role, web.CheckFunds)
	if len(checks) > fundsShown {
		checks, form.AllURL = checks[:fundsShown], form.URL
	}
	form.Checks, err = s.fundsViews(c.Request.Context(), checks)
	page.Funds = &form
	return err
}

// fundsViews are checks as pages show them.
func (s *Server) fundsViews(ctx context.Context, checks []store.LoggedFundsCheck) ([]views.FundsCheck, error) {
	if len(checks) == 0 {
		return nil, nil
	}
	var staff, keys map[string]string
	if err := s.Store.Together(ctx, func(ctx context.Context) (err error) {
		staff, err = s.Store.StaffNames(ctx)
		return err
	}, func(ctx context.Context) (err error) {
		keys, err = s.Store.APIKeyNames(ctx)
		return err
	}); err != nil {
		return nil, err
	}
	p := s.present()
	p.forStaff, p.staff = true, staff
	all := make([]views.FundsCheck, len(checks))
	for i, f := range checks {
		all[i] = p.fundsCheck(f)
		all[i].By = cmp.Or(all[i].By, keys[f.KeyID])
	}
	return all, nil
}

func (p presenter) fundsCheck(f store.LoggedFundsCheck) views.FundsCheck {
	v := views.FundsCheck{
		URL: "/funds-checks/" + f.ID, ID: f.ID, Reference: store.Reference(f.ID),
		Customer: f.CustomerName, CustomerReference: f.CustomerReference, CustomerURL: "/customers/" + f.CustomerID,
		Bank: f.BankName, Name: f.AccountName, NUBAN: masked(f.NUBAN, f.Broken), AccountURL: "/accounts/" + f.AccountID,
		Amount: moneyOf(store.Minor(f.Amount), f.Currency), Answer: string(f.Answer), Reason: f.Reason,
		Available: moneyOf(f.Available, f.Currency), Figure: moneyOf(f.Figure, f.Currency), Basis: string(f.Basis),
		AsOf: f.AsOf, AsOfStated: f.AsOfStated, FreshFor: f.FreshFor,
		AskedAt: f.AskedAt, AnsweredAt: f.AnsweredAt, By: p.staff[f.StaffID],
	}
	if f.RefreshID != "" {
		refresh := p.refresh(f.Refresh, f.Currency)
		v.Refresh = &refresh
	}
	return v
}
