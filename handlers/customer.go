package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/acts"
	"balancelink/handlers/email"
	"balancelink/handlers/settings"
	"balancelink/handlers/web"
	"balancelink/handlers/worker"
	"balancelink/store"
	"balancelink/store/phone"
	"balancelink/views"
	"balancelink/views/locale"
)

// customerPage handles GET /customers/:id.
func (s *Server) customerPage(c *gin.Context) error {
	v, id := s.viewer(c), c.Param("id")
	var cu store.CustomerRow
	err := s.together(c, func() (err error) {
		cu, err = s.Store.CustomerRowByID(c.Request.Context(), id)
		return err
	}, noting(func() { s.noteBalances(c, id) }), noting(func() { s.noteViewed(c.Request.Context(), id) }))
	if errors.Is(err, store.ErrNotFound) {
		return s.erasedPage(c, id)
	}
	if err != nil {
		return err
	}
	return s.showCustomer(c, v, http.StatusOK, cu, nil)
}

// renderCustomer shows a customer. funds is the form of a funds check as it was typed.
func (s *Server) renderCustomer(c *gin.Context, code int, cu store.CustomerRow, funds *views.FundsSumForm) error {
	v := s.viewer(c)
	s.noteBalances(c, cu.ID)
	s.noteViewed(c.Request.Context(), cu.ID)
	return s.showCustomer(c, v, code, cu, funds)
}

// showCustomer shows a customer of whom it is noted that somebody looks. funds is the form
// of a funds check as it was typed; nil: it was not.
func (s *Server) showCustomer(
	c *gin.Context, v viewer, code int, cu store.CustomerRow, funds *views.FundsSumForm,
) error {
	page, err := s.customerPageOf(c, v, cu, funds)
	if err != nil {
		return err
	}
	return web.Render(c, code, views.CustomerView(page))
}

func (s *Server) customerPageOf(
	c *gin.Context, v viewer, cu store.CustomerRow, funds *views.FundsSumForm,
) (page views.CustomerPage, err error) {
	of := ofCustomer{CustomerRow: cu}
	page = views.CustomerPage{
		ID: cu.ID, Name: cu.Name, Reference: cu.Reference, Email: cu.Email, Phone: phone.Written(cu.Phone),
		Corporate: cu.Kind == store.Business,
		Language:  cu.Language, Note: cu.Note, Added: cu.CreatedAt, AskedLinkAt: cu.AskedLinkAt,
		AskCode: !s.Settings.Simulated(),
	}
	if err := s.readCustomer(c, &of, &page); err != nil {
		return page, err
	}
	s.addAccounts(v, &page, of)
	s.addLinks(c, v, &page, of)
	s.addPrivacy(c, &page, of)
	s.addFundsSums(c, &page, of, funds)
	return page, nil
}

// ofCustomer is what the page of a customer is made of.
type ofCustomer struct {
	store.CustomerRow
	cards    []store.Card
	consent  store.ConsentState
	links    []store.LinkProgress
	attempts []store.Attempt
	agreed   []store.Consent
	happened []store.AuditEntry
	begun    map[string]store.Refresh // requests that are among what happened, by id
	people   actorNames
	sums     []views.FundsSum
}

// readCustomer reads what the page of a customer is made of, and what is on it as it was read.
func (s *Server) readCustomer(c *gin.Context, of *ofCustomer, page *views.CustomerPage) error {
	id, in := of.ID, func() context.Context { return c.Request.Context() }
	return s.together(c, func() error {
		page.Frame = s.Frame(c, of.Name, "customers")
		return nil
	}, func() (err error) {
		if of.cards, err = s.Store.CardsByCustomer(in(), store.OfCustomer(id)); err != nil {
			return err
		}
		page.Move, err = s.moveOf(c, store.Accounts(of.cards))
		return err
	}, func() error {
		states, err := s.Store.ConsentStates(in(), id)
		if err != nil {
			return err
		}
		of.consent = states[id]
		page.Ended, err = s.consentNotice(c, of.consent, true)
		return err
	}, func() error {
		password, err := s.Store.CustomerPassword(in(), id)
		page.PasswordSetAt, page.SignsInBy = password.SetAt, signsInBy(c, password.Logins)
		return err
	}, func() (err error) {
		page.SameName, err = s.Store.SameName(in(), id)
		return err
	}, func() (err error) {
		page.Questions, err = s.questions(c, id)
		return err
	}, func() (err error) {
		of.links, err = s.Store.LinksByCustomer(in(), id)
		return err
	}, func() (err error) {
		of.attempts, err = s.Store.AttemptsByCustomer(in(), store.OfCustomer(id))
		return err
	}, func() (err error) {
		of.agreed, err = s.Store.ConsentsByCustomer(in(), store.OfCustomer(id))
		return err
	}, func() error {
		return s.readTimeline(c, of)
	}, func() (err error) {
		of.people, err = s.actorNames(in())
		return err
	}, func() (err error) {
		page.Removals, err = s.removals(c, id)
		return err
	}, func() error {
		sums, err := s.Store.FundsSumsByCustomer(in(), id, fundsShown)
		if err != nil {
			return err
		}
		of.sums, err = s.fundsSumViews(c, sums, of.Customer)
		return err
	})
}

// signsInBy are in words what a customer may type to sign in, for staff to read.
func signsInBy(c *gin.Context, l store.Logins) (all []string) {
	for _, way := range []struct{ login, words string }{
		{l.Email, web.Say(c, "e-mail address")}, {l.Phone, web.Say(c, "phone number")},
		{l.Reference, web.Say(c, "reference")},
	} {
		if way.login != "" {
			all = append(all, way.words)
		}
	}
	return all
}

// addAccounts adds what the customer has, and what may be done with it.
func (s *Server) addAccounts(v viewer, page *views.CustomerPage, of ofCustomer) {
	accounts, url := store.Accounts(of.cards), "/customers/"+of.ID
	page.Banks, page.Sum = v.banks(of.cards), v.sum(accounts)
	if len(of.cards) > 1 {
		page.HistoryURL = url + "/history"
	}
	page.Status = acts.LinkStatus(of.CustomerRow, accounts, of.consent, v.now)
	if page.May.EditCustomers {
		page.InviteURL, page.RemovePasswordURL = url+"/invitations", url+"/password/remove"
		page.EditURL = url + "/edit"
	}
	if page.SameName > 0 {
		page.SameNameURL = listURL("/customers", store.CustomerQuery{Search: of.Name}, store.Place{})
	}
	mayAsk := of.consent.Holds(s.Now()) && page.May.AskBanks
	if len(of.cards) > 1 && acts.Refreshable(accounts) && mayAsk {
		page.RefreshAllURL = url + "/refresh"
	}
	if mayAsk && v.anyStale(accounts) {
		page.RefreshURL = url + "/refresh"
	}
}

// addLinks adds how the customer came to be linked.
func (s *Server) addLinks(c *gin.Context, v viewer, page *views.CustomerPage, of ofCustomer) {
	made := s.linksOf(c, of.links, page.ID, page.Name, v.seen)
	page.Invitations, page.LinksPollURL = made.Rows, made.PollURL
	for _, a := range of.attempts {
		row := views.AttemptRow{
			ID: a.ID, StartedAt: a.CreatedAt, State: v.attemptState(a), Bank: a.BankName, Reason: reasons(c, a),
			Reference: store.Reference(a.ID),
		}
		if a.State != store.AttemptLinked {
			row.Step = a.Step
		}
		if a.State == store.AttemptNeedsReview && web.Can(web.MustStaff(c).Role, web.DecideLinks) {
			row.ReviewURL = "/reviews/" + a.ID
		}
		page.Attempts = append(page.Attempts, row)
	}
	s.addTimeline(c, page, of)
}

// addPrivacy adds what the customer agreed to, and what this member of staff
// may do with the data.
func (s *Server) addPrivacy(c *gin.Context, page *views.CustomerPage, of ofCustomer) {
	url, role := "/customers/"+page.ID, web.MustStaff(c).Role
	page.Consents = s.consentRows(of.agreed, url+"/consents/")
	if withdrawable(of.agreed) && web.Can(role, web.UnlinkAccounts) {
		page.WithdrawURL = url + "/withdraw"
	}
	if web.Can(role, web.ExportData) {
		page.ExportURL = url + "/export"
	}
	if web.Can(role, web.EraseCustomers) {
		page.EraseURL = url + "/erase"
	}
}

// reasons is why an attempt ended as it did, and why staff decided so.
func reasons(c *gin.Context, a store.Attempt) string {
	if a.Decision == "" {
		return locale.Stored(c.Request.Context(), a.Reason)
	}
	return strings.TrimSpace(locale.Stored(c.Request.Context(), a.Reason) + " " + web.Say(c, "Decided: %s", a.Decision))
}

// invite handles POST /customers/:id/invitations: it makes a personal link.
func (s *Server) invite(c *gin.Context) error {
	ctx, m := c.Request.Context(), web.MustStaff(c)
	cu, err := s.Store.CustomerByID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	keep, link, err := acts.NewLink(s.Settings, cu.ID, c.PostForm("code") != "")
	if err != nil {
		return err
	}
	keep.StaffID, keep.Alone = m.ID, c.PostForm("revoke") != ""
	if link.Invitation, err = s.Store.MakeInvitation(ctx, store.ByStaff(m.ID), keep); err != nil {
		return err
	}
	return s.showLink(c, link)
}

// invitationPage handles GET /customers/:id/invitations/:invitation, which shows
// a personal link to whoever has just made it.
func (s *Server) invitationPage(c *gin.Context) error {
	cu, err := s.Store.CustomerByID(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	made, err := s.once.Shown(c)
	if err != nil {
		return web.NotShownAgain(c, "/customers/"+cu.ID, web.Say(c, "Back to %s", cu.Name))
	}
	page := views.InvitationPage{
		Frame: s.Frame(c, web.Say(c, "Personal link"), "customers"), CustomerName: cu.Name,
		CustomerURL: "/customers/" + cu.ID,
		Link:        made.Link, ExpiresAt: made.ExpiresAt, Phone: cu.Phone, Email: cu.Email,
		Language: locale.Letter(cu.Language, s.Settings.Language),
	}
	link, err := s.Store.LinkByID(c.Request.Context(), cu.ID, c.Param("invitation"))
	if err != nil {
		return err
	}
	page.Bank = link.Bank
	page.Message = s.linkMessage(c.Request.Context(), personalLink{
		Customer: cu.Name, Language: page.Language, URL: made.Link, ExpiresAt: made.ExpiresAt, Bank: link.Bank,
	})
	if page.Steps, err = s.stepsOf(c, cu.ID, c.Param("invitation")); err != nil {
		return err
	}
	if page.QR, err = web.QR(made.Link); err != nil {
		return err
	}
	if len(made.Codes) > 0 {
		page.Code = made.Codes[0]
	}
	return web.Render(c, http.StatusOK, views.InvitationView(page))
}

// personalLink is what the message says that a personal link is sent with.
type personalLink struct {
	Customer, Language, URL string
	ExpiresAt               time.Time
	Bank                    string // to sign in to again; empty: it links a bank
}

// linkMessage is what the customer is sent with a personal link, in their language.
func (s *Server) linkMessage(ctx context.Context, l personalLink) string {
	ctx = locale.In(ctx, l.Language)
	if l.Bank != "" {
		return email.Again(
			ctx, s.Settings, s.Clock(), l.Customer, l.Bank, worker.MailLink{URL: l.URL, Until: l.ExpiresAt},
		)
	}
	text := s.Settings.LinkMessage
	if l.Language == "fr" {
		text = s.Settings.LinkMessageFR
	}
	if text == "" {
		text = views.LinkMessage(ctx, s.Settings.BusinessPhone != "")
	}
	return settings.LinkMessage{
		Customer: l.Customer, Business: s.Settings.BusinessName,
		Phone: phone.Written(s.Settings.BusinessPhone), Until: s.Clock().Short(ctx, l.ExpiresAt), Link: l.URL,
	}.In(text)
}

// revokeInvitation handles POST /customers/:id/invitations/:invitation/revoke.
func (s *Server) revokeInvitation(c *gin.Context) error {
	id := c.Param("id")
	err := s.Store.RevokeInvitation(c.Request.Context(), store.ByStaff(web.MustStaff(c).ID), id, c.Param("invitation"))
	if err != nil {
		return err
	}
	done := web.Say(c, "The link is cancelled. It opens nothing any more.")
	return s.DoneUntil(c, "/customers/"+id, done, views.Undo{
		URL: "/customers/" + id + "/invitations/" + c.Param("invitation") + "/restore",
	})
}

// customerNamed finds the one customer that a typed name or reference means,
// or says in a sentence why it means none.
func (s *Server) customerNamed(c *gin.Context, typed string) (store.Customer, string, error) {
	if typed == "" {
		return store.Customer{}, web.Say(c, "Enter the customer's name or reference."), nil
	}
	found, err := s.Store.Customers(c.Request.Context(), store.CustomerQuery{Search: web.Clip(typed, 200), Limit: 20})
	if err != nil {
		return store.Customer{}, "", err
	}
	exact := slices.DeleteFunc(slices.Clone(found), func(r store.CustomerRow) bool {
		return !strings.EqualFold(r.Name, typed) && !strings.EqualFold(r.Reference, typed)
	})
	if len(exact) > 0 {
		found = exact
	}
	switch len(found) {
	case 0:
		return store.Customer{}, web.Say(c, "No customer has this name or reference."), nil
	case 1:
		return found[0].Customer, "", nil
	}
	return store.Customer{}, web.Say(c, "Several customers fit. Enter the reference of the one you mean."), nil
}

// customerMeant finds a customer by id, name or reference. Of one who is gone
// the id still finds what was done.
func (s *Server) customerMeant(c *gin.Context, typed string) (store.Customer, string, error) {
	if !store.IsID(typed) {
		return s.customerNamed(c, typed)
	}
	found, err := s.Store.CustomerByID(c.Request.Context(), typed)
	if errors.Is(err, store.ErrNotFound) {
		return store.Customer{ID: typed, Name: web.Say(c, "a customer who is not there any more")}, "", nil
	}
	return found, "", err
}
