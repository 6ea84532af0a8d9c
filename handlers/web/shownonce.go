package web

import (
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/securecookie"

	"balancelink/store"
)

// shownFor is how long a page shows again what is kept nowhere, when it is loaded again.
const shownFor = 10 * time.Minute

// ShownOnce carries a secret from the form that made it to the page that shows
// it, sealed in the browser of whoever made it: that page can be loaded again
// without making another one, and the secret is kept nowhere here.
type ShownOnce struct {
	now    func() time.Time
	codecs []securecookie.Codec
	cookie http.Cookie
}

// Secret is what a page shows: a link with its code, or recovery codes.
type Secret struct {
	Page      string // its path
	StaffID   string // who made it
	At        time.Time
	ExpiresAt time.Time
	Link      string
	Codes     []string
}

// NewShownOnce returns what seals such secrets with the key of that site.
func NewShownOnce(s *Site) (*ShownOnce, error) {
	cookie, codecs, err := s.SealedCookie("shown", 0) // it has its own time
	if err != nil {
		return nil, err
	}
	cookie.MaxAge, cookie.SameSite = int(shownFor.Seconds()), http.SameSiteStrictMode
	return &ShownOnce{now: s.Now, codecs: codecs, cookie: cookie}, nil
}

// Show goes on to the page that shows a secret.
func (o *ShownOnce) Show(c *gin.Context, made Secret) error {
	made.StaffID, made.At = MustStaff(c).ID, o.now()
	value, err := securecookie.EncodeMulti(o.cookie.Name, made, o.codecs...)
	if err != nil {
		return fmt.Errorf("sealing what is shown once: %w", err)
	}
	cookie := o.cookie
	cookie.Value = value
	http.SetCookie(c.Writer, &cookie)
	return SeeOther(c, made.Page)
}

// Shown is the secret that the page of a request shows; [store.ErrNotFound]: none
// that this member of staff has made a moment ago.
func (o *ShownOnce) Shown(c *gin.Context) (made Secret, err error) {
	cookie, err := c.Request.Cookie(o.cookie.Name)
	if err != nil || securecookie.DecodeMulti(o.cookie.Name, cookie.Value, &made, o.codecs...) != nil {
		return Secret{}, store.ErrNotFound
	}
	if made.Page != c.Request.URL.Path || made.StaffID != MustStaff(c).ID || o.now().Sub(made.At) > shownFor {
		return Secret{}, store.ErrNotFound
	}
	return made, nil
}

// NotShownAgain is the answer when a secret is not shown any more.
func NotShownAgain(c *gin.Context, url, label string) error {
	return &Error{
		Status: http.StatusGone, Heading: Say(c, "This is not shown any more"),
		Sentence: Say(
			c, "Only the person who made it could see it, for ten minutes. We keep no copy. If it is lost, make a new one.",
		),
		NextURL: url, NextLabel: label,
	}
}
