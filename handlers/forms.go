package handlers

import (
	"errors"
	"net/http"
	"net/mail"
	"strings"
	"unicode"

	"github.com/gin-gonic/gin"
)

// localPath keeps a path on this server and turns anything else into the first
// page. Browsers read a backslash as a slash and leave tabs and line breaks out.
func localPath(next string) string {
	unsafe := func(r rune) bool { return r == '\\' || unicode.IsControl(r) }
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsFunc(next, unsafe) {
		return "/"
	}
	return next
}

// badForm is the answer to a form that cannot be read.
func badForm(c *gin.Context, err error) error {
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return err
	}
	return &httpError{Status: http.StatusBadRequest, Heading: say(c, "That form could not be read"), Sentence: say(c, "Please go back and try again.")}
}

// clip cuts a text to a number of characters.
func clip(text string, max int) string {
	if r := []rune(text); len(r) > max {
		return string(r[:max])
	}
	return text
}

// tidy takes white space and characters that cannot be seen off both ends.
func tidy(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
}

// wrongEmail says in a sentence why that is no e-mail address; empty: it is one.
func wrongEmail(c *gin.Context, email string) string {
	a, err := mail.ParseAddress(email)
	if err != nil || a.Address != email || len(email) > 200 || strings.ContainsAny(email, " \"") {
		return say(c, "Enter an e-mail address such as name@example.com.")
	}
	return ""
}
