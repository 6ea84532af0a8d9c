package handlers

import (
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
	found, err := s.Store.Refreshes(ctx, filter, before, onePage)
	if err != nil {
		return err
	}
	page := views.Refreshes{Frame: s.Frame(c, web.Say(c, "Requests to the banks"), "refreshes"), Filter: string(filter)}
	if page.Providers, err = s.providers(ctx); err != nil {
		return err
	}
	p := s.present()
	p.forStaff = true
	health, err := s.Store.BankHealth(ctx)
	if err != nil {
		return err
	}
	for _, h := range health {
		page.Health = append(page.Health, p.health(h))
	}
	if p.staff, err = s.Store.StaffNames(ctx); err != nil {
		return err
	}
	if before != "" {
		page.FirstURL = refreshesURL(filter, "")
	}
	found, last := cut(found)
	if last != nil {
		page.NextURL = refreshesURL(filter, last.ID)
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
