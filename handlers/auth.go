package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/gin-gonic/gin"

	"balancelink/store"
	"balancelink/views"
)

const (
	staffKey    = "staff"
	customerKey = "customer"
)

// staffOf is the member of staff that requireStaff let through.
func staffOf(c *gin.Context) (store.Staff, bool) {
	m, ok := c.Get(staffKey)
	if !ok {
		return store.Staff{}, false
	}
	return m.(store.Staff), true
}

// customerOf is the customer that requireCustomer let through.
func customerOf(c *gin.Context) (store.Customer, bool) {
	cu, ok := c.Get(customerKey)
	if !ok {
		return store.Customer{}, false
	}
	return cu.(store.Customer), true
}

// requireStaff lets signed-in staff through and sends others to sign in.
func (s *Server) requireStaff(c *gin.Context) {
	id, err := s.staff.principal(c.Request)
	if err != nil {
		s.serveError(c, err)
		return
	}
	m, err := s.Store.StaffByID(c.Request.Context(), id)
	switch {
	case err == nil && m.DisabledAt.IsZero():
		c.Set(staffKey, m)
	case err != nil && !errors.Is(err, store.ErrNotFound):
		s.serveError(c, err)
	case isHTMX(c):
		s.serveError(c, &httpError{
			Status: http.StatusUnauthorized, Heading: "Signed out", Sentence: "You were signed out. Sign in again to go on.",
			NextURL: "/login", NextLabel: "Sign in",
		})
	default:
		c.Abort()
		c.Redirect(http.StatusSeeOther, "/login"+nextQuery(c))
	}
}

// recognise notes a signed-in member of staff on a page that is for anyone, so
// that they keep their navigation. Whoever cannot be recognised is nobody.
func (s *Server) recognise(c *gin.Context) {
	id, err := s.staff.principal(c.Request)
	if err != nil || id == "" {
		return
	}
	if m, err := s.Store.StaffByID(c.Request.Context(), id); err == nil && m.DisabledAt.IsZero() {
		c.Set(staffKey, m)
	}
}

// nextQuery remembers the page that was asked for, if it can be asked for again.
func nextQuery(c *gin.Context) string {
	if c.Request.Method != http.MethodGet || c.Request.URL.Path == "/" {
		return ""
	}
	return "?next=" + url.QueryEscape(c.Request.URL.RequestURI())
}

// requireCustomer lets a customer through who opened a personal link lately.
func (s *Server) requireCustomer(c *gin.Context) {
	id, err := s.customers.principal(c.Request)
	if err != nil {
		s.serveError(c, err)
		return
	}
	cu, err := s.Store.CustomerByID(c.Request.Context(), id)
	switch {
	case err == nil:
		c.Set(customerKey, cu)
	case errors.Is(err, store.ErrNotFound):
		s.serveError(c, &httpError{
			Status: http.StatusUnauthorized, Heading: "Open your personal link again",
			Sentence: "For your safety we sign you out after a while. Open the link that " + s.Settings.BusinessName + " sent you, or ask for a new one.",
		})
	default:
		s.serveError(c, err)
	}
}

// loginPage handles GET /login.
func (s *Server) loginPage(c *gin.Context) error {
	return s.render(c, http.StatusOK, views.LoginView(views.Login{Frame: s.frame(c, "Sign in", ""), Next: localPath(c.Query("next"))}))
}

// login handles POST /login. Whatever is wrong, the answer is the same.
func (s *Server) login(c *gin.Context) error {
	limitBody(c, 16<<10)
	if err := c.Request.ParseForm(); err != nil {
		return badForm(err)
	}
	email, next := strings.TrimSpace(c.PostForm("email")), localPath(c.PostForm("next"))
	m, err := s.Store.StaffByEmail(c.Request.Context(), email)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	hash := m.PasswordHash
	if err != nil {
		hash = nobodysHash
	}
	right, hashErr := s.checkPassword(c, hash, c.PostForm("password"))
	if hashErr != nil {
		return hashErr
	}
	if err != nil || !right || !m.DisabledAt.IsZero() {
		return s.render(c, http.StatusUnauthorized, views.LoginView(views.Login{
			Frame: s.frame(c, "Sign in", ""), Email: email, Next: next, Error: "Wrong e-mail or password.",
		}))
	}
	if err := s.staff.start(c.Writer, c.Request, m.ID); err != nil {
		return err
	}
	if err := s.Store.Record(c.Request.Context(), store.Act{Actor: store.ByStaff(m.ID), Action: "signed in", Subject: m.ID}); err != nil {
		return err
	}
	return seeOther(c, next)
}

// checkPassword bounds how many passwords are hashed at once: each takes 19 MiB.
func (s *Server) checkPassword(c *gin.Context, hash, password string) (bool, error) {
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
		return checkPassword(hash, password)
	case <-c.Request.Context().Done():
		return false, c.Request.Context().Err()
	}
}

// logout handles POST /logout.
func (s *Server) logout(c *gin.Context) error {
	if err := s.staff.end(c.Writer, c.Request); err != nil {
		return err
	}
	return seeOther(c, "/login")
}

// leave handles POST /me/logout.
func (s *Server) leave(c *gin.Context) error {
	if err := s.customers.end(c.Writer, c.Request); err != nil {
		return err
	}
	return seeOther(c, "/goodbye")
}

// goodbye handles GET /goodbye, where a customer arrives who signed out.
func (s *Server) goodbye(c *gin.Context) error {
	return s.render(c, http.StatusOK, views.ErrorView(views.ErrorPage{
		Frame: s.frame(c, "Signed out", ""), Status: http.StatusOK,
		Heading: "You are signed out", Sentence: "Open your personal link again to come back, or ask " + s.Settings.BusinessName + " for a new one.",
	}))
}

// localPath keeps a path on this server and turns anything else into the first
// page. Browsers read a backslash as a slash and leave tabs and line breaks out.
func localPath(next string) string {
	unsafe := func(r rune) bool { return r == '\\' || unicode.IsControl(r) }
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsFunc(next, unsafe) {
		return "/"
	}
	return next
}

// limitBody caps what a handler reads of the body.
func limitBody(c *gin.Context, bytes int64) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, bytes)
}

// badForm is the answer to a form that cannot be read.
func badForm(err error) error {
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return err
	}
	return &httpError{Status: http.StatusBadRequest, Heading: "That form could not be read", Sentence: "Please go back and try again."}
}
