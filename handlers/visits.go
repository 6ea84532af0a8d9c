package handlers

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"unicode"

	"github.com/gin-gonic/gin"

	"balancelink/store"
)

const visitKey = "visit"

// visitOf is the visit of a customer who came by a personal link; false for one
// who has signed in and sees everything of theirs.
func visitOf(c *gin.Context) (store.Visit, bool) {
	v, ok := c.Get(visitKey)
	if !ok {
		return store.Visit{}, false
	}
	return v.(store.Visit), true
}

// requireCustomer lets a customer through who has signed in, or who came by a
// personal link a moment ago: then only to what they have linked since.
func (s *Server) requireCustomer(c *gin.Context) {
	err := s.letIn(c)
	if errors.Is(err, store.ErrNotFound) {
		err = &httpError{
			Status: http.StatusUnauthorized, Heading: say(c, "Sign in to go on"),
			Sentence: say(c, "For your safety we sign you out after a while. Sign in with your password, or ask %s for a fresh personal link.", s.Settings.BusinessName),
			NextURL:  "/me/login", NextLabel: say(c, "Sign in"),
		}
	}
	if err == nil {
		err = s.withinReach(c)
	}
	if err != nil {
		s.serveError(c, err)
	}
}

// letIn notes which customer asks, and whether by a personal link.
func (s *Server) letIn(c *gin.Context) error {
	ctx := c.Request.Context()
	id, err := s.customers.principal(c.Request)
	if err != nil {
		return err
	}
	if id != "" {
		cu, err := s.Store.CustomerByID(ctx, id)
		if err == nil {
			c.Set(customerKey, cu)
		}
		return err
	}
	consent, err := s.links.principal(c.Request)
	if err != nil {
		return err
	}
	v, err := s.Store.VisitByConsent(ctx, consent)
	if err == nil {
		c.Set(customerKey, v.Customer)
		c.Set(visitKey, v)
	}
	return err
}

// withinReach keeps a visit by a personal link to the accounts that it linked:
// who found the link learns nothing of those that were there before. It guards
// every address below /me/accounts/:id, whoever adds one.
func (s *Server) withinReach(c *gin.Context) error {
	v, visits := visitOf(c)
	if !visits || !strings.HasPrefix(c.FullPath(), "/me/accounts/:id") || v.Reach[c.Param("id")] {
		return nil
	}
	if _, err := s.Store.CustomerAccount(c.Request.Context(), v.Customer.ID, c.Param("id")); err != nil {
		return err
	}
	return signInFirst(c, say(c, "Sign in to see this account"), s.Settings.BusinessName)
}

// everything lets nobody through who came by a personal link and does not see
// all that there is of the customer.
func (s *Server) everything(c *gin.Context) {
	v, visits := visitOf(c)
	if !visits {
		return
	}
	accounts, err := s.Store.AccountsByCustomer(c.Request.Context(), v.Customer.ID)
	if err == nil && len(accounts) > len(v.Reach) {
		err = signInFirst(c, say(c, "Sign in for this"), s.Settings.BusinessName)
	}
	if err != nil {
		s.serveError(c, err)
	}
}

// signInFirst is the answer to a visit by a personal link that wants too much.
func signInFirst(c *gin.Context, heading, business string) error {
	return &httpError{
		Status: http.StatusForbidden, Heading: heading,
		Sentence: say(c, "You came by a personal link and see what you have linked with it. Sign in with your password to see the rest, or ask %s for a fresh link.", business),
		NextURL:  "/me/login", NextLabel: say(c, "Sign in"),
	}
}

// within leaves those cards that the visitor may see, and counts the others.
func within(c *gin.Context, cards []store.Card) (seen []store.Card, hidden int) {
	v, visits := visitOf(c)
	if !visits {
		return cards, 0
	}
	for _, card := range cards {
		if v.Reach[card.ID] {
			seen = append(seen, card)
		}
	}
	return seen, len(cards) - len(seen)
}

// begin lets the customer who agreed in: by the link, unless they have signed in
// already. Whoever else was signed in in this browser is not any more.
func (s *Server) begin(c *gin.Context, co store.Consent) error {
	signedIn, err := s.customers.principal(c.Request)
	if err != nil || signedIn == co.CustomerID {
		return err
	}
	if err := s.customers.end(c); err != nil {
		return err
	}
	return s.links.start(c, co.ID)
}

// signOutCustomer ends the session, however it began.
func (s *Server) signOutCustomer(c *gin.Context) error {
	for _, sessions := range []*sessionStore{s.customers, s.links} {
		if err := sessions.end(c); err != nil {
			return err
		}
	}
	return nil
}

// newCode is six digits that staff tell the customer by another way than the link.
func newCode() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // crypto/rand ends the program before it fails
	}
	return fmt.Sprintf("%06d", n)
}

// codeHash is what is kept of a link's code. A million codes are soon tried, so
// the hash is keyed: without the server's key and the link's secret it says nothing.
func (s *Server) codeHash(secret, code string) (string, error) {
	key, err := hkdf.Key(sha256.New, []byte(s.Settings.SessionKey), nil, "balancelink personal link code", 32)
	if err != nil {
		return "", fmt.Errorf("deriving the key for codes: %w", err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(secret + "\n" + code))
	return hex.EncodeToString(mac.Sum(nil)), nil
}

// tryCode holds the typed code against the link's, and says in a sentence what
// is wrong with it; empty: nothing.
func (s *Server) tryCode(c *gin.Context, i store.Invitation) (problem string, err error) {
	if i.CodeHash == "" {
		return "", nil
	}
	typed := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return r
	}, c.PostForm("code"))
	if typed == "" {
		return say(c, "Type the code that %s gave you.", s.Settings.BusinessName), nil
	}
	hash, err := s.codeHash(c.Param("secret"), typed)
	if err != nil {
		return "", err
	}
	right, left, err := s.Store.TryCode(c.Request.Context(), i.ID, hash)
	switch {
	case err != nil || right:
		return "", err
	case left == 0:
		_, err = s.openInvitation(c) // it is locked now
		return "", err
	}
	return say(c, "This is not the code. %d tries are left.", left), nil
}
