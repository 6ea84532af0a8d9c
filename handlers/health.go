package handlers

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// alive handles GET /healthz: the process answers.
func (s *Server) alive(c *gin.Context) error {
	c.String(http.StatusOK, "ok\n")
	return nil
}

// ready handles GET /readyz: the program is not about to end, the database takes writes, what
// other instances seal can be opened, and the worker works.
func (s *Server) ready(c *gin.Context) error {
	if s.stopping() {
		c.String(http.StatusServiceUnavailable, "this instance was told to stop: send to another one\n")
		return nil
	}
	if err := s.Store.Ready(c.Request.Context()); err != nil {
		s.Logger.Error("readiness", "err", err)
		c.String(http.StatusServiceUnavailable, "the database cannot be written to\n")
		return nil
	}
	missing, err := s.Store.MissingKeys(c.Request.Context())
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		s.Logger.Error("readiness: DATA_KEY lacks what another instance seals under", "keys", missing)
		c.String(http.StatusServiceUnavailable, "DATA_KEY lacks the key "+strings.Join(missing, ", ")+"\n")
		return nil
	}
	if !s.Worker.Alive() {
		c.String(http.StatusServiceUnavailable, "the worker is stuck\n")
		return nil
	}
	c.String(http.StatusOK, "ready\n")
	return nil
}
