package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
)

func TestStaffSeeACustomersPagesAsTheyDoAndCanDoNothingThere(t *testing.T) {
	s := site.New(t, "CUSTOMER_LANGUAGES=pcm")
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Jumoke Balogun", "Jumoke123")
	a := s.Accounts(id)["0690000031"]
	base := "/customers/" + id + "/seen"
	staff.Get("/customers/"+id).WantText(".side a[href$='/seen']", "What this customer sees")

	for path, own := range map[string]string{"": "/me", "/history": "/me/history", "/accounts/" + a.ID: "/me/accounts/" + a.ID} {
		p := staff.Get(base + path)
		p.WantStatus(http.StatusOK)
		p.WantText("[data-keep]", "This is what Jumoke Balogun sees")
		if got, want := p.TextOf("h1"), customer.Get(own).TextOf("h1"); got != want {
			t.Errorf("%s: staff see %q, she sees %q", own, got, want)
		}
		if n := p.Find("main button").Not("[disabled]").Length() + p.Find("form[action], [hx-get], [hx-post], form input:not([disabled])").Length(); n != 0 {
			t.Errorf("%s: %d things do something", own, n)
		}
		for _, link := range p.Find("body a[href]").EachIter() {
			href := link.AttrOr("href", "")
			if !strings.HasPrefix(href, base) && href != "/customers/"+id && !strings.HasPrefix(href, "#") {
				t.Errorf("%s leads to %s", own, href)
			}
		}
	}
	s.Exec(`UPDATE customers SET seen_at = NULL WHERE id = $1`, id)
	p := staff.Get(base)
	if n := s.Count(`SELECT COUNT(*) FROM customers WHERE seen_at IS NOT NULL`); n != 0 {
		t.Error("she seems to have been here herself")
	}
	if n := p.Find("article.account button").Length(); n == 0 {
		t.Error("her buttons are not there to be seen")
	}
	if n := s.Count(`SELECT COUNT(*) FROM audit WHERE action = 'own pages seen' AND actor LIKE 'staff:%'`); n != 1 {
		t.Errorf("%d looks are written down, want one an hour", n)
	}
	if staff.Get("/").Find("nav.nav").Length() != 1 {
		t.Error("staff are not staff any more")
	}

	// In her language, of which staff know what it is worth.
	s.Exec(`UPDATE customers SET language = 'pcm' WHERE id = $1`, id)
	p = staff.Get(base)
	p.WantText("[data-keep]", "This is what Jumoke Balogun sees")
	p.WantText(".figure-main dt", "Money you fit spend")
	staff.Get("/customers/"+id).WantText(".facts", "Naijá (Pidgin) (not checked by a native speaker)")
}

func TestALanguageThatNobodyHasCheckedIsSpokenToCustomersAloneWhereItIsSet(t *testing.T) {
	chosen := http.Header{"Cookie": {"balancelink_language=pcm"}}
	for set, want := range map[string]string{"": "en", "pcm": "pcm"} {
		t.Run("set to "+set, func(t *testing.T) {
			s := site.New(t, "CUSTOMER_LANGUAGES="+set)
			staff := s.SignedIn()
			p := s.Browser().Do("GET", "/me/login", nil, chosen)
			if got := p.Find("html").AttrOr("lang", ""); got != want {
				t.Errorf("a customer's page is in %q, want %q", got, want)
			}
			if offered := s.Browser().Get("/me/login").Find("button[value=pcm]").Length() == 1; offered != (set != "") {
				t.Errorf("it is offered: %v", offered)
			}
			p = staff.Do("GET", "/customers", nil, chosen)
			if got := p.Find("html").AttrOr("lang", ""); got != "en" || p.Find("button[value=pcm]").Length() != 0 {
				t.Errorf("staff read %q", got)
			}
		})
	}
}
