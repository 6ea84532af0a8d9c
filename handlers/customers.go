package handlers

import (
	"errors"
	"net/http"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"balancelink/store"
	"balancelink/views"
)

const (
	pageSize        = 20
	invitationValid = 72 * time.Hour
)

// customerList handles GET /customers.
func (s *Server) customerList(c *gin.Context) error {
	return s.renderCustomers(c, http.StatusOK, views.CustomerForm{})
}

func (s *Server) renderCustomers(c *gin.Context, code int, form views.CustomerForm) error {
	q := store.CustomerQuery{
		Search: clip(c.Query("q"), 200), Filter: store.Filter(c.Query("filter")), StaleBefore: s.staleBefore(),
		AfterName: c.Query("after"), AfterID: c.Query("after_id"), Limit: pageSize + 1,
	}
	ctx := c.Request.Context()
	found, err := s.Store.Customers(ctx, q)
	if err != nil {
		return err
	}
	page := views.Customers{Frame: s.frame(c, "Customers", "customers"), Query: q.Search, Filter: string(q.Filter), Form: form}
	if len(found) == 0 {
		if page.Total, err = s.Store.CountCustomers(ctx, store.AllCustomers, q.StaleBefore); err != nil {
			return err
		}
	}
	if q.AfterID != "" {
		page.FirstURL = customersURL(q, nil)
	}
	if len(found) > pageSize { // one more than fits: there is another page
		found = found[:pageSize]
		page.NextURL = customersURL(q, &found[pageSize-1].Customer)
	}
	if page.Rows, err = s.customerRows(c, found); err != nil {
		return err
	}
	return s.render(c, code, views.CustomersView(page))
}

// customersURL is the list with the same search and filter, after a customer.
func customersURL(q store.CustomerQuery, after *store.Customer) string {
	v := url.Values{}
	if q.Search != "" {
		v.Set("q", q.Search)
	}
	if q.Filter != "" {
		v.Set("filter", string(q.Filter))
	}
	if after != nil {
		v.Set("after", strings.ToLower(after.Name))
		v.Set("after_id", after.ID)
	}
	return "/customers?" + v.Encode()
}

// clip cuts a text to a number of characters.
func clip(text string, max int) string {
	if r := []rune(text); len(r) > max {
		return string(r[:max])
	}
	return text
}

// addCustomer handles POST /customers.
func (s *Server) addCustomer(c *gin.Context) error {
	limitBody(c, 16<<10)
	if err := c.Request.ParseForm(); err != nil {
		return badForm(err)
	}
	form := views.CustomerForm{
		Name: tidy(c.PostForm("name")), Reference: tidy(c.PostForm("reference")),
		Email: tidy(c.PostForm("email")), Phone: tidy(c.PostForm("phone")),
	}
	if form.Errors = checkCustomer(form); len(form.Errors) > 0 {
		return s.renderCustomers(c, http.StatusUnprocessableEntity, form)
	}
	added, err := s.Store.AddCustomer(c.Request.Context(), store.ByStaff(mustStaff(c).ID), store.Customer{
		Name: form.Name, Reference: form.Reference, Email: form.Email, Phone: form.Phone,
	})
	if errors.Is(err, store.ErrConflict) {
		form.Errors = map[string]string{"reference": "Another customer has this reference already."}
		return s.renderCustomers(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/customers/"+added.ID)
}

// tidy takes white space and characters that cannot be seen off both ends.
func tidy(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
}

// checkCustomer says in a sentence per field what is wrong.
func checkCustomer(f views.CustomerForm) map[string]string {
	wrong := map[string]string{}
	for field, text := range map[string]string{"name": f.Name, "reference": f.Reference, "email": f.Email, "phone": f.Phone} {
		if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
			wrong[field] = "This holds characters that cannot be used."
		} else if utf8.RuneCountInString(text) > 200 {
			wrong[field] = "This must be 200 characters or fewer."
		}
	}
	if f.Name == "" {
		wrong["name"] = "Enter the customer's name."
	}
	if _, err := mail.ParseAddress(f.Email); f.Email != "" && err != nil && wrong["email"] == "" {
		wrong["email"] = "Enter an e-mail address such as name@example.com, or leave this empty."
	}
	return wrong
}

// customerPage handles GET /customers/:id.
func (s *Server) customerPage(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	cu, err := s.Store.CustomerRowByID(ctx, id)
	if err != nil {
		return err
	}
	cards, err := s.Store.CardsByCustomer(ctx, id)
	if err != nil {
		return err
	}
	accounts := store.Accounts(cards)
	page := views.CustomerPage{
		Frame: s.frame(c, cu.Name, "customers"),
		ID:    cu.ID, Name: cu.Name, Reference: cu.Reference, Email: cu.Email, Phone: cu.Phone, Added: cu.CreatedAt,
		Status: status(cu, accounts), Banks: presenter{server: s, forStaff: true}.banks(cards), Sum: s.sum(accounts),
		InviteURL: "/customers/" + id + "/invitations",
	}
	if len(cards) > 1 && refreshable(accounts) {
		page.RefreshAllURL = "/customers/" + id + "/refresh"
	}
	if err := s.Store.MarkViewed(ctx, id); err != nil {
		return err
	}
	if err := s.addLinks(c, &page); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, views.CustomerView(page))
}

// addLinks adds how the customer came to be linked.
func (s *Server) addLinks(c *gin.Context, page *views.CustomerPage) error {
	ctx := c.Request.Context()
	invitations, err := s.Store.InvitationsByCustomer(ctx, page.ID)
	if err != nil {
		return err
	}
	for _, i := range invitations {
		page.Invitations = append(page.Invitations, s.invitation(i))
	}
	attempts, err := s.Store.AttemptsByCustomer(ctx, page.ID)
	if err != nil {
		return err
	}
	for _, a := range attempts {
		page.Attempts = append(page.Attempts, views.AttemptRow{
			StartedAt: a.CreatedAt, State: s.attemptState(a), Bank: a.BankName, Reason: a.Reason, Reference: store.Reference(a.ID),
		})
	}
	consents, err := s.Store.ConsentsByCustomer(ctx, page.ID)
	for _, co := range consents {
		page.Consents = append(page.Consents, views.ConsentRow{GivenAt: co.GivenAt, Version: co.Version, Scope: co.Scope})
	}
	return err
}

// invite handles POST /customers/:id/invitations. It answers with the page
// itself, not with a redirect: the link is shown this once and kept nowhere.
func (s *Server) invite(c *gin.Context) error {
	ctx, m := c.Request.Context(), mustStaff(c)
	cu, err := s.Store.CustomerByID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	i, secret, err := s.Store.AddInvitation(ctx, store.ByStaff(m.ID), cu.ID, m.ID, invitationValid)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, views.InvitationView(views.InvitationPage{
		Frame: s.frame(c, "Personal link", "customers"), CustomerName: cu.Name, CustomerURL: "/customers/" + cu.ID,
		Link: s.Settings.PublicURL + "/connect/" + secret, ExpiresAt: i.ExpiresAt,
	}))
}

// revokeInvitation handles POST /customers/:id/invitations/:invitation/revoke.
func (s *Server) revokeInvitation(c *gin.Context) error {
	id := c.Param("id")
	err := s.Store.RevokeInvitation(c.Request.Context(), store.ByStaff(mustStaff(c).ID), id, c.Param("invitation"))
	if err != nil {
		return err
	}
	return seeOther(c, "/customers/"+id)
}

// mustStaff is the member of staff on a route behind requireStaff.
func mustStaff(c *gin.Context) store.Staff {
	m, ok := staffOf(c)
	if !ok {
		panic("route is not behind requireStaff")
	}
	return m
}
