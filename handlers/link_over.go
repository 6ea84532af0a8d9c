package handlers

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/phone"
	"balancelink/views"
)

// openInvitation is the invitation of a personal link.
func (s *Server) openInvitation(c *gin.Context) (store.Invitation, error) {
	i, err := s.Store.OpenInvitation(c.Request.Context(), c.Param("secret"))
	if i.ID != "" {
		cu, err := s.Store.CustomerByID(c.Request.Context(), i.CustomerID)
		if err != nil {
			return i, err
		}
		s.SpeakTo(c, cu.Language)
	}
	if errors.Is(err, store.ErrNotFound) {
		err = s.linkOver(c, i)
	}
	return i, err
}

// linkOver is the answer to a personal link that cannot be used. Who has the secret of one
// that there is reads why, and can ask for another; of all others there is one answer.
func (s *Server) linkOver(c *gin.Context, i store.Invitation) error {
	e := &web.Error{Status: http.StatusGone, NextURL: "/me/login", NextLabel: web.Say(c, "Sign in")}
	if i.ID == "" {
		e.Heading = web.Say(c, "This link can't be used")
		e.Sentence = web.Say(
			c, "A part of it is missing, or it is too old. Open it again as you got it, or ask %s for a new one.",
			s.Settings.BusinessName,
		)
		return e
	}
	cu, err := s.Store.CustomerByID(c.Request.Context(), i.CustomerID)
	if err != nil {
		return err
	}
	e.Heading, e.Sentence = s.whyOver(c, i)
	e.More = views.DeadLinkPart(views.DeadLink{
		Clock: s.Clock(), Business: s.Settings.BusinessName, Phone: phone.Written(s.Settings.BusinessPhone),
		AskURL: "/connect/" + c.Param("secret") + "/ask", AskedAt: cu.AskedLinkAt,
	})
	return e
}

// whyOver says why a personal link cannot be used.
func (s *Server) whyOver(c *gin.Context, i store.Invitation) (heading, sentence string) {
	if !i.UsedAt.IsZero() && i.AccountID != "" {
		return web.Say(c, "This link has been used"), web.Say(
			c, "You signed in at your bank again with it on %s. There is nothing more to do.",
			s.Clock().Day(c.Request.Context(), i.UsedAt),
		)
	}
	on := s.Clock().Day(c.Request.Context(), i.ExpiresAt)
	switch {
	case !i.UsedAt.IsZero():
		return web.Say(c, "This link has been used"), web.Say(
			c, "A bank was connected with it on %s. There is nothing more to do. To connect another bank, ask for a new link.",
			s.Clock().Day(c.Request.Context(), i.UsedAt),
		)
	case i.Locked():
		return web.Say(c, "This link is locked"), web.Say(
			c, "A wrong code was typed %d times. You need a new link and a new code.", store.CodeTries,
		)
	case !i.RevokedAt.IsZero():
		return web.Say(c, "This link was cancelled"), web.Say(
			c, "%s has ended it. Nothing can be done with it any more.", s.Settings.BusinessName,
		)
	}
	return web.Say(c, "This link has expired"), web.Say(c, "It worked until %s. Nothing was connected with it.", on)
}

// askForLink handles POST /connect/:secret/ask: whoever has a link that is over asks for a
// new one. The page then says that it was asked for.
func (s *Server) askForLink(c *gin.Context) error {
	err := s.Store.AskForLink(c.Request.Context(), c.Param("secret"))
	if errors.Is(err, store.ErrNotFound) {
		return s.linkOver(c, store.Invitation{})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, "/connect/"+c.Param("secret"))
}
