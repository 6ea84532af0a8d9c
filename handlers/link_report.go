package handlers

import (
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/limits"
)

// widgetSuccess handles POST /connect/attempts/:nonce/success: onSuccess data.
// It is a claim. It binds no account and sets no balance; the worker asks the
// provider whether it is true.
func (s *Server) widgetSuccess(c *gin.Context) error {
	return s.report(c, func(p provider.Receiver, _ provider.Window, body []byte) (store.Report, error) {
		claim, redacted, err := p.ReceiveClaim(body)
		if err != nil {
			return store.Report{Body: string(redacted)}, err
		}
		return store.Report{
			State: store.AttemptClaimed, ClaimedBy: "widget", Body: string(redacted),
			ProviderRecord: claim.Record, ProviderCustomer: claim.Customer, BankName: claim.BankName,
		}, nil
	})
}

// widgetClose handles POST /connect/attempts/:nonce/close.
func (s *Server) widgetClose(c *gin.Context) error {
	return s.report(c, func(_ provider.Receiver, w provider.Window, body []byte) (store.Report, error) {
		redacted, err := w.Redact(body)
		if len(body) == 0 {
			err = nil // the browser has nothing to say of it
		}
		return store.Report{State: store.AttemptClosed, Body: string(redacted)}, err
	})
}

// widgetError handles POST /connect/attempts/:nonce/error.
func (s *Server) widgetError(c *gin.Context) error {
	return s.report(c, func(_ provider.Receiver, w provider.Window, body []byte) (store.Report, error) {
		sentence, redacted := w.ReceiveFailure(body)
		r := store.Report{State: store.AttemptFailed, Reason: sentence, Body: string(redacted)}
		if redacted == nil && len(body) > 0 {
			return r, provider.ErrBadJSON
		}
		return r, nil
	})
}

// widgetStep handles POST /connect/attempts/:nonce/step: onEvent data. It says
// where people give up, and nothing follows from it.
func (s *Server) widgetStep(c *gin.Context) error {
	body, a, err := s.reported(c, s.steps)
	if err != nil {
		return err
	}
	window, err := windowOf(s.upstream(a.Provider))
	if err != nil {
		return err
	}
	step, err := window.ReceiveStep(body)
	if err != nil {
		return unreadableReport(c)
	}
	if err := s.Store.NoteStep(c.Request.Context(), web.ScopeOf(c), a.Nonce, step); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// reader reads what a browser tells of a provider's window.
type reader func(p provider.Receiver, w provider.Window, body []byte) (store.Report, error)

// windowOf is the window of a provider; one that has none is [store.ErrNotFound].
func windowOf(u Upstream) (provider.Window, error) {
	if w, ok := u.Provider.(provider.Window); ok {
		return w, nil
	}
	return nil, store.ErrNotFound
}

// report stores what the browser tells of the widget and answers how far the
// attempt is. A report that makes no sense is kept all the same, for staff.
func (s *Server) report(c *gin.Context, read reader) error {
	body, before, err := s.reported(c, s.reports)
	if err != nil {
		return err
	}
	u := s.upstream(before.Provider)
	window, err := windowOf(u)
	if err != nil {
		return err
	}
	r, err := read(u, window, body)
	bad := err != nil
	a, err := s.Store.ReportAttempt(c.Request.Context(), before.Nonce, r)
	if err != nil {
		return err
	}
	s.Worker.Wake()
	return answerReport(c, bad, r, before, a)
}

func answerReport(c *gin.Context, bad bool, r store.Report, before, a store.Attempt) error {
	switch {
	case bad:
		return unreadableReport(c)
	case r.State == store.AttemptClaimed && a.State == before.State && a.State != store.AttemptClaimed &&
		a.State != store.AttemptLinked && a.State != store.AttemptNeedsReview:
		return &web.Error{
			Status: http.StatusGone, Heading: web.Say(c, "That took too long"),
			Sentence: web.Say(c, "Please start again."),
		}
	case before.State == a.State && before.State != store.AttemptOpen:
		c.JSON(http.StatusOK, gin.H{"state": a.State, "already_received": true})
		return nil
	}
	c.JSON(http.StatusAccepted, gin.H{"state": a.State})
	return nil
}

// reported is what a bank window says and the attempt that it is of, within what
// windows of one customer may say.
func (s *Server) reported(c *gin.Context, allowed *limits.Limiter[string]) (body []byte, a store.Attempt, err error) {
	if err = s.LimitCustomer(c, allowed, web.MustCustomer(c).ID); err != nil {
		return nil, a, err
	}
	if body, err = io.ReadAll(c.Request.Body); err != nil {
		return nil, a, err
	}
	a, err = s.ownAttempt(c)
	return body, a, err
}

func unreadableReport(c *gin.Context) error {
	return &web.Error{
		Status: http.StatusUnprocessableEntity, Heading: web.Say(c, "That report could not be read"),
		Sentence: web.Say(c, "Please try again."),
	}
}
