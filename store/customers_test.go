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
	found, err := d.Customers(d.t.Context(), q)
	d.ok(err)
	names := []string{}
	for _, c := range found {
		names = append(names, c.Name)
	}
	return names
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
		"%": {"100% Ventures"}, "0%": {"100% Ventures"}, "_": {"snake_case"}, "e_c": {"snake_case"}, `\`: {`back\slash`}, `k\s`: {`back\slash`},
		"'": {`O'Neil "Bob" O'Hara`}, `"bob"`: {`O'Neil "Bob" O'Hara`}, "' OR 1=1 --": {}, "nobody": {}, "VENTURES": {"100% Ventures", "1000 Ventures"},
		"ỌLÁÒ": {"Ngozi Ọláòjó"}, "ln-7": {"Ngozi Ọláòjó"}, "GOZI@EX": {"Ngozi Ọláòjó"}, "+234 8": {"Ngozi Ọláòjó"}, "*": {}, "[a-z]": {},
	} {
		if diff := cmp.Diff(want, d.names(store.CustomerQuery{Search: search})); diff != "" {
			t.Errorf("search %q (-want +got):\n%s", search, diff)
		}
	}
	if n := len(d.names(store.CustomerQuery{})); n != 7 {
		t.Errorf("no search finds %d, want all 7", n)
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
	d.save(said(fresh.ID, noon, 1, store.Amount{}))
	d.save(said(stale.ID, noon.Add(-25*time.Hour), 1, store.Amount{}))
	d.save(said(unlinked.ID, noon.Add(-25*time.Hour), 1, store.Amount{}))
	d.ok(d.SetAccountStatus(t.Context(), login.ID, store.AccountNeedsLogin))
	d.ok(d.SetAccountStatus(t.Context(), unlinked.ID, store.AccountUnlinked))
	d.finish(d.customer("review"), "record of fresh")
	before := noon.Add(-24 * time.Hour)
	for filter, want := range map[store.Filter][]string{
		store.AllCustomers: {"fresh", "login", "never", "review", "stale", "unlinked"},
		store.Linked:       {"fresh", "login", "stale"},
		store.NeverLinked:  {"never", "review"},
		store.NeedsLogin:   {"login"},
		store.NeedsReview:  {"review"},
		store.StaleBalance: {"stale"},
		"'; DROP TABLE":    {"fresh", "login", "never", "review", "stale", "unlinked"},
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
	got := must(d.Counts(t.Context(), before, noon))
	want := store.Counts{Customers: 6, Linked: 3, NeverLinked: 2, NeedsLogin: 1, NeedsReview: 1, Stale: 1}
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
