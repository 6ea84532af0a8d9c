package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

type selection = goquery.Selection

func TestManyClicksAtOnceAskTheBankOnceAndSoonAfterNotAgain(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			p := site.Page{}
			if i%2 == 0 {
				p = staff.HTMX("POST", "/accounts/"+a.ID+"/refresh")
			} else {
				p = customer.Post("/me/accounts/"+a.ID+"/refresh", nil)
			}
			if p.Status != http.StatusOK && p.Status != http.StatusTooManyRequests {
				t.Errorf("click %d: %d", i, p.Status)
			}
		})
	}
	wg.Wait()
	var r store.Refresh
	s.Eventually("the refresh has ended", func() bool {
		all, err := s.Store.RefreshesByAccount(t.Context(), store.Whole(), a.ID, 10)
		if err != nil || len(all) != 1 {
			t.Fatalf("%d refreshes, %v; want one", len(all), err)
		}
		r = all[0]
		return !r.Open()
	})
	fragment := staff.HTMX("POST", "/accounts/"+a.ID+"/refresh")
	if fragment.Status != http.StatusTooManyRequests || fragment.Find("article.account [data-until]").Length() == 0 || fragment.Find("[hx-trigger]").Length() != 0 {
		t.Errorf("fragment within the cool-down: %d %s", fragment.Status, fragment.TextOf("body"))
	}
	again := r.CreatedAt.Add(s.Settings.RefreshCooldown).In(s.Settings.Location).Format("15:04:05")
	for path, b := range map[string]*site.Browser{"/accounts/": staff, "/me/accounts/": customer} {
		p := b.Post(path+a.ID+"/refresh", nil)
		if p.Status != http.StatusTooManyRequests || p.Header.Get("Retry-After") == "" || p.Find("main a[href='"+path+a.ID+"']").Length() != 1 {
			t.Errorf("page within the cool-down: %d, Retry-After %q", p.Status, p.Header.Get("Retry-After"))
		}
		p.WantText("main", again)
	}
	if n := s.Sim.Calls("balance/refresh"); n != 1 {
		t.Errorf("the bank was asked %d times, want once", n)
	}
	s.Advance(s.Settings.RefreshCooldown)
	staff.HTMX("POST", "/accounts/"+a.ID+"/refresh").WantStatus(http.StatusOK)
}

func TestWhatIsNotYoursIsNotThere(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, amina := s.Link(staff, "Amina Bello", "Amina456")
	_, mallory := s.Link(staff, "Bola Adeyemi", "Bola123")
	a := s.Accounts(id)["2230011442"]
	amina.Post("/me/accounts/"+a.ID+"/refresh", nil).WantStatus(http.StatusOK)
	refreshes, err := s.Store.RefreshesByAccount(t.Context(), store.Whole(), a.ID, 1)
	if err != nil {
		t.Fatal(err)
	}
	attempts, err := s.Store.AttemptsByCustomer(t.Context(), store.OfCustomer(id))
	if err != nil {
		t.Fatal(err)
	}
	attempt, account := "/connect/attempts/"+attempts[0].Nonce, "/me/accounts/"+a.ID
	for _, row := range []struct {
		method, path string
		own          int // what the owner gets
	}{
		{"GET", account, 200}, {"POST", account + "/refresh", 429}, {"POST", account + "/reveal", 200},
		{"GET", "/me/refreshes/" + refreshes[0].ID, 200}, {"POST", "/me/attempts?account=" + a.ID, 200},
		{"GET", attempt, 200}, {"GET", attempt + "/status", 200}, {"POST", attempt + "/success", 422}, {"POST", attempt + "/close", 200}, {"POST", attempt + "/error", 422},
	} {
		if row.path == account+"/refresh" {
			s.Eventually("the refresh has ended", func() bool {
				r, err := s.Store.RefreshByID(t.Context(), refreshes[0].ID)
				return err == nil && !r.Open()
			})
		}
		for who, b := range map[string]*site.Browser{"another customer": mallory, "the owner": amina} {
			want := map[bool]int{true: row.own, false: http.StatusNotFound}[b == amina]
			if p := b.Do(row.method, row.path, nil, nil); p.Status != want && (row.own != 422 || b == mallory) {
				t.Errorf("%s %s by %s: %d, want %d", row.method, row.path, who, p.Status, want)
			}
			if b == mallory && row.method == "GET" {
				if p := b.HTMX(row.method, row.path); p.Status != http.StatusNotFound || p.Find("article").Length() != 0 {
					t.Errorf("%s as a fragment: %d", row.path, p.Status)
				}
			}
		}
	}
	if p := mallory.Post("/me/attempts", url.Values{"account": {a.ID}}); p.Status != http.StatusNotFound {
		t.Errorf("signing in again to another's account: %d, want 404", p.Status)
	}
	for _, path := range []string{"/today", "/customers/" + id, "/accounts/" + a.ID} {
		if p := mallory.Get(path); p.Path != "/login" {
			t.Errorf("a customer sees the staff's %s", path)
		}
	}
	if p := staff.Get("/me"); p.Status != http.StatusUnauthorized {
		t.Errorf("staff on /me: %d, want 401", p.Status)
	}
}

func TestAnAccountNumberIsMaskedUntilItIsAskedFor(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	for path, b := range map[string]*site.Browser{"/customers/" + id: staff, "/accounts/" + a.ID: staff, "/me": customer, "/me/accounts/" + a.ID: customer} {
		p := b.Get(path)
		html, err := p.Html()
		if err != nil {
			t.Fatal(err)
		}
		if p.WantText(".number", "••••1442"); strings.Contains(html, a.NUBAN) {
			t.Errorf("%s holds the whole number", path)
		}
	}
	for path, b := range map[string]*site.Browser{"/accounts/" + a.ID + "/reveal": staff, "/me/accounts/" + a.ID + "/reveal": customer} {
		for _, p := range []site.Page{b.Post(path, nil), b.HTMX("POST", path)} {
			p.WantStatus(http.StatusOK)
			p.WantText(".number", a.NUBAN)
		}
	}
	staff.Get("/accounts/"+a.ID).WantText(".number", "••••1442")
}
