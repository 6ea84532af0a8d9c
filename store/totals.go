package store

// Total is the sum of available balances in one currency. Unknown counts the
// accounts whose available balance is not known, or older than their balance.
type Total struct {
	CustomerID string
	Currency   string
	Available  Amount
	Unknown    int
	Twice      int // accounts that are in nothing else, since they may be in it already: see [Account.Twice]
	WorkedOut  int // accounts that are in Available with a figure that the bank did not state

	// Unspecified is the sum of the balances of the accounts of which nobody says
	// what is available, nor whether their balance can be drawn. These are in nothing
	// else but Unknown where their sum is too large.
	Unspecified        Amount
	UnspecifiedCounted int
}

// Totals sums the available balances of the accounts that are followed,
// per currency and in the order in which the currencies first occur.
// An overflow makes a total unknown rather than wrong.
func Totals(accounts []Account) []Total {
	var all []Total
	at := map[string]int{}
	for _, a := range accounts {
		if !a.Followed() {
			continue
		}
		i, seen := at[a.Currency]
		if !seen {
			i = len(all)
			at[a.Currency] = i
			all = append(all, Total{CustomerID: a.CustomerID, Currency: a.Currency})
		}
		if a.Twice(accounts) {
			all[i].Twice++
		} else {
			all[i].add(a)
		}
	}
	return all
}

func (t *Total) add(a Account) {
	available := a.Available.Known && !a.AvailableAsOf.Before(a.AsOf)
	switch {
	case available && t.Available.grow(a.Available):
		if a.AvailableWorkedOut {
			t.WorkedOut++
		}
	case !available && a.Basis == BasisUnspecified && a.Figure.Known && t.Unspecified.grow(a.Figure):
		t.UnspecifiedCounted++
	default:
		t.Unknown++
	}
}

// grow adds b, and reports false where the sum does not fit.
func (a *Amount) grow(b Amount) bool {
	sum := a.Minor + b.Minor
	if b.Minor != 0 && (sum > a.Minor) != (b.Minor > 0) {
		return false
	}
	*a = Minor(sum)
	return true
}
