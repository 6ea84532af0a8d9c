package handlers

import (
	"errors"
	"net/http"
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/handlers/worker"
	"balancelink/store"
	"balancelink/store/fold"
	"balancelink/store/phone"
	"balancelink/views"
	"balancelink/views/locale"
)

// addCustomer handles POST /customers.
func (s *Server) addCustomer(c *gin.Context) error {
	cu, form := typedCustomer(c)
	if len(form.Errors) > 0 {
		return s.renderCustomers(c, http.StatusUnprocessableEntity, form)
	}
	added, err := s.Store.AddCustomer(c.Request.Context(), store.ByStaff(web.MustStaff(c).ID), cu)
	if errors.Is(err, store.ErrConflict) {
		form.Errors = referenceTaken(c)
		return s.renderCustomers(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, "/customers/"+added.ID)
}

// editPage handles GET /customers/:id/edit.
func (s *Server) editPage(c *gin.Context) error {
	cu, err := s.Store.CustomerByID(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return s.renderEdit(c, http.StatusOK, views.CustomerForm{
		Name: cu.Name, Reference: cu.Reference, Email: cu.Email, Phone: phone.Written(cu.Phone),
		Language: cu.Language, Note: cu.Note,
	})
}

// correctCustomer handles POST /customers/:id/edit.
func (s *Server) correctCustomer(c *gin.Context) error {
	cu, form := typedCustomer(c)
	if len(form.Errors) > 0 {
		return s.renderEdit(c, http.StatusUnprocessableEntity, form)
	}
	cu.ID = c.Param("id")
	err := s.Store.CorrectCustomer(c.Request.Context(), store.ByStaff(web.MustStaff(c).ID), cu, worker.CompareAgain)
	if errors.Is(err, store.ErrConflict) {
		form.Errors = referenceTaken(c)
		return s.renderEdit(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, "/customers/"+cu.ID)
}

// renderEdit shows the form that corrects a customer, under the name that they
// have until then.
func (s *Server) renderEdit(c *gin.Context, code int, form views.CustomerForm) error {
	cu, err := s.Store.CustomerByID(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	url := "/customers/" + cu.ID
	return web.Render(c, code, views.EditView(views.EditPage{
		Frame: s.Frame(c, web.Say(c, "Correct a customer"), "customers"), Name: cu.Name, BackURL: url,
		URL: url + "/edit", Form: form,
	}))
}

// typedCustomer is a customer as a form says, and the form as it was typed, with
// a sentence per field that is wrong.
func typedCustomer(c *gin.Context) (store.Customer, views.CustomerForm) {
	form := views.CustomerForm{
		Name: web.Tidy(c.PostForm("name")), Reference: web.Tidy(c.PostForm("reference")),
		Email: web.Tidy(c.PostForm("email")), Phone: web.Tidy(c.PostForm("phone")),
		Language: c.PostForm("language"), Note: strings.ReplaceAll(web.Tidy(c.PostForm("note")), "\r\n", "\n"),
	}
	form.Errors = checkCustomer(c, form)
	cu := store.Customer{
		Name: form.Name, Reference: form.Reference, Email: form.Email, Language: form.Language, Note: form.Note,
	}
	if form.Phone == "" {
		return cu, form
	}
	number, ok := phone.Parse(form.Phone)
	if !ok && form.Errors["phone"] == "" {
		form.Errors["phone"] = web.Say(
			c, "Enter one whole telephone number such as 0803 100 1001 or +44 7700 900123, or leave this empty.",
		)
	}
	cu.Phone = number
	return cu, form
}

// checkCustomer says in a sentence per field what is wrong.
func checkCustomer(c *gin.Context, f views.CustomerForm) map[string]string {
	wrong := map[string]string{}
	for field, text := range map[string]string{
		"name": f.Name, "reference": f.Reference, "email": f.Email, "phone": f.Phone,
	} {
		if why := checkText(c, text, 200); why != "" {
			wrong[field] = why
		}
	}
	if why := checkText(c, strings.ReplaceAll(f.Note, "\n", " "), 1000); why != "" {
		wrong["note"] = why
	}
	if !fold.Named(f.Name) && wrong["name"] == "" {
		wrong["name"] = web.Say(c, "Enter the customer's name.")
	}
	if f.Reference != "" && !fold.Seen(f.Reference) && wrong["reference"] == "" {
		wrong["reference"] = web.Say(c, "This holds characters that cannot be used.")
	}
	if f.Email != "" && !isAddress(f.Email) && wrong["email"] == "" {
		wrong["email"] = web.Say(c, "Enter an e-mail address such as name@example.com, or leave this empty.")
	}
	if f.Language != "" && !slices.Contains(locale.Languages(), f.Language) {
		wrong["language"] = web.Say(c, "Choose one of these languages.")
	}
	return wrong
}

// isAddress says whether a text is an e-mail address and nothing besides.
func isAddress(text string) bool {
	a, err := mail.ParseAddress(text)
	return err == nil && a.Address == text
}

// checkText says in a sentence what is wrong with a text of a form; empty: nothing.
func checkText(c *gin.Context, text string, longest int) string {
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return web.Say(c, "This holds characters that cannot be used.")
	case utf8.RuneCountInString(text) > longest:
		return web.Say(c, "This must be %d characters or fewer.", longest)
	}
	return ""
}

func referenceTaken(c *gin.Context) map[string]string {
	return map[string]string{"reference": web.Say(c, "Another customer has this reference already.")}
}
