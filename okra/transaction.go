package okra

import (
	"math"
	"time"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

// Transaction is one movement on an account.
type Transaction struct {
	ID            string
	Debit, Credit provider.Amount
	At, ClearedAt time.Time
	// Unreadable has what it states and could not be read.
	Unreadable wire.Unreadable
}

// Pending reports whether the movement has no cleared date. That this is how
// Okra marks a pending transaction is inferred; no document says so.
func (t Transaction) Pending() bool { return t.ClearedAt.IsZero() }

// PendingDebits returns the sum of the pending debits. Pending credits do not
// count, since a bank may still refuse them. It is unknown where it cannot be
// told whether a transaction is pending, where one that is has no usable amount,
// or the sum does not fit.
func PendingDebits(ts []Transaction) provider.Amount {
	sum := provider.Amount{Known: true}
	for _, t := range ts {
		if t.Unreadable.Field("transaction") != "" || t.Unreadable.Field("cleared_date") != "" {
			return provider.Amount{}
		}
		if !t.Pending() {
			continue
		}
		if !t.Debit.Known && !t.Credit.Known || t.Debit.Minor < 0 || t.Unreadable.Field("debit") != "" ||
			sum.Minor > math.MaxInt64-t.Debit.Minor {
			return provider.Amount{}
		}
		sum.Minor += t.Debit.Minor
	}
	return sum
}

// parseTransactions reads data.transaction, and checks that all are of the
// account that was asked for. What is no transaction is one that cannot be read.
func parseTransactions(data wire.Object, accountID string) ([]Transaction, error) {
	items, others := data.Objects("transaction")
	var ts []Transaction
	for _, o := range items {
		if other(o.Ref("account"), accountID) {
			return nil, errNotAsked
		}
		ts = append(ts, parseTransaction(o))
	}
	for range others {
		ts = append(ts, Transaction{Unreadable: wire.Unreadable{"transaction": errNoObject.Error()}})
	}
	return ts, nil
}

func parseTransaction(o wire.Object) Transaction {
	r := wire.Reader{Object: o}
	currency := currencyOf(o)
	t := Transaction{
		ID:        o.ID("_id", "id"),
		Debit:     r.Amount("debit", currency),
		Credit:    r.Amount("credit", currency),
		At:        r.Time("trans_date"),
		ClearedAt: r.Time("cleared_date"),
	}
	t.Unreadable = r.Unreadable
	return t
}
