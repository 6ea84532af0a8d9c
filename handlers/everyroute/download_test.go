package everyroute_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/store/limits"
	"balancelink/store/storetest"
)

// asked is a route's request as a principal sends it.
func (c *cell) asked(route, name string) *http.Request {
	c.t.Helper()
	c.time.Advance(site.Moment)
	method, _, _ := strings.Cut(route, " ")
	req := httptest.NewRequestWithContext(c.t.Context(), method, c.path(route), c.body(route, name))
	req.RemoteAddr = fmt.Sprintf("10.1.%d.%d:1000", c.comers.Add(1)>>8, c.comers.Load()&255) // nobody is limited by a neighbour
	site.WithFormHeader(req.Header).Set("Sec-Fetch-Site", "same-origin")
	for _, cookie := range append(c.cookies(name), site.KeptCookie) {
		req.AddCookie(cookie)
	}
	return req
}

// eachRoute calls f for every route and everybody who may be let in there.
func (p *principals) eachRoute(t *testing.T, f func(c *cell, route, name string)) {
	t.Helper()
	for _, r := range p.server.Routes() {
		for _, name := range []string{"nobody", "self", "link", "owner"} {
			f(p.cellFor(t, r.Method), r.Method+" "+r.Path, name)
		}
	}
}

// line is the way to a client: what it does with each piece that is sent.
type line struct {
	*httptest.ResponseRecorder
	piece    func(n int) error
	deadline func(time.Time)
}

func (l line) WriteHeader(status int) {
	if l.piece(0) == nil {
		l.ResponseRecorder.WriteHeader(status)
	}
}

func (l line) Write(p []byte) (int, error) {
	if err := l.piece(len(p)); err != nil {
		return 0, err
	}
	return l.ResponseRecorder.Write(p)
}

func (l line) WriteString(s string) (int, error) { return l.Write([]byte(s)) }

// SetWriteDeadline is what an [http.ResponseController] calls.
func (l line) SetWriteDeadline(until time.Time) error {
	if l.deadline != nil {
		l.deadline(until)
	}
	return nil
}

func TestNothingIsSentWhileAConnectionToTheDatabaseIsHeld(t *testing.T) {
	storetest.Long(t)
	p := newPrincipals(t)
	sent := 0
	p.eachRoute(t, func(c *cell, route, name string) {
		p.server.ServeHTTP(line{ResponseRecorder: httptest.NewRecorder(), piece: func(int) error {
			sent++
			// What the server does each minute has one for a moment; what an answer holds is
			// held as long as its client takes.
			none := func() bool { return c.store.InUse() == 0 }
			sitetest.Await(t, route+" as "+name+" to hold no connection while it answers", func() string {
				return fmt.Sprintf("%d are held", c.store.InUse())
			}, none)
			return nil
		}}, c.asked(route, name))
	})
	if sent == 0 {
		t.Error("nothing was sent at all")
	}
}

// isFile says whether an answer is a file to be taken out.
func isFile(h http.Header) bool {
	return strings.HasPrefix(h.Get("Content-Disposition"), "attachment")
}

func TestAPersonTakesOneFileOutAtATime(t *testing.T) {
	storetest.Long(t)
	p := newPrincipals(t)
	var files []string
	p.eachRoute(t, func(c *cell, route, name string) {
		w, second := httptest.NewRecorder(), httptest.NewRecorder()
		p.server.ServeHTTP(line{ResponseRecorder: w, piece: func(n int) error {
			if isFile(w.Header()) && n > 0 && second.Body.Len() == 0 {
				p.server.ServeHTTP(second, c.asked(route, name))
			}
			return nil
		}}, c.asked(route, name))
		if !isFile(w.Header()) {
			return
		}
		files = append(files, route)
		if second.Code != http.StatusTooManyRequests || second.Header().Get("Retry-After") == "" {
			t.Errorf("%s as %s: beside the first file a second one is answered %d, want 429 and when to come back", route, name, second.Code)
		}
		after := httptest.NewRecorder()
		if p.server.ServeHTTP(after, c.asked(route, name)); after.Code != http.StatusOK {
			t.Errorf("%s as %s: once the first file is there the next is answered %d", route, name, after.Code)
		}
	})
	for _, route := range []string{"POST /me/export", "GET /customers.csv", "GET /balances.csv", "POST /audit/export", "GET /me/consents/:consent/file"} {
		if !slices.Contains(files, route) {
			t.Errorf("%s gave no file, only %v did: the test proves little", route, files)
		}
	}
}

// lives gives a customer more data than fit into memory at once.
func (c *cell) lives() {
	c.t.Helper()
	long := strings.Repeat("x", 200<<10)
	for i := range 2*limits.ExtractInMemory/len(long) + 1 {
		_, err := c.store.ReceiveEvent(store.Event{
			Provider: "okra", Env: "simulated", DedupKey: fmt.Sprint(c.customer, i), AttemptNonce: c.nonce, Headers: "{}",
			Body: fmt.Appendf(nil, `{"method":"AUTH","long":%q}`, long),
		}, nil)
		c.ok(err)
	}
}

// Each piece takes all the time that it is given: on such a line an hour is soon over.
func TestADownloadGoesOnForAsLongAsItMoves(t *testing.T) {
	p := newPrincipals(t)
	c := p.newCell(t)
	c.lives()
	w, left, pieces := httptest.NewRecorder(), true, 0
	p.server.ServeHTTP(line{ResponseRecorder: w, deadline: func(time.Time) { left = true }, piece: func(n int) error {
		if !left || n > limits.DownloadPiece {
			return os.ErrDeadlineExceeded
		}
		if n > 0 {
			left = false
			pieces++
		}
		return nil
	}}, c.asked("POST /me/export", "self"))
	var all map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &all); err != nil || w.Header().Get("Content-Length") != fmt.Sprint(w.Body.Len()) {
		t.Errorf("%d of %s bytes got through: %v", w.Body.Len(), w.Header().Get("Content-Length"), err)
	}
	if pieces < 50 {
		t.Errorf("it was no more than %d pieces: the test proves little", pieces)
	}
}

func TestADownloadEndsWhenItsReaderStandsStill(t *testing.T) {
	p := newPrincipals(t)
	c := p.newCell(t)
	c.lives()
	for _, route := range []string{"POST /me/export", "GET /me/accounts/:id/history.csv"} {
		pieces := 0
		broken := func() (v any) {
			defer func() { v = recover() }()
			p.server.ServeHTTP(line{ResponseRecorder: httptest.NewRecorder(), piece: func(n int) error {
				if n == 0 {
					return nil
				}
				pieces++
				return os.ErrDeadlineExceeded
			}}, c.asked(route, "self"))
			return nil
		}()
		if broken != http.ErrAbortHandler || pieces != 1 {
			t.Errorf("%s: after %d pieces it ended with %v, want the connection cut after the first", route, pieces, broken)
		}
		w := httptest.NewRecorder()
		if p.server.ServeHTTP(w, c.asked(route, "self")); w.Code != http.StatusOK {
			t.Errorf("%s: the next try is answered %d", route, w.Code)
		}
	}
}
