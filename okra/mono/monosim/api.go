package monosim

import (
	"cmp"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

type object = map[string]any

// A call is one request to the API.
type call struct {
	*http.Request
	body    object
	account *account // of the path; nil: the path has none
	header  http.Header
}

// An answer is what a call gets. The zero status means 200, and a nil body none at all.
type answer struct {
	Status int
	Body   any
}

// apiRoutes lists all that the API answers.
func (s *Server) apiRoutes() http.Handler {
	mux := http.NewServeMux()
	for pattern, handle := range map[string]func(*Server, *call) answer{
		"POST /v2/accounts/initiate": (*Server).initiate,
		"POST /v2/accounts/auth":     (*Server).exchange,
		"GET /v2/accounts":           (*Server).list,
		"POST /v2/customers":         (*Server).createCustomer,
		"DELETE /v2/customers/{id}":  (*Server).deleteCustomer,
		"GET /v3/institutions":       (*Server).institutions,

		"POST /v2/connect/session":        (*Server).openSession,
		"GET /v2/connect/sandbox":         (*Server).sandboxLogins,
		"POST /v2/connect/login":          (*Server).sessionLogin,
		"POST /v2/connect/commit":         (*Server).sessionCommit,
		"POST /v2/connect/reauth/session": (*Server).openReauthSession,
		"POST /v2/connect/reauth/login":   (*Server).reauthLogin,
	} {
		mux.Handle(pattern, s.endpoint(handle))
	}
	for pattern, handle := range map[string]func(*Server, *call) answer{
		"GET /v2/accounts/{id}":              (*Server).details,
		"GET /v2/accounts/{id}/balance":      (*Server).balance,
		"GET /v2/accounts/{id}/transactions": (*Server).transactions,
		"GET /v2/accounts/{id}/identity":     (*Server).identity,
		"GET /v2/accounts/{id}/jobs/{job}":   (*Server).jobStatus,
		"POST /v2/accounts/{id}/unlink":      (*Server).unlink,
	} {
		mux.Handle(pattern, s.endpoint(ofAccount(handle)))
	}
	mux.HandleFunc("/", s.serveUnknown)
	return mux
}

// serveUnknown is loud, because a path that the simulator lacks is either a mistake of
// the client or a gap in the simulator.
func (s *Server) serveUnknown(w http.ResponseWriter, r *http.Request) {
	s.cfg.Logger.Warn("monosim: no such path", "method", r.Method, "path", r.URL.Path)
	write(w, failed(http.StatusNotFound, "monosim has no "+r.Method+" "+r.URL.Path))
}

// endpoint answers by a handler, which runs under s.mu, whoever has the key.
func (s *Server) endpoint(handle func(*Server, *call) answer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{Request: r, header: w.Header()}
		open := r.URL.Path == "/v3/institutions"
		if !s.authorized(r, open) {
			w.WriteHeader(http.StatusUnauthorized) // with an empty body ("Errors", 2025-10-23)
			return
		}
		var err error
		if c.body, err = readBody(r); err != nil {
			write(w, failed(http.StatusBadRequest, "The body is not valid JSON"))
			return
		}
		var a answer
		s.locked(func() { s.calls[r.Pattern]++; a = handle(s, c) })
		if o, ok := a.Body.(object); ok && o["status"] != nil {
			o["timestamp"] = s.now().Format(isoDate) // when the answer was made, not when the bank was read
		}
		if a.Body == silence {
			s.hangUp(r)
		}
		write(w, a)
	})
}

// silence is a body in place of which a call is hung up on.
const silence raw = "silence"

func (s *Server) hangUp(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.tasks.Context().Done():
	case <-s.cfg.After(90 * time.Second):
	}
	panic(http.ErrAbortHandler) // without a word
}

// authorized checks the key. That the institutions are open to callers without any is
// INF; a wrong key is a wrong key.
func (s *Server) authorized(r *http.Request, open bool) bool {
	key := r.Header.Get("mono-sec-key")
	if open && key == "" {
		return true
	}
	return s.cfg.SecretKey != "" && subtle.ConstantTimeCompare([]byte(key), []byte(s.cfg.SecretKey)) == 1
}

// ofAccount finds the account of a path, and lets it suffer its scenario.
func ofAccount(handle func(*Server, *call) answer) func(*Server, *call) answer {
	return func(s *Server, c *call) answer {
		id := c.PathValue("id")
		if c.account = s.account(id); c.account == nil {
			return s.unknown(id)
		}
		if sc := firstOf(c.account.Scenarios, OfCalls); sc != "" {
			return suffer(sc, c.header)
		}
		return handle(s, c)
	}
}

// suffer answers for a scenario of the group OfCalls.
func suffer(sc Scenario, h http.Header) answer {
	switch sc {
	case Unpaid:
		return failed(http.StatusPaymentRequired, "Insufficient funds in your wallet")
	case Forbidden:
		return failed(http.StatusForbidden, "Your app does not have access to this resource")
	case Limited:
		h.Set("Retry-After", "60") // INF: no source has seen one
		return failed(http.StatusTooManyRequests, "Too many requests")
	case LimitedBare:
		return failed(http.StatusTooManyRequests, "Too many requests")
	case WebPage:
		h.Set("Content-Type", "text/html; charset=utf-8")
		return answer{http.StatusBadGateway, raw("<!doctype html><title>502 Bad Gateway</title>")}
	case SaysFailed:
		return failed(http.StatusOK, "Request failed")
	case HalfJSON:
		return answer{http.StatusOK, raw(`{"status":"successful",`)}
	case Redirect:
		h.Set("Location", "/v2/elsewhere")
		return answer{Status: http.StatusFound}
	case Silence:
		return answer{Body: silence}
	}
	return answer{Status: http.StatusServiceUnavailable}
}

// unknown answers for an account that was never linked, or is not any more. Which
// status Mono has for that nobody says (INF); of a 404 the body may be empty.
func (s *Server) unknown(id string) answer {
	parsed, ok := parseID(id, kindAccount)
	if ok && slices.Contains(s.holdings[parsed.Holding].Scenarios, Gone400) {
		return failed(http.StatusBadRequest, "This account is no longer linked")
	}
	return notFound()
}

var errBadBody = errors.New("the body is not one JSON object")

// readBody reads the body of a POST, which may be empty.
func readBody(r *http.Request) (object, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil || strings.TrimSpace(string(body)) == "" {
		return object{}, err
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, errBadBody
	}
	var o object
	if err := json.Unmarshal(body, &o); err != nil || o == nil {
		return nil, errBadBody
	}
	return o, nil
}

// at returns what stands in a body under the keys, nil if there is no such thing.
func (c *call) at(keys ...string) any {
	var v any = c.body
	for _, key := range keys {
		o, _ := v.(object)
		v = o[key]
	}
	return v
}

// text returns a text under the keys, without spaces about it; empty: there is none.
func (c *call) text(keys ...string) string {
	text, _ := c.at(keys...).(string)
	return strings.TrimSpace(text)
}

// raw is a body that is written as it is.
type raw string

func write(w http.ResponseWriter, a answer) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	status := cmp.Or(a.Status, http.StatusOK)
	if a.Body == nil {
		w.WriteHeader(status)
		return
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	w.WriteHeader(status)
	if text, ok := a.Body.(raw); ok {
		io.WriteString(w, string(text))
		return
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.Encode(a.Body)
}

// success is an answer in the envelope, which endpoint dates.
func success(message string, data any) answer {
	return answer{Body: object{"status": "successful", "message": message, "data": data}}
}

// retrieved is the message of most answers, as it is spelt since 2026-01.
const retrieved = "Request was succesfully completed"

func failed(status int, message string) answer {
	return answer{status, object{"status": "failed", "message": message, "data": nil}}
}

func notFound() answer { return answer{Status: http.StatusNotFound} }

// A complaint is what a request lacks.
type complaint struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// refused answers a request that lacks something, in the form in which clients of v2
// read it.
func refused(list []complaint) answer {
	return answer{http.StatusBadRequest, object{
		"status": "failed", "message": "Invalid request", "data": list,
	}}
}

// number reads a positive integer of the query.
func (c *call) number(name string, otherwise int) int {
	n, err := strconv.Atoi(c.URL.Query().Get(name))
	if err != nil || n < 1 {
		return otherwise
	}
	return min(n, 10_000)
}
