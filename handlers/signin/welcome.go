package signin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/settings"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// LinkValid is how long a link to choose a password is good that is handed to a person.
const LinkValid = 72 * time.Hour

// setupValid is how long the one is good that is printed at the start.
const setupValid = 30 * time.Minute

// linkGone is the answer to a link that is of no use: which of the reasons it
// is, a stranger does not learn.
func linkGone(c *gin.Context) *web.Error {
	return &web.Error{
		Status: http.StatusGone, Heading: web.Say(c, "This link does not work any more"),
		Sentence: web.Say(c, "It works once and for a limited time. Ask an owner of this installation for a new one; a start of the program prints one when there is nobody yet."),
	}
}

// WelcomePage handles GET /welcome/:secret.
func (s *Service) WelcomePage(c *gin.Context) error {
	l, err := s.store.OpenStaffLink(c.Request.Context(), c.Param("secret"))
	if errors.Is(err, store.ErrNotFound) {
		return linkGone(c)
	}
	if err != nil {
		return err
	}
	return s.renderWelcome(c, http.StatusOK, l, views.Welcome{Email: l.Email})
}

func (s *Service) renderWelcome(c *gin.Context, status int, l store.StaffLink, page views.Welcome) error {
	page.First = l.StaffID == ""
	title := web.Say(c, "Choose your password")
	if page.First {
		title = web.Say(c, "Set up balancelink")
	}
	page.Frame, page.Action, page.ExpiresAt = s.Frame(c, title, ""), "/welcome/"+c.Param("secret"), l.ExpiresAt
	return web.Render(c, status, views.WelcomeView(page))
}

// Welcome handles POST /welcome/:secret: the password of a member of staff, or
// the first owner's e-mail address and password. Who has chosen it is signed in, by the
// second factor too where there is one.
func (s *Service) Welcome(c *gin.Context) error {
	ctx, secret := c.Request.Context(), c.Param("secret")
	l, err := s.store.OpenStaffLink(ctx, secret)
	if errors.Is(err, store.ErrNotFound) {
		return linkGone(c)
	}
	if err != nil {
		return err
	}
	page := views.Welcome{Email: l.Email}
	if l.StaffID == "" {
		page.Email = web.Tidy(c.PostForm("email"))
		page.EmailError = web.WrongEmail(c, page.Email)
	}
	page.PasswordError = wrongPassword(c.Request.Context(), c.PostForm("password"), page.Email, s.Settings.BusinessName)
	if page.EmailError != "" || page.PasswordError != "" {
		return s.renderWelcome(c, http.StatusUnprocessableEntity, l, page)
	}
	hash, err := s.Passwords.Hash(c.Request.Context(), c.PostForm("password"))
	if err != nil {
		return err
	}
	err = s.store.UseStaffLink(ctx, secret, page.Email, hash)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrConflict) {
		return linkGone(c)
	}
	if err != nil {
		return err
	}
	m, err := s.store.StaffByEmail(ctx, page.Email)
	if err != nil {
		return err
	}
	return s.pastPassword(c, m, "/")
}

// SetupLink returns the address at which the first owner is made, when there
// is nobody yet who could sign in; empty otherwise. It works once, for half an
// hour, and takes the place of the one of the start before.
func SetupLink(ctx context.Context, db *store.Store, publicURL string) (string, error) {
	secret, err := db.SetupLink(ctx, setupValid)
	if errors.Is(err, store.ErrConflict) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return publicURL + "/welcome/" + secret, nil
}

// PasswordLink returns an address at which a member of staff chooses a new
// password, for an operator to hand over. It works once, for 72 hours.
func PasswordLink(ctx context.Context, db *store.Store, m store.Staff, publicURL string) (string, error) {
	secret, err := db.NewStaffLink(ctx, store.Program, m.ID, LinkValid)
	return publicURL + "/welcome/" + secret, err
}

// CanSignIn says whether there is a member of staff with that address who can sign in.
func CanSignIn(ctx context.Context, db *store.Store, email string) bool {
	m, err := db.StaffByEmail(ctx, email)
	return err == nil && m.PasswordHash != "" && m.DisabledAt.IsZero()
}

// FirstStaff makes the first member of staff, an owner, when there is nobody
// who could sign in and the settings say who it is; otherwise [SetupLink] does.
// In simulation it also makes the printed password work again when the session
// key it comes from has changed.
func FirstStaff(ctx context.Context, db *store.Store, set settings.Settings, cost PasswordCost) error {
	has, err := db.HasStaff(ctx)
	if err != nil || has && !set.Simulated() {
		return err
	}
	password := set.StaffPassword()
	switch {
	case password == "":
		return nil
	case set.AdminEmail == "":
		return fmt.Errorf(
			"%w: ADMIN_EMAIL says who the first member of staff is, whose ADMIN_PASSWORD was given",
			settings.ErrMissing,
		)
	}
	if !has {
		_, err := db.AddStaff(
			ctx, store.Program,
			store.Staff{Email: set.AdminEmail, PasswordHash: cost.Hash(password), Role: store.RoleOwner},
		)
		if errors.Is(err, store.ErrConflict) { // another instance, which starts too, was faster
			return nil
		}
		return err
	}
	m, err := db.StaffByEmail(ctx, set.AdminEmail)
	if err != nil {
		return nil // signs in as somebody else: nothing to repair
	}
	if m.PasswordHash != "" { // none after a restore of a copy with an older one
		if right, err := checkPassword(m.PasswordHash, password); err != nil || right {
			return err
		}
	}
	return db.SetStaffPassword(ctx, store.Program, m.ID, cost.Hash(password))
}
