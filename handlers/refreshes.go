package handlers

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/views"
)

// refreshList handles GET /refreshes: the requests to the banks over all accounts.
func (s *Server) refreshList(c *gin.Context) error {
	filter, before := store.RefreshFilter(c.Query("filter")), c.Query("before")
	page := views.Refreshes{Frame: s.Frame(c, web.Say(c, "Requests to the banks"), "refreshes"), Filter: string(filter)}
	p := s.present()
	p.forStaff = true
	var found []store.LoggedRefresh
	var health []store.BankHealth
	if err := s.together(c, func() (err error) {
		found, err = s.Store.Refreshes(c.Request.Context(), filter, before, onePage)
		return err
	}, func() (err error) {
		page.Providers, err = s.providers(c.Request.Context())
		return err
	}, func() (err error) {
		health, err = s.Store.BankHealth(c.Request.Context())
		return err
	}, func() (err error) {
		p.staff, err = s.Store.StaffNames(c.Request.Context())
		return err
	}, noting(func() { s.noteList(c, "requests") })); err != nil {
		return err
	}
	for i, p := range page.Providers {
		kind := provider.Kind(p.Pause)
		if page.May.HandleInbox && (kind == provider.KindUnreachable || kind == provider.KindRefused) {
			page.Providers[i].TryURL = "/refreshes/try"
		}
	}
	for _, h := range health {
		page.Health = append(page.Health, p.health(h))
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
	return web.Render(c, http.StatusOK, views.RefreshesView(page))
}

// tryProviders handles POST /refreshes/try: whoever has fixed the cause does not wait until
// the providers are called again.
func (s *Server) tryProviders(c *gin.Context) error {
	tried := false
	for _, u := range s.upstreams {
		if u.Calls == nil {
			continue
		}
		one, err := u.Calls.TryNow(c.Request.Context())
		if err != nil {
			return err
		}
		tried = tried || one
	}
	if err := s.Store.Record(
		c.Request.Context(), store.Act{Actor: web.ActorOf(c), Action: store.ActProviderTried},
	); err != nil {
		return err
	}
	s.Worker.Wake()
	if !tried {
		return s.Done(c, "/refreshes", web.Say(c, "No call is held back that could be tried sooner."))
	}
	return s.Done(c, "/refreshes", web.Say(c, "The next request is tried at once. If it works, all others follow."))
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
