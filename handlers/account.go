package handlers

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/acts"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// viewer is who looks at an account, and what they may reach.
type viewer struct {
	presenter
	scope   store.Scope
	staffID string // empty for customers
}

// viewer is who asks, with the mark of what was written until now: what is written
// from then on is news to the page. It comes before anything is read that is shown,
// and what reads for a viewer takes it.
func (s *Server) viewer(c *gin.Context) viewer {
	v := viewer{presenter: s.present(), scope: web.ScopeOf(c)}
	v.seen = s.polls.Mark()
	if m, ok := web.StaffOf(c); ok {
		v.forStaff, v.role, v.staffID = true, m.Role, m.ID
	}
	return v
}

// find returns the account if it is the viewer's to see.
func (s *Server) find(c *gin.Context, v viewer, id string) (store.Card, error) {
	return s.Store.CardByID(c.Request.Context(), v.scope, id)
}

// nameStaff lets what staff did be shown with who did it, to staff.
func (s *Server) nameStaff(ctx context.Context, v *viewer) (err error) {
	if v.forStaff {
		v.staff, err = s.Store.StaffNames(ctx)
	}
	return err
}

// refresh handles POST /accounts/:id/refresh and POST /me/accounts/:id/refresh.
func (s *Server) refresh(c *gin.Context) error { return s.ask(c, store.KindRefresh) }

// check handles POST /accounts/:id/check, where the provider does that.
func (s *Server) check(c *gin.Context) error {
	a, err := s.Store.AccountWithin(c.Request.Context(), web.ScopeOf(c), c.Param("id"))
	if err != nil {
		return err
	}
	if !s.upstream(a.Provider).Traits().Checks {
		return store.ErrNotFound
	}
	return s.ask(c, store.KindCheck)
}

// ask starts a request to the bank, or joins the one under way. Only the
// worker talks to the bank; this answers at once.
func (s *Server) ask(c *gin.Context, kind store.RefreshKind) error {
	v, id := s.viewer(c), c.Param("id")
	err := s.bank.Ask(c.Request.Context(), v.by(), id, kind)
	var tooSoon *store.CoolDownError
	switch {
	case errors.As(err, &tooSoon):
		return s.tooSoon(c, v, id, tooSoon)
	case errors.Is(err, store.ErrNoProvider):
		return notConfigured(c)
	case errors.Is(err, store.ErrUnlinked):
		return notLinked(c)
	case err != nil:
		return err
	}
	return s.answerCard(c, v, http.StatusOK, id)
}

func notLinked(c *gin.Context) *web.Error {
	return &web.Error{
		Status: http.StatusConflict, Heading: web.Say(c, "This account is not linked any more"),
		Sentence: web.Say(c, "Its last known balance stays here. Link it again to ask the bank."),
	}
}

func notConfigured(c *gin.Context) *web.Error {
	return &web.Error{
		Status: http.StatusConflict, Heading: web.Say(c, "This bank cannot be asked now"),
		Sentence: web.Say(c, "The service through which it was linked is not connected any more. Its last known balance stays here. Link it again to ask the bank."),
	}
}

// by is the viewer as whoever asks a bank.
func (v viewer) by() acts.By {
	if v.forStaff {
		return acts.By{Scope: v.scope, Trigger: "staff", StaffID: v.staffID}
	}
	return acts.By{Scope: v.scope, Trigger: "customer"}
}

// refreshAll handles POST /customers/:id/refresh and POST /me/refresh: every
// account that may be asked is, those under way go on, those asked a moment ago
// are left alone.
func (s *Server) refreshAll(c *gin.Context) error {
	v, back := s.viewer(c), "/me"
	if v.forStaff {
		back = "/customers/" + c.Param("id")
	}
	asked, err := s.bank.AskAll(c.Request.Context(), v.by(), web.OfPath(c))
	if err != nil {
		return err
	}
	if asked.Number == 0 {
		return s.Done(c, back, web.Say(c, "No bank was asked: all were asked a moment ago, or can't be asked now."))
	}
	return s.Done(c, back, web.Say(c, "We are asking the bank about %d accounts. The new balances appear here by themselves.", asked.Number))
}

// tooSoon answers a refresh within the cool-down: the card says when, a page
// without HTMX gets a sentence.
func (s *Server) tooSoon(c *gin.Context, v viewer, accountID string, e *store.CoolDownError) error {
	if web.IsHTMX(c) {
		return s.answerCard(c, v, http.StatusTooManyRequests, accountID)
	}
	return &web.Error{
		Status: http.StatusTooManyRequests, RetryAfter: e.Until.Sub(s.Now()),
		Heading: web.Say(c, "The bank was asked a moment ago"),
		Sentence: web.Say(
			c, "It can be asked again at %s. Nothing was changed.", e.Until.In(s.Settings.Location).Format("15:04:05"),
		),
		NextURL: v.base() + "/accounts/" + accountID, NextLabel: web.Say(c, "Back to the account"),
	}
}

// answerCard sends the account's card to HTMX, and others back to its page.
func (s *Server) answerCard(c *gin.Context, v viewer, code int, accountID string) error {
	if !web.IsHTMX(c) {
		return web.SeeOther(c, v.base()+"/accounts/"+accountID)
	}
	a, err := s.find(c, v, accountID)
	if err != nil {
		return err
	}
	return s.renderCard(c, v, code, a, v.account(a))
}

// refreshStatus handles GET /refreshes/:id and GET /me/refreshes/:id: the card
// as the page that watches a refresh shows it now.
func (s *Server) refreshStatus(c *gin.Context) error {
	v := s.viewer(c)
	r, err := s.Store.RefreshByID(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	a, err := s.find(c, v, r.AccountID)
	if err != nil {
		return err
	}
	if !web.IsHTMX(c) {
		return web.SeeOther(c, v.base()+"/accounts/"+a.ID)
	}
	return s.cardNow(c, v, a)
}

// cardNow answers a poll with the card as it is now.
func (s *Server) cardNow(c *gin.Context, v viewer, a store.Card) error {
	s.noteBalances(c, a.CustomerID)
	card := v.account(a)
	if card.PollURL != "" {
		s.polls.Remember(c, card.PollURL)
	}
	return s.renderCard(c, v, http.StatusOK, a, card)
}

// reveal handles POST /accounts/:id/reveal and POST /me/accounts/:id/reveal:
// the whole account number, and a line in the audit log.
func (s *Server) reveal(c *gin.Context) error {
	v := s.viewer(c)
	a, err := s.find(c, v, c.Param("id"))
	if err != nil {
		return err
	}
	if a.Broken != nil {
		return a.Broken
	}
	act := store.Act{Actor: web.ActorOf(c), Action: store.ActNumberShown, Customer: a.CustomerID, Subject: a.ID}
	if err := s.Store.Record(c.Request.Context(), act); err != nil {
		return err
	}
	if web.IsHTMX(c) {
		card := v.account(a)
		card.NUBAN, card.Revealed = a.NUBAN, true
		return s.renderCard(c, v, http.StatusOK, a, card)
	}
	return s.renderAccount(c, v, a, accountForms{revealed: true})
}

// accountPage handles GET /accounts/:id and GET /me/accounts/:id; of a page that waits
// for the first balance it is the card.
func (s *Server) accountPage(c *gin.Context) error {
	v := s.viewer(c)
	a, err := s.find(c, v, c.Param("id"))
	if err != nil {
		return err
	}
	if web.IsHTMX(c) {
		return s.cardNow(c, v, a)
	}
	var page views.AccountPage
	err = s.together(c, noting(func() { s.noteBalances(c, a.CustomerID) }), func() (err error) {
		page, err = s.accountPageOf(c, v, a, accountForms{})
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(c, statusOf(page.History, accountForms{}), views.AccountView(page))
}

// accountForms is what somebody did on the account's page just before.
type accountForms struct {
	revealed  bool            // the whole account number is shown
	funds     views.FundsForm // as typed
	threshold views.ThresholdForm
}

func (s *Server) renderAccount(c *gin.Context, v viewer, a store.Card, forms accountForms) error {
	page, err := s.accountPageOf(c, v, a, forms)
	if err != nil {
		return err
	}
	return web.Render(c, statusOf(page.History, forms), views.AccountView(page))
}

func (s *Server) accountPageOf(
	c *gin.Context, v viewer, a store.Card, forms accountForms,
) (page views.AccountPage, err error) {
	page = views.AccountPage{BackURL: "/me", BackLabel: web.Say(c, "My balances")}
	var log []store.Refresh
	in := func() context.Context { return c.Request.Context() }
	err = s.together(c, func() error {
		return s.nameStaff(in(), &v)
	}, func() (err error) {
		page.History, err = s.history(c, v, a)
		return err
	}, func() (err error) {
		log, err = s.Store.RefreshesByAccount(in(), v.scope, a.ID, 50)
		return err
	}, func() (err error) {
		page.Ended, err = s.consentNotice(c, a.Consent, v.forStaff)
		return err
	}, func() error {
		if !v.forStaff || a.ContinuedBy != "" {
			return nil
		}
		return s.addFunds(c, &page, a, forms.funds)
	}, func() error {
		return s.addSame(c, v, &page, a.Account)
	}, func() error {
		page.Frame = s.Frame(c, "", "")
		return nil
	})
	if err != nil {
		return page, err
	}
	page.Account = v.account(a)
	if forms.revealed {
		page.Account.NUBAN, page.Account.Revealed = a.NUBAN, true
	}
	page.Frame.Title = page.Title(in())
	if v.forStaff {
		page.Nav = "customers"
		page.BackURL, page.BackLabel = "/customers/"+a.CustomerID, a.Customer
	}
	if v.forStaff && a.ContinuedBy == "" {
		v.addThreshold(&page, a, forms.threshold)
	}
	if a.Status != store.AccountUnlinked && a.ContinuedBy == "" && v.can(web.UnlinkAccounts) {
		page.UnlinkURL = page.Account.URL + "/unlink"
	}
	for _, r := range log {
		page.Refreshes = append(page.Refreshes, v.presenter.refresh(r, a.Currency))
	}
	return page, nil
}
