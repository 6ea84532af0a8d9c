package simulate

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// An Exchange is one call between the application and a simulated provider.
type Exchange struct {
	At     time.Time // of the real clock, when it began
	ToApp  bool      // a webhook; otherwise the application asked
	What   string    // "POST /v2/balance/refresh", or the webhook and its account
	Status int       // of the answer; 0: there was none
}

// keptExchanges is how many a simulator remembers.
const keptExchanges = 50

// Traffic is the latest exchanges.
type Traffic struct {
	Now func() time.Time

	mu   sync.Mutex
	list []Exchange
}

// Exchanges lists the latest calls, newest first.
func (t *Traffic) Exchanges() []Exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := slices.Clone(t.list)
	slices.Reverse(list)
	return list
}

func (t *Traffic) remember(e Exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.list) == keptExchanges {
		t.list = t.list[1:]
	}
	t.list = append(t.list, e)
}

// Watched remembers every call of an API, one that is hung up on too.
func (t *Traffic) Watched(api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := Exchange{At: t.Now(), What: r.Method + " " + r.URL.Path}
		seen := &witness{ResponseWriter: w}
		defer func() { t.remember(e) }()
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
