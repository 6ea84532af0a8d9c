package store_test

import (
	"errors"
	"testing"

	"balancelink/store"
	"balancelink/store/storetest"
)

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
