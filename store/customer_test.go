package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"balancelink/store"
)

func (d *db) names(q store.CustomerQuery) []string {
	d.t.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	names := []string{}
	for _, c := range d.list(q) {
		names = append(names, c.Name)
	}
	return names
}

// list is a page of the customer list, which is the same whether those whom the
// filter picks are sorted or found by going through all.
func (d *db) list(q store.CustomerQuery) []store.CustomerRow {
	d.t.Helper()
	found, walked := must(d.Customers(d.t.Context(), q)), must(d.CustomersByWalking(d.t.Context(), q))
	if diff := cmp.Diff(ids(walked), ids(found)); diff != "" {
		d.t.Errorf("%+v: another list by walking (-walked +found):\n%s", q, diff)
	}
	return found
}

func ids(rows []store.CustomerRow) (all []string) {
	for _, r := range rows {
		all = append(all, r.ID)
	}
	return all
}

func TestSearchIsLiteralAndLooksEverywhere(t *testing.T) {
	d := newDB(t)
	for _, c := range []store.Customer{
		{Name: "100% Ventures"}, {Name: "1000 Ventures"}, {Name: "snake_case"}, {Name: "snakeXcase"},
		{Name: `back\slash`}, {Name: `O'Neil "Bob" O'Hara`}, {Name: "Ngozi Ọláòjó", Reference: "LN-7", Email: "ngozi@example.com", Phone: "+234 803"},
	} {
		_, err := d.AddCustomer(t.Context(), store.Program, c)
		d.ok(err)
	}
	for search, want := range map[string][]string{
		"100%": {"100% Ventures"}, "%": {}, "snake_": {"snake_case"}, "_": {}, `back\`: {`back\slash`}, `\`: {}, "100": {"100% Ventures", "1000 Ventures"},
		"'": {}, "-": {}, "oneil": {`O'Neil "Bob" O'Hara`}, "o’hara": {`O'Neil "Bob" O'Hara`}, `"bob"`: {`O'Neil "Bob" O'Hara`}, "' OR 1=1 --": {}, "nobody": {}, "VENTURES": {"100% Ventures", "1000 Ventures"},
		"ỌLÁÒ": {"Ngozi Ọláòjó"}, "ln-7": {"Ngozi Ọláòjó"}, "NGOZI@EX": {"Ngozi Ọláòjó"}, "example.com": {"Ngozi Ọláòjó"}, "gozi": {}, "\U0010FFFF": {}, "+234 8": {"Ngozi Ọláòjó"}, "*": {}, "[a-z]": {},
	} {
		if diff := cmp.Diff(want, d.names(store.CustomerQuery{Search: search})); diff != "" {
			t.Errorf("search %q (-want +got):\n%s", search, diff)
		}
	}
	if n := len(d.names(store.CustomerQuery{})); n != 7 {
		t.Errorf("no search finds %d, want all 7", n)
	}
}

// Each row are ways to look for the first customer, which find them before the others.
func TestACustomerIsFoundHoweverTheyAreWritten(t *testing.T) {
	d := newDB(t)
	people := []store.Customer{
		{Name: "Éric N\u2019Diaye-Sow", Phone: "+2348031001001", Reference: "LN-7", Email: "Eric.Sow@Example.com"},
		{Name: "Ọláló\u0323jọ Adaeze  Balogun", Phone: "0805 100 1001"}, {Name: "Zainab ﬁrma Straße", Phone: "+447700900123"}, {Name: "Nobody Else", Reference: "LN-17", Phone: "012"},
	}
	for _, c := range people {
		_, err := d.AddCustomer(t.Context(), store.Program, c)
		d.ok(err)
	}
	for i, searches := range [][]string{
		{
			"eric", "ÉRIC", "E\u0301ric", "éric", "ndiaye", "n'diaye sow", "N’DIAYE-SOW", "sow eric", "  sow\u00a0 éric ", "Diaye", "\u200beric", "ln-7", "Ｅric",
			"0803 100 1001", "08031001001", "+2348031001001", "234 803-100-1001", "+234 (0)803", "00234803", "803 100", "0803-100", "ERIC.SOW@EXAMPLE.COM", "sow@ex",
		},
		{"olalojo", "ỌLÁLỌJỌ", "balogun adaeze", "Adaeze, Balogun", "balogun\u2003OLALOJO adaeze", "+234 805 100 1001", "0805", "ADAEZE BALOGUN"},
		{"strasse", "STRASSE", "firma", "07700 900123", "+44 7700", "zainab strasse ﬁrma"},
		{"ln-17", "else nobody"},
	} {
		for _, search := range searches {
			for _, order := range []store.Order{store.ByName, store.ByNewest, store.ByAge} {
				if got := d.names(store.CustomerQuery{Search: search, Order: order}); !slices.Equal(got, []string{people[i].Name}) {
					t.Errorf("%+q by %q finds %q, want %q alone", search, order, got, people[i].Name)
				}
			}
		}
	}
	for _, search := range []string{"eric balogun", "a b c d e f g", "0803 100 1002", "+234 805 100 1001 eric", "'", "--", "%", "_"} {
		if got := d.names(store.CustomerQuery{Search: search}); len(got) != 0 {
			t.Errorf("%q finds %q", search, got)
		}
	}
	want := []string{people[0].Name, people[3].Name, people[1].Name, people[2].Name}
	if got := d.names(store.CustomerQuery{}); !slices.Equal(got, want) {
		t.Errorf("sorted: %q, want %q", got, want)
	}
	if got := d.names(store.CustomerQuery{Search: " \u200b "}); !slices.Equal(got, want) {
		t.Errorf("a search for nothing that can be seen finds %q, want everybody", got)
	}
}

func TestWhoBeginsWithWhatWasTypedComesFirst(t *testing.T) {
	d := newDB(t)
	for i := range 30 {
		d.customer(fmt.Sprintf("Damilola %02d", i)) // who is no Lola
	}
	for _, name := range []string{"Adebayo Lola", "Lolade Yusuf", "Lola Adebayo", "Lola", "Zed Ade Lola"} {
		d.customer(name)
	}
	want := []string{"Lola", "Lola Adebayo", "Lolade Yusuf", "Adebayo Lola", "Zed Ade Lola"}
	if diff := cmp.Diff(want, d.names(store.CustomerQuery{Search: "LOLA"})); diff != "" {
		t.Error(diff)
	}
	want = []string{"Lola Adebayo", "Zed Ade Lola", "Adebayo Lola"}
	if diff := cmp.Diff(want, d.names(store.CustomerQuery{Search: "lola ade"})); diff != "" {
		t.Error(diff)
	}
	all := d.names(store.CustomerQuery{Search: "lola"})
	for size := 1; size <= 8; size++ {
		if diff := cmp.Diff(all, d.pages(store.CustomerQuery{Search: "lola"}, size)); diff != "" {
			t.Errorf("in pages of %d (-all +pages):\n%s", size, diff)
		}
	}
}

func TestCustomersOfAVersionBeforeAreFoldedByTheMigration(t *testing.T) {
	d := newDB(t)
	d.MigrateTo(t, 18)
	for i := range 1003 {
		d.Exec(t, `
			INSERT INTO customers (id, name, reference, email, phone, sort_name, search, created_at)
			VALUES ($1, $2, '', '', '0803 100 1001', $2, $2, 0)`, fmt.Sprintf("id%04d", i), fmt.Sprintf("ÉRIC %04d", i))
	}
	d.Exec(t, `
		INSERT INTO customers (id, name, reference, email, phone, sort_name, search, created_at)
		VALUES ('z', 'Zainab', '', '', '', 'zainab', 'zainab', 0)`)
	d.reopen()
	d.ok(d.IndexCustomers(t.Context()))
	if got := d.names(store.CustomerQuery{Search: "1002 eric"}); !slices.Equal(got, []string{"ÉRIC 1002"}) {
		t.Errorf("found %q", got)
	}
	if got := len(d.names(store.CustomerQuery{Search: "+234803", Limit: 2000})); got != 1003 {
		t.Errorf("%d found by phone, want 1003", got)
	}
	if got := d.names(store.CustomerQuery{Limit: 2000}); got[1003] != "Zainab" {
		t.Errorf("the last is %q, want Zainab", got[1003])
	}
}

func TestPagingVisitsEveryCustomerOnceAlsoThoseOfTheSameName(t *testing.T) {
	d := newDB(t)
	want := []string{}
	for i := range 12 {
		want = append(want, d.customer([]string{"Bello", "bello", "Zainab", "ÅSE"}[i%4]))
	}
	got := []string{}
	q := store.CustomerQuery{Limit: 2}
	for {
		page := must(d.Customers(t.Context(), q))
		if len(page) == 0 {
			break
		}
		for _, c := range page {
			got = append(got, c.ID)
		}
		q.After = page[len(page)-1].Place()
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFiltersPickCustomersByTheWorkTheyMake(t *testing.T) {
	d := newDB(t)
	d.customer("never")
	fresh, stale, login, unlinked := d.linked("fresh"), d.linked("stale"), d.linked("login"), d.linked("unlinked")
	unshared, unsharedNew := d.linked("unshared"), d.linked("unshared, new") // of which no balance came
	d.save(said(fresh.ID, noon, 1, store.Amount{}))
	d.save(said(stale.ID, noon.Add(-25*time.Hour), 1, store.Amount{}))
	d.save(said(unlinked.ID, noon.Add(-25*time.Hour), 1, store.Amount{}))
	d.save(said(unshared.ID, noon.Add(-25*time.Hour), 1, store.Amount{}))
	d.ok(d.Unshare(t.Context(), unshared.ID))
	d.ok(d.Unshare(t.Context(), unsharedNew.ID))
	d.ok(d.SetAccountStatus(t.Context(), login.ID, store.AccountNeedsLogin))
	d.ok(d.SetAccountStatus(t.Context(), unlinked.ID, store.AccountUnlinked))
	d.finish(d.customer("review"), "record of fresh")
	before := noon.Add(-24 * time.Hour)
	for filter, want := range map[store.Filter][]string{
		store.AllCustomers: {"fresh", "login", "never", "review", "stale", "unlinked", "unshared", "unshared, new"},
		store.Linked:       {"fresh", "login", "stale"},
		store.NeverLinked:  {"never", "review"},
		store.NeedsLogin:   {"login"},
		store.NeedsReview:  {"review"},
		store.StaleBalance: {"stale"},
		"'; DROP TABLE":    {"fresh", "login", "never", "review", "stale", "unlinked", "unshared", "unshared, new"},
	} {
		if diff := cmp.Diff(want, d.names(store.CustomerQuery{Filter: filter, StaleBefore: before})); diff != "" {
			t.Errorf("filter %q (-want +got):\n%s", filter, diff)
		}
		if n := must(d.CountCustomers(t.Context(), filter, before)); n != len(want) {
			t.Errorf("filter %q counts %d, want %d", filter, n, len(want))
		}
	}
	if diff := cmp.Diff([]string{"stale"}, d.names(store.CustomerQuery{Filter: store.Linked, Search: "stal", StaleBefore: before})); diff != "" {
		t.Errorf("filter and search together: %s", diff)
	}
	got := must(d.Counts(t.Context(), store.CountsAt{FreshSince: before, StaleBefore: before, EventsSince: noon}))
	want := store.Counts{
		NeedsReview: 1, SlowCounts: store.SlowCounts{Customers: 8, Linked: 3, NeverLinked: 2, NeedsLogin: 1, Stale: 1, NotFresh: 2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestAReferenceIsTakenOnce(t *testing.T) {
	d := newDB(t)
	for i, want := range []error{nil, store.ErrConflict} {
		_, err := d.AddCustomer(t.Context(), store.Program, store.Customer{Name: fmt.Sprint(i), Reference: "LN-1"})
		if !errors.Is(err, want) {
			t.Errorf("customer %d: %v, want %v", i, err, want)
		}
	}
	d.customer("no reference")
	d.customer("none either")
	if n := len(d.names(store.CustomerQuery{})); n != 3 {
		t.Errorf("%d customers, want 3", n)
	}
}
