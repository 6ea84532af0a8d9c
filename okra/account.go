package okra

import "cmp"

// Bank is a bank as Okra knows it. Any field may be empty.
type Bank struct{ ID, Name, Slug string }

// Account is a bank account without its amounts.
type Account struct {
	ID, Customer, BalanceID string
	NUBAN, Name, Type       string
	CustomerName            string // of the provider's customer; empty: not said
	Currency, Env           string
	Records, Owners         []string
	Connected               Connected
	Bank                    Bank
}

// parseAccount reads an account of the API (_id) or of the widget (accountId
// and id in 2023, account in 2020). In the API the balance is an id, and the
// amounts of the widget are a browser's word: both stay out.
func parseAccount(o object) Account {
	return Account{
		ID:       o.ref("accountId", "account_id", "account", "_id", "id"),
		Customer: o.ref("customer", "customerId", "customer_id"),
		NUBAN:    o.nuban(),
		Name:     o.text("name"),
		Type:     o.word("type"),

		CustomerName: o.object("customer").text("name"),
		Currency:     currencyOf(o),
		Env:          o.word("env"),
		BalanceID:    o.ref("balance"),
		Records:      o.refs("record"),
		Owners:       o.refs("owner"),
		Connected:    connectedOf(o),
		Bank:         firstBank(o),
	}
}

// firstBank returns the bank of the first object that has one, as an object or
// as an id.
func firstBank(owners ...object) Bank {
	for _, o := range owners {
		if id := o.id("bank"); id != "" {
			return Bank{ID: id}
		}
		if bank := o.object("bank"); len(bank) > 0 {
			return parseBank(bank)
		}
	}
	return Bank{}
}

func parseBank(o object) Bank {
	return Bank{ID: o.id("_id", "id"), Name: o.text("name"), Slug: o.word("slug")}
}

func first(texts ...string) string { return cmp.Or(texts...) }
