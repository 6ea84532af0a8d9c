package everyroute_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"balancelink/store"
)

const (
	choices  = "of the choices that it offers none is wrong"
	programs = "a program or our script asks, and gets the status"
)

// unfillable are the routes that take a form in which nothing can be wrong, with the
// reason.
var unfillable = map[string]string{
	"POST /login/code":                      "it comes after a password, and answers 401; see TestSigningInAsksForACodeOnce",
	"POST /me/password":                     asksForProof + "; see TestACustomerComesBackWithAPassword",
	"POST /staff/:id/role":                  choices,
	"POST /customers/:id/put-off":           choices,
	"POST /webhooks/okra":                   programs,
	"POST /connect/attempts/:nonce/success": programs,
	"POST /connect/attempts/:nonce/step":    programs,
	"POST /connect/attempts/:nonce/close":   programs,
	"POST /connect/attempts/:nonce/error":   programs,
	"POST /reviews/:id/approve":             "it is offered where something can be bound; the form is that of rejecting",
}

// misfilled is a form of a route that is filled in wrongly, of which every text stays.
// Routes of which nothing is said take an empty one: it has to be refused, or the route is
// a button.
func (c *cell) misfilled(route string) url.Values {
	c.t.Helper()
	switch route {
	case "POST /login":
		return url.Values{"email": {"nobody@lender.example"}, "password": {"not the password"}}
	case "POST /me/login":
		return url.Values{"login": {"LN-1"}, "password": {"not the password"}}
	case "POST /confirm":
		return url.Values{"proof": {""}} // a cell has no password
	case "POST /profile/second-factor":
		return url.Values{"seed": {"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"}, "code": {"000000"}}
	case "POST /profile/password":
		return url.Values{"current": {"not the password"}, "new": {"short"}}
	case "POST /staff":
		return url.Values{"email": {"nobody"}, "role": {"admin"}}
	case "POST /keys":
		return url.Values{"name": {" "}, "days": {"30"}}
	case "POST /endpoints":
		return url.Values{"url": {"no address"}, "account.linked": {"on"}}
	case "POST /customers/:id/note":
		return url.Values{"note": {strings.Repeat("rang ", 300)}}
	case "POST /customers", "POST /customers/:id/edit":
		return url.Values{"name": {" "}, "reference": {"LN-7"}, "email": {"nobody"}, "phone": {"12"}}
	case "POST /accounts/:id/funds-checks":
		return url.Values{"amount": {"50k"}, "refresh": {"1"}}
	case "POST /customers/:id/funds-checks":
		return url.Values{"amount": {"50k"}, "day": {"2001-01-01"}, "refresh": {"1"}}
	case "POST /customers/:id/funds-checks/:check/decision":
		return url.Values{"note": {"She rang."}}
	case "POST /accounts/:id/threshold":
		return url.Values{"threshold": {"50k"}}
	case "POST /customers/:id/erase":
		return url.Values{"confirm": {"Somebody else"}, "reason": {"none"}}
	case "POST /inbox/:id/match":
		return url.Values{"customer": {"Nobody at all"}}
	case "POST /reviews/:id/refuse":
		return url.Values{"reason": {" "}}
	case "GET /audit":
		return url.Values{"customer": {"Nobody at all"}, "from": {"yesterday"}}
	case "GET /deliveries":
		return url.Values{"customer": {"Nobody at all"}}
	case "GET /accounts/:id", "GET /me/accounts/:id":
		c.ok(c.store.SaveBalance(c.t.Context(), store.Balance{AccountID: c.account, Source: store.SourceWebhook, Currency: "NGN", Figure: 1, Basis: store.BasisLedger, Available: store.Minor(1), AsOf: c.time.Now()}))
		return url.Values{"below": {"50k"}, "range": {"7d"}}
	case "GET /balances.csv":
		return url.Values{"day": {"2901-01-01"}}
	}
	return nil
}

// staffLink is the secret of a link to choose a password.
func (c *cell) staffLink() string {
	c.t.Helper()
	_, secret, err := c.store.InviteStaff(c.t.Context(), store.Program, store.Staff{Email: "new-" + c.customer + "@lender.example", Role: store.RoleViewer}, time.Hour)
	c.ok(err)
	return secret
}

// fill sends a form as somebody who may.
func (c *cell) fill(route, as string, form url.Values) *httptest.ResponseRecorder {
	c.t.Helper()
	method, _, _ := strings.Cut(route, " ")
	path, body := c.path(route), c.form(as, form)
	if strings.Contains(route, "/welcome/") {
		path = "/welcome/" + c.staffLink()
	}
	if method == http.MethodGet {
		path, body = path+"?"+form.Encode(), http.NoBody
	}
	r := httptest.NewRequestWithContext(c.t.Context(), method, path, body)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method != http.MethodGet {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, cookie := range c.cookies(as) {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	c.server.ServeHTTP(w, r)
	return w
}

func TestEveryFormSaysOnTopAndBesideItsFieldsWhatIsWrong(t *testing.T) {
	p := newPrincipals(t)
	c := p.newCell(t)
	cells, _ := rows(t)
	for _, r := range p.server.Routes() {
		route := r.Method + " " + r.Path
		c.t = t
		form := c.misfilled(route)
		if unfillable[route] != "" || r.Method == http.MethodGet && form == nil {
			continue
		}
		t.Run(route, func(t *testing.T) {
			c.t = t
			as := whoMay(cells[route])
			if route == "POST /confirm" { // which answers 401 to whom it lets in
				as = "owner"
			}
			w := c.fill(route, as, form)
			if form == nil && w.Code != http.StatusUnprocessableEntity {
				c = p.newCell(t) // a button: it was pressed
				return
			}
			if want := wrongIs(route); w.Code != want {
				t.Fatalf("filled in wrongly with %v: status %d, want %d", form, w.Code, want)
			}
			page, err := goquery.NewDocumentFromReader(w.Body)
			c.ok(err)
			wantProblems(t, page, form)
		})
	}
}

// wrongIs is the status of the answer to a form that is filled in wrongly.
func wrongIs(route string) int {
	if slices.Contains([]string{"POST /login", "POST /me/login", "POST /confirm"}, route) {
		return http.StatusUnauthorized
	}
	return http.StatusUnprocessableEntity
}

// wantProblems looks for what is wrong on top of a page and beside each field, and for what
// was typed.
func wantProblems(t *testing.T, page *goquery.Document, form url.Values) {
	t.Helper()
	if title := page.Find("title").Text(); !strings.HasPrefix(title, "Error: ") {
		t.Errorf("the title is %q", title)
	}
	summary := page.Find("#problems[tabindex='-1'][autofocus]")
	if summary.Length() != 1 || page.Find("main h1").Length() != 1 {
		t.Fatalf("%d summaries on a page titled %q", summary.Length(), page.Find("h1").Text())
	}
	links := summary.Find("a")
	if links.Length() == 0 {
		t.Error("the summary says nothing")
	}
	links.Each(func(_ int, a *goquery.Selection) {
		field := page.Find(a.AttrOr("href", "#none"))
		where := field.AddSelection(field.Closest("fieldset"))
		said := ""
		where.Each(func(_ int, s *goquery.Selection) {
			for _, id := range strings.Fields(s.AttrOr("aria-describedby", "")) {
				said += strings.TrimSpace(page.Find(".error#" + id).Text())
			}
		})
		if field.Length() != 1 || said != a.Text() {
			t.Errorf("%q leads to %d fields, beside which stands %q", a.Text(), field.Length(), said)
		}
	})
	for name, typed := range form {
		field := page.Find("form [name='" + name + "']:not([type=password]):not([type=hidden])")
		if field.Length() == 0 || strings.TrimSpace(typed[0]) == "" || field.AttrOr("autocomplete", "") == "one-time-code" {
			continue
		}
		if !keeps(field, strings.TrimSpace(typed[0])) {
			t.Errorf("%s does not keep %q", name, typed[0])
		}
	}
}

// keeps says whether a field of that name shows what was typed or chosen.
func keeps(fields *goquery.Selection, typed string) (kept bool) {
	fields.Each(func(_ int, f *goquery.Selection) {
		_, checked := f.Attr("checked")
		switch {
		case f.Is("select"):
			kept = kept || f.Find("option[selected]").AttrOr("value", typed) == typed
		case f.Is("textarea"):
			kept = kept || f.Text() == typed
		case f.Is("[type=checkbox], [type=radio]"):
			kept = kept || checked
		default:
			kept = kept || f.AttrOr("value", "") == typed
		}
	})
	return kept
}
