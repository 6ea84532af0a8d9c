package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"balancelink/store"
	"balancelink/store/progress"
	"balancelink/store/storetest"
)

func (d *db) finds(search string, want ...string) {
	d.t.Helper()
	for _, order := range []store.Order{store.ByName, store.ByNewest, store.ByAge} {
		if got := d.names(store.CustomerQuery{Search: search, Order: order}); len(got) != len(want) || !slices.Equal(got, want) {
			d.t.Errorf("%q by %q finds %q, want %q", search, order, got, want)
		}
	}
}

func TestACustomerIsFoundByTheLastDigitsOfTheirAccountNumbers(t *testing.T) {
	d := newDB(t)
	id := d.customer("Amina")
	d.finish(id, "r1", naira("a1", "0123456789"), naira("a2", "0123450042"))
	d.customer("Bola")
	d.finds("6789", "Amina")
	d.finds("0042 ami", "Amina")
	d.finds("0042 bola")
	d.finds("0123456789") // which stands nowhere in clear
	d.ok(d.CorrectCustomer(t.Context(), store.Program, store.Customer{ID: id, Name: "Zainab"}, nil))
	d.finds("6789", "Zainab")
	d.finds("amina")
	d.ok(d.Erase(t.Context(), store.Program, id, "asked"))
	d.finds("6789")
	d.finds("zainab")
	if left := d.Texts(t, `SELECT DISTINCT customer_id FROM customer_words WHERE customer_id = $1`, id); len(left) != 0 {
		t.Error("words are left of a customer who was erased")
	}
}

func TestCustomersOfAVersionBeforeAreFoundAfterTheFirstStart(t *testing.T) {
	d := newDB(t)
	id := d.customer("Amina Bello")
	d.finish(id, "r1", naira("a1", "0123456789"))
	d.MigrateTo(t, 33)
	for i := range 1001 {
		d.Exec(t, `
			INSERT INTO customers (id, name, reference, email, phone, sort_name, name_words, search, created_at)
			VALUES ($1, $2, '', '', '0803 100 1001', $2, $2, '', 0)`, fmt.Sprintf("id%04d", i), fmt.Sprintf("tunde %04d", i))
	}
	d.reopen()
	if !d.Indexing() {
		t.Error("the start waited for all, or did not say that it did not")
	}
	d.ok(d.IndexCustomers(t.Context()))
	if d.Indexing() {
		t.Error("when all are found it is said that some are not")
	}
	d.finds("bello", "Amina Bello")
	d.finds("6789 amina", "Amina Bello")
	d.finds("0999 tun", "tunde 0999")
	if got := len(d.names(store.CustomerQuery{Search: "+234 803", Limit: 2000})); got != 1001 {
		t.Errorf("%d found by their number, want 1001", got)
	}
}

// Whoever is found by two words at once is one row.
func TestASearchOfManyPagesHasEverybodyOnce(t *testing.T) {
	d := newDB(t)
	for i := range 40 {
		d.customer(fmt.Sprintf("Ade%02d Adeola Ade", i))
		d.customer(fmt.Sprintf("Bola Adeyemi Ade%02d", i))
	}
	for _, search := range []string{"ade", "ade adeo", "ad a", "bola ade"} {
		all := d.names(store.CustomerQuery{Search: search})
		slices.Sort(all)
		if want := map[string]int{"ade": 80, "ade adeo": 40, "ad a": 80, "bola ade": 40}[search]; len(slices.Compact(all)) != want {
			t.Errorf("%q finds %d, want %d", search, len(all), want)
		}
		for _, size := range []int{1, 3, 7, 39} {
			paged := d.pages(store.CustomerQuery{Search: search}, size)
			slices.Sort(paged)
			if !slices.Equal(paged, all) {
				t.Errorf("%q in pages of %d finds %d, want %d", search, size, len(paged), len(all))
			}
		}
	}
}

func TestASearchThatTakesTooLongIsGivenUpAndAListIsNot(t *testing.T) {
	d := newDB(t)
	d.customer("Amina")
	d.ok(d.Close())
	d.Store = storetest.OpenWith(t, d.path, store.Options{Now: d.clock, SearchTime: 1})
	_, err := d.Customers(t.Context(), store.CustomerQuery{Search: "amina", Limit: 1})
	if !errors.Is(err, store.ErrSlowSearch) {
		t.Errorf("a search: %v", err)
	}
	if got := must(d.Customers(t.Context(), store.CustomerQuery{Limit: 1})); len(got) != 1 {
		t.Errorf("the list has %d", len(got))
	}
}

func TestNotingTheWordsOfCustomersGoesOnWhereItWasStopped(t *testing.T) {
	d := newDB(t)
	const all = 1500
	d.Exec(t, `
		WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < CAST($1 AS INTEGER))
		INSERT INTO customers (id, name, reference, email, phone, sort_name, name_words, created_at)
		SELECT 'id' || n, 'Tunde ' || n, '', '', '', 'tunde ' || n, 'tunde ' || n, 0 FROM numbers`, all)
	left := func() int { return d.Number(t, `SELECT COUNT(*) FROM customers WHERE NOT indexed`) }
	for err := error(nil); err == nil; {
		d.Exec(t, `DELETE FROM customer_words`)
		d.Exec(t, `UPDATE customers SET indexed = FALSE`) // again, where it was quicker
		d.reopen()
		ctx := d.stopWhen(d.Board(), func(s progress.State) bool { return s.Name == progress.Indexing && s.Done > 0 })
		if err = d.IndexCustomers(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	n := left()
	if n == 0 || n >= all-500 || !d.Indexing() {
		t.Errorf("of %d customers %d are left to do", all, n)
	}
	d.reopen()
	d.ok(d.IndexCustomers(t.Context()))
	d.finds("tunde 1499", "Tunde 1499")
	if left() > 0 {
		t.Errorf("in the end %d are left", left())
	}
}
