package handlers

import (
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
)

// backups are those that staff ask for, one at a time: each takes the disk and a processor
// for a while. They are the program's: whoever asked may leave.
type backups struct {
	mu     sync.Mutex
	making bool
	failed failure // of the last one; zero: it was made
}

// backupCommand makes a backup of a database that is no file.
const backupCommand = "balancelink backup FILE"

// failure is why the last backup was not made.
type failure struct {
	At  time.Time
	Why string
}

// beginBackup has a backup made, unless one is being made. The channel is closed when it
// is over.
func (s *Server) beginBackup(actor string) (over <-chan struct{}, ok bool) {
	b := &s.backups
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.making {
		return nil, false
	}
	b.making = true
	ended := make(chan struct{})
	s.going.Go(func() {
		defer close(ended)
		s.makeBackup(actor)
	})
	return ended, true
}

func (s *Server) makeBackup(actor string) {
	var failed failure
	if _, err := s.Store.BackUp(s.running, actor); err != nil {
		s.Logger.Error("making a backup", "err", err)
		failed = failure{s.Now(), err.Error()}
	}
	s.backups.mu.Lock()
	defer s.backups.mu.Unlock()
	s.backups.making, s.backups.failed = false, failed
}

// lastFailure is why the last backup failed; zero: it did not.
func (b *backups) lastFailure() failure {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failed
}

// now is whether a backup is being made, or else whether the last one failed.
func (b *backups) now() (making, failed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.making, b.failed != failure{}
}

// backUp handles POST /status/backup. A small backup is made when the answer comes; a
// larger one is seen under way.
func (s *Server) backUp(c *gin.Context) error {
	if !s.Store.IsFile() { // whose page has no button for it
		return store.ErrNotFound
	}
	over, ok := s.beginBackup(store.ByStaff(web.MustStaff(c).ID))
	if !ok {
		return &web.Error{
			Status: http.StatusConflict, Heading: web.Say(c, "One backup at a time"), NextURL: "/status",
			NextLabel: web.Say(c, "Status"),
			Sentence:  web.Say(c, "A backup is being made already. It is named on the status page once it is done."),
		}
	}
	s.awaitSoon(c, over)
	switch making, failed := s.backups.now(); {
	case making:
		return s.Done(c, "/status", web.Say(c, "The backup is under way. This page names it once it is done."))
	case failed:
		return web.SeeOther(c, "/status") // which says why
	}
	return s.Done(c, "/status", web.Say(c, "The backup is made."))
}

// awaitSoon waits a moment for what was begun: where that is over by then, the next page
// shows what has come of it, and else how far it is.
func (s *Server) awaitSoon(c *gin.Context, over <-chan struct{}) {
	wait := time.NewTimer(s.atOnce)
	defer wait.Stop()
	select {
	case <-over:
	case <-wait.C:
	case <-c.Request.Context().Done():
	}
}
