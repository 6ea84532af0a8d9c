package okrasim

import (
	"net/http"
	"slices"
	"time"
)

// An Exchange is one call between the application and the simulated Okra.
type Exchange struct {
	At     time.Time // of the real clock, when it began
	ToApp  bool      // a webhook; otherwise the application asked
	What   string    // "POST /v2/balance/refresh", or the webhook and its account
	Status int       // of the answer; 0: there was none
}

// keptExchanges is how many the simulator remembers.
const keptExchanges = 50

// Exchanges lists the latest calls, newest first.
func (s *Server) Exchanges() []Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.Clone(s.exchanges)
	slices.Reverse(list)
	return list
}

func (s *Server) remember(e Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.exchanges) == keptExchanges {
		s.exchanges = s.exchanges[1:]
	}
	s.exchanges = append(s.exchanges, e)
}

// watched remembers every call of an API, one that is hung up on too.
func (s *Server) watched(api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := Exchange{At: s.cfg.Now(), What: r.Method + " " + r.URL.Path}
		seen := &witness{ResponseWriter: w}
		defer func() { s.remember(e) }()
		api.ServeHTTP(seen, r)
		e.Status = seen.status
	})
}

// witness notes the status of an answer.
type witness struct {
	http.ResponseWriter
	status int
}

func (w *witness) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *witness) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets a fault flush half an answer.
func (w *witness) Unwrap() http.ResponseWriter { return w.ResponseWriter }
