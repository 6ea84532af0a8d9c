package handlers

import (
	"context"
	"errors"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
)

// seenWithin is how long views of the same by the same person are one line in the
// audit log.
const seenWithin = time.Hour

// noteView notes that somebody looks at something. It is shown although that
// cannot be noted, for the disk may be full: then the log of the server has it.
func (s *Server) noteView(c *gin.Context, action store.Action, customerID, subject string) {
	a := store.Act{Actor: web.ActorOf(c), Action: action, Customer: customerID, Subject: subject}
	if err := s.Store.RecordOnce(c.Request.Context(), a, seenWithin); err != nil && !errors.Is(err, store.ErrStopped) {
		s.Logger.Warn(
			"noting a view", "actor", a.Actor, "action", a.Action, "customer", a.Customer, "subject", a.Subject, "err",
			err,
		)
	}
}

// noteBalances notes that somebody looks at a customer's balances: staff, or the
// customer themselves.
func (s *Server) noteBalances(c *gin.Context, customerID string) {
	action := store.ActOwnBalancesSeen
	if _, ok := web.SeenBy(c); ok {
		action = store.ActSeenAsCustomer
	} else if _, ok := web.StaffOf(c); ok {
		action = store.ActBalancesSeen
	}
	s.noteView(c, action, customerID, customerID)
}

// noting is a note as one of several reads: it is only looked whether it is to be made.
// Those before it have been read when it is.
func noting(note func()) func() error {
	return func() error { note(); return nil }
}

// noteList notes that a member of staff looks at a list, by its name.
func (s *Server) noteList(c *gin.Context, name string) { s.noteView(c, store.ActListSeen, "", name) }

// noteViewed notes that somebody looks at a customer's balances. They can be
// shown although that cannot be written: the disk may be full.
func (s *Server) noteViewed(ctx context.Context, customerID string) {
	if err := s.Store.MarkViewed(ctx, customerID); err != nil && !errors.Is(err, store.ErrStopped) {
		s.Logger.Warn("noting that balances are looked at", "err", err)
	}
}
