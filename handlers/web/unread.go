package web

import (
	"errors"
	"io"
	"net/http"
	"time"

	"balancelink/store/limits"
)

// unread answers a request whose body may not be read: whoever is refused learns
// it at once, and the connection ends, for what was announced is not waited for.
// Otherwise the server would read on, up to a quarter of a megabyte or until the
// sender's time is over, before it says no.
//
// What is on its way already is read and dropped: to close while it comes in would
// reset the connection, and take the answer with it before the sender has seen it.
type unread struct {
	http.ResponseWriter
	body  *counted
	begun bool
}

// counted is a body that knows whether all of it was read.
type counted struct {
	io.ReadCloser
	ended bool
}

// Read implements [io.Reader].
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.ended = c.ended || errors.Is(err, io.EOF)
	return n, err
}

// WatchBody serves a request that has a body.
func WatchBody(next http.Handler, w http.ResponseWriter, r *http.Request) {
	u := &unread{ResponseWriter: w, body: &counted{ReadCloser: r.Body}}
	r.Body = u.body
	next.ServeHTTP(u, r)
	if u.begin(); !u.body.ended {
		u.drop(http.NewResponseController(w))
	}
}

// drop sends the answer and reads what still comes in, for a moment.
func (u *unread) drop(conn *http.ResponseController) {
	_ = conn.Flush() // who is not there any more is not waited for either
	defer conn.SetReadDeadline(time.Now())
	until, piece := time.Now().Add(limits.DropFor), make([]byte, 16<<10)
	for dropped := 0; dropped < limits.Drop && time.Now().Before(until); {
		// A writer that knows no deadline has nobody who sends the rest.
		if conn.SetReadDeadline(time.Now().Add(limits.DropPause)) != nil {
			return
		}
		n, err := u.body.Read(piece)
		if err != nil {
			return
		}
		dropped += n
	}
}

func (u *unread) begin() {
	if !u.begun && !u.body.ended {
		u.Header().Set("Connection", "close")
	}
	u.begun = true
}

// WriteHeader implements [http.ResponseWriter].
func (u *unread) WriteHeader(status int) {
	u.begin()
	u.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (u *unread) Write(p []byte) (int, error) {
	u.begin()
	return u.ResponseWriter.Write(p)
}

// Unwrap is for an [http.ResponseController].
func (u *unread) Unwrap() http.ResponseWriter { return u.ResponseWriter }
