package signin

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// Profile handles GET /profile: one's own password, second factor and sessions.
func (s *Service) Profile(c *gin.Context) error {
	return s.renderProfile(c, http.StatusOK, "", "")
}

// renderProfile shows the page; problem says what is wrong in the field of
// that name of the password's form.
func (s *Service) renderProfile(c *gin.Context, status int, field, problem string) error {
	m := web.MustStaff(c)
	sessions, err := s.ownSessions(c, m)
	if err != nil {
		return err
	}
	left, err := s.store.RecoveryCodesLeft(c.Request.Context(), m.ID)
	if err != nil {
		return err
	}
	mails, err := s.mailChoices(c)
	if err != nil {
		return err
	}
	page := views.Profile{
		Mails: mails,
		Frame: s.Frame(c, web.Say(c, "Your account"), "profile"), Role: string(m.Role), SecondFactor: m.SecondFactor,
		RecoveryCodesLeft: left,
		Required:          s.needsSecondFactor(m), Sessions: sessions, WrongField: field, Problem: problem,
	}
	return web.Render(c, status, views.ProfileView(page))
}

// mailChoices are what somebody may be told by e-mail, by their role.
func (s *Service) mailChoices(c *gin.Context) (m views.MailChoices, err error) {
	if m.On = s.Settings.Mails(); !m.On {
		return m, nil
	}
	self := web.MustStaff(c)
	chosen, err := s.store.MailsOf(c.Request.Context(), self.ID)
	for _, kind := range store.MailKinds() {
		if web.MayHear(self.Role, kind) {
			m.Offers = append(m.Offers, views.MailChoice{Kind: string(kind), Chosen: slices.Contains(chosen, kind)})
		}
	}
	return m, err
}

// ChooseMails handles POST /profile/mail: what somebody is told by e-mail from now on.
func (s *Service) ChooseMails(c *gin.Context) error {
	m, kinds := web.MustStaff(c), []store.MailKind{}
	for _, named := range c.PostFormArray("mail") {
		if !web.MayHear(m.Role, store.MailKind(named)) {
			return web.BadForm(c, nil)
		}
		kinds = append(kinds, store.MailKind(named))
	}
	if err := s.store.ChooseMails(c.Request.Context(), m.ID, kinds); err != nil {
		return err
	}
	return s.Done(c, "/profile", web.Say(c, "Your choice of e-mail is kept."))
}

func (s *Service) ownSessions(c *gin.Context, m store.Staff) ([]views.Session, error) {
	rows, err := s.store.SessionsByPrincipal(
		c.Request.Context(), staffSessions.name, m.ID, s.Now().Add(-staffSessions.idle),
	)
	if err != nil {
		return nil, err
	}
	own := s.Staff.hash(c.Request)
	sessions := make([]views.Session, len(rows))
	for i, row := range rows {
		var data sessionData
		if err := json.Unmarshal([]byte(row.Data), &data); err != nil {
			return nil, err
		}
		sessions[i] = views.Session{
			ID: row.TokenHash, Browser: browserSaid(c, data.Browser), Address: data.Address, StartedAt: row.CreatedAt,
			SeenAt:  row.LastSeenAt,
			Current: row.TokenHash == own,
		}
	}
	return sessions, nil
}

// ChangePassword handles POST /profile/password. It asks for the old one and
// ends the other sessions; the one at hand goes on under a new token. Nothing is
// confirmed by it: who has a second factor gave none.
func (s *Service) ChangePassword(c *gin.Context) error {
	m, chosen := web.MustStaff(c), c.PostForm("new")
	if problem := wrongPassword(c.Request.Context(), chosen, m.Email, s.Settings.BusinessName); problem != "" {
		return s.renderProfile(c, http.StatusUnprocessableEntity, "new", problem)
	}
	err := s.try(
		c, store.ThrottleByPerson(m.ID), !m.SecondFactor,
		func() (bool, error) { return s.passwordIs(c, m, c.PostForm("current")) },
	)
	var no *notTaken
	if errors.As(err, &no) {
		status, sentence := no.answer(c, web.Say(c, "This is not your current password."))
		if no.wait == 0 {
			status = http.StatusUnprocessableEntity
		}
		return s.renderProfile(c, status, "current", sentence)
	}
	if err != nil {
		return err
	}
	hash, err := s.Passwords.Hash(c.Request.Context(), chosen)
	if err != nil {
		return err
	}
	if err := s.store.ChangeOwnPassword(c.Request.Context(), m.ID, s.Staff.hash(c.Request), hash); err != nil {
		return err
	}
	if err := s.Staff.rotate(c); err != nil {
		return err
	}
	return s.Done(c, "/profile", web.Say(c, "Your password is changed. Your other sessions are ended."))
}

// EndSessions handles POST /profile/sessions/end: the session that the form
// names, or all but the one at hand.
func (s *Service) EndSessions(c *gin.Context) error {
	ctx, m := c.Request.Context(), web.MustStaff(c)
	own, named, done := s.Staff.hash(c.Request), c.PostForm("session"), web.Say(c, "The session is ended.")
	switch named {
	case "":
		done = web.Say(c, "All your other sessions are ended.")
		if err := s.store.EndOtherSessions(ctx, m.ID, own); err != nil {
			return err
		}
	case own:
		return s.Logout(c)
	default:
		if err := s.store.EndOwnSession(ctx, m.ID, named); err != nil {
			return err
		}
	}
	return s.Done(c, "/profile", done)
}
