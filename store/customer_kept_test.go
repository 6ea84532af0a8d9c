package store_test

import (
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/storetest"
)

// picks says that a filter picks so many customers, by its count and by its list.
func (d *db) picks(f store.Filter, want int) {
	d.t.Helper()
	n := must(d.CountCustomers(d.t.Context(), f, d.clock().Add(-time.Hour)))
	rows := must(d.Customers(d.t.Context(), store.CustomerQuery{Filter: f, StaleBefore: d.clock().Add(-time.Hour), Limit: 9}))
	if n != want || len(rows) != want {
		d.t.Errorf("%s counts %d and lists %d customers, want %d", f, n, len(rows), want)
	}
}

func TestACustomerIsNeverLinkedUntilTheFirstLinkAndLinkedUntilTheLastIsUndone(t *testing.T) {
	d := newDB(t)
	id := d.customer("Amina Bello")
	d.picks(store.NeverLinked, 1)
	d.picks(store.Linked, 0)
	first, second := d.okra(id, "a", "0123456789"), d.mono(id, "b", "9876543210")
	d.picks(store.NeverLinked, 0)
	d.picks(store.Linked, 1)
	d.ok(d.UnlinkAccount(t.Context(), store.ByStaff("s"), store.Whole(), first.ID))
	d.picks(store.Linked, 1)
	d.ok(d.UnlinkAccount(t.Context(), store.ByStaff("s"), store.Whole(), second.ID))
	d.picks(store.Linked, 0)
	d.picks(store.NeverLinked, 0)
	d.advance(time.Hour)
	d.okra(id, "a", "0123456789")
	d.picks(store.Linked, 1)
}

func TestTheListOfThoseWhoseConsentHasEndedFollowsWhatEndsIt(t *testing.T) {
	const day = 24 * time.Hour
	d := newDB(t)
	set := store.Options{Now: d.clock, ConsentValid: 100 * day, ConsentUnused: 20 * day}
	d.ok(d.Close())
	d.Store = storetest.OpenWith(t, d.path, set)
	a := d.linked("Amina Bello")
	d.picks(store.ConsentEnded, 0)
	d.advance(17 * day)
	d.picks(store.ConsentEnding, 1)
	d.ok(d.MarkViewed(t.Context(), a.CustomerID))
	d.picks(store.ConsentEnding, 0)
	d.advance(21 * day)
	d.picks(store.ConsentEnded, 1)
	_, err := d.AddConsent(t.Context(), store.Consent{CustomerID: a.CustomerID, Version: "1", Scope: "balance"})
	d.ok(err)
	d.picks(store.ConsentEnded, 0)
	_, err = d.WithdrawConsent(t.Context(), store.ByStaff("s"), store.OfCustomer(a.CustomerID))
	d.ok(err)
	d.picks(store.ConsentEnded, 0) // for no account is linked
}

// Another setting holds for whoever is there already, from the next start on.
func TestConsentsEndByWhatIsSetSinceTheLastStart(t *testing.T) {
	const day = 24 * time.Hour
	d := newDB(t)
	d.linked("Amina Bello")
	d.advance(50 * day)
	d.picks(store.ConsentEnded, 0)
	for _, valid := range []time.Duration{40 * day, 60 * day, 30 * day, 0} {
		d.ok(d.Close())
		d.Store = storetest.OpenWith(t, d.path, store.Options{Now: d.clock, ConsentValid: valid})
		want := 0
		if valid > 0 && valid < 50*day {
			want = 1
		}
		d.picks(store.ConsentEnded, want)
	}
}

// What an account crosses while another goes on with its history shows when they part.
func TestAnAccountThatStandsAloneAgainIsOnItsSideOfItsThreshold(t *testing.T) {
	d := newDB(t)
	id := d.customer("Amina")
	old := d.okra(id, "o", "0123456789")
	d.save(said(old.ID, d.clock(), 50000, store.Minor(50000)))
	d.ok(d.SetThreshold(t.Context(), "s", old.ID, 30000))
	now := d.mono(id, "m", "0123456789")
	d.save(said(old.ID, d.clock().Add(time.Minute), 1, store.Minor(1)))
	d.picks(store.BelowThreshold, 0)
	d.ok(d.PartAccounts(t.Context(), store.ByStaff("s"), now.ID))
	d.picks(store.BelowThreshold, 1)
}
