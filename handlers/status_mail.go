package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/handlers/worker"
	"balancelink/views"
	"balancelink/views/locale"
)

// mailState is how it goes with e-mail.
func (s *Server) mailState(c *gin.Context) (m views.MailState, err error) {
	if !s.Settings.Mails() {
		return m, nil
	}
	server, err := s.Store.MailServer(c.Request.Context())
	m = views.MailState{
		Server: s.Settings.Mail.Address(), From: s.Settings.Sender.Address,
		SentAt: server.SentAt, FailedAt: server.FailedAt, Failing: server.Failing(), Why: server.Error,
		Waiting: server.Waiting,
	}
	if self, _ := web.StaffOf(c); web.Can(self.Role, web.ManageStaff) {
		m.TestURL = "/status/mail"
	}
	return m, err
}

// testMail handles POST /status/mail: an e-mail to whoever presses. It is sent at once, and
// the page says whether the server took it.
func (s *Server) testMail(c *gin.Context) error {
	ctx, m := c.Request.Context(), web.MustStaff(c)
	if !s.Settings.Mails() {
		return &web.Error{
			Status: http.StatusConflict, Heading: web.Say(c, "E-mail is not set up"), NextURL: "/status",
			NextLabel: web.Say(c, "Status"), Sentence: web.Say(c, "Set SMTP_URL and MAIL_FROM, and start again."),
		}
	}
	in := locale.In(ctx, s.Settings.Language)
	subject, body := views.TestMail(in, s.Settings.BusinessName, s.Settings.PublicURL+"/status")
	err := s.email.Test(ctx, m.Email, views.MailSubjectOf(in, s.Settings.Env, subject), body)
	word := ""
	if err != nil {
		word = worker.MailWord(err)
		s.Logger.Warn("sending a test e-mail", "why", word, "err", err)
	}
	if err := s.Store.NoteTestMail(ctx, m.ID, word); err != nil {
		return err
	}
	if word != "" {
		return web.SeeOther(c, "/status")
	}
	return s.Done(c, "/status", web.Say(c, "The server has taken the test e-mail. Look whether it arrives at %s.", m.Email))
}
