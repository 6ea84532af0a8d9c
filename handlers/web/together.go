package web

import (
	"context"

	"github.com/gin-gonic/gin"

	"balancelink/store"
)

// Together does reads of a page that have nothing to do with each other: see
// [store.Store.Together]. Each asks by the request's context, and what is noted for the
// audit log in one the others do not see.
func Together(c *gin.Context, from *store.Store, reads ...func() error) error {
	was := c.Request
	defer func() { c.Request = was }()
	bound := make([]func(context.Context) error, len(reads))
	for i, read := range reads {
		bound[i] = func(ctx context.Context) error {
			if c.Request.Context() != ctx {
				c.Request = c.Request.WithContext(ctx)
			}
			return read()
		}
	}
	return from.Together(was.Context(), bound...)
}
