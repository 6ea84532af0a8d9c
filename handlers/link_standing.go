package handlers

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/handlers/worker"
	"balancelink/okra/provider"
	"balancelink/views"
)

// Why no bank window is opened, in a word.
const (
	linkingOff         = "off"
	linkingUntrusted   = "untrusted"
	linkingRefused     = "refused"
	linkingUnreachable = "unreachable"
)

// closed is why no link may be begun with a provider now, in a word; empty: it may.
// Whoever shows or opens a bank window asks this first. It probes the provider's
// hosts where nothing proves who they are.
func (s *Server) closed(c *gin.Context, u Upstream) string {
	t := u.standing()
	if u.Trust != nil {
		t = u.Trust.Asked(c.Request.Context())
	}
	why := unsafeToLink(t)
	switch {
	case why != "":
		return why
	case s.pause(u).Kind == provider.KindRefused:
		return linkingRefused
	case !t.Proven:
		return linkingUnreachable
	}
	return ""
}

// lost is why a bank window that is open must go, in a word; empty: it need not.
// That the provider does not answer for a while is no reason.
func (u Upstream) lost() string { return unsafeToLink(u.standing()) }

func unsafeToLink(t worker.Standing) string {
	switch {
	case t.Off:
		return linkingOff
	case t.Lost():
		return linkingUntrusted
	}
	return ""
}

var errLinkingClosed = errors.New("no bank window was opened: linking is closed")

// mayLink is an error in words for the customer while no link may be begun with a
// provider.
func (s *Server) mayLink(c *gin.Context, u Upstream) error {
	why := s.closed(c, u)
	if why == "" {
		return nil
	}
	return &web.Error{
		Status: http.StatusServiceUnavailable, RetryAfter: time.Minute, Err: errLinkingClosed,
		Heading:  views.ClosedHeading(c.Request.Context(), why),
		Sentence: views.ClosedSentence(c.Request.Context(), why, s.Settings.BusinessName),
	}
}
