package signin

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// staffIn notes who is signed in, and what they have proven. A session that
// began by less than its person signs in with now is nobody's.
func (s *Service) staffIn(c *gin.Context) error {
	row, err := s.Staff.row(c.Request)
	if err != nil {
		return err
	}
	m := row.Staff
	if m.ID == "" && row.Principal != "" { // it began just now
		m, err = s.store.StaffByID(c.Request.Context(), row.Principal)
	}
	if err != nil {
		return err
	}
	if m.ID == "" || !m.DisabledAt.IsZero() || !row.Proof.Whole(m) {
		return store.ErrNotFound
	}
	web.SetStaff(c, m, row.Proof)
	return nil
}

// RequireStaff lets signed-in staff through and sends others to sign in.
func (s *Service) RequireStaff(c *gin.Context) {
	err := s.staffIn(c)
	switch {
	case err == nil:
	case !errors.Is(err, store.ErrNotFound):
		s.ServeError(c, err)
	case web.IsHTMX(c):
		s.ServeError(c, &web.Error{
			Status: http.StatusUnauthorized, Heading: web.Say(c, "Signed out"),
			Sentence: web.Say(c, "You were signed out. Sign in again to go on."),
			NextURL:  "/login?next=" + url.QueryEscape(s.PageOf(c)), NextLabel: web.Say(c, "Sign in"),
		})
	default:
		c.Abort()
		c.Redirect(http.StatusSeeOther, "/login"+s.nextQuery(c))
	}
}

// Recognise notes a signed-in member of staff on a page that is for anyone, so
// that they keep their navigation. Whoever cannot be recognised is nobody.
func (s *Service) Recognise(c *gin.Context) {
	_ = s.staffIn(c)
}

// nextQuery remembers the page that was asked for, if it can be asked for again, or that a
// form is on of which nothing was done: the sign-in page says so.
func (s *Service) nextQuery(c *gin.Context) string {
	next := url.Values{"next": {s.PageOf(c)}}
	switch {
	case c.FullPath() == "/logout":
		return "?out=1"
	case web.Changes(c.Request):
		next.Set("undone", "1")
	case c.Request.Method != http.MethodGet, c.Request.URL.Path == "/":
		return ""
	}
	return "?" + next.Encode()
}

// LoginPage handles GET /login.
func (s *Service) LoginPage(c *gin.Context) error {
	return web.Render(c, http.StatusOK, views.LoginView(views.Login{
		Frame: s.Frame(c, web.Say(c, "Sign in"), ""), Next: web.LocalPath(c.Query("next")),
		SignedOut: c.Query("out") != "", Undone: c.Query("undone") != "",
	}))
}

// Login handles POST /login. Whatever is wrong, the answer is the same.
func (s *Service) Login(c *gin.Context) error {
	email, next := strings.TrimSpace(c.PostForm("email")), web.LocalPath(c.PostForm("next"))
	m, err := s.store.StaffByEmail(c.Request.Context(), email)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if c.PostForm("password") == "" { // no try
		return s.renderLogin(c, http.StatusUnauthorized, email, next, wrongLogin(c))
	}
	err = s.try(
		c, s.throttleAt(c, store.StaffLogin(email)), !m.SecondFactor,
		func() (bool, error) { return s.passwordIs(c, m, c.PostForm("password")) },
	)
	var no *notTaken
	if errors.As(err, &no) {
		s.failed.add(m.ID)
		status, sentence := no.answer(c, wrongLogin(c))
		return s.renderLogin(c, status, email, next, sentence)
	}
	if err != nil {
		return err
	}
	return s.pastPassword(c, m, next)
}

// pastPassword goes on with somebody who has given their password, or chosen one.
func (s *Service) pastPassword(c *gin.Context, m store.Staff, next string) error {
	given := store.Proof{Password: s.Now()}
	if m.SecondFactor {
		if err := s.halfway.StartAs(c, store.Session{Principal: m.ID, Version: m.Version, Proof: given}); err != nil {
			return err
		}
		return arrive(c, "/login/code?"+url.Values{"next": {next}}.Encode())
	}
	return s.signIn(c, m, given, next)
}

// wrongLogin is said whatever was wrong.
func wrongLogin(c *gin.Context) string { return web.Say(c, "Wrong e-mail or password.") }

func (s *Service) renderLogin(c *gin.Context, status int, email, next, problem string) error {
	return web.Render(c, status, views.LoginView(
		views.Login{Frame: s.Frame(c, web.Say(c, "Sign in"), ""), Email: email, Next: next, Error: problem},
	))
}

// signIn begins the session of a member of staff who has given all that is asked.
func (s *Service) signIn(c *gin.Context, m store.Staff, given store.Proof, next string) error {
	if err := s.Staff.StartAs(c, store.Session{Principal: m.ID, Version: m.Version, Proof: given}); err != nil {
		return err
	}
	if err := s.devices.remember(c, store.StaffLogin(m.Email)); err != nil {
		return err
	}
	if err := s.store.Record(
		c.Request.Context(), store.Act{Actor: store.ByStaff(m.ID), Action: store.ActSignedIn, Subject: m.ID},
	); err != nil {
		return err
	}
	return arrive(c, next)
}

// Logout handles POST /logout.
func (s *Service) Logout(c *gin.Context) error {
	id := web.MustStaff(c).ID
	forgetPages(c)
	if err := s.Staff.end(c); err != nil {
		return err
	}
	if err := s.store.Record(
		c.Request.Context(), store.Act{Actor: store.ByStaff(id), Action: store.ActSignedOut, Subject: id},
	); err != nil {
		return err
	}
	return web.SeeOther(c, "/login?out=1")
}
