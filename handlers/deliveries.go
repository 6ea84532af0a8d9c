package handlers

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// deliveryList handles GET /deliveries: what was sent to programs of the business.
func (s *Server) deliveryList(c *gin.Context) error {
	ctx := c.Request.Context()
	filter, q, err := s.deliveryFilter(c)
	if err != nil {
		return err
	}
	endpoints, err := s.Store.Endpoints(ctx)
	if err != nil {
		return err
	}
	addresses := map[string]string{}
	for _, e := range endpoints {
		addresses[e.ID] = e.URL
		filter.Endpoints = append(filter.Endpoints, views.Choice{Value: e.ID, Label: e.URL})
	}
	page := views.Deliveries{
		Frame: s.Frame(c, web.Say(c, "Sent to your programs"), "inbox"), Filter: filter,
		Missed: missedBy(endpoints, q.EndpointID),
	}
	var all []store.Delivery
	if len(filter.Errors) == 0 {
		if all, err = s.Store.Deliveries(ctx, q); err != nil {
			return err
		}
	}
	if q.Before > 0 {
		page.FirstURL = deliveriesURL(filter, store.Delivery{})
	}
	all, last := cut(all)
	if last != nil {
		page.NextURL = deliveriesURL(filter, *last)
	}
	page.Rows = deliveryRows(c, all, addresses)
	if m, _ := web.StaffOf(c); web.Can(m.Role, web.ManageKeys) {
		page.ManageURL = "/endpoints"
	}
	s.noteList(c, "deliveries")
	status := http.StatusOK
	if len(filter.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(c, status, views.DeliveriesView(page))
}

// missedBy is what endpoints were never sent: that one, or if it is empty all.
func missedBy(endpoints []store.Endpoint, id string) (all []views.MissedBy) {
	for _, e := range endpoints {
		if e.Missed > 0 && (id == "" || id == e.ID) {
			all = append(all, views.MissedBy{Endpoint: e.URL, Missed: missed(e)})
		}
	}
	return all
}

func missed(e store.Endpoint) views.Missed { return views.Missed{Events: e.Missed, At: e.MissedAt} }

func deliveryRows(c *gin.Context, all []store.Delivery, addresses map[string]string) (rows []views.DeliveryRow) {
	m, _ := web.StaffOf(c)
	for _, d := range all {
		n := d.Notice
		v := views.DeliveryRow{
			Seq: n.Seq, Type: string(n.Type), At: n.At, Endpoint: addresses[d.EndpointID], State: string(d.State),
			Tries: d.Tries, NextTryAt: d.NextTryAt, Status: d.Status, Error: d.Error, Customer: n.Reference,
		}
		if n.CustomerID != "" && n.Type != store.NoticeErased {
			v.CustomerURL = "/customers/" + n.CustomerID
		}
		if v.Customer == "" && n.CustomerID != "" {
			v.Customer = store.Reference(n.CustomerID)
		}
		if web.Can(m.Role, web.HandleInbox) {
			v.ReplayURL = "/deliveries/" + d.ID + "/replay"
		}
		rows = append(rows, v)
	}
	return rows
}

// deliveryFilter reads the filter from the query, and makes of it what the form shows and
// what the store is asked.
func (s *Server) deliveryFilter(c *gin.Context) (f views.DeliveryFilter, q store.DeliveryQuery, err error) {
	f = views.DeliveryFilter{
		Customer: web.Clip(web.Tidy(c.Query("customer")), 200), Type: c.Query("type"), State: c.Query("state"),
		Endpoint: c.Query("endpoint"), Errors: map[string]string{},
	}
	for _, t := range store.NoticeTypes() {
		f.Types = append(f.Types, string(t))
	}
	q = store.DeliveryQuery{
		Type: store.NoticeType(f.Type), State: store.DeliveryState(f.State), EndpointID: f.Endpoint, Limit: onePage,
		BeforeID: c.Query("id"),
	}
	q.Before, _ = strconv.ParseInt(c.Query("before"), 10, 64) // what is no number is the first page
	if f.Customer == "" {
		return f, q, nil
	}
	customer, problem, err := s.customerMeant(c, f.Customer)
	if problem != "" {
		f.Errors["customer"] = problem
	}
	f.CustomerName, q.CustomerID = customer.Name, customer.ID
	return f, q, err
}

// deliveriesURL is the list with the same filter, from behind a delivery on.
func deliveriesURL(f views.DeliveryFilter, last store.Delivery) string {
	v := given(map[string]string{
		"customer": f.Customer, "type": f.Type, "state": f.State, "endpoint": f.Endpoint,
	})
	if last.ID != "" {
		v.Set("before", strconv.FormatInt(last.Notice.Seq, 10))
		v.Set("id", last.ID)
	}
	return "/deliveries?" + v.Encode()
}

// resend handles POST /deliveries/:id/replay.
func (s *Server) resend(c *gin.Context) error {
	err := s.Store.ReplayDelivery(c.Request.Context(), store.ByStaff(web.MustStaff(c).ID), c.Param("id"))
	if err != nil {
		return err
	}
	s.Worker.Wake()
	return s.Done(c, "/deliveries", web.Say(c, "It is sent again. The list shows how that went."))
}
