package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// erasePage handles GET /customers/:id/erase.
func (s *Server) erasePage(c *gin.Context) error {
	cu, err := s.Store.CustomerByID(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.EraseView(s.eraseForm(c, cu)))
}

func (s *Server) eraseForm(c *gin.Context, cu store.Customer) views.Erase {
	url := "/customers/" + cu.ID
	return views.Erase{
		Frame: s.Frame(c, web.Say(c, "Erase %s", cu.Name), "customers"), Name: cu.Name, Reference: cu.Reference,
		BackURL: url, Action: url + "/erase", Server: !s.Store.IsFile(),
	}
}

// erase handles POST /customers/:id/erase. Whoever erases types the customer's
// reference, or the name: nobody erases the wrong one with a click too many.
func (s *Server) erase(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	cu, err := s.Store.CustomerByID(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		_, err = s.Store.ErasureByCustomer(ctx, id)
		if err == nil {
			return web.SeeOther(c, "/customers/"+id) // sent twice
		}
	}
	if err != nil {
		return err
	}
	form := s.eraseForm(c, cu)
	form.Typed, form.Reason = web.Tidy(c.PostForm("confirm")), c.PostForm("reason")
	if !strings.EqualFold(form.Typed, cu.Name) && (cu.Reference == "" || !strings.EqualFold(form.Typed, cu.Reference)) {
		form.Error = web.Say(c, "This is neither the customer's reference nor the name. Nothing was erased.")
	}
	if !slices.Contains(views.EraseReasons(), form.Reason) {
		form.ReasonError = web.Say(c, "Choose why the customer is erased.")
	}
	if form.Error+form.ReasonError != "" {
		return web.Render(c, http.StatusUnprocessableEntity, views.EraseView(form))
	}
	if err := s.Store.Erase(ctx, store.ByStaff(web.MustStaff(c).ID), id, form.Reason); err != nil {
		return err
	}
	s.Worker.Wake()
	return web.SeeOther(c, "/customers/"+id)
}

// erasedPage stands where a customer was who was erased; [store.ErrNotFound]
// when there never was one.
func (s *Server) erasedPage(c *gin.Context, id string) error {
	ctx := c.Request.Context()
	e, err := s.Store.ErasureByCustomer(ctx, id)
	if err != nil {
		return err
	}
	staff, err := s.Store.StaffNames(ctx)
	if err != nil {
		return err
	}
	page := views.Erased{
		Frame: s.Frame(c, web.Say(c, "Erased"), "customers"), At: e.At, By: e.By, Reason: e.Reason,
		Reference: store.Reference(id), RemovedAt: e.RemovedAt, Server: !s.Store.IsFile(),
	}
	if email := staff[strings.TrimPrefix(e.By, store.ByStaff(""))]; email != "" {
		page.By = email
	}
	if page.Removals, err = s.removals(c, id); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.ErasedView(page))
}

// removals says how far the provider has forgotten a customer.
func (s *Server) removals(c *gin.Context, customerID string) ([]views.RemovalRow, error) {
	all, err := s.Store.RemovalsByCustomer(c.Request.Context(), customerID)
	rows := make([]views.RemovalRow, len(all))
	for i, r := range all {
		rows[i] = views.RemovalRow{
			State: string(r.State), RequestedAt: r.RequestedAt, NextTryAt: r.NextTryAt, Tries: r.Tries, Cause: r.Cause,
			ProviderID: r.ProviderCustomer,
		}
	}
	return rows, err
}
