package okrasim

import (
	"cmp"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

type object = map[string]any

// An answer is what one call gets. The zero status means 200.
type answer struct {
	Status     int
	RetryAfter string
	Body       any
	First      func() // runs before the answer is written, without the lock
}

// An endpoint answers one API path. Answer and About run under s.mu. About
// names the accounts that the call is about, whose scenarios it suffers.
type endpoint struct {
	Method string
	About  func(*Server, query) []*account
	Answer func(*Server, query) answer
}

var endpoints = map[string]endpoint{
	"balance/refresh":            {"POST", aboutAccount, (*Server).refreshBalance},
	"balance/check":              {"POST", aboutAccount, (*Server).checkBalance},
	"balance/getByCustomer":      {"POST", aboutCustomer, (*Server).balancesByCustomer},
	"balance/getById":            {"POST", aboutBalance, (*Server).balanceByID},
	"balance/getByAccount":       {"POST", aboutAccount, (*Server).balanceByAccount},
	"callback":                   {"GET", aboutRecord, (*Server).callback},
	"products/records/get":       {"POST", aboutRecord, (*Server).recordByID},
	"accounts/getByCustomer":     {"POST", aboutCustomer, (*Server).accountsByCustomer},
	"accounts/getAccountDetails": {"POST", aboutAccount, (*Server).accountDetails},
	"auth/getByCustomer":         {"POST", aboutCustomer, (*Server).authsByCustomer},
	"transactions/getByAccount":  {"POST", aboutAccount, (*Server).transactionsByAccount},
	"customers/list":             {"POST", aboutNothing, (*Server).listCustomers},
	"customers/remove":           {"POST", aboutCustomer, (*Server).removeCustomer},
	"banks/list":                 {"GET", aboutNothing, (*Server).listBanks},
}

// apiPath strips what stands before an API path. The sandbox had its own base,
// and its payloads' callback_url left it out; both mean the same here.
func apiPath(path string) string {
	path = strings.TrimPrefix(strings.TrimPrefix(path, "/"), "v2/")
	return strings.TrimPrefix(path, "sandbox/")
}

// serveAPI handles everything under /v2/ and /v2/sandbox/.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	path := apiPath(r.URL.Path)
	e, ok := endpoints[path]
	if !ok || e.Method != r.Method {
		s.serveUnknown(w, r)
		return
	}
	s.mu.Lock()
	s.calls[path]++
	s.mu.Unlock()
	if !s.authorized(r, path) {
		writeJSON(w, http.StatusUnauthorized, object{"name": "APIError", "status": "error",
			"message": "Unauthorized - You don't have access to this resource"})
		return
	}
	q, err := readQuery(r)
	if err != nil {
		writeJSON(w, http.StatusBadRequest, object{"status": "error"})
		return
	}
	s.answer(w, r, e, q)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, e endpoint, q query) {
	s.mu.Lock()
	if sc := faultOf(e.About(s, q)); sc != Normal {
		s.mu.Unlock()
		s.serveFault(w, r, sc)
		return
	}
	a := e.Answer(s, q)
	s.mu.Unlock()
	reply(w, a)
}

// reply writes an answer. s.mu must not be held.
func reply(w http.ResponseWriter, a answer) {
	if a.First != nil {
		a.First()
	}
	if a.RetryAfter != "" {
		w.Header().Set("Retry-After", a.RetryAfter)
	}
	writeJSON(w, cmp.Or(a.Status, http.StatusOK), a.Body)
}

// authorized checks the bearer key. The banks list was open to callers without
// any key, but a wrong key is a wrong key.
func (s *Server) authorized(r *http.Request, path string) bool {
	header := r.Header.Get("Authorization")
	if header == "" && path == "banks/list" {
		return true
	}
	return subtle.ConstantTimeCompare([]byte(header), []byte("Bearer "+s.cfg.SecretKey)) == 1
}

// faultOf returns the first scenario that spoils the whole call.
func faultOf(accounts []*account) Scenario {
	for _, a := range accounts {
		switch a.Scenario {
		case ServerError, Timeout, InvalidJSON, Redirect:
			return a.Scenario
		}
	}
	return Normal
}

func (s *Server) serveFault(w http.ResponseWriter, r *http.Request, sc Scenario) {
	switch sc {
	case ServerError:
		writeJSON(w, http.StatusServiceUnavailable, object{"status": "error",
			"message": "Our data source has returned a timeout response. Please retry the request. "})
	case Timeout:
		select {
		case <-r.Context().Done():
		case <-s.tasks.Context().Done():
		case <-s.cfg.After(90 * time.Second):
		}
		panic(http.ErrAbortHandler) // hangs up without a word
	case InvalidJSON:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		io.WriteString(w, `{"status":"success",`)
	case Redirect:
		http.Redirect(w, r, "/v2/elsewhere", http.StatusFound)
	}
}

// A query holds the members of the JSON body, or the parameters of a GET.
type query map[string]any

var errBadBody = errors.New("body is not one JSON object")

func readQuery(r *http.Request) (query, error) {
	q := query{}
	if r.Method == http.MethodGet {
		for name := range r.URL.Query() {
			q[name] = r.URL.Query().Get(name)
		}
		return q, nil
	}
	return q, readJSON(r, &q)
}

// readJSON reads one JSON value of type application/json into v.
func readJSON(r *http.Request, v any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return errBadBody
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || !strings.HasPrefix(strings.TrimSpace(string(body)), "{") {
		return errBadBody
	}
	return json.Unmarshal(body, v)
}

// text returns the first of the names that has a text, else "".
func (q query) text(names ...string) string {
	for _, name := range names {
		if text, _ := q[name].(string); text != "" {
			return text
		}
	}
	return ""
}

// number reads an integer that callers send as number or as text.
func (q query) number(name string, otherwise int) int {
	switch n := q[name].(type) {
	case float64:
		otherwise = int(n)
	case string:
		if i, err := strconv.Atoi(n); err == nil {
			otherwise = i
		}
	}
	return min(max(1, otherwise), 10_000)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.Encode(body)
}

func success(message string, data any) answer {
	return answer{Body: object{"status": "success", "message": message, "data": data}}
}

// unknown answers for ids that mean nothing. The type is documented as an error
// name; that it comes with 400 is [invented].
func unknown(what string) answer {
	return answer{Status: http.StatusBadRequest,
		Body: object{"status": "error", "type": "NO_RECORD_ID", "message": what + " not found"}}
}
