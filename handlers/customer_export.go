package handlers

import (
	"strconv"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
)

// export handles POST /me/export and POST /customers/:id/export: everything
// about a customer as one file. It is written down first, and read whole before
// the first byte of it is sent.
func (s *Server) export(c *gin.Context) error {
	ctx := c.Request.Context()
	cu, err := s.Store.CustomerByID(ctx, web.OfPath(c).CustomerID)
	if err != nil {
		return err
	}
	if err := s.Store.Record(
		ctx, store.Act{Actor: web.ActorOf(c), Action: store.ActDataExported, Customer: cu.ID, Subject: cu.ID},
	); err != nil {
		return err
	}
	all, err := s.Store.Export(ctx, cu.ID)
	if err != nil {
		return err
	}
	defer all.Close()
	out := web.Attachment(c, "balancelink-"+s.Now().UTC().Format("20060102-150405")+".json")
	c.Header("Content-Type", "application/json; charset=utf-8")
	c.Header("Content-Length", strconv.FormatInt(all.Size(), 10))
	if _, err := all.WriteTo(out); err != nil {
		return web.BrokenOff(c, err)
	}
	return nil
}
