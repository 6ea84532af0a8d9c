package store_test

import (
	"errors"
	"testing"
	"time"

	"balancelink/store"
)

func TestWhoIsPutOffWaitsAgainFromThatMomentOnOrWhenTakenBack(t *testing.T) {
	d := newDB(t)
	ada, bisi := d.customer("Ada"), d.customer("Bisi")
	names := func(q store.CustomerQuery) (all string) {
		q.Limit = 10
		rows, err := d.Customers(t.Context(), q)
		d.ok(err)
		for _, r := range rows {
			all += r.Name + " "
		}
		return all
	}
	waiting, off := store.CustomerQuery{NotPutOff: true}, store.CustomerQuery{Filter: store.PutOff}
	want := func(when, wait, put string) {
		t.Helper()
		for order, q := range map[string]store.CustomerQuery{
			"by name": waiting, "added last": {NotPutOff: true, Order: store.ByNewest},
			"by age": {NotPutOff: true, Order: store.ByAge},
		} {
			if got := names(q); len(got) != len(wait) || order != "added last" && got != wait {
				t.Errorf("%s, %s: %q wait, want %q", when, order, got, wait)
			}
		}
		if got := names(off); got != put {
			t.Errorf("%s: %q are put off, want %q", when, got, put)
		}
	}
	want("at first", "Ada Bisi ", "")
	d.ok(d.PutOff(t.Context(), "s", ada, d.clock().Add(time.Hour)))
	want("put off", "Bisi ", "Ada ")
	d.ok(d.PutOff(t.Context(), "s", bisi, d.clock().Add(time.Minute)))
	d.ok(d.PutOff(t.Context(), "s", ada, time.Time{}))
	want("one taken back", "Ada ", "Bisi ")
	d.advance(time.Minute)
	want("a minute later", "Ada Bisi ", "")
	if err := d.PutOff(t.Context(), "s", "nobody", d.clock()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("nobody is put off: %v", err)
	}
	for action, want := range map[store.Action]int{store.ActPutOff: 2, store.ActTakenBack: 1} {
		if acts, err := d.AuditLog(t.Context(), store.AuditQuery{Action: action, Limit: 10}); err != nil || len(acts) != want {
			t.Errorf("%s: %d acts, %v", action, len(acts), err)
		}
	}
}

func TestWhoSpokeToACustomerLastIsWrittenDown(t *testing.T) {
	d := newDB(t)
	ada := d.customer("Ada")
	d.ok(d.Contacted(t.Context(), "first", ada))
	d.advance(time.Hour)
	d.ok(d.Contacted(t.Context(), "second", ada))
	c, err := d.CustomerByID(t.Context(), ada)
	d.ok(err)
	if c.ContactedBy != "second" || !c.ContactedAt.Equal(d.clock().Truncate(time.Millisecond)) {
		t.Errorf("it was %q at %v", c.ContactedBy, c.ContactedAt)
	}
	if err := d.Contacted(t.Context(), "s", "nobody"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("nobody was contacted: %v", err)
	}
}

func TestWhoNotesTwiceThatTheySpokeToACustomerTakesBothBackAtOnce(t *testing.T) {
	d := newDB(t)
	ada := d.customer("Ada")
	d.ok(d.Contacted(t.Context(), "first", ada))
	spoken := d.clock().Truncate(time.Millisecond)
	d.advance(time.Hour)
	d.ok(d.Contacted(t.Context(), "second", ada))
	d.advance(time.Second)
	d.ok(d.Contacted(t.Context(), "second", ada)) // from another window
	d.ok(d.UndoContacted(t.Context(), "second", ada))
	c, err := d.CustomerByID(t.Context(), ada)
	d.ok(err)
	if c.ContactedBy != "first" || !c.ContactedAt.Equal(spoken) {
		t.Errorf("taken back it was %q at %v, want the first at %v", c.ContactedBy, c.ContactedAt, spoken)
	}
}
