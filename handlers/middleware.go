package handlers

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/gin-gonic/gin"
)

const requestIDKey = "request id"

// identify gives each request an id, so that a person can quote it and an
// operator can find it.
func (s *Server) identify(c *gin.Context) {
	c.Set(requestIDKey, rand.Text()[:10])
}

func requestID(c *gin.Context) string { return c.GetString(requestIDKey) }

// recover turns a panic into an error page. It is our own because gin's writes
// request headers, cookies among them, to the log.
func (s *Server) recover(c *gin.Context) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			panic(v)
		default:
			s.serveError(c, internal(fmt.Errorf("panic: %v\n%s", v, debug.Stack())))
		}
	}()
	c.Next()
}

// spinnerHash allows the one inline style that okra-js 2.1.1 brings: its spinner.
const spinnerHash = "'sha256-wpfNbTFg1zVt8rdm/3holLiDWGovbFak6qX9Bc0EKdo='"

// headers sets the headers that keep browsers out of trouble. Only the page
// around the bank window may hold a frame, and only the widget's.
func (s *Server) headers(c *gin.Context) { s.setHeaders(c.Writer.Header()) }

func (s *Server) setHeaders(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", csp("'none'", "'self'")+"; require-trusted-types-for 'script'; trusted-types balancelink")
	if strings.HasPrefix(s.Settings.PublicURL, "https://") {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// csp is the Content-Security-Policy with what may differ between pages.
func csp(frames, styles string) string {
	return "default-src 'none'; script-src 'self'; style-src " + styles + "; img-src 'self' data:; connect-src 'self'; " +
		"form-action 'self'; base-uri 'none'; object-src 'none'; frame-src " + frames + "; frame-ancestors 'none'"
}

// allowWidget opens the policy for the widget's frame on this one page, and
// lifts Trusted Types there: okra-js writes plain HTML.
func (s *Server) allowWidget(c *gin.Context) {
	c.Header("Content-Security-Policy", csp(origin(s.Settings.OkraWidgetURL), "'self' "+spinnerHash))
}

// sameOrigin refuses state-changing requests that another site's page sent.
// Servers such as the provider send neither Origin nor Sec-Fetch-Site and pass.
func (s *Server) sameOrigin(next http.Handler) http.Handler {
	p := http.NewCrossOriginProtection()
	if err := p.AddTrustedOrigin(origin(s.Settings.PublicURL)); err != nil {
		s.Logger.Error("trusting PUBLIC_URL", "err", err)
	}
	p.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.setHeaders(w.Header())
		w.Header().Set("Vary", "Sec-Fetch-Site, Origin")
		http.Error(w, "This request came from another site.", http.StatusForbidden)
	}))
	return p.Handler(next)
}

// origin is scheme, host and port of an address, as browsers compare them.
func origin(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}
