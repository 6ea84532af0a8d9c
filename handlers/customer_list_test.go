package handlers_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// listed are the names in a list, all pages of it.
func listed(b *site.Browser, path string) (names []string) {
	b.T.Helper()
	for more := true; more; {
		p := b.Get(path)
		p.WantStatus(http.StatusOK)
		for _, a := range p.Find("tbody th a").EachIter() {
			names = append(names, a.Text())
		}
		path, more = p.Find("a[rel=next]").Attr("href")
	}
	return names
}

func TestTheListSortsAndPagesAndKeepsWhatItIsFilteredBy(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	var want []string
	for i := range 52 {
		want = append(want, fmt.Sprintf("Person %02d", i))
		s.Customer(want[i])
	}
	id, _ := s.Link(staff, "Amina Bello", "Amina456")
	s.Said(s.Accounts(id)["2230011442"], time.Hour, 1, store.Minor(1))
	if got := listed(staff, "/customers?q=person"); !slices.Equal(got, want) {
		t.Errorf("by name: %v", got)
	}
	if got := listed(staff, "/customers?sort=oldest"); !slices.Equal(got, append([]string{"Amina Bello"}, want...)) {
		t.Errorf("by the oldest balance: %v", got)
	}
	slices.Reverse(want)
	if got := listed(staff, "/customers?sort=newest&q=person"); !slices.Equal(got, want) {
		t.Errorf("by the newest: %v", got)
	}
	p := staff.Get("/customers?sort=newest&q=person&filter=never_linked")
	for _, link := range p.Find(".tabs a, thead a, a[rel=next], .tools a[download]").EachIter() {
		u, err := url.Parse(link.AttrOr("href", ""))
		if err != nil || u.Query().Get("q") != "person" {
			t.Errorf("%s forgets the search (%v)", u, err)
		}
	}
	p.WantText(".tools", "Newest added first")
	p.WantText(".tabs [aria-current]", "Never linked")
	p = staff.Get("/customers?sort=oldest")
	p.WantText("thead [aria-sort=ascending]", "Oldest balance")
	p.WantText(".tabs [aria-current] .chip-count", "53")
	p.WantText(".tools", "53 customers")
	staff.Get("/customers").WantText("thead [aria-sort=ascending]", "Customer")
}

func TestTheListGoesBackByAPageInEveryOrder(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	for i := range 101 {
		s.Customer(fmt.Sprintf("Person %03d", i))
	}
	for _, query := range []string{"", "?q=person", "?sort=newest", "?sort=oldest&filter=never_linked"} {
		p := staff.Get("/customers" + query)
		first := p.TextOf("tbody")
		second := staff.Get(p.Find("a[rel=next]").AttrOr("href", ""))
		third := staff.Get(second.Find("a[rel=next]").AttrOr("href", ""))
		if p.Find("a[rel=prev]").Length() != 0 || third.Find("tbody tr").Length() != 1 {
			t.Fatalf("%q: the first page leads back, or the third has %d rows", query, third.Find("tbody tr").Length())
		}
		back := staff.Get(third.Find("a[rel=prev]").AttrOr("href", ""))
		if back.TextOf("tbody") != second.TextOf("tbody") {
			t.Errorf("%q: back from the third page is not the second", query)
		}
		if again := staff.Get(back.Find("a[rel=prev]").AttrOr("href", "")); again.TextOf("tbody") != first {
			t.Errorf("%q: back from the second page is not the first", query)
		}
	}
	staff.Get("/customers?after=a&after_id=b&back=%25zz").WantStatus(http.StatusOK)
}

func TestTheCSVOfTheListIsTheListAsFilteredAndIsWrittenDown(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	for range 21 {
		staff.AddCustomer("=Person")
	}
	id, customer := s.Link(staff, "Amina Bello", "Amina456")
	customer.Get("/me").WantStatus(http.StatusOK)
	staff.Get("/customers?q=amina").WantText("td[data-label='Last seen']", "just now")
	s.Said(s.Accounts(id)["2230011442"], 0, 90000000, store.Minor(-123456))
	rows := func(path string) [][]string {
		t.Helper()
		href, ok := staff.Get(path).Find(".tools a[download]").Attr("href")
		if !ok {
			t.Fatalf("%s offers no file", path)
		}
		p := staff.Get(href)
		p.WantStatus(http.StatusOK)
		all, err := csv.NewReader(strings.NewReader(p.Text())).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return all[1:]
	}
	s.HeardAll()
	s.Exec(`UPDATE accounts SET available_worked_out = $1`, true)
	staff.Get("/customers?filter=linked").WantText("tbody", "1 account worked out")
	linked := rows("/customers?filter=linked&sort=oldest")
	if len(linked) != 1 || strings.Join(linked[0][:9], "|") != "Amina Bello||Linked|Zenith Bank|1|NGN|-1234.56|0|1" {
		t.Errorf("linked = %v", linked)
	}
	if got := rows("/customers?q=%3Dperson"); len(got) != 21 || got[0][0] != "'=Person" || strings.Join(got[0][4:10], "|") != "0|||0|0|" {
		t.Errorf("found = %d rows, the first %v", len(got), got[0])
	}
	staff.Get("/customers.csv?filter=0803+555+0100&q=amina").WantStatus(http.StatusOK)
	var said []string
	for _, act := range s.Acts(store.AuditQuery{Action: store.ActListExported}) {
		said = append(said, act.Detail)
	}
	if want := []string{"", "", "linked"}; !slices.Equal(said, want) {
		t.Errorf("the audit log says %q, want which list for each file, and nothing that was typed", said)
	}
	viewer := s.SignedInAs(store.RoleViewer)
	viewer.Get("/customers.csv").WantStatus(http.StatusForbidden)
	if viewer.Get("/customers").Find("a[download]").Length() != 0 {
		t.Error("a file is offered to whom it is refused")
	}
	s.Advance(10 * time.Minute)
	staff.Get("/customers.csv").WantText("h1", "Confirm that it is you")
}

func TestAnEmptyListSaysWhyAndLeadsOn(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	staff.Get("/customers").WantText(".empty h2", "No customers yet")
	staff.AddCustomer("Amina Bello")
	for path, want := range map[string][2]string{
		"/customers?filter=stale":            {"Nobody is waiting here", "/customers"},
		"/customers?filter=below_threshold":  {"Nobody is waiting here", "/customers"},
		"/customers?q=zzz":                   {"No customer matches", "/customers"},
		"/customers?q=amina&filter=stale":    {"No customer matches", "/customers?filter=stale"},
		"/customers?after=zzz&after_id=zzzz": {"The list ends here", "/customers"},
	} {
		p := staff.Get(path)
		p.WantText(".empty h2", want[0])
		if got := p.Find(".empty a").First().AttrOr("href", ""); got != want[1] {
			t.Errorf("%s leads to %q, want %q", path, got, want[1])
		}
	}
}

func TestASearchSaysWhenNotEveryCustomerIsFoundYet(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	s.Offline(func() { // many, and one whose words cannot be noted
		beside := s.Beside()
		for _, statement := range []string{
			`WITH numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 600)
			INSERT INTO customers (id, name, reference, email, phone, sort_name, name_words, created_at)
			SELECT 'id' || n, 'Tunde ' || n, '', '', '', 'tunde ' || n, 'tunde ' || n, 0 FROM numbers`,
			`CREATE TRIGGER no_words BEFORE INSERT ON customer_words WHEN NEW.name = 'tunde 99' BEGIN SELECT RAISE(ABORT, 'no'); END`,
		} {
			if _, err := beside.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
	})
	const text = "Not every customer is found yet"
	staff.Get("/customers?q=tunde").WantText("main", text)
	if p := staff.Get("/customers"); strings.Contains(p.TextOf("main"), text) {
		t.Error("the list of all says it too")
	}
}
