package web

import (
	"errors"
	"net/http"
	"strings"
	"unicode"

	"github.com/gin-gonic/gin"

	"balancelink/store/address"
	"balancelink/store/fold"
)

// LocalPath keeps a path on this server and turns anything else into the first
// page. Browsers read a backslash as a slash and leave tabs and line breaks out.
func LocalPath(next string) string {
	unsafe := func(r rune) bool { return r == '\\' || unicode.IsControl(r) }
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsFunc(next, unsafe) {
		return "/"
	}
	return next
}

// BadForm is the answer to a form that cannot be read.
func BadForm(c *gin.Context, err error) error {
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return err
	}
	return &Error{
		Status: http.StatusBadRequest, Heading: Say(c, "That form could not be read"),
		Sentence: Say(c, "Please go back and try again."),
	}
}

// Clip cuts a text to a number of characters.
func Clip(text string, max int) string {
	if r := []rune(text); len(r) > max {
		return string(r[:max])
	}
	return text
}

// Tidy is [fold.Tidy], for what people typed.
func Tidy(text string) string { return fold.Tidy(text) }

// TypedCode is a code as it was typed, without the spaces and hyphens that people write in it.
func TypedCode(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return r
	}, text)
}

// WrongEmail says in a sentence why that is no e-mail address; empty: it is one.
func WrongEmail(c *gin.Context, email string) string {
	if _, is := address.OnWire(email); !is || len(email) > 200 || strings.ContainsAny(email, " \"") {
		return Say(c, "Enter an e-mail address such as name@example.com.")
	}
	return ""
}
