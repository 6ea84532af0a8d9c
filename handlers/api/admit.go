package api

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"balancelink/store"
	"balancelink/store/limits"
)

const (
	requestKey = "request id"
	apiKey     = "api key"
)

// identify gives each request an id, which its answer has too.
func identify(c *gin.Context) {
	id := rand.Text()[:10]
	c.Set(requestKey, id)
	c.Header("Request-Id", id)
}

func requestID(c *gin.Context) string { return c.GetString(requestKey) }

// prepare sets what every answer has and bounds what is read. A body that says that it
// is larger is refused before anything of it is read.
func (a *API) prepare(c *gin.Context) {
	a.Headers(c.Writer.Header())
	if c.Request.ContentLength > limits.Form {
		a.refuse(c, &http.MaxBytesError{Limit: limits.Form})
		return
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, limits.Form)
}

// wellFormed keeps out addresses that are no text. Bodies are JSON: see read.
func (a *API) wellFormed(c *gin.Context) {
	if !isText(c.Request.URL.Path) {
		a.refuse(c, notFound)
		return
	}
	values, err := url.ParseQuery(c.Request.URL.RawQuery)
	well := err == nil
	for name, all := range values {
		well = well && isText(name+strings.Join(all, ""))
	}
	if !well {
		a.refuse(c, malformed("The query holds what no text has."))
	}
}

// isText says whether a text is one that every database keeps: UTF-8 without NUL.
func isText(text string) bool { return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 }

func malformed(detail string) *problem {
	return &problem{status: http.StatusUnprocessableEntity, code: codeMalformed, detail: detail}
}

// unauthorized is one answer for no key and for one that is unknown, expired or revoked.
var unauthorized = &problem{
	status: http.StatusUnauthorized, code: codeUnauthorized,
	detail: "Send a key that works, as Authorization: Bearer KEY.",
}

// admit lets in who shows a key that works and allows that, as often as one may come.
// Whoever keeps trying keys that do not work has to wait; a right key is never refused
// for a neighbour's tries.
func (a *API) admit(scope store.KeyScope) gin.HandlerFunc {
	return a.handle(func(c *gin.Context) error {
		scheme, whole, _ := strings.Cut(c.GetHeader("Authorization"), " ")
		k, err := store.APIKey{}, store.ErrNotFound
		if strings.EqualFold(scheme, "Bearer") {
			k, err = a.Store.UseAPIKey(c.Request.Context(), strings.TrimSpace(whole))
		}
		if errors.Is(err, store.ErrNotFound) {
			return a.strike(c)
		}
		if err != nil {
			return err
		}
		c.Set(apiKey, k)
		if wait := a.requests.Take(k.ID, a.Now()); wait > 0 {
			return tooMany(wait, "There were too many requests with this key. Nothing was changed.")
		}
		if scope != anyScope && !k.Allows(scope) {
			return scopeMissing(scope)
		}
		return nil
	})
}

func scopeMissing(scope store.KeyScope) *problem {
	return &problem{
		status: http.StatusForbidden, code: codeScopeMissing,
		detail: "This key does not have the scope " + string(scope) + ".",
	}
}

// strike is the answer to a key that lets nobody in.
func (a *API) strike(c *gin.Context) error {
	wait := a.strikes.Take(limits.Network(a.Sender(c)), a.Now())
	if wait == 0 {
		return unauthorized
	}
	return tooMany(wait, "There were too many requests from your network without a key that works.")
}

func tooMany(wait time.Duration, detail string) *problem {
	return &problem{
		status: http.StatusTooManyRequests, code: codeTooManyRequests, detail: detail, retryAfter: wait,
	}
}

// keyOf is the key by which a request was let in.
func keyOf(c *gin.Context) store.APIKey { return c.MustGet(apiKey).(store.APIKey) }

// actor is who asks, as the audit log names them.
func actor(c *gin.Context) string {
	if k, ok := c.Get(apiKey); ok {
		return store.ByKey(k.(store.APIKey).ID)
	}
	return store.Nobody
}
