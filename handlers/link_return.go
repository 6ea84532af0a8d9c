package handlers

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/okra/provider"
	"balancelink/store"
)

// hasPages says whether people link their banks on a page of the provider's.
func (u Upstream) hasPages() bool {
	_, ok := u.Provider.(provider.Pages)
	return ok
}

// cameBack handles GET /connect/attempts/:nonce/return, where a provider's page sends
// people afterwards. Whatever the query says is a claim: with a code there is something
// to confirm, and without one a webhook may still tell that it went well. What the page
// says stands at the attempt, whose address has no code.
func (s *Server) cameBack(c *gin.Context) error {
	a, err := s.ownAttempt(c)
	if err != nil {
		return err
	}
	if !s.upstream(a.Provider).hasPages() {
		return web.NotFound(c, nil)
	}
	if err := s.LimitCustomer(c, s.reports, a.CustomerID); err != nil {
		return err
	}
	r := store.Report{State: store.AttemptClosed, ClaimedBy: "return"}
	if code := c.Query("code"); validCode(code) {
		r.State, r.Code = store.AttemptClaimed, code
	}
	if _, err := s.Store.ReportAttempt(c.Request.Context(), a.Nonce, r); err != nil {
		return err
	}
	s.Worker.Wake()
	return web.SeeOther(c, attemptURL(a))
}

// longestCode is how long a code may be, in bytes: ten times what was seen.
const longestCode = 256

// validCode says whether a text can be a code: letters, digits, and what joins them.
func validCode(code string) bool {
	for _, r := range code {
		if r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return code != "" && len(code) <= longestCode
}

// strandedOr answers who came back from a provider's page and cannot be known, because
// they began on another device or were signed out meanwhile.
func (s *Server) strandedOr(h func(*gin.Context) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		err := s.signin.Visitor(c)
		if err == nil {
			err = h(c)
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return &web.Error{
			Status: http.StatusOK, Heading: web.Say(c, "You are back from your bank"),
			Sentence: web.Say(c, "What your bank shared reaches %s by itself; this page may be closed. Go on where you began, or sign in to see it.", s.Settings.BusinessName),
			NextURL:  "/me/login", NextLabel: web.Say(c, "Sign in"),
		}
	}
}
