package handlers

import (
	"context"
	"errors"
	"time"
)

// expireEvery is how often what is over is looked for.
const expireEvery = time.Minute

// expire forgets sessions and personal links that are over, whether anybody
// tries them or not: a clock that is set back later cannot revive them.
func (s *Server) expire(ctx context.Context) {
	err := errors.Join(s.Store.ForgetInvitations(ctx), s.Store.ForgetStaffLinks(ctx))
	for _, kind := range []*sessionStore{s.staff, s.halfway, s.customers, s.links} {
		err = errors.Join(err, s.Store.ForgetSessions(ctx, kind.name, s.Now().Add(-kind.idle)))
	}
	if err != nil && ctx.Err() == nil {
		s.Logger.Error("forgetting what is over", "err", err)
	}
}
