package handlers

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// unread answers a request whose body may not be read: whoever is refused learns
// it at once, and the connection ends, for what was announced is not waited for.
// Otherwise the server would read on, up to a quarter of a megabyte or until the
// sender's time is over, before it says no.
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

// watchBody serves a request that has a body.
func watchBody(next http.Handler, w http.ResponseWriter, r *http.Request) {
	u := &unread{ResponseWriter: w, body: &counted{ReadCloser: r.Body}}
	r.Body = u.body
	next.ServeHTTP(u, r)
	if u.begin(); !u.body.ended {
		// A writer that knows no deadline has nobody who waits for the rest.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now())
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
