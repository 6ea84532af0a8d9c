//go:build !race

package proof_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"balancelink/handlers/sitetest"
	"balancelink/views"
)

// browser is a person's browser without JavaScript.
type browser struct {
	t     *testing.T
	http  *http.Client
	base  string
	drawn string // for whom the page was drawn that was seen last
}

func (p *program) browser() *browser {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return &browser{t: p.t, http: &http.Client{Jar: jar, Timeout: sitetest.Never}, base: p.Settings.PublicURL}
}

// signedIn is the browser of a member of staff.
func (p *program) signedIn() *browser {
	p.t.Helper()
	b := p.browser()
	b.post("/login", url.Values{"email": {staffEmail}, "password": {staffPassword}})
	return b
}

// get opens a page, which must be there, and returns where it ended.
func (b *browser) get(path string) (*goquery.Document, string) {
	b.t.Helper()
	return b.open("GET", path, nil, "")
}

func (b *browser) post(path string, form url.Values) (*goquery.Document, string) {
	b.t.Helper()
	all := url.Values{views.DrawnForField: {b.drawn}}
	maps.Copy(all, form)
	return b.open("POST", path, strings.NewReader(all.Encode()), "application/x-www-form-urlencoded")
}

func (b *browser) open(method, path string, body io.Reader, kind string) (*goquery.Document, string) {
	b.t.Helper()
	resp := b.send(method, path, body, kind)
	defer resp.Body.Close()
	doc, err := goquery.NewDocumentFromReader(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		b.t.Fatalf("%s: %s: %s", path, resp.Status, strings.Join(strings.Fields(doc.Find("main").Text()), " "))
	}
	if who, ok := doc.Find("input[name=" + views.DrawnForField + "]").Attr("value"); ok {
		b.drawn = who
	}
	return doc, resp.Request.URL.Path
}

func (b *browser) send(method, path string, body io.Reader, kind string) *http.Response {
	b.t.Helper()
	r, err := http.NewRequest(method, b.base+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Origin", b.base)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	resp, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp
}

var personalLink = regexp.MustCompile(`/connect/[\w-]{20,}`)

// invite adds a customer as staff do and returns the path of a personal link.
func (b *browser) invite(name string) string {
	b.t.Helper()
	_, customer := b.post("/customers", url.Values{"name": {name}})
	doc, _ := b.post(customer+"/invitations", nil)
	html, err := doc.Html()
	if err != nil {
		b.t.Fatal(err)
	}
	link := personalLink.FindString(html)
	if link == "" {
		b.t.Fatal("the page shows no personal link")
	}
	return link
}

// consent opens a personal link, agrees, and returns the path of the attempt.
func (b *browser) consent(link string) string {
	b.t.Helper()
	doc, _ := b.get(link)
	version, _ := doc.Find("input[name=consent]").Attr("value")
	_, attempt := b.post(link+"/attempts", url.Values{"consent": {version}})
	return attempt
}
