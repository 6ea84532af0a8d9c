package handlers

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/settings"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/phone"
	"balancelink/views"
)

// consentsPage handles GET /me/consents: what the customer agreed to, how to
// stop, and a copy of all data.
func (s *Server) consentsPage(c *gin.Context) error {
	ctx, cu := c.Request.Context(), web.MustCustomer(c)
	consents, err := s.Store.ConsentsByCustomer(ctx, web.ScopeOf(c))
	if err != nil {
		return err
	}
	page := views.Consents{
		Frame: s.Frame(c, web.Say(c, "Your consent and your data"), ""), Rows: s.consentRows(consents, "/me/consents/"),
	}
	if !web.ByLink(c) {
		page.ExportURL = "/me/export"
	}
	if page.Ended, err = s.ended(c, cu.ID, false); err != nil {
		return err
	}
	if withdrawable(consents) {
		page.WithdrawURL = "/me/withdraw"
	}
	page.Before = web.ByLink(c) && len(consents) == 0
	return web.Render(c, http.StatusOK, views.ConsentsView(page))
}

// withdrawable says whether there is a consent to withdraw.
func withdrawable(consents []store.Consent) bool {
	return len(consents) > 0 && consents[0].WithdrawnAt.IsZero()
}

// consentRows are consents as lists show them; base is where their texts are.
func (s *Server) consentRows(consents []store.Consent, base string) []views.ConsentRow {
	rows := make([]views.ConsentRow, len(consents))
	for i, co := range consents {
		rows[i] = s.consentRow(co, base)
	}
	return rows
}

func (s *Server) consentRow(co store.Consent, base string) views.ConsentRow {
	row := views.ConsentRow{
		GivenAt: co.GivenAt, WithdrawnAt: co.WithdrawnAt, Version: co.Version, Scope: co.Scope,
		Business: co.Business, Terms: views.ConsentTerms{
			ValidFor: co.ValidFor, UnusedFor: co.UnusedFor, KeptFor: co.KeptFor, Purpose: co.Purpose,
			Address: co.Address, Licence: co.Licence, Phone: co.Phone,
		},
		Reference: store.Reference(co.ID),
	}
	if row.Business == "" {
		row.Business = s.Settings.BusinessName // given before it was kept
	}
	if _, ok := views.ConsentByVersion(co.Version); ok {
		row.URL, row.FileURL = base+co.ID, base+co.ID+"/file"
	}
	return row
}

// ended is the notice that a customer's consent has ended, or ends soon.
func (s *Server) ended(c *gin.Context, customerID string, forStaff bool) (views.Ended, error) {
	states, err := s.Store.ConsentStates(c.Request.Context(), customerID)
	if err != nil {
		return views.Ended{}, err
	}
	return s.consentNotice(c, states[customerID], forStaff)
}

func (s *Server) consentNotice(
	c *gin.Context, state store.ConsentState, forStaff bool,
) (e views.Ended, err error) {
	ctx, clock, now := c.Request.Context(), s.Clock(), s.Now()
	switch {
	case state.EndsSoon(now):
		e.Sentence = views.ConsentEnds(ctx, clock.Day(ctx, state.EndsAt), forStaff)
	case state.Holds(now):
	case state.Given:
		e.Sentence = views.ConsentEnded(ctx, forStaff)
	case state.Withdrawn():
		e.Withdrawn = views.Withdrawn{On: clock.Day(ctx, state.WithdrawnAt), ForStaff: forStaff}
		e.Withdrawn.By, e.Withdrawn.Staff, err = s.withdrawnBy(ctx, state.WithdrawnBy)
		e.Sentence = e.Withdrawn.Sentence(ctx, s.Settings.BusinessName)
	}
	if e.Sentence != "" && !forStaff {
		e.URL = "/me/consent"
	}
	return e, err
}

// withdrawnBy is who withdrew a consent, in a word, and of a member of staff who that is.
func (s *Server) withdrawnBy(ctx context.Context, actor string) (by, staff string, err error) {
	id, is := strings.CutPrefix(actor, store.ByStaff(""))
	switch {
	case is:
		names, err := s.Store.StaffNames(ctx)
		return "staff", names[id], err
	case strings.HasPrefix(actor, store.ByCustomer("")):
		return "customer", "", nil
	case strings.HasPrefix(actor, store.ByVisit("")):
		return "link", "", nil
	}
	return "", "", nil
}

// findConsent is the consent of the path with the text that was shown, if it
// is the viewer's to see.
func (s *Server) findConsent(c *gin.Context) (views.ConsentRow, error) {
	base := "/me/consents/"
	if s.viewer(c).forStaff {
		base = "/customers/" + c.Param("id") + "/consents/"
	}
	co, err := s.Store.ConsentByID(c.Request.Context(), web.OfPath(c), c.Param("consent"))
	if err != nil {
		return views.ConsentRow{}, err
	}
	row := s.consentRow(co, base)
	if row.URL == "" {
		return row, web.NotFound(c, nil)
	}
	return row, nil
}

// consentText handles GET /me/consents/:consent and GET /customers/:id/consents/:consent.
func (s *Server) consentText(c *gin.Context) error {
	row, err := s.findConsent(c)
	if err != nil {
		return err
	}
	text, _ := views.ConsentByVersion(row.Version)
	page := views.ConsentPage{
		Frame: s.Frame(c, web.Say(c, "Consent"), ""), Text: text.For(row.Business, row.Terms), Row: row,
		Back: "/me/consents",
	}
	if s.viewer(c).forStaff {
		cu, err := s.Store.CustomerByID(c.Request.Context(), c.Param("id"))
		if err != nil {
			return err
		}
		page.Nav, page.Back, page.Customer = "customers", "/customers/"+cu.ID, cu.Name
	}
	return web.Render(c, http.StatusOK, views.ConsentView(page))
}

// consentFile handles GET /me/consents/:consent/file and its like for staff:
// the very text that was shown.
func (s *Server) consentFile(c *gin.Context) error {
	row, err := s.findConsent(c)
	if err != nil {
		return err
	}
	c.Header("Content-Type", "text/plain; charset=utf-8")
	if _, err := io.WriteString(web.Attachment(c, "consent-"+row.Reference+".txt"), row.File(s.Clock())); err != nil {
		return web.BrokenOff(c, err)
	}
	return nil
}

// renewPage handles GET /me/consent: the text, to be agreed to again.
func (s *Server) renewPage(c *gin.Context) error {
	u, err := s.renewed(c, c.Query("provider"))
	if err != nil {
		return err
	}
	return s.renderRenew(c, http.StatusOK, u, views.ConsentPage{})
}

// renewed is the provider for whom a customer is asked again: the one named, or that
// of their newest consent, or that of new links.
func (s *Server) renewed(c *gin.Context, named string) (Upstream, error) {
	if named == "" {
		all, err := s.Store.ConsentsByCustomer(c.Request.Context(), web.ScopeOf(c))
		if err != nil {
			return Upstream{}, err
		}
		if len(all) > 0 {
			named = all[0].Provider
		}
	}
	for _, u := range s.upstreams {
		if u.Name() == named {
			return u, nil
		}
	}
	return s.forLinks(), nil
}

// renderRenew draws the page, with what was wrong as page has it.
func (s *Server) renderRenew(c *gin.Context, code int, u Upstream, page views.ConsentPage) error {
	page.Frame, page.Text = s.Frame(c, web.Say(c, "Your consent"), ""), s.consentAsked(c.Request.Context(), u)
	page.Action, page.Back = "/me/consent", "/me"
	if page.Email == nil {
		page.Email = s.emailAsked(u, web.MustCustomer(c))
	}
	return web.Render(c, code, views.ConsentView(page))
}

// consentAsked is the text that customers are asked to agree to now who link through
// a provider.
func (s *Server) consentAsked(ctx context.Context, u Upstream) views.ConsentText {
	t := views.ConsentIn(ctx, s.consentVersion(u))
	return t.For(s.Settings.BusinessName, s.consentTerms(t))
}

// consentTerms are what the settings have to say in a text that is agreed to now.
func (s *Server) consentTerms(t views.ConsentText) views.ConsentTerms {
	return views.ConsentTerms{
		ValidFor: s.Settings.ConsentValid, UnusedFor: s.Settings.ConsentUnused, KeptFor: s.Settings.RetainBalances,
		Purpose: s.Settings.PurposeIn(t.Language()), Address: s.Settings.BusinessAddress,
		Licence: s.Settings.BusinessLicence, Phone: phone.Written(s.Settings.BusinessPhone),
	}
}

func (s *Server) consentVersion(u Upstream) string {
	return views.ConsentVersion(u.Name(), s.Settings.Transactions.On())
}

// renew handles POST /me/consent.
func (s *Server) renew(c *gin.Context) error {
	cu := web.MustCustomer(c)
	u, ok := s.agreed(c)
	if !ok {
		u, err := s.renewed(c, c.PostForm("provider"))
		if err != nil {
			return err
		}
		return s.renderRenew(c, http.StatusUnprocessableEntity, u, views.ConsentPage{Error: tickFirst(c)})
	}
	if wrong, err := s.takeEmail(c, u, cu, web.ScopeOf(c).Actor()); err != nil || wrong != nil {
		if err != nil {
			return err
		}
		return s.renderRenew(c, http.StatusUnprocessableEntity, u, views.ConsentPage{Ticked: true, Email: wrong})
	}
	given := s.givenConsent(c, cu.ID)
	given.VisitID = web.ScopeOf(c).VisitID
	if _, err := s.Store.AddConsent(c.Request.Context(), given); err != nil {
		return err
	}
	return s.Done(c, "/me", web.Say(c, "You have agreed again. Thank you. You can refresh your balances now."))
}

// emailAsked is the question for a customer's e-mail address, where a provider wants
// one and there is none; nil: there is nothing to ask.
func (s *Server) emailAsked(u Upstream, cu store.Customer) *views.EmailAsked {
	if !u.Traits().SendsContact || cu.Email != "" {
		return nil
	}
	return &views.EmailAsked{Provider: u.Traits().Title}
}

// takeEmail keeps the e-mail address that a customer was asked for. wrong is the
// question once more, with what is wrong with the answer; nil: nothing is.
func (s *Server) takeEmail(
	c *gin.Context, u Upstream, cu store.Customer, actor string,
) (wrong *views.EmailAsked, err error) {
	wrong = s.emailAsked(u, cu)
	if wrong == nil {
		return nil, nil
	}
	wrong.Typed = web.Tidy(c.PostForm("email"))
	if wrong.Error = web.WrongEmail(c, wrong.Typed); wrong.Error != "" {
		return wrong, nil
	}
	cu.Email = wrong.Typed
	return nil, s.Store.CorrectCustomer(c.Request.Context(), actor, cu, nil)
}

func tickFirst(c *gin.Context) string {
	return web.Say(c, "Tick the box to say that you agree. Without it nothing is read.")
}

// agreed says whether the form ticks a current text, in any of its languages, and of
// which provider that is.
func (s *Server) agreed(c *gin.Context) (Upstream, bool) {
	version := c.PostForm("consent")
	for _, u := range s.upstreams {
		if slices.ContainsFunc(
			views.ConsentLanguages(s.consentVersion(u)),
			func(t views.ConsentText) bool { return t.Version == version },
		) {
			return u, true
		}
	}
	return Upstream{}, false
}

// givenConsent is what a customer agrees to just now, in the words that the form
// has shown.
func (s *Server) givenConsent(c *gin.Context, customerID string) store.Consent {
	t, _ := views.ConsentByVersion(c.PostForm("consent"))
	terms := s.consentTerms(t)
	return store.Consent{
		CustomerID: customerID, Version: t.Version, Scope: t.Scope, Provider: cmp.Or(t.Provider, settings.Okra),
		Business: s.Settings.BusinessName, ValidFor: terms.ValidFor, UnusedFor: terms.UnusedFor, KeptFor: terms.KeptFor,
		Purpose: terms.Purpose, Address: terms.Address, Licence: terms.Licence, Phone: terms.Phone,
	}
}

// consentInForce is the consent within a customer's scope to the current text of a
// provider, in whatever language. Who agreed to another purpose has to be asked.
func (s *Server) consentInForce(c *gin.Context, scope store.Scope, u Upstream) (co store.Consent, err error) {
	for _, t := range views.ConsentLanguages(s.consentVersion(u)) {
		co, err = s.Store.ConsentInForce(c.Request.Context(), scope, t.Version, t.Scope)
		if err == nil && co.Purpose != s.consentTerms(t).Purpose {
			co, err = store.Consent{}, store.ErrNotFound
		}
		if !errors.Is(err, store.ErrNotFound) {
			break
		}
	}
	return co, err
}
