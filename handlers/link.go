package handlers

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/views"
)

const (
	attemptValid = 30 * time.Minute
)

// connectPage handles GET /connect/:secret. It changes nothing: scanners and
// previews may open the link as often as they like.
func (s *Server) connectPage(c *gin.Context) error {
	i, err := s.openInvitation(c)
	if err != nil {
		return err
	}
	if i.AccountID != "" {
		return s.againPage(c, i)
	}
	if err := s.mayLink(c, s.forLinks()); err != nil {
		return err
	}
	return s.renderConnect(c, http.StatusOK, i, views.Connect{})
}

// renderConnect draws the page, with what was wrong as page has it.
func (s *Server) renderConnect(c *gin.Context, code int, i store.Invitation, page views.Connect) error {
	ctx := c.Request.Context()
	cu, err := s.Store.CustomerByID(ctx, i.CustomerID)
	if err != nil {
		return err
	}
	page.Corporate = cu.Kind == store.Business
	page.Frame, page.CustomerName, page.Action = s.Frame(c, web.Say(c, "Connect your bank"), ""), cu.Name, "/connect/"+
		c.Param("secret")+"/attempts"
	page.OpenedURL = "/connect/" + c.Param("secret") + "/opened"
	page.Frame.Preview = web.Say(
		c, "%s asks to see your bank balance. Read what for, and decide.", s.Settings.BusinessName,
	)
	page.Text, page.ExpiresAt, page.AskCode = s.consentAsked(ctx, s.forLinks()), i.ExpiresAt, i.CodeHash != ""
	if page.Email == nil {
		page.Email = s.emailAsked(s.forLinks(), cu)
	}
	signedIn, err := s.signin.CustomerID(c)
	if err != nil {
		return err
	}
	if signedIn == cu.ID { // who only has the link learns nothing of their banks
		accounts, err := s.Store.AccountsWithin(ctx, store.OfCustomer(signedIn))
		if err != nil {
			return err
		}
		page.MeURL, page.AlreadyLinked = "/me", bankNames(accounts)
	}
	return web.Render(c, code, views.ConnectView(page))
}

// consent handles POST /connect/:secret/attempts: the customer agreed, is
// signed in, and goes on to the bank window.
func (s *Server) consent(c *gin.Context) error {
	i, err := s.openInvitation(c)
	if err != nil {
		return err
	}
	if i.AccountID != "" {
		return s.signInAgain(c, i)
	}
	if err := s.mayLink(c, s.forLinks()); err != nil {
		return err // before anything is recorded
	}
	if err := s.Store.NoteOpened(c.Request.Context(), c.Param("secret")); err != nil { // without scripts too
		return err
	}
	if u, ok := s.agreed(c); !ok || u.Name() != s.forLinks().Name() {
		return s.renderConnect(c, http.StatusUnprocessableEntity, i, views.Connect{Error: tickFirst(c)})
	}
	problem, err := s.tryCode(c, i)
	if err != nil {
		return err
	}
	if problem != "" {
		return s.renderConnect(
			c, http.StatusUnprocessableEntity, i, views.Connect{ConsentTicked: true, CodeError: problem},
		)
	}
	if err := s.LimitCustomer(c, s.windows, i.CustomerID); err != nil {
		return err
	}
	cu, err := s.Store.CustomerByID(c.Request.Context(), i.CustomerID)
	if err != nil {
		return err
	}
	wrong, err := s.takeEmail(c, s.forLinks(), cu, store.ByCustomer(cu.ID))
	if err != nil {
		return err
	}
	if wrong != nil {
		return s.renderConnect(
			c, http.StatusUnprocessableEntity, i, views.Connect{ConsentTicked: true, Email: wrong},
		)
	}
	given := s.givenConsent(c, i.CustomerID)
	given.InvitationID = i.ID
	co, err := s.signin.BeginVisit(c, given)
	if err != nil {
		return err
	}
	return s.startAttempt(c, s.forLinks(), store.Attempt{
		CustomerID: i.CustomerID, InvitationID: i.ID, ConsentID: co.ID, VisitID: co.VisitID,
	})
}

// connectAnother handles POST /me/attempts: another bank, another try, or
// signing in again at the bank of the account in the form. Whoever has to agree
// first is asked to. A visit that is for one account comes to that one.
func (s *Server) connectAnother(c *gin.Context) error {
	scope := web.ScopeOf(c)
	if err := s.LimitCustomer(c, s.windows, scope.CustomerID); err != nil {
		return err
	}
	if id, err := s.Store.AccountOfVisit(c.Request.Context(), scope); err != nil || id != "" {
		if err != nil {
			return err
		}
		return s.onceMore(c, scope, id)
	}
	a, u := store.Attempt{CustomerID: scope.CustomerID, VisitID: scope.VisitID}, s.forLinks()
	if id := c.Request.FormValue("account"); id != "" {
		account, err := s.Store.AccountWithin(c.Request.Context(), scope, id)
		if err != nil {
			return err
		}
		a.AccountID = account.ID
		if of := s.upstream(account.Provider); of.configured() { // else it is linked anew
			u = of
		}
	}
	co, err := s.consentInForce(c, scope, u)
	if errors.Is(err, store.ErrNotFound) || err == nil && s.emailAsked(u, web.MustCustomer(c)) != nil {
		return web.SeeOther(c, "/me/consent?"+url.Values{"provider": {u.Name()}}.Encode())
	}
	if err != nil {
		return err
	}
	a.ConsentID = co.ID
	return s.startAttempt(c, u, a)
}

// ownAttempt is the attempt of the path, if it is in reach.
func (s *Server) ownAttempt(c *gin.Context) (store.Attempt, error) {
	return s.Store.AttemptByNonce(c.Request.Context(), web.ScopeOf(c), c.Param("nonce"))
}

// startAttempt begins a link with a provider, whose page or window the attempt leads to.
func (s *Server) startAttempt(c *gin.Context, u Upstream, a store.Attempt) error {
	if err := s.mayLink(c, u); err != nil {
		return err
	}
	a.Provider, a.Env = u.Name(), s.Settings.Env
	a, err := s.Store.StartAttempt(c.Request.Context(), a, attemptValid)
	if err != nil {
		return err
	}
	return web.SeeOther(c, attemptURL(a))
}

func attemptURL(a store.Attempt) string { return "/connect/attempts/" + a.Nonce }

// attemptPage handles GET /connect/attempts/:nonce: the page around the bank
// window, and afterwards what became of it.
func (s *Server) attemptPage(c *gin.Context) error {
	v, err := s.attempt(c)
	if err != nil {
		return err
	}
	if v.Widget != nil {
		web.AllowWidget(c, v.Widget.BaseURL)
	}
	return web.Render(c, http.StatusOK, views.AttemptView(v))
}

// attemptStatus handles GET /connect/attempts/:nonce/status, the part that the
// page polls. While the bank window is open over it, nothing takes its place but
// the news that the window has to go.
func (s *Server) attemptStatus(c *gin.Context) error {
	if c.Query("window") == "open" {
		a, err := s.ownAttempt(c)
		if err != nil {
			return err
		}
		if s.upstream(a.Provider).lost() == "" {
			c.Status(http.StatusNoContent)
			return nil
		}
	}
	v, err := s.attempt(c)
	if err != nil {
		return err
	}
	if v.Widget != nil { // the window may be opened again, which takes the whole page
		c.Header("HX-Refresh", "true")
	}
	return web.Render(c, http.StatusOK, views.AttemptFragment(v))
}

// closedGrace is how long the page of a closed attempt looks whether a webhook
// tells of a success that the window did not.
const closedGrace = time.Minute

// balanceGrace is how long the page of a linked attempt looks for the first balance.
const balanceGrace = 15 * time.Minute

func (s *Server) attempt(c *gin.Context) (views.Attempt, error) {
	a, err := s.ownAttempt(c)
	if err != nil {
		return views.Attempt{}, err
	}
	p := s.present()
	v := views.Attempt{
		Frame: s.Frame(c, web.Say(c, "Connect your bank"), ""), State: p.attemptState(a),
		Reference: store.Reference(a.ID),
		RetryURL:  "/me/attempts", MeURL: "/me", Reconnect: a.AccountID != "", Pages: s.upstream(a.Provider).hasPages(),
	}
	if v.Again, err = s.againOf(c, a); err != nil {
		return v, err
	}
	if a.State == store.AttemptNeedsReview {
		v.RetryURL = ""
	} else if v.Reconnect {
		v.RetryURL += "?account=" + a.AccountID
	}
	switch {
	case v.State == "open":
		if v.Closed = cmp.Or(s.closed(c, s.upstream(a.Provider)), unsafePage(a)); v.Closed != "" {
			v.State, v.PollURL = "paused", attemptURL(a)+"/status"
			break
		}
		if u := s.upstream(a.Provider); u.hasPages() {
			v.PollURL, v.Page = attemptURL(a)+"/status", &views.BankPage{
				Provider: u.Traits().Title, URL: a.Page, Late: a.Tries > 1,
			}
			break
		}
		v.PollURL = attemptURL(a) + "/status?window=open"
		v.Widget, err = s.widget(c, a)
	case a.State == store.AttemptClaimed, a.State == store.AttemptClosed && s.Now().Sub(a.EndedAt) < closedGrace:
		v.PollURL, v.Paused = attemptURL(a)+"/status", s.unsafe(a)
		v.Awaited = a.State == store.AttemptClosed && s.upstream(a.Provider).hasPages()
		if a.Tries > 1 {
			v.Delay = a.Fault
		}
	case a.State == store.AttemptFailed:
		v.Error = a.Reason
	case a.State == store.AttemptLinked:
		var accounts []store.Account
		accounts, err = s.Store.AccountsByRecord(c.Request.Context(), web.ScopeOf(c), a.ProviderRecord)
		for _, acc := range accounts {
			v.Accounts = append(v.Accounts, p.account(store.Card{Account: acc}))
			if acc.AsOf.IsZero() && s.Now().Sub(a.EndedAt) < balanceGrace {
				v.PollURL = attemptURL(a) + "/status"
			}
		}
	}
	if err != nil || len(v.Accounts) > 0 {
		return v, err
	}
	only, err := s.Store.AccountOfVisit(c.Request.Context(), web.ScopeOf(c))
	if only != "" {
		v.MeURL = "" // there is nothing for this visit to see
	}
	return v, err
}

// unsafe is why a claimed link is not confirmed for the customer's safety, in
// one word; empty: it is being confirmed, or something else keeps it.
func (s *Server) unsafe(a store.Attempt) string {
	if a.State != store.AttemptClaimed {
		return ""
	}
	for _, kind := range []provider.Kind{provider.KindUntrusted, provider.KindRefused} {
		if a.Fault == string(kind) || s.pause(s.upstream(a.Provider)).Kind == kind {
			return string(kind)
		}
	}
	return ""
}

// unsafePage is why an attempt is not led to a page of the provider's, in one word: the
// provider named one elsewhere, or does not let us in; empty: neither.
func unsafePage(a store.Attempt) string {
	if a.Fault == linkingUntrusted || a.Fault == linkingRefused {
		return a.Fault
	}
	return ""
}

// products are what the bank window asks the customer for, and no more: what the
// consent names.
func (s *Server) products() []string {
	return strings.Split(
		views.CurrentConsent(s.Settings.Transactions.On()).Scope, ",",
	) // of Okra, which alone has a window
}

// widget is what the page's script opens the bank window with.
func (s *Server) widget(c *gin.Context, a store.Attempt) (*views.Widget, error) {
	o := provider.Opening{
		Attempt: a.Nonce, Business: s.Settings.BusinessName, Products: s.products(),
		Corporate: web.MustCustomer(c).Kind == store.Business,
	}
	if a.AccountID != "" {
		if err := s.openAgain(c, a, &o); err != nil {
			return nil, err
		}
	}
	u := s.upstream(a.Provider)
	window, err := windowOf(u)
	if err != nil {
		return nil, err
	}
	url := attemptURL(a)
	return &views.Widget{
		BaseURL: u.Page, Options: window.Options(o), TimeoutMS: 10_000,
		SuccessURL: url + "/success", CloseURL: url + "/close", ErrorURL: url + "/error", StepURL: url + "/step",
	}, nil
}
