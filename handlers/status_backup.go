package handlers

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
)

// backups makes those that staff ask for, one at a time: each takes the disk and a
// processor for a while. They are the program's: whoever asked may leave.
type backups struct {
	asked chan backup

	mu     sync.Mutex
	making bool
	failed failure // of the last one; zero: it was made
}

type backup struct {
	actor string
	over  chan struct{} // closed when it is
}

// failure is why the last backup was not made.
type failure struct {
	At  time.Time
	Why string
}

// begin has a backup made, unless one is being made. The channel is closed when it is over.
func (b *backups) begin(actor string) (over <-chan struct{}, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.making {
		return nil, false
	}
	b.making = true
	ask := backup{actor: actor, over: make(chan struct{})}
	b.asked <- ask // of which there is one at most
	return ask.over, true
}

func (b *backups) end(f failure) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.making, b.failed = false, f
}

// lastFailure is why the last backup failed; zero: it did not.
func (b *backups) lastFailure() failure {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failed
}

// makeBackups makes the backups that staff ask for until ctx ends.
func (s *Server) makeBackups(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case ask := <-s.backups.asked:
			var failed failure
			if _, err := s.Store.BackUp(ctx, ask.actor); err != nil {
				s.Logger.Error("making a backup", "err", err)
				failed = failure{s.Now(), err.Error()}
			}
			s.backups.end(failed)
			close(ask.over)
		}
	}
}

// backUp handles POST /status/backup. A small backup is made when the answer comes; a
// larger one is seen under way.
func (s *Server) backUp(c *gin.Context) error {
	over, ok := s.backups.begin(store.ByStaff(web.MustStaff(c).ID))
	if !ok {
		return &web.Error{
			Status: http.StatusConflict, Heading: web.Say(c, "One backup at a time"), NextURL: "/status",
			NextLabel: web.Say(c, "Status"),
			Sentence:  web.Say(c, "A backup is being made already. It is named on the status page once it is done."),
		}
	}
	select {
	case <-over:
	case <-time.After(s.atOnce):
	case <-c.Request.Context().Done():
	}
	return web.SeeOther(c, "/status")
}
