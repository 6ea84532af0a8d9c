package signin

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
)

// RequireCustomer lets a customer through who has signed in themselves. This is
// what a route of customers needs unless it was thought about what a visit would
// do there.
func (s *Service) RequireCustomer(c *gin.Context) {
	s.RequireVisitor(c)
	if !c.IsAborted() && web.ByLink(c) {
		s.ServeError(c, signInFirst(c, web.Say(c, "Sign in for this"), s.Settings.BusinessName))
	}
}

// RequireVisitor lets a customer through who has signed in, or who came by a
// personal link a moment ago.
func (s *Service) RequireVisitor(c *gin.Context) {
	err := s.letIn(c)
	if errors.Is(err, store.ErrNotFound) {
		err = s.nobody(c)
	}
	if err != nil {
		s.ServeError(c, err)
	}
}

// nobody is the answer to a customer who is not signed in any more.
func (s *Service) nobody(c *gin.Context) error {
	sentence := web.Say(c, "For your safety we sign you out after a while. Sign in with your password, or ask %s for a fresh personal link.", s.Settings.BusinessName)
	if web.Changes(c.Request) && c.FullPath() != "/me/logout" {
		sentence = web.Say(c, "You had been signed out, and nothing was done. Sign in with your password, or ask %s for a fresh personal link, and do it again.", s.Settings.BusinessName)
	}
	return &web.Error{
		Status: http.StatusUnauthorized, Heading: web.Say(c, "Sign in to go on"), Sentence: sentence,
		NextURL: "/me/login", NextLabel: web.Say(c, "Sign in"),
	}
}

// Visitor is [Service.RequireVisitor] for a page that says itself what to do; nobody is
// known: [store.ErrNotFound].
func (s *Service) Visitor(c *gin.Context) error { return s.letIn(c) }

// letIn notes which customer asks, and what they may reach.
func (s *Service) letIn(c *gin.Context) error {
	cu, scope, err := s.customerIn(c)
	if err == nil {
		web.SetCustomer(c, cu, scope)
		s.SpeakTo(c, cu.Language)
	}
	return err
}

// customerIn is the customer who asks, and what they may reach; nobody asks:
// [store.ErrNotFound].
func (s *Service) customerIn(c *gin.Context) (cu store.Customer, scope store.Scope, err error) {
	ctx := c.Request.Context()
	row, err := s.Customers.row(c.Request)
	if err != nil {
		return cu, scope, err
	}
	if row.Principal != "" {
		cu = row.Customer
		if cu.ID == "" { // it began just now
			cu, err = s.store.CustomerByID(ctx, row.Principal)
		}
		return cu, store.OfCustomer(row.Principal), err
	}
	id, err := s.Links.principal(c.Request)
	if err != nil {
		return cu, scope, err
	}
	v, err := s.store.VisitByID(ctx, id)
	return v.Customer, store.Scope{CustomerID: v.Customer.ID, VisitID: v.ID}, err
}

// WithinReach is what h does with an account, and says to a visit that asks for
// one of its customer which was not linked in it that there is one, and what to do
// to see it. All others who ask for what is not theirs learn no difference to what
// is not there.
func (s *Service) WithinReach(h func(*gin.Context) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		err := h(c)
		if !errors.Is(err, store.ErrNotFound) || !web.ByLink(c) {
			return err
		}
		whole := store.OfCustomer(web.ScopeOf(c).CustomerID)
		if _, none := s.store.AccountWithin(c.Request.Context(), whole, c.Param("id")); none != nil {
			return err
		}
		return signInFirst(c, web.Say(c, "Sign in to see this account"), s.Settings.BusinessName)
	}
}

// CustomerID is the id of the customer who has signed in with a password; empty:
// nobody, or somebody who came by a personal link.
func (s *Service) CustomerID(c *gin.Context) (string, error) { return s.Customers.principal(c.Request) }

// signInFirst is the answer to a visit by a personal link that wants too much.
func signInFirst(c *gin.Context, heading, business string) error {
	return &web.Error{
		Status: http.StatusForbidden, Heading: heading,
		Sentence: web.Say(c, "You came by a personal link and see what you have linked with it. Sign in with your password to see the rest, or ask %s for a fresh link.", business),
		NextURL:  "/me/login", NextLabel: web.Say(c, "Sign in"),
	}
}

// BeginVisit stores that the customer of a personal link agrees and lets them in: by
// the link, which begins a visit, unless they have signed in already. Whoever
// else was signed in in this browser is not any more.
func (s *Service) BeginVisit(c *gin.Context, given store.Consent) (store.Consent, error) {
	ctx := c.Request.Context()
	signedIn, err := s.CustomerID(c)
	if err != nil {
		return given, err
	}
	if signedIn == given.CustomerID {
		return s.store.AddConsent(ctx, given)
	}
	if given, err = s.store.BeginVisit(ctx, given, VisitFor); err != nil {
		return given, err
	}
	if err := s.Customers.end(c); err != nil {
		return given, err
	}
	return given, s.Links.start(c, given.VisitID)
}

// BeginVisitOn lets the customer of a personal link in on a consent of theirs that is in
// force, as [Service.BeginVisit] does, and returns the visit; empty: they have signed in.
func (s *Service) BeginVisitOn(c *gin.Context, co store.Consent, invitationID string) (visitID string, err error) {
	signedIn, err := s.CustomerID(c)
	if err != nil || signedIn == co.CustomerID {
		return "", err
	}
	if visitID, err = s.store.BeginVisitOn(c.Request.Context(), co, invitationID, VisitFor); err != nil {
		return "", err
	}
	if err := s.Customers.end(c); err != nil {
		return "", err
	}
	return visitID, s.Links.start(c, visitID)
}

// SignOutCustomer ends the session, however it began.
func (s *Service) SignOutCustomer(c *gin.Context) error {
	for _, sessions := range []*Sessions{s.Customers, s.Links} {
		if err := sessions.end(c); err != nil {
			return err
		}
	}
	return nil
}
