package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/acts"
	"balancelink/handlers/web"
	"balancelink/handlers/worker"
	"balancelink/store"
	"balancelink/store/phone"
	"balancelink/views"
)

// addCustomer handles POST /customers.
func (s *Server) addCustomer(c *gin.Context) error {
	cu, form := typedCustomer(c)
	if len(form.Errors) > 0 {
		return s.renderCustomers(c, http.StatusUnprocessableEntity, views.Customers{Form: form})
	}
	added, err := s.Store.AddCustomerByForm(
		c.Request.Context(), store.ByStaff(web.MustStaff(c).ID), form.Once, cu,
	)
	if errors.Is(err, store.ErrConflict) {
		form.Errors = referenceTaken(c)
		return s.renderCustomers(c, http.StatusUnprocessableEntity, views.Customers{Form: form})
	}
	if err != nil {
		return err
	}
	return s.Done(c, "/customers/"+added.ID, web.Say(c, "%s is added.", added.Name))
}

// editPage handles GET /customers/:id/edit.
func (s *Server) editPage(c *gin.Context) error {
	cu, err := s.Store.CustomerByID(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return s.renderEdit(c, http.StatusOK, correctionOf(cu))
}

// correctionOf is the form that corrects a customer, before anything is typed.
func correctionOf(cu store.Customer) views.CustomerForm {
	return views.CustomerForm{
		Name: cu.Name, Reference: cu.Reference, Email: cu.Email, Phone: phone.Written(cu.Phone),
		Language: cu.Language, Note: cu.Note, Kind: string(cu.Kind), Drawn: cu.Drawn(),
	}
}

// correctCustomer handles POST /customers/:id/edit.
func (s *Server) correctCustomer(c *gin.Context) error {
	cu, form := typedCustomer(c, s.Settings.CustomerLanguages...)
	if len(form.Errors) > 0 {
		return s.renderEdit(c, http.StatusUnprocessableEntity, form)
	}
	cu.ID = c.Param("id")
	actor := store.ByStaff(web.MustStaff(c).ID)
	err := s.Store.CorrectDrawn(c.Request.Context(), actor, cu, form.Drawn, worker.CompareAgain)
	var changed *store.ChangedError
	if errors.As(err, &changed) {
		form.Drawn, form.Errors = changed.Now.Drawn(), changedWords(c, changed)
		return s.renderEdit(c, http.StatusUnprocessableEntity, form)
	}
	if errors.Is(err, store.ErrConflict) {
		form.Errors = referenceTaken(c)
		return s.renderEdit(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return s.Done(c, "/customers/"+cu.ID, web.Say(c, "The changes are saved."))
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
		URL: url + "/edit", Form: form, Unchecked: s.Settings.CustomerLanguages,
	}))
}

// onceMost is the length of what a form holds that no other does.
const onceMost = 64

// typedCustomer is a customer as a form says, and the form as it was typed, with
// a sentence per field that is wrong.
func typedCustomer(c *gin.Context, besides ...string) (store.Customer, views.CustomerForm) {
	form := views.CustomerForm{
		Name: web.Tidy(c.PostForm("name")), Reference: web.Tidy(c.PostForm("reference")),
		Email: web.Tidy(c.PostForm("email")), Phone: web.Tidy(c.PostForm("phone")),
		Language: c.PostForm("language"), Note: strings.ReplaceAll(web.Tidy(c.PostForm("note")), "\r\n", "\n"),
		Kind: c.PostForm("kind"), Drawn: c.PostForm("drawn"), Once: web.Clip(c.PostForm("once"), onceMost),
		Errors: map[string]string{},
	}
	cu, wrong := acts.CheckCustomer(store.Customer{
		Name: form.Name, Reference: form.Reference, Email: form.Email, Phone: form.Phone, Language: form.Language,
		Note: form.Note, Kind: store.Kind(form.Kind),
	}, besides...)
	for field, fault := range wrong {
		longest := acts.LongestText
		if field == "note" {
			longest = acts.LongestNote
		}
		form.Errors[field] = faultWords(c, fault, longest)
	}
	return cu, form
}

// faultWords says in a sentence what is wrong with a field; empty: nothing.
func faultWords(c *gin.Context, f acts.Fault, longest int) string {
	switch f {
	case acts.Missing:
		return web.Say(c, "Enter the customer's name.")
	case acts.TooLong:
		return web.Say(c, "This must be %d characters or fewer.", longest)
	case acts.Unusable:
		return web.Say(c, "This holds characters that cannot be used.")
	case acts.NotAnEmail:
		return web.Say(c, "Enter an e-mail address such as name@example.com, or leave this empty.")
	case acts.NotANumber:
		return web.Say(
			c, "Enter one whole telephone number such as 0803\u00a0100\u00a01001 or +44\u00a07700\u00a0900123, or leave this empty.",
		)
	case acts.NotAKind:
		return web.Say(c, "Say whether it is a person or a business.")
	case acts.NotLanguage:
		return web.Say(c, "Choose one of these languages.")
	}
	return ""
}

func referenceTaken(c *gin.Context) map[string]string {
	return map[string]string{"reference": web.Say(c, "Another customer has this reference already.")}
}

// changedWords says beside each field that somebody else has changed it too, and to what.
func changedWords(c *gin.Context, e *store.ChangedError) map[string]string {
	now := correctionOf(e.Now)
	all := map[string]string{}
	for _, f := range []struct{ audited, name, is string }{
		{"name", "name", now.Name}, {"kind", "kind", now.Kind}, {"reference", "reference", now.Reference},
		{"e-mail", "email", now.Email}, {"phone", "phone", now.Phone}, {"language", "language", now.Language},
		{"note", "note", now.Note},
	} {
		switch {
		case !slices.Contains(e.Fields, f.audited):
		case f.is == "" || f.name == "kind" || f.name == "language": // whose values are no words
			all[f.name] = web.Say(c, "Somebody else has changed this since you opened the page. To replace that, save again.")
		default:
			all[f.name] = web.Say(
				c, "Somebody else has changed this since you opened the page, to “%s”. To replace that, save again.", f.is,
			)
		}
	}
	return all
}
