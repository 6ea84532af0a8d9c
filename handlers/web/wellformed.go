package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"balancelink/store/limits"
)

// isText says whether a text is one that every database keeps: UTF-8 without NUL.
func isText(text string) bool {
	return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0
}

func areTexts(values url.Values) bool {
	for name, all := range values {
		if !isText(name) {
			return false
		}
		for _, value := range all {
			if !isText(value) {
				return false
			}
		}
	}
	return true
}

// WellFormed is the gate that keeps out what is no text, whatever route it is for
// and wherever it would be kept. Bodies that are no forms, the provider's and the
// bank window's, are JSON, and package okra lets none of it in.
func (s *Site) WellFormed(c *gin.Context) {
	var err error
	if !isText(c.Request.URL.Path) {
		err = NotFound(c, nil)
	} else if _, other := s.Bodies[c.FullPath()]; !other && Changes(c.Request) {
		err = readForm(c, limits.Form) // for all that come after it: no handler reads it again
	}
	if err == nil && !(areTexts(c.Request.URL.Query()) && areTexts(c.Request.PostForm)) {
		err = noText(c)
	}
	if err != nil {
		s.ServeError(c, err)
	}
}

// FileForm reads a form that has a file in it, as [Site.WellFormed] reads all others, on
// a route that asked first who sends it. What of it is in memory is as much as the route
// takes, so that nothing of it lies on the disk.
func (s *Site) FileForm(c *gin.Context) {
	err := readForm(c, s.Bodies[c.FullPath()].Most)
	if err == nil && !areTexts(c.Request.PostForm) {
		err = noText(c)
	}
	if err != nil {
		s.ServeError(c, err)
	}
}

func noText(c *gin.Context) *Error {
	return &Error{
		Status: http.StatusUnprocessableEntity, Heading: Say(c, "This could not be read"),
		Sentence: Say(c, "What was sent holds characters that no text has. Nothing was changed."),
	}
}

// readForm reads a form, of which so many bytes of files are held in memory.
func readForm(c *gin.Context, inMemory int64) error {
	err := c.Request.ParseForm()
	if err == nil {
		err = c.Request.ParseMultipartForm(inMemory)
	}
	if err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return BadForm(c, err)
	}
	return nil
}
