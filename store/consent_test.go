package store_test

import (
	"fmt"
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/storetest"
)

// Nobody who agreed to less is bound by more that is set later, and less that is
// set later binds at once. Lists, counts and pages say the same of it.
func TestAConsentEndsAsItsTextSaidOrSoonerAsIsSet(t *testing.T) {
	const day = 24 * time.Hour
	d := newDB(t)
	a := d.linked("Amina Bello")
	for _, said := range [][2]time.Duration{{}, {40 * day, 0}, {100 * day, 10 * day}, {0, 50 * day}} {
		d.Exec(t, `UPDATE consents SET valid_for = $1, unused_for = $2`, said[0].Milliseconds(), said[1].Milliseconds())
		for _, set := range [][2]time.Duration{{}, {60 * day, 0}, {0, 20 * day}, {60 * day, 20 * day}} {
			d.ok(d.Close())
			d.Store = storetest.OpenWith(t, d.path, store.Options{Now: d.clock, ConsentValid: set[0], ConsentUnused: set[1]})
			for _, age := range []time.Duration{0, 9, 11, 14, 16, 21, 24, 26, 29, 31, 39, 41, 44, 46, 54, 56, 59, 61, 99, 101, 4000} {
				given := d.clock().Add(-age * day)
				d.Exec(t, `UPDATE consents SET given_at = $1`, given.UnixMilli())
				d.Exec(t, `UPDATE customers SET viewed_at = $1`, given.Add(5*day).UnixMilli())
				d.KeepConsentEnds(t)
				ends := sooner(given.Add(shorter(said[0], set[0])), given.Add(5*day+shorter(said[1], set[1])))
				want := d.clock().Before(ends)
				t.Run(fmt.Sprintf("said %v, set %v, after %d days", said, set, age), func(t *testing.T) {
					holds, err := d.HasConsent(t.Context(), a.CustomerID, "")
					d.ok(err)
					states, err := d.ConsentStates(t.Context(), a.CustomerID)
					d.ok(err)
					state := states[a.CustomerID]
					if holds != want || state.Holds(d.clock()) != want {
						t.Errorf("holds: %v, on pages %v, want %v", holds, state.Holds(d.clock()), want)
					}
					for filter, want := range map[store.Filter]bool{store.ConsentEnded: !want, store.ConsentEnding: state.EndsSoon(d.clock())} {
						n, err := d.CountCustomers(t.Context(), filter, d.clock())
						d.ok(err)
						if n == 1 != want {
							t.Errorf("%s lists %d, want the customer: %v", filter, n, want)
						}
					}
				})
			}
		}
	}
}

// forever is longer than any age that is tried.
const forever = 5000 * 24 * time.Hour

func shorter(said, set time.Duration) time.Duration {
	least := forever
	for _, d := range []time.Duration{said, set} {
		if d > 0 {
			least = min(least, d)
		}
	}
	return least
}

func sooner(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
