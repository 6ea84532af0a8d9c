package okra

import "time"

// Transaction is one movement on an account.
type Transaction struct {
	ID            string
	Debit, Credit Amount
	At, ClearedAt time.Time
}

// Pending reports whether the movement has no cleared date. That this is how
// Okra marks a pending transaction is inferred; no document says so.
func (t Transaction) Pending() bool { return t.ClearedAt.IsZero() }

// WorkOutAvailable returns the ledger balance less the pending debits. Pending
// credits do not count, since a bank may still refuse them. It is not ok where
// a pending transaction has no usable amount or the sum does not fit.
func WorkOutAvailable(ledger int64, ts []Transaction) (available int64, ok bool) {
	available = ledger
	for _, t := range ts {
		if !t.Pending() {
			continue
		}
		if !t.Debit.Known && !t.Credit.Known || t.Debit.Minor < 0 {
			return 0, false
		}
		rest := available - t.Debit.Minor
		if rest > available {
			return 0, false
		}
		available = rest
	}
	return available, true
}

// parseTransactions reads data.transaction, and checks that all are of the
// account that was asked for.
func parseTransactions(data object, accountID string) ([]Transaction, error) {
	items, err := data.objects("transaction")
	if err != nil {
		return nil, err
	}
	var ts []Transaction
	for _, o := range items {
		if account := o.ref("account"); account != "" && account != accountID {
			return nil, errNotAsked
		}
		t, err := parseTransaction(o)
		if err != nil {
			return nil, err
		}
		ts = append(ts, t)
	}
	return ts, nil
}

func parseTransaction(o object) (Transaction, error) {
	r := reader{object: o}
	currency := r.currency()
	t := Transaction{
		ID:        o.id("_id", "id"),
		Debit:     r.amount("debit", currency),
		Credit:    r.amount("credit", currency),
		At:        r.time("trans_date"),
		ClearedAt: r.time("cleared_date"),
	}
	return t, r.err
}
