package store_test

import (
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/limits"
)

// crowd adds so many customers at once.
func (d *db) crowd(n int) {
	d.t.Helper()
	d.Exec(d.t, `
		WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < CAST($1 AS INTEGER))
		INSERT INTO customers (id, name, reference, email, phone, sort_name, indexed, created_at)
		SELECT '00000000-0000-7000-8000-' || substr(CAST(100000000000 + i AS TEXT), 1, 12), 'One of many', '', '', '', 'one of many', TRUE, 0 FROM numbers`, n)
}

func TestOfManyCustomersTheCountsOfAMinuteAgoAreShownWithTheirTime(t *testing.T) {
	d := newDB(t)
	d.crowd(limits.CustomersCounted)
	counts := func() store.Counts {
		t.Helper()
		return must(d.Counts(t.Context(), store.CountsAt{FreshSince: d.clock().Add(-24 * time.Hour), StaleBefore: d.clock().Add(-24 * time.Hour), EventsSince: noon}))
	}
	keep := func() {
		d.ok(d.KeepCounts(t.Context(), store.CountsAt{FreshSince: d.clock().Add(-24 * time.Hour), StaleBefore: d.clock().Add(-24 * time.Hour), EventsSince: noon}))
	}
	keep()
	if c := counts(); c.Customers != limits.CustomersCounted || !c.CountedAt.IsZero() {
		t.Errorf("of as many as are counted: %+v", c)
	}
	d.customer("One more")
	keep()
	at := d.clock()
	d.advance(time.Minute)
	a := d.linked("Another")
	d.finish(d.customer("In doubt"), "record of Another")
	if c := counts(); c.Customers != limits.CustomersCounted+1 || c.Linked != 0 || !c.CountedAt.Equal(at) {
		t.Errorf("a minute later: %+v", c)
	} else if c.NeedsReview != 1 {
		t.Errorf("a link that waits is not counted at once: %+v", c)
	}
	keep()
	if c := counts(); c.Customers != limits.CustomersCounted+3 || c.Linked != 1 || !c.CountedAt.Equal(d.clock()) {
		t.Errorf("counted again: %+v", c)
	}
	d.ok(d.UnlinkAccount(t.Context(), store.Program, store.Whole(), a.ID))
	d.advance(3 * time.Minute)
	if c := counts(); c.Linked != 0 || !c.CountedAt.Equal(d.clock()) {
		t.Errorf("of a worker that is not there: %+v", c)
	}
	d.advance(-time.Hour)
	if c := counts(); !c.CountedAt.Equal(d.clock()) {
		t.Errorf("of a clock that was set back: %+v", c)
	}
}
