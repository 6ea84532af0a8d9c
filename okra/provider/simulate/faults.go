// Package simulate holds what simulated providers have in common: faults of their
// APIs, tasks that wait for their time, and what went to and fro. It imports only the
// standard library, so that no simulator shares a mistake with a client.
package simulate

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// A Fault is a named way in which an API goes wrong, as a layer over one that
// is well. The zero Fault is none.
type Fault struct {
	Name string
	over func(api http.Handler) http.Handler
}

func (f Fault) serve(api http.Handler, w http.ResponseWriter, r *http.Request) {
	if f.over != nil {
		api = f.over(api)
	}
	api.ServeHTTP(w, r)
}

// Faulty is an API of which some paths are at fault. Unlike a scenario, which an
// account has, a fault concerns whoever calls.
type Faulty struct {
	API http.Handler

	mu    sync.Mutex
	fault Fault
	paths []string // at fault
	all   bool     // all paths are
}

// Set puts API paths at fault, and mends all others. A path is named by what it ends
// with, such as "balance/refresh".
func (f *Faulty) Set(fault Fault, paths ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault, f.paths, f.all = fault, paths, false
}

// SetAll puts every path at fault.
func (f *Faulty) SetAll(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault, f.paths, f.all = fault, nil, true
}

// ServeHTTP implements [http.Handler].
func (f *Faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	fault := f.fault
	ends := func(path string) bool { return strings.HasSuffix(r.URL.Path, "/"+path) }
	if !f.all && !slices.ContainsFunc(f.paths, ends) {
		fault = Fault{}
	}
	f.mu.Unlock()
	fault.serve(f.API, w, r)
}

const jsonType = "application/json; charset=utf-8"

// Answers is a fault that answers every call with the same text, as JSON.
// headers are names and values, over its own.
func Answers(name string, status int, body string, headers ...string) Fault {
	return Fault{name, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", jsonType)
			for i := 0; i+1 < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(status)
			io.WriteString(w, body)
		})
	}}
}

// WebPage is the page of whoever bought the name.
func WebPage() Fault {
	return Answers(
		"web page", http.StatusOK, "<!doctype html><title>This domain is for sale</title>", "Content-Type",
		"text/html; charset=utf-8",
	)
}

// Breaks is a fault that breaks the connection off in the middle of an answer.
func Breaks() Fault {
	return Fault{"broken off", func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", jsonType)
			w.Header().Set("Content-Length", "500")
			io.WriteString(w, `{"status":"success",`)
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})
	}}
}

// Huge is an answer of a gigabyte.
func Huge() Fault {
	return Fault{"huge", func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", jsonType)
			for range 1 << 14 {
				if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<16)); err != nil {
					return
				}
			}
		})
	}}
}

// Bomb is a small compressed answer, which nobody asked to be compressed, of
// eight megabytes.
func Bomb() Fault {
	return Answers("gzip bomb", http.StatusOK, bomb(), "Content-Encoding", "gzip")
}

var bomb = sync.OnceValue(func() string {
	var body bytes.Buffer
	z := gzip.NewWriter(&body)
	for range 1 << 7 {
		z.Write(bytes.Repeat([]byte(" "), 1<<16))
	}
	z.Close()
	return body.String()
})

// Rewrites is a fault that changes the text of the API's own answers.
func Rewrites(name string, change func(body []byte) []byte) Fault {
	return Fault{name, func(api http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec := &recorder{header: http.Header{}, code: http.StatusOK}
			api.ServeHTTP(rec, r)
			body := change(rec.body.Bytes())
			maps.Copy(w.Header(), rec.header)
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			w.WriteHeader(rec.code)
			w.Write(body)
		})
	}}
}

// Edits is a fault that changes every object that has the key in the API's own
// answers. A value of type Raw reaches the wire as it is.
func Edits(name, key string, edit func(o map[string]any)) Fault {
	return Rewrites(name, func(body []byte) []byte {
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.UseNumber()
		var doc any
		if dec.Decode(&doc) != nil {
			return body
		}
		raws := map[string]string{}
		walk(doc, func(o map[string]any) {
			if _, ok := o[key]; !ok {
				return
			}
			edit(o)
			for name, v := range o {
				if raw, ok := v.(Raw); ok {
					mark := "@raw" + strconv.Itoa(len(raws)) + "@"
					o[name], raws[mark] = mark, string(raw)
				}
			}
		})
		text, _ := json.Marshal(doc)
		for mark, raw := range raws {
			text = bytes.ReplaceAll(text, []byte(`"`+mark+`"`), []byte(raw))
		}
		return text
	})
}

// Raw is a value in the text of an answer, valid JSON or not.
type Raw string

func walk(v any, see func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		see(v)
		for _, inner := range v {
			walk(inner, see)
		}
	case []any:
		for _, inner := range v {
			walk(inner, see)
		}
	}
}

// Held is a fault that keeps the API's answer back until release is closed.
func Held(asked chan<- struct{}, release <-chan struct{}) Fault {
	return Fault{"held", func(api http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec := &recorder{header: http.Header{}, code: http.StatusOK}
			api.ServeHTTP(rec, r)
			select {
			case asked <- struct{}{}:
			default:
			}
			<-release
			maps.Copy(w.Header(), rec.header)
			w.WriteHeader(rec.code)
			w.Write(rec.body.Bytes())
		})
	}}
}

// InTurn is a fault that is another one at each call, and the last for ever.
func InTurn(name string, faults ...Fault) Fault {
	var calls atomic.Int64
	return Fault{name, func(api http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			i := min(int(calls.Add(1))-1, len(faults)-1)
			faults[i].serve(api, w, r)
		})
	}}
}

// recorder keeps an answer instead of sending it.
type recorder struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(code int)        { r.code = code }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }
