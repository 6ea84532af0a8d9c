package web

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"sync"

	"github.com/gin-gonic/gin"

	"balancelink/static"
	"balancelink/views"
)

// compressFrom is the size in bytes from which on a page is compressed. A
// smaller one, such as most fragments, fits one packet as it is.
const compressFrom = 1 << 10

var zippers = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic("web: " + err.Error()) // the level is a constant
	}
	return w
}}

// sendHTML answers with a page, compressed where that is wanted and safe.
// Nothing else of ours is compressed here: answers to webhooks and files that
// are taken out do not come this way.
func sendHTML(c *gin.Context, status int, html []byte) {
	html = selfContained(html)
	c.Writer.Header().Add("Vary", "Accept-Encoding, Accept-Language")
	c.Header("Page-Version", views.Version) // app.js compares it with its own page's
	if len(html) >= compressFrom && !askedFromElsewhere(c.Request) &&
		static.Accepts(c.Request.Header.Values("Accept-Encoding"), "gzip") {
		b := buffers.Get().(*bytes.Buffer)
		defer buffers.Put(b)
		b.Reset()
		zip(b, html)
		c.Header("Content-Encoding", "gzip")
		html = b.Bytes()
	}
	c.Header("Content-Length", strconv.Itoa(len(html)))
	c.Data(status, "text/html; charset=utf-8", html)
}

func zip(b *bytes.Buffer, html []byte) {
	w := zippers.Get().(*gzip.Writer)
	defer zippers.Put(w)
	w.Reset(b)
	_, _ = w.Write(html) // a bytes.Buffer does not fail
	_ = w.Close()
}

// askedFromElsewhere says whether another site's page made the browser ask.
// Such an answer is sent as it is: whoever can make a browser ask again and
// again, with texts of their own that the page repeats, and sees how long the
// answers are, could guess from that what else is on the page (BREACH). Asked
// from our own pages, a page repeats nothing but what its own reader typed. No
// page holds a token against forged requests that could be guessed so.
func askedFromElsewhere(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "cross-site" || site == "same-site"
}
