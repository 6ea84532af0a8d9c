package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// previewing are what the User-Agent headers of programs say that draw previews of links
// in messages or scan them. A plain "bot" would be the phones of CUBOT too.
var previewing = []string{
	"whatsapp/", "facebookexternalhit", "facebot", "telegrambot", "twitterbot", "slackbot", "discordbot",
	"skypeuripreview", "linkedinbot", "viber", "googlebot", "google-pagerenderer", "googleimageproxy", "bingbot",
	"bingpreview", "applebot", "embedly", "iframely", "proofpoint", "mimecast", "barracuda",
}

// isPreview says whether a program draws a preview: its User-Agent says so.
func isPreview(r *http.Request) bool {
	agent := strings.ToLower(r.UserAgent())
	return slices.ContainsFunc(previewing, func(name string) bool { return strings.Contains(agent, name) })
}

// opened handles POST /connect/:secret/opened: the script of a personal link's page says
// that somebody has it before them. All links get one answer, those that nobody made too.
func (s *Server) opened(c *gin.Context) error {
	if !isPreview(c.Request) {
		if err := s.Store.NoteOpened(c.Request.Context(), c.Param("secret")); err != nil {
			return err
		}
	}
	c.Status(http.StatusNoContent)
	return nil
}

// waysSent are the ways to take a link to a customer, in words of the audit log.
var waysSent = map[string]string{
	"whatsapp": "WhatsApp", "sms": "SMS", "e-mail": "e-mail", "share": "shared", "copy": "copied",
}

// sent handles POST /customers/:id/invitations/:invitation/sent: the link has left its page.
func (s *Server) sent(c *gin.Context) error {
	id, link := c.Param("id"), c.Param("invitation")
	by, way := store.ByStaff(web.MustStaff(c).ID), waysSent[c.PostForm("way")]
	if err := s.Store.NoteSent(c.Request.Context(), by, id, link, way); err != nil {
		return err
	}
	if !web.IsHTMX(c) {
		return web.SeeOther(c, "/customers/"+id+"/invitations/"+link)
	}
	return s.linkSteps(c)
}

// linkSteps handles GET /customers/:id/invitations/:invitation/steps, the part of the
// link's page that it polls.
func (s *Server) linkSteps(c *gin.Context) error {
	id, link := c.Param("id"), c.Param("invitation")
	if !web.IsHTMX(c) {
		return web.SeeOther(c, "/customers/"+id+"/invitations/"+link)
	}
	steps, err := s.stepsOf(c, id, link)
	if err != nil {
		return err
	}
	s.remember(c, steps.PollURL)
	return web.Render(c, http.StatusOK, views.LinkStepsFragment(steps))
}

func (s *Server) stepsOf(c *gin.Context, customerID, id string) (views.LinkSteps, error) {
	mark := s.polls.Mark()
	l, err := s.Store.LinkByID(c.Request.Context(), customerID, id)
	if err != nil {
		return views.LinkSteps{}, err
	}
	p, url := s.present(), "/customers/"+customerID+"/invitations/"+id
	steps := views.LinkSteps{Clock: s.Clock(), Steps: p.linkSteps(l), Open: p.goesOn(l), Again: l.AccountID != ""}
	if steps.Open {
		steps.PollURL = url + "/steps" + mark
	}
	if steps.Open && l.SentAt.IsZero() {
		steps.SentURL = url + "/sent"
	}
	return steps, nil
}

// linksMade handles GET /customers/:id/links, the part of the customer's page that it
// polls while a link may go on. Once a bank is connected the page has balances to show.
func (s *Server) linksMade(c *gin.Context) error {
	if !web.IsHTMX(c) {
		return web.SeeOther(c, "/customers/"+c.Param("id"))
	}
	cu, err := s.Store.CustomerByID(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	mark := s.polls.Mark()
	links, err := s.Store.LinksByCustomer(c.Request.Context(), cu.ID)
	if err != nil {
		return err
	}
	made := s.linksOf(c, links, cu.ID, cu.Name, mark)
	s.remember(c, made.PollURL)
	if made.PollURL == "" && len(made.Rows) > 0 && made.Rows[0].State == "used" {
		c.Header("HX-Refresh", "true")
	}
	return web.Render(c, http.StatusOK, views.LinksMadeFragment(made))
}

// linksOf are the newest personal link of a customer and those that can still be ended,
// read after the mark. What became of the others is in the list of what happened.
func (s *Server) linksOf(
	c *gin.Context, links []store.LinkProgress, customerID, name, mark string,
) views.LinksMade {
	made, p := views.LinksMade{Clock: s.Clock(), CustomerName: name}, s.present()
	for _, l := range links {
		row := p.invitation(l.Invitation)
		row.Steps, row.Bank = p.linkSteps(l), l.Bank
		if len(made.Rows) > 0 && row.RevokeURL == "" {
			continue
		}
		if !web.Can(web.MustStaff(c).Role, web.EditCustomers) {
			row.RevokeURL = ""
		}
		made.Rows = append(made.Rows, row)
		if p.goesOn(l) {
			made.PollURL = "/customers/" + customerID + "/links" + mark
		}
	}
	return made
}

// customerLinks handles GET /customers/links, the states of the rows of the list whose
// links may go on.
func (s *Server) customerLinks(c *gin.Context) error {
	if !web.IsHTMX(c) {
		return web.SeeOther(c, "/customers")
	}
	mark := s.polls.Mark()
	ids := strings.Split(c.Query("of"), ",")
	found, err := s.Store.CustomerRowsByID(c.Request.Context(), ids[:min(listPage, len(ids))])
	if err != nil {
		return err
	}
	rows, err := s.customerRows(c, found, false)
	if err != nil {
		return err
	}
	poll := linksURL(rows, mark)
	s.remember(c, poll)
	return web.Render(c, http.StatusOK, views.CustomerLinksFragment(s.Clock(), rows, poll))
}

// linksURL is where the states of those rows are whose links may go on; empty: of none.
func linksURL(rows []views.CustomerRow, mark string) string {
	var ids []string
	for _, r := range rows {
		if r.LinkOpen {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		return ""
	}
	return "/customers/links" + mark + "&of=" + url.QueryEscape(strings.Join(ids, ","))
}

// remember notes that this browser has what a poll shows; empty: nothing is polled.
func (s *Server) remember(c *gin.Context, poll string) {
	if poll != "" {
		s.polls.Remember(c, poll)
	}
}

// goesOn says whether more may come of a personal link.
func (p presenter) goesOn(l store.LinkProgress) bool {
	return p.invitation(l.Invitation).State == "open"
}

// linkSteps are the steps that a personal link has reached, in their order.
func (p presenter) linkSteps(l store.LinkProgress) []views.LinkStep {
	steps := []views.LinkStep{{Name: "made", At: l.CreatedAt}}
	if !l.SentAt.IsZero() {
		steps = append(steps, views.LinkStep{Name: "sent", At: l.SentAt})
	}
	if !l.OpenedAt.IsZero() {
		steps = append(steps, views.LinkStep{Name: "opened", At: l.OpenedAt})
	}
	if l.AgreedAt.IsZero() && l.CodeTries > 0 {
		steps = append(steps, views.LinkStep{Name: "code"})
	}
	if !l.AgreedAt.IsZero() {
		steps = append(steps, views.LinkStep{Name: "agreed", At: l.AgreedAt})
	}
	steps = append(steps, p.bankSteps(l)...)
	switch state := p.invitation(l.Invitation).State; state {
	case "revoked":
		steps = append(steps, views.LinkStep{Name: state, At: l.RevokedAt})
	case "expired":
		steps = append(steps, views.LinkStep{Name: state, At: l.ExpiresAt})
	case "locked":
		steps = append(steps, views.LinkStep{Name: state})
	}
	return steps
}

// bankSteps are those at the bank, the last time that it was opened.
func (p presenter) bankSteps(l store.LinkProgress) []views.LinkStep {
	o := l.Last
	at := views.LinkStep{Name: "bank", At: o.CreatedAt, Bank: o.BankName}
	end := views.LinkStep{Name: string(o.State), At: o.EndedAt}
	switch {
	case o.State == "":
		return nil
	case !l.UsedAt.IsZero() && l.AccountID != "":
		return []views.LinkStep{{Name: "bank", At: o.CreatedAt}, {Name: "again", At: l.UsedAt}}
	case !l.UsedAt.IsZero():
		return []views.LinkStep{{Name: "bank", At: o.CreatedAt}, {Name: "connected", At: l.UsedAt, Bank: o.BankName}}
	case o.State == store.AttemptOpen && p.now.Before(o.ExpiresAt):
		return []views.LinkStep{at}
	case o.State == store.AttemptOpen:
		end = views.LinkStep{Name: "timed_out", At: o.ExpiresAt}
	case o.State == store.AttemptFailed, o.State == store.AttemptOther:
		end.Reason = o.Reason
	}
	return []views.LinkStep{at, end}
}
