package handlers

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// refreshList handles GET /refreshes: the requests to the banks over all accounts.
func (s *Server) refreshList(c *gin.Context) error {
	ctx := c.Request.Context()
	filter, before := store.RefreshFilter(c.Query("filter")), c.Query("before")
	found, err := s.Store.Refreshes(ctx, filter, before, pageSize+1)
	if err != nil {
		return err
	}
	page := views.Refreshes{Frame: s.Frame(c, web.Say(c, "Requests to the banks"), "refreshes"), Filter: string(filter)}
	if page.Provider, err = s.provider(ctx); err != nil {
		return err
	}
	p := presenter{server: s, forStaff: true}
	if p.staff, err = s.Store.StaffEmails(ctx); err != nil {
		return err
	}
	if before != "" {
		page.FirstURL = refreshesURL(filter, "")
	}
	if len(found) > pageSize {
		found = found[:pageSize]
		page.NextURL = refreshesURL(filter, found[pageSize-1].ID)
	}
	for _, r := range found {
		page.Rows = append(page.Rows, p.refreshRow(r))
	}
	s.noteList(c, "requests")
	return web.Render(c, http.StatusOK, views.RefreshesView(page))
}

func refreshesURL(f store.RefreshFilter, before string) string {
	v := url.Values{}
	if f != store.AllRefreshes {
		v.Set("filter", string(f))
	}
	if before != "" {
		v.Set("before", before)
	}
	return "/refreshes?" + v.Encode()
}

func (p presenter) refreshRow(r store.LoggedRefresh) views.RefreshRow {
	return views.RefreshRow{
		Refresh: p.refresh(r.Refresh, r.Currency), Customer: r.CustomerName, CustomerURL: "/customers/" + r.CustomerID,
		Bank: r.BankName, NUBAN: masked(r.NUBAN, r.Broken), AccountURL: "/accounts/" + r.AccountID,
	}
}

// provider is what waits for a call to the provider, and whether one may be made.
func (s *Server) provider(ctx context.Context) (views.Provider, error) {
	q, err := s.Store.Queue(ctx)
	p := views.Provider{URL: s.Settings.OkraAPIURL, Refreshes: q.Refreshes, Links: q.Links, NextTry: q.NextAt}
	if s.Budget != nil {
		budget := s.Budget.State()
		p.CallsLeft, p.CallsPerMinute = budget.Left, budget.PerMinute
	}
	if pause := s.pause(); pause.Kind != "" {
		p.NextTry, p.Pause = pause.Until, string(pause.Kind)
	}
	p.Trust = s.trustWords()
	return p, err
}

// trustWords is how trust in the provider's hosts stands, for staff.
func (s *Server) trustWords() views.Trust {
	t := s.trust()
	v := views.Trust{State: "trusted", Since: t.Since, Why: t.Reason, At: t.At, WidgetURL: s.Settings.OkraWidgetURL}
	switch {
	case t.Off:
		v.State = "off"
	case t.Lost():
		v.State = "lost"
	case !t.Proven:
		v.State, v.Why = "unproven", string(t.Cause)
	}
	return v
}
