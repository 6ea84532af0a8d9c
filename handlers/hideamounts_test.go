package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"balancelink/store"
)

func TestHiddenAmountsStayHiddenOnPagesAndFragmentsUntilShownAgain(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	customerID, customer := s.link(staff, "Amina Bello", "Amina123")
	account := s.accounts(customerID)["0123456789"]
	amount := strings.TrimSpace(customer.get("/me").Find(".figure-main .money").First().Text())
	if !strings.HasPrefix(amount, "₦") {
		t.Fatalf("the amount is %q", amount)
	}

	for _, b := range []*browser{staff, customer} {
		base, home := "", "/customers/"+customerID
		if b == customer {
			base, home = "/me", "/me"
		}
		page := base + "/accounts/" + account.ID + "?range=7d"
		next, _ := b.get(page).Find(".amounts input[name=next]").Attr("value")
		if next != page {
			t.Errorf("the switch leads back to %q, want %q", next, page)
		}
		p := b.post("/amounts", url.Values{"amounts": {"hidden"}, "next": {next}})
		p.wantStatus(http.StatusOK)
		if p.Path != base+"/accounts/"+account.ID {
			t.Errorf("after hiding at %s", p.Path)
		}
		wantNoAmount(b, home, amount)
		wantNoAmount(b, page, amount)
		b.htmx("POST", base+"/accounts/"+account.ID+"/refresh")
		asked, err := s.Store.RefreshesByAccount(t.Context(), store.Whole(), account.ID, 1)
		if err != nil || len(asked) != 1 {
			t.Fatalf("refreshes = %v, %v", asked, err)
		}
		if html, _ := b.htmx("GET", base+"/refreshes/"+asked[0].ID).Html(); strings.Contains(html, "₦") || !strings.Contains(html, "money-hidden") {
			t.Errorf("the fragment that a page polls has amounts: %s", html)
		}
	}
	if csv := customer.get("/me/accounts/" + account.ID + "/history.csv").Text(); !strings.Contains(csv, strings.NewReplacer("₦", "", ",", "").Replace(amount)) {
		t.Errorf("the file lacks the amount %s: %s", amount, csv)
	}
	customer.post("/amounts", url.Values{"amounts": {"shown"}, "next": {"/me"}}).wantText(".figure-main .money", "₦") // the bank has moved it
}

func wantNoAmount(b *browser, path, amount string) {
	b.t.Helper()
	p := b.get(path)
	p.wantStatus(http.StatusOK)
	p.wantText(".amounts button", "Show amounts")
	html, err := p.Html()
	if err != nil || strings.Contains(html, "₦") || p.Find(".money-hidden").Length() == 0 {
		b.t.Errorf("%s shows amounts such as %s, or hides none (%v)", path, amount, err)
	}
}

func TestTheSwitchOfAmountsLeadsNowhereElse(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, next := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, ""} {
		p := b.post("/amounts", url.Values{"amounts": {"hidden"}, "next": {next}})
		p.wantStatus(http.StatusSeeOther)
		if got := p.Header.Get("Location"); got != "/" {
			t.Errorf("next %q leads to %q", next, got)
		}
	}
	cookie := b.post("/amounts", url.Values{"amounts": {"hidden"}}).Header.Get("Set-Cookie")
	for _, want := range []string{"balancelink_amounts=hidden", "Path=/", "Max-Age=31536000", "HttpOnly", "SameSite=Lax"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q lacks %s", cookie, want)
		}
	}
}
