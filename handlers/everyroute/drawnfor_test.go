package everyroute_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"balancelink/handlers/sitetest/site"
	"balancelink/store/storetest"
	"balancelink/views"
)

// forNobody are the routes that change something and do not ask for whom their
// form was drawn, with the reason.
var forNobody = map[string]string{
	"POST /login":                           "nobody is signed in yet",
	"POST /login/code":                      "nobody is signed in yet",
	"POST /me/login":                        "nobody is signed in yet",
	"POST /me/code":                         "nobody is signed in yet",
	"POST /me/code/enter":                   "nobody is signed in yet",
	"POST /welcome/:secret":                 "the secret says for whom it is",
	"POST /connect/:secret/opened":          "the secret says for whom it is",
	"POST /connect/:secret/ask":             "the secret says for whom it is",
	"POST /connect/:secret/attempts":        "the secret says for whom it is",
	"POST /connect/attempts/:nonce/success": "the nonce says for whom it is",
	"POST /connect/attempts/:nonce/close":   "the nonce says for whom it is",
	"POST /connect/attempts/:nonce/error":   "the nonce says for whom it is",
	"POST /connect/attempts/:nonce/step":    "the nonce says for whom it is",
	"POST /amounts":                         "it changes how this browser shows pages, whoever uses it",
	"POST /language":                        "it changes how this browser shows pages, whoever uses it",
	"POST /webhooks/okra":                   "it is no form",
}

func TestAFormThatWasDrawnForSomebodyElseDoesNothing(t *testing.T) {
	storetest.Long(t)
	p := newPrincipals(t)
	cells, _ := rows(t)
	for _, r := range p.server.Routes() {
		route := r.Method + " " + r.Path
		if r.Method == http.MethodGet || forNobody[route] != "" {
			continue
		}
		as, others := "owner", []string{"nobody", "admin", "self"}
		if cells[route]["nobody"] == "401" {
			as, others = "self", []string{"nobody", "other", "link", "owner"}
		}
		t.Run(route, func(t *testing.T) {
			c := p.newCell(t)
			cookies := c.cookies(as)
			before := digest(t, p.path)
			for _, other := range others {
				for name, header := range map[string]http.Header{"a page": {}, "its script": {"Hx-Request": {"true"}}} {
					req := httptest.NewRequestWithContext(t.Context(), r.Method, c.path(route), c.form(other, nil))
					maps.Copy(site.WithFormHeader(req.Header), header)
					req.Header.Set("Sec-Fetch-Site", "same-origin")
					for _, cookie := range cookies {
						req.AddCookie(cookie)
					}
					w := httptest.NewRecorder()
					p.server.ServeHTTP(w, req)
					if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "This page was opened for somebody else") {
						t.Errorf("%s drawn for %s, sent as %s: %d", name, other, as, w.Code)
					}
				}
			}
			if table := differs(before, digest(t, p.path)); table != "" {
				t.Errorf("it changed the table %s", table)
			}
		})
	}
}

// differs names a table in which two digests do; empty: in none.
func differs(a, b map[string]string) string {
	for table := range b {
		if a[table] != b[table] {
			return table
		}
	}
	return ""
}

func TestEveryFormSaysForWhomItWasDrawn(t *testing.T) {
	p := newPrincipals(t)
	c := p.newCell(t)
	forms := 0
	for _, r := range p.server.Routes() {
		route := r.Method + " " + r.Path
		if r.Method != http.MethodGet || strings.HasPrefix(r.Path, "/gallery") {
			continue
		}
		for _, as := range []string{"self", "link", "owner"} {
			req := httptest.NewRequestWithContext(t.Context(), "GET", c.path(route), nil)
			for _, cookie := range c.cookies(as) {
				req.AddCookie(cookie)
			}
			w := httptest.NewRecorder()
			p.server.ServeHTTP(w, req)
			doc, err := goquery.NewDocumentFromReader(w.Body)
			c.ok(err)
			doc.Find("form[method=post], [hx-post]").Each(func(_ int, form *goquery.Selection) {
				action := "POST " + form.AttrOr("action", form.AttrOr("hx-post", ""))
				if forNobody[action] != "" || strings.HasPrefix(action, "POST /connect/") || strings.HasPrefix(action, "POST /welcome/") {
					return
				}
				forms++
				if got := form.Find("input[name="+views.DrawnForField+"]").AttrOr("value", ""); !form.Is("form") || got != c.actor(as) {
					t.Errorf("%s as %s: the form of %s says %q, want %q", route, as, action, got, c.actor(as))
				}
			})
		}
	}
	if forms < 100 {
		t.Errorf("only %d forms were seen", forms)
	}
}
