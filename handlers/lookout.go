package handlers

import (
	"context"
	"errors"
	"time"

	"balancelink/store"
)

// pausedFor is how long calls to a provider are paused until staff are told by e-mail:
// what mends itself soon is no news.
const pausedFor = 10 * time.Minute

// LookOut looks for what stands now that staff are told of by e-mail, once until it is
// over: that calls to a provider are paused, that there is no fresh backup, and that the
// audit log is broken.
func (s *Server) LookOut(ctx context.Context) {
	if !s.Settings.Mails() {
		return
	}
	var all []error
	stands := func(kind store.MailKind, subject string, does bool, long time.Duration) {
		all = append(all, s.Store.Occasion(ctx, kind, subject, does, long))
	}
	for _, u := range s.upstreams {
		stands(store.MailPaused, u.Traits().Title, s.pause(u).Kind != "" || u.standing().Lost(), pausedFor)
	}
	// A note that cannot be read is told on Status. What PostgreSQL's own tools copy is noted
	// nowhere: who never had the program make a backup is not told to.
	if last, err := s.Store.LastBackup(ctx); err == nil && (s.Store.IsFile() || !last.At.IsZero()) {
		since := last.At
		if since.IsZero() {
			since, err = s.Store.BegunAt(ctx)
			all = append(all, err)
		}
		if !since.IsZero() {
			stands(store.MailBackupOld, "", s.olderThan(since, store.OldBackup), 0)
		}
	}
	if found, err := s.Store.SelfChecks(ctx); err != nil {
		all = append(all, err)
	} else if !found.Audit.At.IsZero() {
		stands(store.MailAuditBroken, "", found.Audit.Found.BadRow != 0, 0)
	}
	if err := errors.Join(all...); err != nil && ctx.Err() == nil {
		s.Logger.Error("looking for what staff are told by e-mail", "err", err)
	}
}
