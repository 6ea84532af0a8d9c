package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"balancelink/handlers/api"
	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// document is openapi.yaml as it is served, and what finds the operation of a request.
var document = sync.OnceValues(func() (*openapi3.T, error) {
	d, err := openapi3.NewLoader().LoadFromData(api.Document())
	if err != nil {
		return nil, err
	}
	return d, d.Validate(context.Background(), openapi3.EnableExamplesValidation())
})

func doc(t testing.TB) (*openapi3.T, routers.Router) {
	t.Helper()
	d, err := document()
	if err != nil {
		t.Fatal(err)
	}
	r, err := gorillamux.NewRouter(d)
	if err != nil {
		t.Fatal(err)
	}
	return d, r
}

// program is a program of the business, with a key.
type program struct {
	t      testing.TB
	site   *site.Site
	router routers.Router
	key    store.APIKey
	whole  string
	lax    bool // what it sends may break the document: it is to be refused
}

// newProgram makes a key of a site for those scopes; none: for all.
func newProgram(t testing.TB, s *site.Site, scopes ...store.KeyScope) program {
	t.Helper()
	if len(scopes) == 0 {
		scopes = store.KeyScopes()
	}
	_, router := doc(t)
	p := program{t: t, site: s, router: router}
	var err error
	p.key, p.whole, err = s.Store.AddAPIKey(
		t.Context(), store.ByStaff("s"), "bl_sim_", store.APIKey{Name: "Core", Scopes: scopes}, 24*time.Hour,
	)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// wrongly is the program that sends what the document does not have.
func (p program) wrongly() program {
	p.lax = true
	return p
}

// answer is what a program is answered.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

// ask sends a request and holds it, and its answer, against the document. A body is
// sent as JSON, a text as it is.
func (p program) ask(method, path string, body any, header ...string) answer {
	p.t.Helper()
	var text []byte
	switch b := body.(type) {
	case nil:
	case string:
		text = []byte(b)
	default:
		var err error
		if text, err = json.Marshal(b); err != nil {
			p.t.Fatal(err)
		}
	}
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.site.URL+api.Path+path, bytes.NewReader(text))
	if err != nil {
		p.t.Fatal(err)
	}
	if p.whole != "" {
		r.Header.Set("Authorization", "Bearer "+p.whole)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return p.send(r, text)
}

func (p program) send(r *http.Request, body []byte) answer {
	p.t.Helper()
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer w.Body.Close()
	got := answer{t: p.t, status: w.StatusCode, header: w.Header}
	if got.body, err = io.ReadAll(w.Body); err != nil {
		p.t.Fatal(err)
	}
	p.hold(r, body, got)
	return got
}

// hold holds a request and its answer against the document.
func (p program) hold(r *http.Request, body []byte, got answer) {
	p.t.Helper()
	asked := r.Clone(p.t.Context())
	asked.URL.Scheme, asked.URL.Host, asked.Host = "", "", ""
	asked.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := p.router.FindRoute(asked)
	if err != nil {
		if !p.lax {
			p.t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		}
		return
	}
	in := &openapi3filter.RequestValidationInput{
		Request: asked, PathParams: params, Route: route, Options: &openapi3filter.Options{
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true,
		},
	}
	if err := openapi3filter.ValidateRequest(p.t.Context(), in); err != nil && !p.lax {
		p.t.Errorf("%s %s: what is sent is not as the document has it: %v", r.Method, r.URL.Path, err)
	}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: got.status, Header: got.header, Options: in.Options,
	}
	if err := openapi3filter.ValidateResponse(p.t.Context(), out.SetBodyBytes(got.body)); err != nil {
		p.t.Errorf("%s %s: the answer %d %.500s is not as the document has it: %v", r.Method, r.URL.Path, got.status, got.body, err)
	}
}

// want holds the answer to a status.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("answered %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// refused holds the answer to a status and a code, and returns what it says.
func (a answer) refused(status int, code string) map[string]any {
	a.t.Helper()
	got := a.want(status).object()
	if got["code"] != code || !strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json") {
		a.t.Errorf("refused as %s, %q; want the code %s", a.body, a.header.Get("Content-Type"), code)
	}
	return got
}

// object is the answer as JSON. Numbers stay as they were written.
func (a answer) object() (o map[string]any) {
	a.t.Helper()
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.UseNumber()
	if err := d.Decode(&o); err != nil {
		a.t.Fatalf("%s: %v", a.body, err)
	}
	return o
}
