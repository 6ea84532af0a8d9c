package web

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/store/limits"
)

// downloads are the files that are being taken out, by who does.
type downloads struct {
	mu      sync.Mutex
	running map[string]bool // by actor
}

// begin says whether the actor takes nothing out yet, and that they do now.
func (d *downloads) begin(actor string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.running[actor] {
		return false
	}
	if d.running == nil {
		d.running = map[string]bool{}
	}
	d.running[actor] = true
	return true
}

func (d *downloads) end(actor string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.running, actor)
}

// LimitDownloads stands before every file that is taken out: an address may do so as
// often as the allowance says, and a person has one at a time.
func (s *Site) LimitDownloads(a limits.Allowance) gin.HandlerFunc {
	limit := s.Limit(a)
	return func(c *gin.Context) {
		if limit(c); c.IsAborted() {
			return
		}
		actor := ActorOf(c)
		if !s.downloads.begin(actor) {
			s.ServeError(c, &Error{
				Status: http.StatusTooManyRequests, RetryAfter: limits.DownloadStall,
				Heading: Say(c, "One file at a time"),
				Sentence: Say(
					c, "Another file is still on its way to you. Wait until you have it, or cancel it, and try again.",
				),
			})
			return
		}
		defer s.downloads.end(actor)
		c.Next()
	}
}

// Attachment begins a file of that name and returns what it is written to.
func Attachment(c *gin.Context, name string) io.Writer {
	c.Header("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	return steady{out: c.Writer, control: http.NewResponseController(c.Writer)}
}

// BrokenOff ends a download that failed. When something of it was sent the
// connection is cut, so that half a file never looks like a whole one; else the
// error is answered.
func BrokenOff(c *gin.Context, err error) error {
	if c.Writer.Written() {
		panic(http.ErrAbortHandler)
	}
	for _, name := range []string{"Content-Disposition", "Content-Length"} {
		c.Writer.Header().Del(name)
	}
	return err
}

// steady writes to a client whose line may be slow: it takes as long as it
// takes, while it moves. Each piece has its time, and who lets one pass is gone.
type steady struct {
	out     io.Writer
	control *http.ResponseController
}

// Write implements [io.Writer].
func (w steady) Write(p []byte) (n int, err error) {
	for len(p) > 0 && err == nil {
		piece := p[:min(len(p), limits.DownloadPiece)]
		// A writer that knows no deadline has none to put off.
		_ = w.control.SetWriteDeadline(time.Now().Add(limits.DownloadStall))
		var m int
		m, err = w.out.Write(piece)
		n, p = n+m, p[m:]
	}
	return n, err
}
