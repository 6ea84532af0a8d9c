package web

import (
	"bytes"
	"context"
	"net/http"
	"sync"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"balancelink/store"
	"balancelink/views"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Render draws a page whole before the first byte is sent: a component that
// fails gives an error page, never half a page with status 200.
func Render(c *gin.Context, status int, page templ.Component) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := page.Render(drawing(c), b); err != nil {
		return Internal(c, err)
	}
	if !bytes.Contains(b.Bytes(), []byte(views.Whole)) {
		b.WriteString(views.Whole) // a part of a page
	}
	html := b.Bytes()
	if as := seenOf(c); as != nil {
		var err error
		if html, err = readOnly(html, as.base); err != nil {
			return Internal(c, err)
		}
	}
	sendHTML(c, status, html)
	return nil
}

// SeeOther sends the browser to a page with GET after a POST that worked.
func SeeOther(c *gin.Context, url string) error {
	c.Redirect(http.StatusSeeOther, url)
	return nil
}

// drawing is the context in which a page is drawn: for whoever is signed in, and
// without amounts for who has hidden them. Files that are taken out have them all
// the same.
func drawing(c *gin.Context) context.Context {
	ctx := c.Request.Context()
	if who := ActorOf(c); who != store.Nobody {
		ctx = views.DrawnFor(ctx, who)
	}
	if cookie, err := c.Request.Cookie(amountsCookie); err == nil && cookie.Value == "hidden" {
		ctx = views.HideAmounts(ctx)
	}
	return ctx
}
