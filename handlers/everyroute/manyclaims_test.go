package everyroute_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/store/limits"
	"balancelink/views"
)

// answer is what a principal gets who sends a body.
func (c *cell) answer(t *testing.T, route, name, body string) *httptest.ResponseRecorder {
	t.Helper()
	asked := c.asked(route, name)
	if fields, err := url.ParseQuery(body); err == nil && asked.Body != http.NoBody {
		body = site.DrawnFor(c.actor(name), fields).Encode()
	}
	req := httptest.NewRequestWithContext(t.Context(), asked.Method, asked.URL.String(), strings.NewReader(body))
	req.Header, req.RemoteAddr = asked.Header, asked.RemoteAddr
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	c.server.ServeHTTP(w, req)
	return w
}

// page is a page as a principal sees it.
func (c *cell) page(t *testing.T, path, name string) *goquery.Document {
	t.Helper()
	w := c.answer(t, "GET "+path, name, "")
	if w.Code != http.StatusOK {
		t.Fatalf("%s is answered %d", path, w.Code)
	}
	doc, err := goquery.NewDocumentFromReader(w.Body)
	c.ok(err)
	return doc
}

func TestACustomerOpensOnlySoManyWindowsHoweverManyAddressesTheyHave(t *testing.T) {
	p := newPrincipals(t)
	c := p.newCell(t)
	opened := 0
	for range 5 * limits.AttemptsOfCustomer.AtOnce {
		w := c.answer(t, "POST /me/attempts", "self", "")
		if w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") != "" {
			break
		}
		if opened++; w.Code != http.StatusSeeOther {
			t.Fatalf("window %d is answered %d", opened, w.Code)
		}
	}
	if opened > limits.AttemptsOfCustomer.AtOnce {
		t.Errorf("%d windows were opened", opened)
	}
	if w := c.answer(t, "POST /me/attempts", "link", ""); w.Code != http.StatusTooManyRequests {
		t.Errorf("by the personal link the same customer gets %d", w.Code)
	}
	agree := url.Values{"consent": {views.CurrentConsent(false).Version}}.Encode()
	if w := c.answer(t, "POST /connect/:secret/attempts", "nobody", agree); w.Code != http.StatusTooManyRequests {
		t.Errorf("by another personal link the same customer gets %d", w.Code)
	}
	if w := c.answer(t, "POST /me/attempts", "other", ""); w.Code != http.StatusSeeOther {
		t.Errorf("somebody else gets %d", w.Code)
	}
}

func TestACustomersWindowsReportOnlySoMuch(t *testing.T) {
	p := newPrincipals(t)
	c := p.newCell(t)
	for what, body := range map[string]string{"success": `{"record":"%s"}`, "close": `{"more":"%s"}`, "error": `{"code":"%s"}`} {
		large := fmt.Sprintf(body, strings.Repeat("x", limits.Report))
		if w := c.answer(t, "POST /connect/attempts/:nonce/"+what, "self", large); w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%s of more than %d bytes is answered %d", what, limits.Report, w.Code)
		}
	}
	said := 0
	for range 5 * limits.ReportsOfCustomer.AtOnce {
		w := c.answer(t, "POST /connect/attempts/:nonce/error", "self", `{"code":"1"}`)
		if w.Code == http.StatusTooManyRequests {
			break
		}
		said++
	}
	if said > limits.ReportsOfCustomer.AtOnce {
		t.Errorf("%d reports were taken", said)
	}
}

func TestOneCustomersDoubtfulLinksHideNobodyElses(t *testing.T) {
	p := newPrincipals(t)
	many := p.newCell(t)
	for range limits.ClaimsWaiting - 1 {
		many.doubtful(store.Attempt{CustomerID: many.customer, ConsentID: many.consent})
	}
	var others []*cell
	for range 25 {
		others = append(others, p.newCell(t))
	}
	seen, address := "", "/reviews"
	for pages := 0; address != "" && pages < 10; pages++ {
		doc := many.page(t, address, "owner")
		html, err := doc.Html()
		many.ok(err)
		seen += html
		address, _ = doc.Find("nav.pager a[rel=next], a[rel=next]").Attr("href")
	}
	if n := strings.Count(seen, "/reviews?customer="+many.customer); n != 1 {
		t.Errorf("%d times the list leads to the other links of a customer", n)
	}
	for _, o := range others {
		if !strings.Contains(seen, "/reviews/"+o.review) {
			t.Errorf("a link of %s is on no page", o.customer)
		}
	}
	doc := many.page(t, "/reviews?customer="+many.customer, "owner")
	if n := doc.Find("tbody tr th a").Length(); n != limits.ClaimsWaiting {
		t.Errorf("of the customer %d links are listed, want %d", n, limits.ClaimsWaiting)
	}
}
