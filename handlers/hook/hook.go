// Package hook is the endpoint of the provider's webhooks: it lets in what has the
// token, and says 200 once a delivery is committed to disk. It knows no page.
package hook

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/handlers/worker"
	"balancelink/okra/provider"
	"balancelink/store"
)

// Config is what a [Service] needs, all of it.
type Config struct {
	Site     *web.Site
	Store    *store.Store
	Provider provider.Receiver
	Worker   Worker
	Answered func(result string, took time.Duration) // is told of every delivery that was answered
}

// Worker is what receiving needs of the background work.
type Worker interface {
	WakeInbox() // a webhook has come in
}

// Service receives the provider's webhooks.
type Service struct {
	*web.Site
	Store    *store.Store
	Provider provider.Receiver
	Worker   Worker
	answered func(result string, took time.Duration)
	guard    *guard
}

// New returns a service whose [Service.RecordRejections] has to be called now
// and then.
func New(cfg Config) *Service {
	return &Service{
		Site: cfg.Site, Store: cfg.Store, Provider: cfg.Provider, Worker: cfg.Worker,
		guard: newGuard(cfg.Provider.Authentic), answered: cfg.Answered,
	}
}

// Limit is how large a delivery may be.
const Limit = 256 << 10

// received is what becomes of a delivery that is kept; what else may is why it is refused.
const received = "received"

// Results are what may become of a delivery, in a word each.
func Results() []string {
	return []string{
		received, "unauthorized", "too_many", "unsupported_type", "unsupported_encoding", "too_large", "unreadable",
		"bad_json", "over_quota", "not_stored",
	}
}

// refusal is an answer to the provider that says no.
type refusal struct {
	status int
	code   string
}

// Receive handles POST /webhooks/okra. It stores whatever is JSON, with
// what rows alone tell that the event does, and says 200; it asks the provider
// nothing. A 200 means: committed to disk.
func (s *Service) Receive(c *gin.Context) {
	began := time.Now()
	s.answered(s.receive(c), time.Since(began))
}

// receive is Receive, and says in a word what became of the delivery.
func (s *Service) receive(c *gin.Context) string {
	if no := s.guard.refuse(c.Request, s.Sender(c)); no != nil {
		return s.answerRefusal(c, *no)
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, Limit))
	if err != nil {
		return s.answerRefusal(c, unreadable(err))
	}
	var receipt store.Receipt
	event, redacted, err := s.Provider.Receive(body)
	if err == nil {
		kept := worker.NewEvent(s.Provider.Name(), s.Settings.Env, event, keptHeaders(c.Request.Header), redacted)
		receipt, err = s.Store.ReceiveEvent(kept, worker.AtOnce(event, s.Settings.Transactions.On()))
	}
	if receipt.Left {
		s.Worker.WakeInbox()
	}
	switch {
	case err == nil:
		c.JSON(http.StatusOK, gin.H{"received": true})
		return received
	case errors.Is(err, provider.ErrBadJSON):
		return s.answerRefusal(c, refusal{http.StatusBadRequest, "bad_json"})
	case errors.Is(err, store.ErrQuota):
		return s.answerRefusal(c, refusal{http.StatusTooManyRequests, "over_quota"})
	}
	s.Logger.Error("storing a webhook", "request", web.RequestID(c), "err", err)
	return s.answerRefusal(c, refusal{http.StatusServiceUnavailable, "not_stored"})
}

func unreadable(err error) refusal {
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return refusal{http.StatusRequestEntityTooLarge, "too_large"}
	}
	return refusal{http.StatusBadRequest, "unreadable"}
}

// answerRefusal says no, and returns why in a word.
func (s *Service) answerRefusal(c *gin.Context, r refusal) string {
	s.guard.count(r.code)
	switch r.status {
	case http.StatusUnauthorized:
		c.Header("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		c.Header("Retry-After", "60")
	}
	c.JSON(r.status, gin.H{"error": r.code, "id": web.RequestID(c)})
	return r.code
}

// keptHeaders are the headers that help to understand a delivery; the token is
// not among them, and neither is a number that is no address.
func keptHeaders(h http.Header) string {
	kept := map[string]string{}
	for _, name := range []string{"Content-Type", "Content-Length", "User-Agent", "X-Request-Id", "X-Forwarded-For"} {
		v := web.Clip(h.Get(name), 200)
		if name != "X-Forwarded-For" || !addresses(v) {
			v = provider.MaskNumbers(v)
		}
		if v != "" {
			kept[name] = v
		}
	}
	text, _ := json.Marshal(kept) // texts always encode
	return string(text)
}

// addresses says whether a list holds nothing but addresses.
func addresses(list string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if _, err := netip.ParseAddr(strings.TrimSpace(one)); err != nil {
			return false
		}
	}
	return true
}
