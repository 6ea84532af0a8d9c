package web

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/gin-gonic/gin"

	"balancelink/store"
	"balancelink/views/locale"
)

const requestIDKey = "request id"

// Identify gives each request an id, so that a person can quote it and an
// operator can find it.
func Identify(c *gin.Context) {
	c.Set(requestIDKey, rand.Text()[:10])
}

// RequestID is the id that [Identify] gave a request.
func RequestID(c *gin.Context) string { return c.GetString(requestIDKey) }

// Recover turns a panic into an error page.
func (s *Site) Recover(c *gin.Context) {
	Recovering(func(c *gin.Context, err error) { s.ServeError(c, Internal(c, err)) })(c)
}

// Recovering turns a panic into an error, which is answered so. It is our own because gin's
// writes request headers, cookies among them, to the log.
func Recovering(answer func(*gin.Context, error)) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer func() {
			switch v := recover(); v {
			case nil:
			case http.ErrAbortHandler:
				panic(v)
			default:
				answer(c, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
			}
		}()
		c.Next()
	}
}

// spinnerHash allows the one inline style that okra-js 2.1.1 brings: its spinner.
const spinnerHash = "'sha256-wpfNbTFg1zVt8rdm/3holLiDWGovbFak6qX9Bc0EKdo='"

// Headers sets the headers that keep browsers out of trouble. Only the page
// around the bank window may hold a frame, and only the widget's.
func (s *Site) Headers(c *gin.Context) { s.SetHeaders(c.Writer.Header()) }

// SetHeaders sets them where no route is reached.
func (s *Site) SetHeaders(h http.Header) { maps.Copy(h, s.standing) }

// standingHeaders are what every answer has.
func standingHeaders(publicURL string) http.Header {
	h := http.Header{}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // with none, older browsers do not say whose page a form is on
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	h.Set("Cache-Control", "no-store")
	h.Set(
		"Content-Security-Policy",
		csp("'none'", "'self'")+"; require-trusted-types-for 'script'; trusted-types balancelink",
	)
	if strings.HasPrefix(publicURL, "https://") {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	return h
}

// csp is the Content-Security-Policy with what may differ between pages.
func csp(frames, styles string) string {
	return "default-src 'none'; script-src 'self'; style-src " + styles +
		"; img-src 'self' data:; connect-src 'self'; " +
		"form-action 'self'; base-uri 'none'; object-src 'none'; frame-src " + frames + "; frame-ancestors 'none'"
}

// AllowWidget opens the policy for the widget's frame on this one page, and
// lifts Trusted Types there: okra-js writes plain HTML.
func AllowWidget(c *gin.Context, widgetURL string) {
	c.Header("Content-Security-Policy", csp(origin(widgetURL), "'self' "+spinnerHash))
}

// SameOrigin refuses state-changing requests that another site's page sent, or
// that carry our cookie and do not say which page sent them: every browser
// says so, by Sec-Fetch-Site or, when it is older, by Origin or Referer. Servers
// such as the provider have no cookie and pass.
func (s *Site) SameOrigin(next http.Handler) http.Handler {
	deny := http.HandlerFunc(s.denyOrigin)
	p := http.NewCrossOriginProtection()
	if err := p.AddTrustedOrigin(origin(s.Settings.PublicURL)); err != nil {
		s.Logger.Error("trusting PUBLIC_URL", "err", err)
	}
	p.SetDenyHandler(deny)
	checked := p.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if Changes(r) && HasCookie(r) && r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
			referer := r.Header.Get("Referer")
			if referer == "" {
				deny(w, r)
				return
			}
			r = r.Clone(r.Context())
			r.Header.Set("Origin", origin(referer))
		}
		checked.ServeHTTP(w, r)
	})
}

// crossSite is what the log has for a route: the request got to none.
const crossSite = "from another site"

func (s *Site) denyOrigin(w http.ResponseWriter, r *http.Request) {
	s.noteRefusal(denial{http.StatusForbidden, method(r), crossSite, store.Nobody})
	s.SetHeaders(w.Header())
	w.Header().Set("Vary", "Sec-Fetch-Site, Origin")
	http.Error(w, locale.Say(
		r.Context(), "This form was not sent from our site. Go back, load the page again, and try once more.",
	), http.StatusForbidden)
}

// method is a request's method as it may be logged: anybody can make one up.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return r.Method
	}
	return "other"
}

// Changes says whether a request may change something.
func Changes(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions
}

// origin is scheme, host and port of an address, as browsers compare them.
func origin(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}
