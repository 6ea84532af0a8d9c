package handlers

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// mostQuestions is how many questions a page shows; the oldest come first.
const mostQuestions = 100

// addSame adds of which other accounts an account is the same, or may be: what staff
// may say of it, and to customers where its history goes on.
func (s *Server) addSame(c *gin.Context, v viewer, page *views.AccountPage, a store.Account) error {
	if a.ContinuedBy != "" {
		page.Same.GoesOnURL = v.base() + "/accounts/" + a.ContinuedBy
	}
	if !v.forStaff {
		return nil
	}
	return s.addOlder(c, v, page, a)
}

// addOlder adds which older account an account goes on from, or may.
func (s *Server) addOlder(c *gin.Context, v viewer, page *views.AccountPage, a store.Account) error {
	url := "/accounts/" + a.ID
	if a.Continues != "" {
		old, err := s.Store.AccountByID(c.Request.Context(), a.Continues)
		if err != nil {
			return err
		}
		page.Same.Older = new(s.older(old))
		if v.can(web.DecideLinks) {
			page.Same.PartURL = url + "/part"
		}
		return nil
	}
	if !v.can(web.DecideLinks) {
		return nil
	}
	var older []store.Account
	err := s.together(c, func() error {
		q, err := s.Store.QuestionOf(c.Request.Context(), a.ID)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err == nil && q.DecidedAt.IsZero() {
			page.Same.Asked, page.Same.PartURL = string(q.Reason), url+"/part"
		}
		return err
	}, func() (err error) {
		older, err = s.Store.OlderOf(c.Request.Context(), a.ID)
		return err
	})
	for _, old := range older {
		page.Same.MayBe, page.Same.JoinURL = append(page.Same.MayBe, s.older(old)), url+"/join"
	}
	return err
}

func (s *Server) older(a store.Account) views.OlderAccount {
	return views.OlderAccount{
		ID: a.ID, URL: "/accounts/" + a.ID, Name: a.Bank.Name, NUBAN: masked(a.NUBAN, a.Broken),
		Through: s.upstream(a.Provider).Traits().Title, LinkedAt: a.LinkedAt,
	}
}

// joinAccounts handles POST /accounts/:id/join: staff say that an account is an older one.
func (s *Server) joinAccounts(c *gin.Context) error {
	id, older := c.Param("id"), c.PostForm("older")
	err := store.ErrNotSame
	if store.IsID(older) {
		err = s.Store.JoinAccounts(c.Request.Context(), store.ByStaff(web.MustStaff(c).ID), id, older)
	}
	if errors.Is(err, store.ErrNotSame) {
		return &web.Error{
			Status: http.StatusConflict, Heading: web.Say(c, "These cannot be one account"),
			Sentence: web.Say(c, "One of them has changed, or they differ in bank, number or currency. Nothing was changed."),
			NextURL:  "/accounts/" + id, NextLabel: web.Say(c, "Back to the account"),
		}
	}
	if err != nil {
		return err
	}
	return s.Done(c, "/accounts/"+id, web.Say(c, "They are one account now, with one history."))
}

// partAccounts handles POST /accounts/:id/part: staff say that an account is no older one.
func (s *Server) partAccounts(c *gin.Context) error {
	id := c.Param("id")
	if err := s.Store.PartAccounts(c.Request.Context(), store.ByStaff(web.MustStaff(c).ID), id); err != nil {
		return err
	}
	return s.Done(c, "/accounts/"+id, web.Say(c, "They are separate accounts now, each with its own history."))
}

// questions are those of a customer that wait, or everybody's.
func (s *Server) questions(c *gin.Context, customerID string) ([]views.Question, error) {
	all, err := s.Store.Questions(c.Request.Context(), customerID, mostQuestions)
	var shown []views.Question
	for _, q := range all {
		shown = append(shown, views.Question{
			URL: "/accounts/" + q.AccountID + "#same", CustomerName: q.CustomerName, Asked: string(q.Reason),
			At: q.AskedAt,
		})
	}
	return shown, err
}

// move is from where to where customers are to link again who are linked through
// another provider than new links are made: the zero Move where all are one.
func (s *Server) move(c *gin.Context) (views.Move, error) {
	if s.Settings.MovesTo() == "" {
		return views.Move{}, nil
	}
	names, err := s.Store.Providers(c.Request.Context())
	to := s.forLinks()
	for _, name := range names {
		if name != to.Name() {
			return views.Move{From: s.upstream(name).Traits().Title, To: to.Traits().Title}, err
		}
	}
	return views.Move{}, err
}

// moveOf is from where to where a customer with these accounts is to link again.
func (s *Server) moveOf(c *gin.Context, accounts []store.Account) (views.Move, error) {
	if s.Settings.MovesTo() == "" {
		return views.Move{}, nil
	}
	to := s.forLinks()
	for _, a := range accounts {
		if a.Provider == to.Name() || a.Status == store.AccountUnlinked {
			continue
		}
		if a.Continues != "" {
			old, err := s.Store.AccountByID(c.Request.Context(), a.Continues)
			if err != nil {
				return views.Move{}, err
			}
			if old.Provider == to.Name() { // it came from there
				continue
			}
		}
		return views.Move{From: s.upstream(a.Provider).Traits().Title, To: to.Traits().Title}, nil
	}
	return views.Move{}, nil
}
