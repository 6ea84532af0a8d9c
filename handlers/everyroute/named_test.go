package everyroute_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"balancelink/handlers/sitetest/site"
)

// unnamed are the pages with an id of a customer's in their address that show no page of
// their own, with the reason.
var unnamed = map[string]string{
	"GET /customers/:id/invitations/:invitation":       "is over in a cell: it is for whoever has just made the link",
	"GET /customers/:id/invitations/:invitation/steps": "is a part of a page",
	"GET /customers/:id/links":                         "is a part of a page",
	"GET /customers/:id/consents/:consent/file":        "is a file",
	"GET /accounts/:id/history.csv":                    "is a file",
}

// Whoever has five tabs open reads in each whose it is, and in no page alone twice the
// same link for two things.
func TestEveryPageOfStaffAboutACustomerNamesThem(t *testing.T) {
	p := newPrincipals(t)
	c := p.newCell(t)
	for _, r := range p.server.Routes() {
		route := r.Method + " " + r.Path
		about := strings.HasPrefix(r.Path, "/customers/:id") || strings.HasPrefix(r.Path, "/accounts/:id") ||
			strings.HasPrefix(r.Path, "/funds-checks/:id") || strings.HasPrefix(r.Path, "/reviews/:id")
		if r.Method != http.MethodGet || !about || unnamed[route] != "" {
			continue
		}
		t.Run(route, func(t *testing.T) {
			c.t = t
			doc := c.document(route, "owner")
			const name = "Amina Bello"
			if strings.HasPrefix(r.Path, "/customers/:id/seen") { // a page of the customer's below a sentence for staff
				if sentence := doc.Find(".banner-seen").Text(); !strings.Contains(sentence, name) {
					t.Errorf("above the customer's page stands %q, want %s in it", sentence, name)
				}
				return
			}
			if h1 := doc.Find("h1"); h1.Length() != 1 || !strings.Contains(h1.Text(), name) {
				t.Errorf("the heading is %q, want %s in it", h1.Text(), name)
			}
			back := doc.Find(".back a")
			if text := back.Text(); r.Path != "/customers/:id" && r.Path != "/reviews/:id" && !strings.Contains(text, name) {
				t.Errorf("the way back is called %q, want %s in it", text, name)
			}
			led := map[string]string{}
			doc.Find("main a[href]").Each(func(_ int, a *goquery.Selection) {
				text, to := strings.Join(strings.Fields(a.Text()), " "), a.AttrOr("href", "")
				if before, known := led[text]; known && before != to {
					t.Errorf("%q leads to %s and to %s", text, before, to)
				}
				led[text] = to
			})
		})
	}
}

// document is a page as somebody gets it.
func (c *cell) document(route, as string) *goquery.Document {
	c.t.Helper()
	r := httptest.NewRequestWithContext(c.t.Context(), "GET", c.path(route), nil)
	for _, cookie := range append(c.cookies(as), site.KeptCookie) {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	if c.server.ServeHTTP(w, r); w.Code != http.StatusOK {
		c.t.Fatalf("status %d", w.Code)
	}
	doc, err := goquery.NewDocumentFromReader(w.Body)
	c.ok(err)
	return doc
}
