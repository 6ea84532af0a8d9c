package handlers

import (
	"context"
	"net/http"
	"regexp"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// unlinkPage handles GET /accounts/:id/unlink and GET /me/accounts/:id/unlink:
// what would happen, before it does.
func (s *Server) unlinkPage(c *gin.Context) error {
	v := s.viewer(c)
	a, err := s.find(c, v, c.Param("id"))
	if err != nil {
		return err
	}
	url := v.base() + "/accounts/" + a.ID
	if a.Status == store.AccountUnlinked {
		return web.SeeOther(c, url)
	}
	all, err := s.Store.AccountsWithin(
		c.Request.Context(), store.Scope{CustomerID: a.CustomerID, VisitID: web.ScopeOf(c).VisitID},
	)
	if err != nil {
		return err
	}
	page := views.Withdrawal{
		Frame: s.Frame(c, web.Say(c, "Unlink"), ""), BackURL: url, BackLabel: web.Say(c, "Back to the account"),
		Action:  url + "/unlink",
		Account: spoken(c.Request.Context(), a.Account), Bank: a.Bank.Name,
		Siblings: len(linked(store.SameBank(a.Account, all))), ForStaff: v.forStaff,
	}
	chain, err := s.Store.Chain(c.Request.Context(), web.ScopeOf(c), a.ID)
	if err != nil {
		return err
	}
	page.Older = len(linked(chain)) > 1
	if v.forStaff {
		page.Nav, page.Customer, page.BackLabel = "customers", a.Customer, titled(c.Request.Context(), a)
	} else {
		page.MoreURL = "/me/withdraw"
	}
	return web.Render(c, http.StatusOK, views.WithdrawalView(page))
}

// spoken is an account as people tell it from others.
func spoken(ctx context.Context, a store.Account) string {
	return views.AccountName(ctx, a.Bank.Name, a.Type, masked(a.NUBAN, a.Broken))
}

// titled is an account with whose it is, as staff find it.
func titled(ctx context.Context, a store.Card) string {
	return views.OfCustomer(ctx, a.Customer, spoken(ctx, a.Account))
}

// linked picks the accounts that can still be unlinked.
func linked(all []store.Account) []store.Account {
	var some []store.Account
	for _, a := range all {
		if a.Status != store.AccountUnlinked {
			some = append(some, a)
		}
	}
	return some
}

// unlink handles POST /accounts/:id/unlink and POST /me/accounts/:id/unlink:
// the account, or with scope=bank all that the customer has at its bank.
func (s *Server) unlink(c *gin.Context) error {
	ctx, v, id := c.Request.Context(), s.viewer(c), c.Param("id")
	end := s.Store.UnlinkAccount
	if c.PostForm("scope") == "bank" {
		end = s.Store.UnlinkBank
	}
	if err := end(ctx, web.ActorOf(c), web.ScopeOf(c), id); err != nil {
		return err
	}
	s.Worker.Wake()
	if v.forStaff {
		return s.Done(c, "/accounts/"+id, web.Say(
			c, "It is unlinked. The bank is not asked any more; the balances so far stay.",
		))
	}
	return web.SeeOther(c, "/me/unlinked?ref="+store.Reference(id))
}

// unlinked handles GET /me/unlinked, where a customer arrives who unlinked.
func (s *Server) unlinked(c *gin.Context) error {
	return web.Render(c, http.StatusOK, views.DoneView(views.Done{
		Frame: s.Frame(c, web.Say(c, "Unlinked"), ""), Heading: web.Say(c, "It is unlinked"), Reference: reference(c),
		Sentence: web.Say(c, "The bank is not asked any more. The balances received so far stay here as a record."),
		NextURL:  "/me", NextLabel: web.Say(c, "Go to my balances"),
	}))
}

var referenceShape = regexp.MustCompile(`^[0-9A-F]{8}$`)

// reference is the reference in the address, if it is one.
func reference(c *gin.Context) string {
	if r := c.Query("ref"); referenceShape.MatchString(r) {
		return r
	}
	return ""
}

// withdrawPage handles GET /me/withdraw and GET /customers/:id/withdraw.
func (s *Server) withdrawPage(c *gin.Context) error {
	cu, back, err := s.withdrawer(c)
	if err != nil {
		return err
	}
	if err := s.agreedHere(c); err != nil {
		return err
	}
	accounts, err := s.Store.AccountsWithin(c.Request.Context(), web.OfPath(c))
	if err != nil {
		return err
	}
	page := views.Withdrawal{
		Frame: s.Frame(c, web.Say(c, "Withdraw consent"), ""), BackURL: back, BackLabel: web.Say(c, "Your consent"),
		Action: "/me/withdraw", Everything: true,
	}
	if page.ForStaff = s.viewer(c).forStaff; page.ForStaff {
		page.Nav, page.BackLabel, page.Action = "customers", cu.Name, back+"/withdraw"
		page.Customer = cu.Name
	}
	page.ByLink = web.ByLink(c)
	if page.Password, err = s.Store.HasPassword(c.Request.Context(), cu.ID); err != nil {
		return err
	}
	for _, a := range linked(accounts) {
		page.Accounts = append(page.Accounts, spoken(c.Request.Context(), a))
	}
	return web.Render(c, http.StatusOK, views.WithdrawalView(page))
}

// withdrawer is the customer whose consent is withdrawn, and where to go back to.
func (s *Server) withdrawer(c *gin.Context) (store.Customer, string, error) {
	if cu, ok := web.CustomerOf(c); ok {
		return cu, "/me/consents", nil
	}
	web.MustStaff(c)
	cu, err := s.Store.CustomerByID(c.Request.Context(), c.Param("id"))
	return cu, "/customers/" + cu.ID, err
}

// agreedHere is an error in words for a visit in which nothing was agreed to: what it
// stands on was agreed to before, and is not the visit's to withdraw.
func (s *Server) agreedHere(c *gin.Context) error {
	only, err := s.Store.AccountOfVisit(c.Request.Context(), web.ScopeOf(c))
	if err != nil || only == "" {
		return err
	}
	given, err := s.Store.ConsentsByCustomer(c.Request.Context(), web.ScopeOf(c))
	if err != nil || len(given) > 0 {
		return err
	}
	return &web.Error{
		Status: http.StatusForbidden, Heading: web.Say(c, "Sign in for this"),
		Sentence: web.Say(c, "You agreed before you came by this link. Sign in with your password to see or withdraw that, or ask %s.", s.Settings.BusinessName),
		NextURL:  "/me/login", NextLabel: web.Say(c, "Sign in"),
	}
}

// withdraw handles POST /me/withdraw and POST /customers/:id/withdraw. The
// customer is signed out with it. In a visit consent was given, so it can be
// withdrawn there as easily: that consent, and what came of it.
func (s *Server) withdraw(c *gin.Context) error {
	_, back, err := s.withdrawer(c)
	if err != nil {
		return err
	}
	if err := s.agreedHere(c); err != nil {
		return err
	}
	v := s.viewer(c)
	id, err := s.Store.WithdrawConsent(c.Request.Context(), web.ActorOf(c), web.OfPath(c))
	if err != nil {
		return err
	}
	s.Worker.Wake()
	if v.forStaff {
		return s.Done(c, back, web.Say(c, "The consent is withdrawn. No bank of this customer is asked any more."))
	}
	if err := s.signin.SignOutCustomer(c); err != nil {
		return err
	}
	to := "/withdrawn?ref=" + store.Reference(id)
	if web.ByLink(c) {
		to += "&by=link"
	}
	return web.SeeOther(c, to)
}

// withdrawn handles GET /withdrawn, where a customer arrives who withdrew.
func (s *Server) withdrawn(c *gin.Context) error {
	return web.Render(c, http.StatusOK, views.DoneView(views.Done{
		Frame: s.Frame(c, web.Say(c, "Consent withdrawn"), ""), Heading: web.Say(c, "Your consent is withdrawn"),
		Reference: reference(c),
		Sentence:  views.WithdrawnWords(c.Request.Context(), s.Settings.BusinessName, c.Query("by") == "link"),
	}))
}
