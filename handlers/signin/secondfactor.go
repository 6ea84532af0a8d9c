package signin

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// Where people set up their second factor, and then read their recovery codes.
const (
	SecondFactorPath  = "/profile/second-factor"
	RecoveryCodesPath = SecondFactorPath + "/codes"
)

// needsSecondFactor says whether a role can do so much that a password alone
// is too little. In the simulation there is nothing to protect.
func (s *Service) needsSecondFactor(m store.Staff) bool {
	return !s.Settings.Simulated() && web.Can(m.Role, web.DecideLinks) // whose accounts are whose
}

// RequireSecondFactor sends those who must have a second factor and have proven
// none to set it up, before anything else.
func (s *Service) RequireSecondFactor(c *gin.Context) {
	if !web.ProofOf(c).SecondFactor.IsZero() || !s.needsSecondFactor(web.MustStaff(c)) {
		return
	}
	if web.IsHTMX(c) {
		s.ServeError(c, &web.Error{
			Status: http.StatusForbidden, Heading: web.Say(c, "Set up your second factor first"),
			Sentence: web.Say(c, "Your role needs it. Nothing was changed."),
			NextURL:  SecondFactorPath, NextLabel: web.Say(c, "Set it up"),
		})
		return
	}
	c.Abort()
	c.Redirect(http.StatusSeeOther, SecondFactorPath)
}

// takeCode takes a code of the app or a recovery code, each once.
func (s *Service) takeCode(ctx context.Context, m store.Staff, code string) (bool, error) {
	code = compact(code)
	if len(code) != codeDigits {
		return s.store.TakeRecoveryCode(ctx, m.ID, recoveryHash(code))
	}
	text, err := s.store.SecondFactorSeed(ctx, m.ID)
	if err != nil {
		return false, err
	}
	seed, ok := ReadSeed(text)
	if !ok {
		return false, errors.New("the seed of a second factor cannot be read")
	}
	step, ok := matchStep(seed, code, s.Now())
	if !ok {
		return false, nil
	}
	return s.store.TakeStep(ctx, m.ID, step)
}

// CodePage handles GET /login/code, the second step of signing in.
func (s *Service) CodePage(c *gin.Context) error {
	if _, _, err := s.halfSignedIn(c); err != nil {
		return web.SeeOther(c, "/login")
	}
	return s.renderCode(c, http.StatusOK, web.LocalPath(c.Query("next")), "")
}

func (s *Service) renderCode(c *gin.Context, status int, next, problem string) error {
	return web.Render(
		c, status, views.CodeView(views.Code{Frame: s.Frame(c, web.Say(c, "Sign in"), ""), Next: next, Error: problem}),
	)
}

// halfSignedIn is who has given the right password, when, and not yet a code.
func (s *Service) halfSignedIn(c *gin.Context) (store.Staff, store.Proof, error) {
	row, err := s.halfway.row(c.Request)
	if err != nil {
		return store.Staff{}, store.Proof{}, err
	}
	m, err := s.store.StaffByID(c.Request.Context(), row.Principal)
	if err == nil && (!m.DisabledAt.IsZero() || !m.SecondFactor) {
		err = store.ErrNotFound
	}
	return m, row.Proof, err
}

// Code handles POST /login/code.
func (s *Service) Code(c *gin.Context) error {
	m, given, err := s.halfSignedIn(c)
	if errors.Is(err, store.ErrNotFound) {
		return web.SeeOther(c, "/login")
	}
	if err != nil {
		return err
	}
	next := web.LocalPath(c.PostForm("next"))
	err = s.try(
		c, s.throttleAt(c, store.StaffLogin(m.Email)), true,
		func() (bool, error) { return s.takeCode(c.Request.Context(), m, c.PostForm("code")) },
	)
	var no *notTaken
	if errors.As(err, &no) {
		s.failed.add(m.ID)
		status, sentence := no.answer(c, web.Say(c, "Wrong code, or one that was used before. Wait for the next one."))
		return s.renderCode(c, status, next, sentence)
	}
	if err != nil {
		return err
	}
	if err := s.halfway.end(c); err != nil {
		return err
	}
	given.SecondFactor = s.Now()
	return s.signIn(c, m, given, next)
}

// SecondFactorPage handles GET /profile/second-factor.
func (s *Service) SecondFactorPage(c *gin.Context) error {
	return s.renderSecondFactor(c, http.StatusOK, newSeed(), "")
}

// renderSecondFactor shows a seed to be entered in an app. Until a code proves
// that it was, the page alone keeps it: nothing is stored.
func (s *Service) renderSecondFactor(c *gin.Context, status int, seed, problem string) error {
	m := web.MustStaff(c)
	code, err := web.QR(keyURI(s.Settings.BusinessName, m.Email, seed))
	if err != nil {
		return web.Internal(c, err)
	}
	return web.Render(c, status, views.SecondFactorView(views.SecondFactor{
		Frame: s.Frame(c, web.Say(c, "Second factor"), ""), Seed: seed, QR: code, Error: problem,
		Required: s.needsSecondFactor(m) && !m.SecondFactor, Replaces: m.SecondFactor,
	}))
}

// SetSecondFactor handles POST /profile/second-factor.
func (s *Service) SetSecondFactor(c *gin.Context) error {
	seed, ok := ReadSeed(c.PostForm("seed"))
	if !ok {
		return web.BadForm(c, nil)
	}
	step, ok := matchStep(seed, compact(c.PostForm("code")), s.Now())
	if !ok {
		return s.renderSecondFactor(c, http.StatusUnprocessableEntity, plainBase32.EncodeToString(seed),
			web.Say(
				c,
				"That is not the code the app shows now. Check that the phone's clock is right, and try the next one.",
			))
	}
	m := web.MustStaff(c)
	codes, hashes := newRecoveryCodes()
	if err := s.store.SetSecondFactor(
		c.Request.Context(), m.ID, s.Staff.hash(c.Request), plainBase32.EncodeToString(seed), step, hashes,
	); err != nil {
		return err
	}
	if err := s.Staff.rotate(c); err != nil { // what it may do has changed: a new token
		return err
	}
	return s.once.Show(c, web.Secret{Page: RecoveryCodesPath, Codes: codes})
}

// RecoveryCodes handles GET /profile/second-factor/codes, which shows recovery
// codes to whoever has just got them.
func (s *Service) RecoveryCodes(c *gin.Context) error {
	made, err := s.once.Shown(c)
	if err != nil {
		return web.NotShownAgain(c, "/profile", web.Say(c, "Back to your account"))
	}
	return web.Render(c, http.StatusOK, views.RecoveryCodesView(
		views.RecoveryCodes{Frame: s.Frame(c, web.Say(c, "Recovery codes"), ""), Codes: made.Codes},
	))
}

// RemoveSecondFactor handles POST /profile/second-factor/remove.
func (s *Service) RemoveSecondFactor(c *gin.Context) error {
	m := web.MustStaff(c)
	if s.needsSecondFactor(m) {
		return &web.Error{
			Status: http.StatusConflict, Heading: web.Say(c, "Your role needs the second factor"),
			Sentence: web.Say(c, "You can set it up again, with another phone, but not turn it off."),
			NextURL:  "/profile", NextLabel: web.Say(c, "Back to your account"),
		}
	}
	if err := s.store.RemoveSecondFactor(
		c.Request.Context(), store.ByStaff(m.ID), m.ID, s.Staff.hash(c.Request),
	); err != nil {
		return err
	}
	if err := s.Staff.rotate(c); err != nil {
		return err
	}
	return s.Done(c, "/profile", web.Say(c, "Your second factor is off. Your other sessions are ended."))
}
