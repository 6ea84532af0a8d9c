package site

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

// Moment is how long people take from one thing that they do to the next.
const Moment = 10 * time.Millisecond

// KeptCookie is what shows that a browser keeps cookies.
var KeptCookie = &http.Cookie{Name: "balancelink_kept", Value: "1"}

// Browser is one person's browser without JavaScript.
type Browser struct {
	T     testing.TB
	Site  *Site
	HTTP  *http.Client
	Drawn atomic.Value // for whom the page was drawn that was seen last: a string, or nothing
}

// ForWhom says for whom the page was drawn that was seen last.
func (b *Browser) ForWhom() string {
	who, _ := b.Drawn.Load().(string)
	return who
}

// Browser is the browser of somebody who was never here.
func (s *Site) Browser() *Browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.T.Fatal(err)
	}
	return &Browser{T: s.T, Site: s, HTTP: &http.Client{Jar: jar, Timeout: sitetest.Never, Transport: &s.transport}}
}

// SignedIn is the browser of a member of staff.
func (s *Site) SignedIn() *Browser {
	s.T.Helper()
	b := s.Browser()
	p := b.Post("/login", url.Values{"email": {StaffEmail}, "password": {StaffPassword}})
	p.WantStatus(http.StatusOK)
	return b
}

// With is a fresh browser that holds one cookie.
func (s *Site) With(name, value string) *Browser {
	s.T.Helper()
	b := s.Browser()
	b.HTTP.Jar.SetCookies(s.Origin(), []*http.Cookie{{Name: name, Value: value, Path: "/"}})
	return b
}

// Origin is the URL as cookies go by it.
func (s *Site) Origin() *url.URL {
	s.T.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		s.T.Fatal(err)
	}
	return u
}

// Still is the browser without following redirects.
func (b *Browser) Still() *Browser {
	c := *b.HTTP
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	same := &Browser{T: b.T, Site: b.Site, HTTP: &c}
	same.Drawn.Store(b.ForWhom())
	return same
}

// Cookie is the value that the browser holds.
func (b *Browser) Cookie(name string) string {
	for _, c := range b.HTTP.Jar.Cookies(b.Site.Origin()) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// Get opens a page.
func (b *Browser) Get(path string) Page { b.T.Helper(); return b.Do("GET", path, nil, nil) }

// Post presses a button of the page that was seen last.
func (b *Browser) Post(path string, form url.Values) Page {
	b.T.Helper()
	return b.Do("POST", path, b.Form(form), FormHeader())
}

// Form is a form of the page that was seen last.
func (b *Browser) Form(fields url.Values) io.Reader {
	return strings.NewReader(DrawnFor(b.ForWhom(), fields).Encode())
}

// DrawnFor is a form with the field that says for whom it was drawn.
func DrawnFor(who string, fields url.Values) url.Values {
	all := url.Values{views.DrawnForField: {who}}
	maps.Copy(all, fields)
	return all
}

// FormHeader says that a form is sent.
func FormHeader() http.Header { return WithFormHeader(http.Header{}) }

// WithFormHeader adds to a header that a form is sent.
func WithFormHeader(h http.Header) http.Header {
	h.Set("Content-Type", "application/x-www-form-urlencoded")
	return h
}

// isReport says whether what is posted to a path is a report of a bank window or
// of the provider, which no page has drawn.
func isReport(path string) bool {
	return strings.HasPrefix(path, "/connect/attempts/") || strings.HasPrefix(path, "/webhooks/")
}

// HTMX sends what the page's script would.
func (b *Browser) HTMX(method, path string) Page {
	b.T.Helper()
	return b.Do(method, path, nil, http.Header{"Hx-Request": {"true"}})
}

// PostJSON sends what a script of a page would.
func (b *Browser) PostJSON(path, body string) Page {
	b.T.Helper()
	return b.Do("POST", path, strings.NewReader(body), http.Header{"Content-Type": {"application/json"}})
}

// Download is a file as it comes.
func (b *Browser) Download(method, path string) (*http.Response, string) {
	b.T.Helper()
	req, err := http.NewRequestWithContext(b.T.Context(), method, b.Site.URL+path, b.Form(nil))
	if err != nil {
		b.T.Fatal(err)
	}
	WithFormHeader(req.Header).Set("Sec-Fetch-Site", "same-origin")
	resp, err := b.HTTP.Do(req)
	if err != nil {
		b.T.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.T.Fatal(err)
	}
	return resp, string(body)
}

// Do sends a request and follows redirects. A path may be an address elsewhere.
func (b *Browser) Do(method, path string, body io.Reader, header http.Header) Page {
	b.T.Helper()
	if !strings.HasPrefix(path, "http") {
		path = b.Site.URL + path
	}
	req, err := http.NewRequestWithContext(b.T.Context(), method, path, body)
	if err != nil {
		b.T.Fatal(err)
	}
	for k, v := range header {
		req.Header[k] = v
	}
	if body == nil && method == "POST" && !isReport(req.URL.Path) { // a button without fields
		req.Body, req.Header = io.NopCloser(b.Form(nil)), WithFormHeader(req.Header)
	}
	// Browsers say which page a form is on; ours is where it goes unless said otherwise.
	if method != "GET" && req.Header.Get("Origin") == "" && req.Header.Get("Sec-Fetch-Site") == "" {
		req.Header.Set("Origin", req.URL.Scheme+"://"+req.URL.Host)
	}
	b.Site.Advance(Moment)
	resp, err := b.HTTP.Do(req)
	if err != nil {
		b.T.Fatal(err)
	}
	defer resp.Body.Close()
	doc, err := goquery.NewDocumentFromReader(resp.Body)
	if err != nil {
		b.T.Fatal(err)
	}
	if who, ok := doc.Find("input[name=" + views.DrawnForField + "]").Attr("value"); ok {
		b.Drawn.Store(who)
	}
	at := resp.Request.URL
	return Page{
		T: b.T, Status: resp.StatusCode, Path: at.Path, Query: at.RawQuery, Header: resp.Header, Document: doc,
	}
}

// Page is an answer after redirects.
type Page struct {
	T      testing.TB
	Status int
	Path   string
	Query  string
	Header http.Header
	*goquery.Document
}

// WantStatus ends the test unless that is the status.
func (p Page) WantStatus(want int) {
	p.T.Helper()
	if p.Status != want {
		p.T.Fatalf("%s: status = %d, want %d: %s", p.Path, p.Status, want, p.TextOf("main"))
	}
}

// TextOf is what a person reads of the elements, with single spaces.
func (p Page) TextOf(selector string) string {
	return strings.Join(strings.Fields(p.Find(selector).Text()), " ")
}

// WantText fails unless the elements say so.
func (p Page) WantText(selector, want string) {
	p.T.Helper()
	if got := p.TextOf(selector); !strings.Contains(got, want) {
		p.T.Errorf("%s %q says %q, want %q in it", p.Path, selector, got, want)
	}
}
