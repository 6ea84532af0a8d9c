package handlers_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"balancelink/handlers/sitetest"
	"balancelink/views"
)

// moment is how long people take from one thing that they do to the next.
const moment = 10 * time.Millisecond

// browser is one person's browser without JavaScript.
type browser struct {
	t     testing.TB
	site  *site
	http  *http.Client
	drawn atomic.Value // for whom the page was drawn that was seen last: a string, or nothing
}

func (b *browser) forWhom() string {
	who, _ := b.drawn.Load().(string)
	return who
}

func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &browser{t: s.t, site: s, http: &http.Client{Jar: jar, Timeout: sitetest.Never}}
}

// signedIn is the browser of a member of staff.
func (s *site) signedIn() *browser {
	s.t.Helper()
	b := s.browser()
	p := b.post("/login", url.Values{"email": {staffEmail}, "password": {staffPassword}})
	p.wantStatus(http.StatusOK)
	return b
}

// with is a fresh browser that holds one cookie.
func (s *site) with(name, value string) *browser {
	s.t.Helper()
	b := s.browser()
	b.http.Jar.SetCookies(s.origin(), []*http.Cookie{{Name: name, Value: value, Path: "/"}})
	return b
}

func (s *site) origin() *url.URL {
	s.t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

// still is the browser without following redirects.
func (b *browser) still() *browser {
	c := *b.http
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	same := &browser{t: b.t, site: b.site, http: &c}
	same.drawn.Store(b.forWhom())
	return same
}

// cookie is the value that the browser holds.
func (b *browser) cookie(name string) string {
	for _, c := range b.http.Jar.Cookies(b.site.origin()) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func (b *browser) get(path string) page { b.t.Helper(); return b.do("GET", path, nil, nil) }

// post presses a button of the page that was seen last.
func (b *browser) post(path string, form url.Values) page {
	b.t.Helper()
	return b.do("POST", path, b.form(form), typeOfForms())
}

// form is a form of the page that was seen last.
func (b *browser) form(fields url.Values) io.Reader {
	return strings.NewReader(drawnFor(b.forWhom(), fields).Encode())
}

// drawnFor is a form with the field that says for whom it was drawn.
func drawnFor(who string, fields url.Values) url.Values {
	all := url.Values{views.DrawnForField: {who}}
	maps.Copy(all, fields)
	return all
}

func typeOfForms() http.Header { return withTypeOfForms(http.Header{}) }

func withTypeOfForms(h http.Header) http.Header {
	h.Set("Content-Type", "application/x-www-form-urlencoded")
	return h
}

// isReport says whether what is posted to a path is a report of a bank window or
// of the provider, which no page has drawn.
func isReport(path string) bool {
	return strings.HasPrefix(path, "/connect/attempts/") || strings.HasPrefix(path, "/webhooks/")
}

// htmx sends what the page's script would.
func (b *browser) htmx(method, path string) page {
	b.t.Helper()
	return b.do(method, path, nil, http.Header{"Hx-Request": {"true"}})
}

func (b *browser) postJSON(path, body string) page {
	b.t.Helper()
	return b.do("POST", path, strings.NewReader(body), http.Header{"Content-Type": {"application/json"}})
}

// download is a file as it comes.
func (b *browser) download(method, path string) (*http.Response, string) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.site.URL+path, b.form(nil))
	if err != nil {
		b.t.Fatal(err)
	}
	withTypeOfForms(req.Header).Set("Sec-Fetch-Site", "same-origin")
	resp, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp, string(body)
}

func (b *browser) do(method, path string, body io.Reader, header http.Header) page {
	b.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = b.site.URL + path
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	for k, v := range header {
		req.Header[k] = v
	}
	if body == nil && method == "POST" && !isReport(req.URL.Path) { // a button without fields
		req.Body, req.Header = io.NopCloser(b.form(nil)), withTypeOfForms(req.Header)
	}
	// Browsers say which page a form is on; ours is where it goes unless said otherwise.
	if method != "GET" && req.Header.Get("Origin") == "" && req.Header.Get("Sec-Fetch-Site") == "" {
		req.Header.Set("Origin", req.URL.Scheme+"://"+req.URL.Host)
	}
	b.site.advance(moment)
	resp, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	doc, err := goquery.NewDocumentFromReader(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if who, ok := doc.Find("input[name=" + views.DrawnForField + "]").Attr("value"); ok {
		b.drawn.Store(who)
	}
	return page{t: b.t, Status: resp.StatusCode, Path: resp.Request.URL.Path, Header: resp.Header, Document: doc}
}

// page is an answer after redirects.
type page struct {
	t      testing.TB
	Status int
	Path   string
	Header http.Header
	*goquery.Document
}

func (p page) wantStatus(want int) {
	p.t.Helper()
	if p.Status != want {
		p.t.Fatalf("%s: status = %d, want %d: %s", p.Path, p.Status, want, p.text("main"))
	}
}

// text is what a person reads of the elements, with single spaces.
func (p page) text(selector string) string {
	return strings.Join(strings.Fields(p.Find(selector).Text()), " ")
}

// wantText fails unless the elements say so.
func (p page) wantText(selector, want string) {
	p.t.Helper()
	if got := p.text(selector); !strings.Contains(got, want) {
		p.t.Errorf("%s %q says %q, want %q in it", p.Path, selector, got, want)
	}
}
