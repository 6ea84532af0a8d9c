package handlers

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/acts"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/limits"
	"balancelink/views"
	"balancelink/views/locale"
)

// askToSignIn handles POST /accounts/:id/sign-in-again: it makes the personal link by
// which the customer signs in to the account again.
func (s *Server) askToSignIn(c *gin.Context) error {
	ctx, m := c.Request.Context(), web.MustStaff(c)
	a, err := s.Store.AccountWithin(ctx, web.ScopeOf(c), c.Param("id"))
	if err != nil {
		return err
	}
	keep, link, err := acts.NewLink(s.Settings, a.CustomerID, false)
	if err != nil {
		return err
	}
	keep.StaffID, keep.AccountID = m.ID, a.ID
	link.Invitation, err = s.Store.MakeInvitation(ctx, store.ByStaff(m.ID), keep)
	if errors.Is(err, store.ErrNotWanted) {
		return &web.Error{
			Status: http.StatusConflict, Heading: web.Say(c, "No new sign-in is needed"),
			Sentence: web.Say(c, "%s does not ask for one now. No link was made.", a.Bank.Name),
			NextURL:  "/accounts/" + a.ID, NextLabel: web.Say(c, "Back to the account"),
		}
	}
	if err != nil {
		return err
	}
	return s.showLink(c, link)
}

// showLink goes on to the page that shows a personal link to whoever has made it.
func (s *Server) showLink(c *gin.Context, link acts.Link) error {
	made := web.Secret{
		Page: "/customers/" + link.CustomerID + "/invitations/" + link.ID, Link: link.URL, ExpiresAt: link.ExpiresAt,
	}
	if link.Code != "" {
		made.Codes = []string{link.Code}
	}
	return s.once.Show(c, made)
}

// askAllToSignIn handles POST /customers/sign-in-again: links for all accounts whose banks
// want a new sign-in, as one file.
func (s *Server) askAllToSignIn(c *gin.Context) error {
	m := web.MustStaff(c)
	keep, urls := make([]store.NewInvitation, limits.AgainLinks), map[string]string{}
	for i := range keep {
		n, link, err := acts.NewLink(s.Settings, "", false)
		if err != nil {
			return err
		}
		n.StaffID = m.ID
		keep[i], urls[n.Secret] = n, link.URL
	}
	made, err := s.Store.MakeAgainLinks(c.Request.Context(), store.ByStaff(m.ID), c.PostForm("renew") != "", keep)
	if err != nil {
		return err
	}
	name := "sign-in-again-" + s.Now().In(s.Settings.Location).Format(time.DateOnly) + ".csv"
	return web.WriteCSV(c, name, []string{"Name", "Telephone", "Message", "Link"}, s.againRows(c, made, urls))
}

// againRows are the lines of the file, the message in each customer's language. urls are
// the addresses of the links by their secrets.
func (s *Server) againRows(
	c *gin.Context, made []store.AgainLink, urls map[string]string,
) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, l := range made {
			message := s.linkMessage(c.Request.Context(), personalLink{
				Customer: l.Customer.Name, Language: locale.Letter(l.Customer.Language, s.Settings.Language),
				URL: urls[l.Secret], ExpiresAt: l.ExpiresAt, Bank: l.Bank.Name,
			})
			if !yield([]any{l.Customer.Name, dialled(l.Customer.Phone), message, urls[l.Secret]}, nil) {
				return
			}
		}
	}
}

// asksHere says whether the list offers the links to sign in again: it is of those who need
// them.
func asksHere(page views.Customers) bool {
	return page.Filter == string(store.NeedsLogin) && page.May.EditCustomers
}

// addAskAll offers the links to sign in again for all of the list as one file.
func (s *Server) addAskAll(c *gin.Context, page *views.Customers) error {
	if !asksHere(*page) || page.Query != "" || !page.May.ExportData {
		return nil
	}
	n, err := s.Store.AgainCounts(c.Request.Context())
	page.AskAll = views.AskAllToSignIn{
		URL: "/customers/sign-in-again", Accounts: n.Accounts, Linked: n.Linked, Most: limits.AgainLinks,
	}
	return err
}

// asksOf are the links to sign in again that may be made for accounts.
func asksOf(ctx context.Context, accounts []store.Account) (asks []views.AskToSignIn) {
	for _, a := range accounts {
		if a.Status == store.AccountNeedsLogin {
			asks = append(asks, views.AskToSignIn{
				URL: "/accounts/" + a.ID + "/sign-in-again", Account: spoken(ctx, a),
			})
		}
	}
	return asks
}
