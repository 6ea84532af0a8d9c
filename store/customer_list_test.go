package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"balancelink/store"
)

// pages are the names of the whole list, read in pages.
func (d *db) pages(q store.CustomerQuery, size int) []string {
	d.t.Helper()
	names := []string{}
	for q.Limit = size; ; {
		page := d.list(q)
		for _, c := range page {
			names = append(names, c.Name)
		}
		if len(page) < size {
			return names
		}
		q.After = page[len(page)-1].Place()
	}
}

// secondAccount links another account of a customer.
func (d *db) secondAccount(customerID string) store.Account {
	d.t.Helper()
	d.finish(customerID, "second of "+customerID, naira("second account of "+customerID, "0000000002"))
	for _, a := range must(d.AccountsByCustomer(d.t.Context(), customerID)) {
		if a.NUBAN == "0000000002" {
			return a
		}
	}
	d.t.Fatal("it was not linked")
	return store.Account{}
}

func TestEachOrderHasEveryCustomerOnceInPagesOfAnySize(t *testing.T) {
	d := newDB(t)
	d.customer("e never")
	b, a, c, u := d.linked("b"), d.linked("a"), d.linked("c"), d.linked("d unlinked")
	d.linked("f no balance")
	at := func(a store.Account, ago time.Duration) { d.save(said(a.ID, noon.Add(-ago), 1, store.Amount{})) }
	at(b, 3*time.Hour)
	at(a, 2*time.Hour)
	at(d.secondAccount(a.CustomerID), 5*time.Hour) // which counts for a
	at(c, 3*time.Hour)                             // as old as b's
	at(d.secondAccount(c.CustomerID), 3*time.Hour)
	at(u, 9*time.Hour)
	d.ok(d.UnlinkAccount(t.Context(), store.Program, store.Whole(), u.ID))
	for order, want := range map[store.Order][]string{
		store.ByName:   {"a", "b", "c", "d unlinked", "e never", "f no balance"},
		store.ByNewest: {"f no balance", "d unlinked", "c", "a", "b", "e never"},
		store.ByAge:    {"a", "b", "c", "d unlinked", "e never", "f no balance"},
		"nonsense":     {"a", "b", "c", "d unlinked", "e never", "f no balance"},
	} {
		for size := 1; size <= 7; size++ {
			if diff := cmp.Diff(want, d.pages(store.CustomerQuery{Order: order}, size)); diff != "" {
				t.Errorf("%s in pages of %d (-want +got):\n%s", order, size, diff)
			}
		}
	}
	at(b, -time.Minute) // a newer one: now c is older
	if diff := cmp.Diff([]string{"a", "c", "b"}, d.pages(store.CustomerQuery{Order: store.ByAge, Filter: store.Linked}, 2)[:3]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"e never", "f no balance"}, d.pages(store.CustomerQuery{Order: store.ByAge, Search: "n"}, 1)[:2]); diff != "" {
		t.Error(diff)
	}
}

// TestEachOrderIsReadFromAnIndex holds that a page costs as much in a list of a
// million as in one of a hundred.
func TestEachOrderIsReadFromAnIndex(t *testing.T) {
	d := newDB(t)
	others := map[store.Filter]string{
		store.NeverLinked: "customers_never_linked", store.BelowThreshold: "customers_fell_below", store.ThresholdUnknown: "customers_watched",
	}
	for order, index := range map[store.Order][]string{
		store.ByName: {"customers_by_name", "sqlite_autoindex_customer_words_1"}, store.ByNewest: {"sqlite_autoindex_customers_1"}, store.ByAge: {"accounts_by_oldest", "customers_by_name"},
	} {
		for _, filter := range []store.Filter{store.AllCustomers, store.Linked, store.NeverLinked, store.NeedsLogin, store.AskedLink, store.StaleBalance, store.BelowThreshold, store.ThresholdUnknown, store.ConsentEnded, store.ConsentEnding} {
			for i, plan := range d.ListPlans(t, order, filter) {
				want := index[i]
				switch { // by an index that has no others
				case want == "customers_by_name" && others[filter] != "":
					want = others[filter]
				case filter == store.AskedLink && order == store.ByNewest:
					want = "customers_asking"
				}
				if !strings.Contains(plan[0], "INDEX "+want) {
					t.Errorf("by %q, %q: begins with %q, want the index %s", order, filter, plan[0], want)
				}
				if slices.ContainsFunc(plan, func(step string) bool { return strings.Contains(step, "TEMP B-TREE") }) {
					t.Errorf("by %q, %q: sorts: %q", order, filter, plan)
				}
			}
		}
	}
}
