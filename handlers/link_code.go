package handlers

import (
	"github.com/gin-gonic/gin"

	"balancelink/handlers/acts"
	"balancelink/handlers/web"
	"balancelink/store"
)

// tryCode holds the typed code against the link's, and says in a sentence what
// is wrong with it; empty: nothing.
func (s *Server) tryCode(c *gin.Context, i store.Invitation) (problem string, err error) {
	if i.CodeHash == "" {
		return "", nil
	}
	typed := web.TypedCode(c.PostForm("code"))
	if typed == "" {
		return web.Say(c, "Type the code that %s gave you.", s.Settings.BusinessName), nil
	}
	hash, err := acts.CodeHash(s.Settings, c.Param("secret"), typed)
	if err != nil {
		return "", err
	}
	right, left, err := s.Store.TryCode(c.Request.Context(), i.ID, hash)
	switch {
	case err != nil || right:
		return "", err
	case left == 0:
		_, err = s.openInvitation(c) // it is locked now
		return "", err
	}
	return web.Say(c, "That code is wrong. You have %d tries left.", left), nil
}
