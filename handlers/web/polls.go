package web

import (
	"crypto/sha256"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/store/limits"
)

// Polls remembers which polls can have no new answer, so that those who watch a
// refresh while nothing happens cost no query and no drawing. A poll names the
// state of the database that its card was drawn from; when the same browser
// asks for the same card and nothing was written since, not to a session
// either, the answer is the one it has.
type Polls struct {
	writes func() uint64 // how often the database was written to
	now    func() time.Time
	mu     sync.RWMutex
	until  map[pollKey]time.Time
}

// NewPolls returns polls of a database that was written to so often.
func NewPolls(writes func() uint64, now func() time.Time) *Polls {
	return &Polls{writes: writes, now: now, until: map[pollKey]time.Time{}}
}

// What clocks alone change (a session that runs out, the moment of the next
// try) shows this late at most.
const pollValid = 5 * time.Second

// pollKey stands for a browser, by all its cookies, and the address that it
// polls: both can be long, and a stranger chooses them.
type pollKey [sha256.Size]byte

func pollOf(cookies, address string) pollKey {
	return sha256.Sum256([]byte(cookies + "\n" + address)) // neither holds a line's end
}

// Mark is the mark of the present state of the database on a poll's address. Other
// parameters may follow it.
func (p *Polls) Mark() string { return "?seen=" + strconv.FormatUint(p.writes(), 36) }

// NothingNew says that a request is a poll which can have no new answer: 204
// then leaves the page as it is. It comes before everything else, so it has to
// be quick with whatever is no poll.
func (p *Polls) NothingNew(r *http.Request) bool {
	mark, ok := strings.CutPrefix(r.URL.RawQuery, "seen=")
	mark, _, _ = strings.Cut(mark, "&")
	if !ok || r.Method != http.MethodGet || r.Header.Get("HX-Request") != "true" {
		return false
	}
	if seen, err := strconv.ParseUint(mark, 36, 64); err != nil || seen != p.writes() {
		return false
	}
	p.mu.RLock()
	until, known := p.until[pollOf(r.Header.Get("Cookie"), r.RequestURI)]
	p.mu.RUnlock()
	return known && p.now().Before(until)
}

// Remember notes that this browser has the card which polls that address.
func (p *Polls) Remember(c *gin.Context, address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.until) >= limits.Polls {
		clear(p.until)
	}
	p.until[pollOf(c.GetHeader("Cookie"), address)] = p.now().Add(pollValid)
}
