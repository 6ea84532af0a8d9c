package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func TestHiddenAmountsStayHiddenOnPagesAndFragmentsUntilShownAgain(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	customerID, customer := s.Link(staff, "Amina Bello", "Amina123")
	account := s.Accounts(customerID)["0123456789"]
	amount := strings.TrimSpace(customer.Get("/me").Find(".figure-main .money").First().Text())
	if !strings.HasPrefix(amount, "₦") {
		t.Fatalf("the amount is %q", amount)
	}

	for _, b := range []*site.Browser{staff, customer} {
		base, home := "", "/customers/"+customerID
		if b == customer {
			base, home = "/me", "/me"
		}
		page := base + "/accounts/" + account.ID + "?range=7d"
		next, _ := b.Get(page).Find(".amounts input[name=next]").Attr("value")
		if next != page {
			t.Errorf("the switch leads back to %q, want %q", next, page)
		}
		p := b.Post("/amounts", url.Values{"amounts": {"hidden"}, "next": {next}})
		p.WantStatus(http.StatusOK)
		if p.Path != base+"/accounts/"+account.ID {
			t.Errorf("after hiding at %s", p.Path)
		}
		wantNoAmount(b, home, amount)
		wantNoAmount(b, page, amount)
		b.HTMX("POST", base+"/accounts/"+account.ID+"/refresh")
		asked, err := s.Store.RefreshesByAccount(t.Context(), store.Whole(), account.ID, 1)
		if err != nil || len(asked) != 1 {
			t.Fatalf("refreshes = %v, %v", asked, err)
		}
		if html, _ := b.HTMX("GET", base+"/refreshes/"+asked[0].ID).Html(); strings.Contains(html, "₦") || !strings.Contains(html, "money-hidden") {
			t.Errorf("the fragment that a page polls has amounts: %s", html)
		}
	}
	if csv := customer.Get("/me/accounts/" + account.ID + "/history.csv").Text(); !strings.Contains(csv, strings.NewReplacer("₦", "", ",", "").Replace(amount)) {
		t.Errorf("the file lacks the amount %s: %s", amount, csv)
	}
	customer.Post("/amounts", url.Values{"amounts": {"shown"}, "next": {"/me"}}).WantText(".figure-main .money", "₦") // the bank has moved it
}

func wantNoAmount(b *site.Browser, path, amount string) {
	b.T.Helper()
	p := b.Get(path)
	p.WantStatus(http.StatusOK)
	p.WantText(".amounts button", "Show amounts")
	html, err := p.Html()
	if err != nil || strings.Contains(html, "₦") || p.Find(".money-hidden").Length() == 0 {
		b.T.Errorf("%s shows amounts such as %s, or hides none (%v)", path, amount, err)
	}
}

func TestTheSwitchOfAmountsLeadsNowhereElse(t *testing.T) {
	s := site.New(t)
	b := s.Browser()
	b.HTTP.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, next := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, ""} {
		p := b.Post("/amounts", url.Values{"amounts": {"hidden"}, "next": {next}})
		p.WantStatus(http.StatusSeeOther)
		if got := p.Header.Get("Location"); got != "/" {
			t.Errorf("next %q leads to %q", next, got)
		}
	}
	cookie := b.Post("/amounts", url.Values{"amounts": {"hidden"}}).Header.Get("Set-Cookie")
	for _, want := range []string{"balancelink_amounts=hidden", "Path=/", "Max-Age=31536000", "HttpOnly", "SameSite=Lax"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q lacks %s", cookie, want)
		}
	}
}
