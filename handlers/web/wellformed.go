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
	err := s.readForm(c)
	switch {
	case !isText(c.Request.URL.Path):
		err = NotFound(c, nil)
	case err == nil && !(areTexts(c.Request.URL.Query()) && areTexts(c.Request.PostForm)):
		err = &Error{
			Status: http.StatusUnprocessableEntity, Heading: Say(c, "This could not be read"),
			Sentence: Say(c, "What was sent holds characters that no text has. Nothing was changed."),
		}
	}
	if err != nil {
		s.ServeError(c, err)
	}
}

// readForm reads the form of a route that takes one, for all that come after it:
// no handler reads it again, or sees one that cannot be read.
func (s *Site) readForm(c *gin.Context) error {
	if _, other := s.Bodies[c.FullPath()]; other || !Changes(c.Request) {
		return nil
	}
	err := c.Request.ParseForm()
	if err == nil {
		err = c.Request.ParseMultipartForm(limits.Form)
	}
	if err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return BadForm(c, err)
	}
	return nil
}
