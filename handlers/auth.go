package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"balancelink/store"
	"balancelink/views"
)

const (
	staffKey    = "staff"
	proofKey    = "proof"
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

// proofOf is what the member of staff that requireStaff let through has proven.
func proofOf(c *gin.Context) store.Proof {
	p, _ := c.Get(proofKey)
	return p.(store.Proof)
}

// staffIn notes who is signed in, and what they have proven. A session that
// began by less than its person signs in with now is nobody's.
func (s *Server) staffIn(c *gin.Context) error {
	row, err := s.staff.row(c.Request)
	if err != nil {
		return err
	}
	m, err := s.Store.StaffByID(c.Request.Context(), row.Principal)
	if err != nil {
		return err
	}
	if !m.DisabledAt.IsZero() || !row.Proof.Whole(m) {
		return store.ErrNotFound
	}
	c.Set(staffKey, m)
	c.Set(scopeKey, store.Whole())
	c.Set(proofKey, row.Proof)
	return nil
}

// requireStaff lets signed-in staff through and sends others to sign in.
func (s *Server) requireStaff(c *gin.Context) {
	err := s.staffIn(c)
	switch {
	case err == nil:
	case !errors.Is(err, store.ErrNotFound):
		s.serveError(c, err)
	case isHTMX(c):
		s.serveError(c, &httpError{
			Status: http.StatusUnauthorized, Heading: say(c, "Signed out"), Sentence: say(c, "You were signed out. Sign in again to go on."),
			NextURL: "/login?next=" + url.QueryEscape(s.pageOf(c)), NextLabel: say(c, "Sign in"),
		})
	default:
		c.Abort()
		c.Redirect(http.StatusSeeOther, "/login"+nextQuery(c))
	}
}

// recognise notes a signed-in member of staff on a page that is for anyone, so
// that they keep their navigation. Whoever cannot be recognised is nobody.
func (s *Server) recognise(c *gin.Context) {
	_ = s.staffIn(c)
}

// nextQuery remembers the page that was asked for, if it can be asked for again.
func nextQuery(c *gin.Context) string {
	if c.Request.Method != http.MethodGet || c.Request.URL.Path == "/" {
		return ""
	}
	return "?next=" + url.QueryEscape(c.Request.URL.RequestURI())
}

// loginPage handles GET /login.
func (s *Server) loginPage(c *gin.Context) error {
	return s.render(c, http.StatusOK, views.LoginView(views.Login{
		Frame: s.frame(c, say(c, "Sign in"), ""), Next: localPath(c.Query("next")),
		PasswordSet: c.Query("set") != "", SignedOut: c.Query("out") != "",
	}))
}

// login handles POST /login. Whatever is wrong, the answer is the same.
func (s *Server) login(c *gin.Context) error {
	email, next := strings.TrimSpace(c.PostForm("email")), localPath(c.PostForm("next"))
	m, err := s.Store.StaffByEmail(c.Request.Context(), email)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if c.PostForm("password") == "" { // no guess
		return s.renderLogin(c, http.StatusUnauthorized, email, next, wrongLogin(c))
	}
	err = s.guess(c, s.guessAt(c, store.StaffLogin(email)), !m.SecondFactor, func() (bool, error) { return s.passwordIs(c, m, c.PostForm("password")) })
	var no *notTaken
	if errors.As(err, &no) {
		s.failed.add(m.ID)
		status, sentence := no.answer(c, wrongLogin(c))
		return s.renderLogin(c, status, email, next, sentence)
	}
	if err != nil {
		return err
	}
	given := store.Proof{Password: s.Now()}
	if m.SecondFactor {
		if err := s.halfway.startAs(c, store.Session{Principal: m.ID, Version: m.Version, Proof: given}); err != nil {
			return err
		}
		return arrive(c, "/login/code?"+url.Values{"next": {next}}.Encode())
	}
	return s.signIn(c, m, given, next)
}

// wrongLogin is said whatever was wrong.
func wrongLogin(c *gin.Context) string { return say(c, "Wrong e-mail or password.") }

func (s *Server) renderLogin(c *gin.Context, status int, email, next, problem string) error {
	return s.render(c, status, views.LoginView(views.Login{Frame: s.frame(c, say(c, "Sign in"), ""), Email: email, Next: next, Error: problem}))
}

// signIn begins the session of a member of staff who has given all that is asked.
func (s *Server) signIn(c *gin.Context, m store.Staff, given store.Proof, next string) error {
	if err := s.staff.startAs(c, store.Session{Principal: m.ID, Version: m.Version, Proof: given}); err != nil {
		return err
	}
	if err := s.devices.remember(c, store.StaffLogin(m.Email)); err != nil {
		return err
	}
	if err := s.Store.Record(c.Request.Context(), store.Act{Actor: store.ByStaff(m.ID), Action: store.ActSignedIn, Subject: m.ID}); err != nil {
		return err
	}
	return arrive(c, next)
}

// passwordIs says whether that is the password of m, who may sign in. For
// those who may not, and for nobody, it takes as long.
func (s *Server) passwordIs(c *gin.Context, m store.Staff, password string) (bool, error) {
	hash, may := m.PasswordHash, m.DisabledAt.IsZero()
	if hash == "" {
		hash, may = s.nobodysHash, false
	}
	if utf8.RuneCountInString(password) > longestPassword {
		password = ""
	}
	right, err := s.checkPassword(c, hash, password)
	return right && may, err
}

// checkPassword bounds how many passwords are hashed at once: each takes 19 MiB.
func (s *Server) checkPassword(c *gin.Context, hash, password string) (right bool, err error) {
	err = s.hashing(c, func() (err error) {
		right, err = checkPassword(hash, password)
		return err
	})
	return right, err
}

// hashPassword is [PasswordCost.Hash] within the same bounds.
func (s *Server) hashPassword(c *gin.Context, password string) (hash string, err error) {
	err = s.hashing(c, func() error {
		hash = s.PasswordCost.Hash(password)
		return nil
	})
	return hash, err
}

func (s *Server) hashing(c *gin.Context, f func() error) error {
	select {
	case s.hashes <- struct{}{}:
		defer func() { <-s.hashes }()
		return f()
	case <-c.Request.Context().Done():
		return c.Request.Context().Err()
	}
}

// logout handles POST /logout.
func (s *Server) logout(c *gin.Context) error {
	id := mustStaff(c).ID
	forgetPages(c)
	if err := s.staff.end(c); err != nil {
		return err
	}
	if err := s.Store.Record(c.Request.Context(), store.Act{Actor: store.ByStaff(id), Action: store.ActSignedOut, Subject: id}); err != nil {
		return err
	}
	return seeOther(c, "/login?out=1")
}

// leave handles POST /me/logout.
func (s *Server) leave(c *gin.Context) error {
	id := mustCustomer(c).ID
	forgetPages(c)
	if err := s.signOutCustomer(c); err != nil {
		return err
	}
	if err := s.Store.Record(c.Request.Context(), store.Act{Actor: actorOf(c), Action: store.ActSignedOut, Customer: id, Subject: id}); err != nil {
		return err
	}
	return seeOther(c, "/goodbye")
}

// forgetPages makes the browser forget what it was shown.
func forgetPages(c *gin.Context) { c.Header("Clear-Site-Data", `"cache", "storage"`) }

// goodbye handles GET /goodbye, where a customer arrives who signed out.
func (s *Server) goodbye(c *gin.Context) error {
	return s.render(c, http.StatusOK, views.ErrorView(views.ErrorPage{
		Frame: s.frame(c, say(c, "Signed out"), ""), Status: http.StatusOK,
		Heading: say(c, "You are signed out"), Sentence: say(c, "To come back, sign in with your password if you have set one, or ask %s for a fresh personal link.", s.Settings.BusinessName),
		NextURL: "/me/login", NextLabel: say(c, "Sign in"),
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

// badForm is the answer to a form that cannot be read.
func badForm(c *gin.Context, err error) error {
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return err
	}
	return &httpError{Status: http.StatusBadRequest, Heading: say(c, "That form could not be read"), Sentence: say(c, "Please go back and try again.")}
}
