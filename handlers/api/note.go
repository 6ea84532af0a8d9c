package api

import (
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/store"
)

// seenWithin is how long looks at the same with the same key are one line in the audit log.
const seenWithin = time.Hour

// note notes that somebody looks at something. It is answered although that cannot be
// noted, for the disk may be full: then the log of the server has it.
func (a *API) note(c *gin.Context, action store.Action, customerID, subject string) {
	act := store.Act{Actor: actor(c), Action: action, Customer: customerID, Subject: subject}
	if err := a.Store.RecordOnce(c.Request.Context(), act, seenWithin); err != nil {
		a.Logger.Warn("noting a look", "actor", act.Actor, "action", action, "customer", customerID, "err", err)
	}
}
