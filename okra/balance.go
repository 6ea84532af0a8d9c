package okra

import (
	"fmt"
	"time"
)

// Balance is one observation of an account, as an answer or a webhook has it.
// Times are zero where they are not stated.
type Balance struct {
	ID, Account, Customer, Env string
	// Record is the newest where Okra gives a list, Owner the first.
	Record, Owner string
	// Connected may say that the account is not shared with us: ask it.
	Connected              Connected
	Ledger, Available      Amount
	Currency               string
	CreatedAt, LastUpdated time.Time
	NUBAN, AccountName     string
	Bank                   Bank
}

// parseBalance reads a balance object. The account is an id, an object with the
// bank in it (getById 2023), or accountId beside the amounts (webhooks).
func parseBalance(o object) (Balance, error) {
	r, account := reader{object: o}, o.object("account")
	currency := r.currency()
	b := Balance{
		ID:          o.id("_id", "id"),
		Account:     o.ref("accountId", "account_id", "account"),
		Customer:    o.ref("customer", "customerId", "customer_id"),
		Record:      newest(o.refs("record")),
		Owner:       o.ref("owner"),
		Env:         o.word("env"),
		Connected:   connectedOf(o),
		Ledger:      r.amount("ledger_balance", currency),
		Available:   r.amount("available_balance", currency),
		Currency:    currency,
		CreatedAt:   r.time("created_at"),
		LastUpdated: r.time("last_updated"),
		NUBAN:       first(o.digits("nuban"), account.digits("nuban")),
		AccountName: first(o.text("name"), account.text("name")),
		Bank:        firstBank(o, account),
	}
	return b, r.err
}

// balancesIn reads all balances of an answer: data.balance, which is an object
// (getById 2023) or a list (getByCustomer), and data.balances (/products/balances).
// OKRA-NET's class of the callback has both at once, so they are merged.
func balancesIn(data object) ([]Balance, error) {
	var found []Balance
	for _, key := range []string{"balance", "balances"} {
		items, err := data.objects(key)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			b, err := parseBalance(item)
			if err != nil {
				return nil, err
			}
			if found, err = mergeBalance(found, b); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// mergeBalance adds b, or completes the balance of the same account: OKRA-NET's
// class has connected in the list only. Two different figures for one account
// are an error, since either could be the wrong one.
func mergeBalance(list []Balance, b Balance) ([]Balance, error) {
	for i := range list {
		have := &list[i]
		if b.Account == "" || have.Account != b.Account {
			continue
		}
		if differ(have.Ledger, b.Ledger) || differ(have.Available, b.Available) || have.Currency != b.Currency {
			return nil, fmt.Errorf("%w: two balances for one account", ErrBadShape)
		}
		if !have.Connected.Stated() {
			have.Connected = b.Connected
		}
		if !have.Ledger.Known {
			have.Ledger = b.Ledger
		}
		if !have.Available.Known {
			have.Available = b.Available
		}
		return list, nil
	}
	return append(list, b), nil
}

func differ(a, b Amount) bool { return a.Known && b.Known && a.Minor != b.Minor }
