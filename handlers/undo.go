package handlers

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
)

// undoContacted handles POST /customers/:id/contacted/undo.
func (s *Server) undoContacted(c *gin.Context) error {
	err := s.Store.UndoContacted(c.Request.Context(), web.MustStaff(c).ID, c.Param("id"))
	return s.undone(c, err, "/today", web.Say(c, "It is no longer noted that you spoke to them."))
}

// restoreInvitation handles POST /customers/:id/invitations/:invitation/restore.
func (s *Server) restoreInvitation(c *gin.Context) error {
	by, id := store.ByStaff(web.MustStaff(c).ID), c.Param("id")
	err := s.Store.RestoreInvitation(c.Request.Context(), by, id, c.Param("invitation"))
	return s.undone(c, err, "/customers/"+id, web.Say(c, "The link works again."))
}

// reopenLink handles POST /reviews/:id/reopen.
func (s *Server) reopenLink(c *gin.Context) error {
	err := s.Store.ReopenLink(c.Request.Context(), store.ByStaff(web.MustStaff(c).ID), c.Param("id"))
	s.Worker.Wake()
	return s.undone(c, err, "/reviews", web.Say(
		c, "The link is not rejected. The provider is asked again, and then it waits here for your decision.",
	))
}

// undone says that something was taken back, or that this is not possible any more.
func (s *Server) undone(c *gin.Context, err error, page, sentence string) error {
	if errors.Is(err, store.ErrNoUndo) || errors.Is(err, store.ErrManyClaims) {
		return &web.Error{
			Status: http.StatusConflict, Heading: web.Say(c, "This can't be undone any more"),
			Sentence: web.Say(c, "Too much time has passed, or something has changed since. Nothing was done."),
			NextURL:  page, NextLabel: web.Say(c, "Back"),
		}
	}
	if err != nil {
		return err
	}
	return s.Done(c, page, sentence)
}
