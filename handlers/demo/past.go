package demo

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"balancelink/store"
)

// pastDays is how many days of balances an account of the demo has behind it.
const pastDays = 90

// past is what was with a customer's first account in naira.
type past struct {
	brought   func(day time.Time, r *rand.Rand) int64 // by a day, in kobo; nil: there is no past
	overdrawn bool                                    // for a week, two weeks ago
	every     int                                     // how many days lie between two looks; 0: one
}

// salary comes on the 25th, rent leaves on the 1st, and every day costs something.
func salary(day time.Time, r *rand.Rand) int64 {
	spent := between(r, 1_500, 9_000)
	switch day.Day() {
	case 25:
		return 385_000_00 - spent
	case 1:
		return -150_000_00 - spent
	}
	return -spent
}

// market is open but on Sundays, and pays for its goods on Mondays.
func market(day time.Time, r *rand.Rand) int64 {
	switch day.Weekday() {
	case time.Sunday:
		return 0
	case time.Monday:
		return -between(r, 45_000, 75_000)
	}
	return between(r, 4_000, 22_000)
}

// between is an amount of so many naira, in kobo.
func between(r *rand.Rand, least, most int64) int64 { return (least + r.Int64N(most-least)) * 100 }

// writePasts gives accounts a past: a simulated bank has none to be asked for. What is
// written says so, and ends where the account's own balances begin.
func (s *Seeder) writePasts(ctx context.Context) error {
	for i, d := range customers {
		if d.past.brought == nil || s.Linkers[d.provider] == nil {
			continue
		}
		cu, err := s.untilLinked(ctx, d.reference)
		if err != nil {
			return err
		}
		a, err := s.untilKnown(ctx, cu.ID)
		if err != nil {
			return err
		}
		r := rand.New(rand.NewPCG(uint64(i), pastDays)) // the same in every installation
		for _, o := range d.past.of(a, r) {
			if err := s.Store.SaveBalance(ctx, o); err != nil {
				return err
			}
		}
	}
	return nil
}

// of are the balances of an account from before it was linked, the newest first.
func (p past) of(a store.Account, r *rand.Rand) (all []store.Balance) {
	figure := a.Figure.Minor
	for ago := 1; ago <= pastDays; ago++ {
		day := a.AsOf.AddDate(0, 0, -ago)
		figure -= p.brought(day.AddDate(0, 0, 1), r)
		shown := figure
		if p.overdrawn && ago > 7 && ago <= 14 {
			shown = -between(r, 5_000, 40_000)
		}
		if ago%max(p.every, 1) == 0 {
			all = append(all, before(a, day.Add(-time.Duration(r.IntN(120))*time.Minute), shown))
		}
	}
	return all
}

// before is a balance of an account from before it was linked.
func before(a store.Account, at time.Time, figure int64) store.Balance {
	o := store.Balance{
		AccountID: a.ID, Source: store.SourceDemo, Currency: a.Currency, Figure: figure, Basis: a.Basis,
		AsOf: at, AsOfKind: a.AsOfKind, ReceivedAt: at,
	}
	if a.Available.Known {
		o.Available = store.Minor(figure - (a.Figure.Minor - a.Available.Minor))
	}
	return o
}

// untilKnown waits until the first account in naira of a customer has a balance.
func (s *Seeder) untilKnown(ctx context.Context, customerID string) (a store.Account, err error) {
	err = s.until(ctx, func() (bool, error) {
		all, err := s.Store.AccountsByCustomer(ctx, customerID)
		i := slices.IndexFunc(all, func(a store.Account) bool {
			return a.Currency == "NGN" && a.Figure.Known && a.Dated()
		})
		if i >= 0 {
			a = all[i]
		}
		return i >= 0, err
	})
	return a, err
}
