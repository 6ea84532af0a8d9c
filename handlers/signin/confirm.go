package signin

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// confirmedFor is how long a password or code stands for the person.
const confirmedFor = 5 * time.Minute

// Reconfirm lets through who gave their password or code in the last five
// minutes; others give it again first. A page is then shown; a button has to be
// pressed again, which is said: nothing is done that was not asked for just now.
func (s *Service) Reconfirm(c *gin.Context) {
	if s.Now().Sub(web.ProofOf(c).ConfirmedAt()).Abs() < confirmedFor {
		return
	}
	next := url.Values{"next": {s.PageOf(c)}}
	if c.Request.Method != http.MethodGet {
		next.Set("again", "1")
	}
	to := "/confirm?" + next.Encode()
	if web.IsHTMX(c) {
		s.ServeError(c, &web.Error{
			Status: http.StatusForbidden, Heading: web.Say(c, "Confirm that it is you."),
			Sentence: web.Say(c, "Then press the button again."),
			NextURL:  to, NextLabel: web.Say(c, "Confirm"),
		})
		return
	}
	c.Abort()
	c.Redirect(http.StatusSeeOther, to)
}

// ConfirmPage handles GET /confirm.
func (s *Service) ConfirmPage(c *gin.Context) error {
	return s.renderConfirm(c, http.StatusOK, web.LocalPath(c.Query("next")), c.Query("again") != "", "")
}

func (s *Service) renderConfirm(c *gin.Context, status int, next string, again bool, problem string) error {
	return web.Render(c, status, views.ConfirmView(views.Confirm{
		Frame: s.Frame(c, web.Say(c, "Confirm that it is you"), ""), Next: next, Again: again,
		ByCode: web.MustStaff(c).SecondFactor, Error: problem,
	}))
}

// Confirm handles POST /confirm: the code of those who have a second factor,
// the password of others.
func (s *Service) Confirm(c *gin.Context) error {
	m, next, again := web.MustStaff(c), web.LocalPath(c.PostForm("next")), c.PostForm("again") != ""
	if c.PostForm("proof") == "" { // no try
		return s.renderConfirm(c, http.StatusUnauthorized, next, again, web.Say(c, "Nothing was entered."))
	}
	given := store.Proof{Password: s.Now()}
	if m.SecondFactor {
		given = store.Proof{SecondFactor: s.Now()}
	}
	err := s.try(c, store.ThrottleByPerson(m.ID), true, func() (bool, error) {
		if m.SecondFactor {
			return s.takeCode(c.Request.Context(), m, c.PostForm("proof"))
		}
		return s.passwordIs(c, m, c.PostForm("proof"))
	})
	var no *notTaken
	if errors.As(err, &no) {
		wrong := web.Say(c, "Wrong password.")
		if m.SecondFactor {
			wrong = web.Say(c, "Wrong code, or one that was used before. Wait for the next one.")
		}
		status, sentence := no.answer(c, wrong)
		return s.renderConfirm(c, status, next, again, sentence)
	}
	if err != nil {
		return err
	}
	if err := s.store.ConfirmSession(c.Request.Context(), s.Staff.hash(c.Request), given); err != nil {
		return err
	}
	if err := s.Staff.rotate(c); err != nil {
		return err
	}
	act := store.Act{Actor: store.ByStaff(m.ID), Action: store.ActIdentityConfirmed, Subject: m.ID}
	if err := s.store.Record(c.Request.Context(), act); err != nil {
		return err
	}
	return web.SeeOther(c, next)
}
