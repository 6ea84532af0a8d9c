package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/securecookie"

	"balancelink/views"
)

// saidFor is how long a sentence waits for its page.
const saidFor = time.Minute

// said carries a sentence about what was just done from the answer to a form to the page
// that comes next, sealed in the browser of whoever did it.
type said struct {
	codecs []securecookie.Codec
	cookie http.Cookie
}

// saying is such a sentence.
type saying struct {
	Page     string // path of the page that says it
	Actor    string // to whom
	At       time.Time
	Sentence string
	Undo     views.Undo
}

func newSaid(s *Site) (said, error) {
	cookie, codecs, err := s.SealedCookie("said", 0) // it has its own time
	cookie.MaxAge, cookie.SameSite = int(saidFor.Seconds()), http.SameSiteLaxMode
	return said{codecs, cookie}, err
}

// Done is the answer to a form that was done what it asks for: on to a page, which says
// so once.
func (s *Site) Done(c *gin.Context, url, sentence string) error {
	return s.DoneUntil(c, url, sentence, views.Undo{})
}

// DoneUntil is [Site.Done] for what can be taken back.
func (s *Site) DoneUntil(c *gin.Context, url, sentence string, undo views.Undo) error {
	page, _, _ := strings.Cut(url, "?")
	value, err := securecookie.EncodeMulti(
		s.said.cookie.Name, saying{page, ActorOf(c), s.Now(), sentence, undo}, s.said.codecs...,
	)
	if err != nil { // it is done all the same
		s.Logger.Error("keeping what a page says", "err", err)
		return SeeOther(c, url)
	}
	cookie := s.said.cookie
	cookie.Value = value
	http.SetCookie(c.Writer, &cookie)
	return SeeOther(c, url)
}

// saidHere is what was just done, on the page that says it. It is said once.
func (s *Site) saidHere(c *gin.Context) (sentence string, undo views.Undo) {
	cookie, err := c.Request.Cookie(s.said.cookie.Name)
	if err != nil || IsHTMX(c) {
		return "", undo
	}
	var one saying
	if securecookie.DecodeMulti(s.said.cookie.Name, cookie.Value, &one, s.said.codecs...) != nil {
		return "", undo
	}
	if one.Page != c.Request.URL.Path || one.Actor != ActorOf(c) || s.Now().Sub(one.At).Abs() > saidFor {
		return "", undo
	}
	over := s.said.cookie
	over.MaxAge = -1
	http.SetCookie(c.Writer, &over)
	return one.Sentence, one.Undo
}
