package web_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"balancelink/handlers/sitetest/site"
	"balancelink/static"
	"balancelink/views"
)

// fetch asks as a browser does that takes compressed answers, and gives the
// answer as it is on the wire.
func fetch(s *site.Site, client *http.Client, path string, header ...string) (resp *http.Response, size int) {
	s.T.Helper()
	req, err := http.NewRequestWithContext(s.T.Context(), "GET", s.URL+path, nil)
	if err != nil {
		s.T.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip, deflate, br")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if resp, err = client.Do(req); err != nil {
		s.T.Fatal(err)
	}
	s.T.Cleanup(func() { resp.Body.Close() })
	wire, err := httputil.DumpResponse(resp, true)
	if err != nil {
		s.T.Fatal(err)
	}
	return resp, len(wire)
}

func TestAFirstVisitTakesFiveRequestsAnd30Kilobytes(t *testing.T) {
	if !static.Built() {
		t.Skip("make assets has not run")
	}
	s := site.New(t)
	resp, bytes := fetch(s, http.DefaultClient, "/login")
	r, err := gzip.NewReader(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(r)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]bool{}
	doc.Find("link[href], script[src], img[src]").Each(func(_ int, e *goquery.Selection) {
		files[e.AttrOr("href", "")+e.AttrOr("src", "")] = true
	})
	for file := range files {
		resp, size := fetch(s, http.DefaultClient, file)
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s = %d", file, resp.StatusCode)
		}
		bytes += size
	}
	t.Logf("%d requests, %d bytes", 1+len(files), bytes)
	if n := 1 + len(files); n > 5 || n < 4 || bytes > 30<<10 {
		t.Errorf("%d requests and %d bytes, want at most 5 and 30 kB", n, bytes)
	}
}

func TestPagesAreCompressedWhereThatIsWantedAndSafe(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina123")
	a := s.Accounts(id)["0123456789"]
	for _, row := range []struct {
		name, path string
		header     []string
		want       string
	}{
		{"page", "/me", nil, "gzip"},
		{"typed address", "/me", []string{"Sec-Fetch-Site", "none"}, "gzip"},
		{"own link", "/me", []string{"Sec-Fetch-Site", "same-origin"}, "gzip"},
		{"another site's link", "/me", []string{"Sec-Fetch-Site", "cross-site"}, ""},
		{"a neighbour's link", "/me", []string{"Sec-Fetch-Site", "same-site"}, ""},
		{"browser that cannot", "/me", []string{"Accept-Encoding", "identity"}, ""},
		{"error page", "/me/nothing", nil, "gzip"},
		{"small fragment", "/me/refreshes/nothing", []string{"HX-Request", "true"}, ""},
		{"file", "/me/accounts/" + a.ID + "/history.csv", nil, ""},
		{"health", "/healthz", nil, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			resp, size := fetch(s, customer.HTTP, row.path, row.header...)
			if got := resp.Header.Get("Content-Encoding"); got != row.want {
				t.Errorf("coding = %q of %d bytes, want %q", got, size, row.want)
			}
			var body io.Reader = resp.Body
			if row.want == "gzip" {
				var err error
				if body, err = gzip.NewReader(body); err != nil {
					t.Fatal(err)
				}
			}
			if text, err := io.ReadAll(body); err != nil || len(text) == 0 {
				t.Errorf("%d bytes of text, %v", len(text), err)
			}
		})
	}
	if got := customer.PostJSON("/webhooks/okra", `{"pad":"`+url.QueryEscape(string(make([]byte, 2000)))+`"}`).Header.Get("Content-Encoding"); got != "" {
		t.Errorf("the answer to a webhook is %s", got)
	}
}

// What ends it must be there once: our script takes a page without it for one that broke off.
func TestEveryPageAndEveryPartOfOneHasItsEndOnce(t *testing.T) {
	s := site.New(t)
	for _, header := range [][]string{nil, {"HX-Request", "true"}} {
		resp, _ := fetch(s, http.DefaultClient, "/nowhere", append(header, "Accept-Encoding", "identity")...)
		html, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(html), views.Whole); n != 1 || len(header) > 0 && !strings.HasSuffix(string(html), views.Whole) {
			t.Errorf("with %q it has %d ends: %s", header, n, html)
		}
	}
}
