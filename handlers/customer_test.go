package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
)

func TestAWrongFormComesBackWithTheInputKept(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	staff.Post("/customers", url.Values{"name": {"Amina"}, "reference": {"LN-1"}}).WantStatus(http.StatusOK)
	for name, row := range map[string]struct {
		field, value string
	}{
		"no name":                    {"name", ""},
		"a name of spaces":           {"name", " \u200b\t\u2060 "},
		"a long name":                {"name", strings.Repeat("é", 201)},
		"control characters":         {"name", "A\x07B"},
		"a line break":               {"phone", "1\n2"},
		"half a phone":               {"phone", "12"},
		"two phones":                 {"phone", "0803 100 1001, 0805 100 1001"},
		"a phone in words":           {"phone", "ask at the shop"},
		"a name that is invisible":   {"name", "\u3164\u2800"},
		"a name without a letter":    {"name", "- \u0301"},
		"an invisible reference":     {"reference", "\u3164"},
		"a bad e-mail":               {"email", "amina at example"},
		"a name before the e-mail":   {"email", "Amina <amina@example.com>"},
		"a long phone":               {"phone", strings.Repeat("1", 201)},
		"a reference that is taken":  {"reference", "LN-1"},
		"a reference, taken, spaced": {"reference", " LN-1 "},
	} {
		t.Run(name, func(t *testing.T) {
			form := url.Values{"name": {"Bola"}, "reference": {"LN-2"}, "email": {"b@example.com"}, "phone": {"0803 100 1001"}}
			form.Set(row.field, row.value)
			p := staff.Post("/customers", form)
			p.WantStatus(http.StatusUnprocessableEntity)
			if at := p.Find("#problems[autofocus] a").AttrOr("href", ""); at != "#customer-"+row.field {
				t.Errorf("the summary that has the focus leads to %q, want %s", at, row.field)
			}
			if p.Find("#customer-"+row.field+"-error").Length() != 1 || p.Find(".error").Length() != 1 {
				t.Errorf("errors: %q, want one at %s", p.TextOf(".error"), row.field)
			}
			for field := range form {
				if got, _ := p.Find("#customer-" + field).Attr("value"); field != row.field && got != form.Get(field) {
					t.Errorf("%s = %q, want %q kept", field, got, form.Get(field))
				}
			}
		})
	}
	if p := staff.Post("/customers", url.Values{"name": {strings.Repeat("x", 17<<10)}}); p.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("a huge form: %d, want 413", p.Status)
	}
	if n := staff.Get("/customers").Find("tbody tr").Length(); n != 1 {
		t.Errorf("%d customers, want the one of before", n)
	}
}

func TestANameIsShownAsItIsAndDoesNothing(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	for _, name := range []string{`<img src=x onerror=alert(1)>`, `</script><script>alert(1)</script>`, `"><a href="javascript:alert(1)">`, `=HYPERLINK("http://x","y")`, "A\u202eB", `{{.}} ${x}`} {
		id := staff.AddCustomer(name)
		for _, path := range []string{"/", "/customers", "/customers/" + id, staff.Invite(id), "/customers?q=" + url.QueryEscape(name)} {
			p := staff.Get(path)
			p.WantStatus(http.StatusOK)
			if !strings.Contains(p.Find("main").Text(), name) {
				t.Errorf("%s does not show %q as it is", path, name)
			}
			if n := p.Find("main img, main script:not([src]):not([type='application/json']), main [onerror], a[href^=javascript]").Length(); n != 0 {
				t.Errorf("%s: %q came to life", path, name)
			}
		}
	}
}

func TestTheListIsSearchedFilteredAndPaged(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	for i := range 53 {
		s.Customer(fmt.Sprintf("Customer %02d%%", i))
	}
	p := staff.Get("/customers")
	seen := map[string]bool{}
	for pages := 0; ; pages++ {
		p.Find("tbody th a").Each(func(_ int, a *selection) { seen[a.Text()] = true })
		next, ok := p.Find("a[rel=next]").Attr("href")
		if !ok {
			if pages != 1 {
				t.Errorf("%d pages, want 2", pages+1)
			}
			break
		}
		p = staff.Get(next)
	}
	if len(seen) != 53 {
		t.Errorf("%d customers seen, want 53", len(seen))
	}
	for query, want := range map[string]int{
		"q=07%25": 1, "q=0_": 0, "q=%25": 0, "q=customer": 50, "q='": 0, `q=%5C`: 0, "q=" + strings.Repeat("x", 5000): 0, "filter=never_linked": 50, "filter=linked": 0, "filter=evil": 50,
		"after=zzz&after_id=zzz": 0, "page=-1&sort=evil": 50,
	} {
		p := staff.Get("/customers?" + query)
		if n := p.Find("tbody tr").Length(); p.Status != http.StatusOK || n != want {
			t.Errorf("%.40s: %d with %d rows, want %d", query, p.Status, n, want)
		}
	}
	for _, id := range []string{"-1", "0x1", "1e9", "%00", "019a0000-0000-7000-8000-000000000000", strings.Repeat("a", 4000)} {
		for _, path := range []string{"/customers/", "/accounts/", "/refreshes/", "/inbox/"} {
			if p := staff.Get(path + id); p.Status != http.StatusNotFound {
				t.Errorf("%s%.20s: %d, want 404", path, id, p.Status)
			}
		}
		if p := staff.Post("/customers/"+id+"/invitations", nil); p.Status != http.StatusNotFound {
			t.Errorf("inviting %.20s: %d, want 404", id, p.Status)
		}
	}
}
