package handlers

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/views"
)

// again is an account to which its customer is to sign in again.
type again struct {
	store.Account
	u       Upstream      // through which
	consent store.Consent // in force; the zero one: the customer has to be asked
}

// againTo is what it takes to sign in to an account again. Where that is not wanted, or
// cannot be done now, it is an error in words for the customer. An account at a provider
// that is not configured any more is linked anew.
func (s *Server) againTo(c *gin.Context, accountID string) (a again, err error) {
	ctx := c.Request.Context()
	a.Account, err = s.Store.AccountByID(ctx, accountID)
	if err != nil {
		return a, err
	}
	if a.Status != store.AccountNeedsLogin || a.ContinuedBy != "" {
		return a, notWanted(c, a.Account)
	}
	a.u = s.forLinks()
	if of := s.upstream(a.Provider); of.configured() {
		a.u = of
	}
	if err := s.mayLink(c, a.u); err != nil {
		return a, err
	}
	asked := views.ConsentLanguages(s.consentVersion(a.u))[0].Scope
	a.consent, err = s.Store.StandingConsent(ctx, a.CustomerID, a.u.Name(), asked)
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return a, err
}

// notWanted is the answer where an account needs no new sign-in.
func notWanted(c *gin.Context, a store.Account) error {
	return &web.Error{
		Status: http.StatusGone, Heading: web.Say(c, "You don't need to sign in again"),
		Sentence: web.Say(c, "%s does not ask for it now. There is nothing to do, and you can close this page.", a.Bank.Name),
		NextURL:  "/me/login", NextLabel: web.Say(c, "Sign in to see your balances"),
	}
}

// emailWanted is the question for the e-mail address where an account is linked anew, at
// a provider that wants one.
func (s *Server) emailWanted(a again, cu store.Customer) *views.EmailAsked {
	if a.u.Name() == a.Provider {
		return nil
	}
	return s.emailAsked(a.u, cu)
}

// againPage is GET /connect/:secret of a personal link to sign in again.
func (s *Server) againPage(c *gin.Context, i store.Invitation) error {
	a, err := s.againTo(c, i.AccountID)
	if err != nil {
		return err
	}
	return s.renderAgain(c, http.StatusOK, i, a, views.Connect{})
}

// renderAgain draws the page, with what was wrong as page has it.
func (s *Server) renderAgain(c *gin.Context, code int, i store.Invitation, a again, page views.Connect) error {
	ctx, at := c.Request.Context(), "/connect/"+c.Param("secret")
	cu, err := s.Store.CustomerByID(ctx, i.CustomerID)
	if err != nil {
		return err
	}
	page.Frame = s.Frame(c, web.Say(c, "Sign in again"), "")
	page.Frame.Preview = web.Say(c, "%s asks you to sign in at your bank again.", s.Settings.BusinessName)
	page.CustomerName, page.ExpiresAt = cu.Name, i.ExpiresAt
	page.Action, page.OpenedURL = at+"/attempts", at+"/opened"
	page.Again, page.NeedsScript = againAccount(a.Account), !a.u.hasPages()
	if a.consent.ID == "" {
		page.Text = s.consentAsked(ctx, a.u)
	}
	if page.Email == nil {
		page.Email = s.emailWanted(a, cu)
	}
	return web.Render(c, code, views.AgainView(page))
}

func againAccount(a store.Account) views.AgainAccount {
	return views.AgainAccount{Bank: a.Bank.Name, Number: masked(a.NUBAN, a.Broken)}
}

// signInAgain is POST /connect/:secret/attempts of such a link: the customer goes on to
// the bank. No code is asked for: whoever cannot sign in at the bank gets nothing.
func (s *Server) signInAgain(c *gin.Context, i store.Invitation) error {
	ctx := c.Request.Context()
	a, err := s.againTo(c, i.AccountID)
	if err != nil {
		return err
	}
	if err := s.Store.NoteOpened(ctx, c.Param("secret")); err != nil { // without scripts too
		return err
	}
	asked := a.consent.ID == ""
	if u, ok := s.agreed(c); asked && (!ok || u.Name() != a.u.Name()) {
		return s.renderAgain(c, http.StatusUnprocessableEntity, i, a, views.Connect{Error: tickFirst(c)})
	}
	if err := s.LimitCustomer(c, s.windows, i.CustomerID); err != nil {
		return err
	}
	cu, err := s.Store.CustomerByID(ctx, i.CustomerID)
	if err != nil {
		return err
	}
	if s.emailWanted(a, cu) != nil {
		if wrong, err := s.takeEmail(c, a.u, cu, store.ByCustomer(cu.ID)); err != nil || wrong != nil {
			if err != nil {
				return err
			}
			return s.renderAgain(
				c, http.StatusUnprocessableEntity, i, a, views.Connect{ConsentTicked: true, Email: wrong},
			)
		}
	}
	begun := store.Attempt{CustomerID: i.CustomerID, InvitationID: i.ID, AccountID: a.ID, ConsentID: a.consent.ID}
	if asked {
		given := s.givenConsent(c, i.CustomerID)
		given.InvitationID = i.ID
		given, err = s.signin.BeginVisit(c, given)
		begun.ConsentID, begun.VisitID = given.ID, given.VisitID
	} else {
		begun.VisitID, err = s.signin.BeginVisitOn(c, a.consent, i.ID)
	}
	if err != nil {
		return err
	}
	return s.startAttempt(c, a.u, begun)
}

// onceMore is POST /me/attempts of a visit that is to sign in to one account again.
func (s *Server) onceMore(c *gin.Context, scope store.Scope, accountID string) error {
	a, err := s.againTo(c, accountID)
	if err != nil {
		return err
	}
	if a.consent.ID == "" || s.emailWanted(a, web.MustCustomer(c)) != nil {
		return web.SeeOther(c, "/me/consent?"+url.Values{"provider": {a.u.Name()}}.Encode())
	}
	return s.startAttempt(c, a.u, store.Attempt{
		CustomerID: scope.CustomerID, VisitID: scope.VisitID, AccountID: a.ID, ConsentID: a.consent.ID,
	})
}

// addOnly says to a visit that is to sign in to one account again whether that is still
// to be done. It is offered nothing else.
func (s *Server) addOnly(c *gin.Context, page *views.Me) error {
	id, err := s.Store.AccountOfVisit(c.Request.Context(), web.ScopeOf(c))
	if err != nil || id == "" {
		return err
	}
	a, err := s.Store.AccountByID(c.Request.Context(), id)
	if err != nil {
		return err
	}
	only := againAccount(a)
	page.Only = &only
	if a.Status != store.AccountNeedsLogin {
		page.ConnectURL = ""
	}
	return nil
}

// againOf is the account to which an attempt is to sign in again; the zero one: to none.
func (s *Server) againOf(c *gin.Context, a store.Attempt) (views.AgainAccount, error) {
	if a.AccountID == "" {
		return views.AgainAccount{}, nil
	}
	account, err := s.Store.AccountWithin(c.Request.Context(), store.OfCustomer(a.CustomerID), a.AccountID)
	return againAccount(account), err
}

// openAgain opens the bank window at the account of an attempt. The whole number goes to
// whoever may see it: of a visit that has not signed in to the account yet it stays out of
// the page.
func (s *Server) openAgain(c *gin.Context, a store.Attempt, o *provider.Opening) error {
	account, err := s.Store.AccountWithin(c.Request.Context(), store.OfCustomer(a.CustomerID), a.AccountID)
	if err != nil {
		return err
	}
	o.BankSlug = account.Bank.Slug
	switch _, err = s.Store.AccountWithin(c.Request.Context(), web.ScopeOf(c), account.ID); {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	o.NUBAN = account.NUBAN
	return account.Broken
}
