package okra

import (
	"cmp"

	"balancelink/okra/provider/wire"
)

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
func parseAccount(o wire.Object) Account {
	return Account{
		ID:       o.Ref("accountId", "account_id", "account", "_id", "id"),
		Customer: o.Ref("customer", "customerId", "customer_id"),
		NUBAN:    o.NUBAN("nuban"),
		Name:     o.Text("name"),
		Type:     o.Word("type"),

		CustomerName: o.Object("customer").Text("name"),
		Currency:     currencyOf(o),
		Env:          o.Word("env"),
		BalanceID:    o.Ref("balance"),
		Records:      o.Refs("record"),
		Owners:       o.Refs("owner"),
		Connected:    connectedOf(o),
		Bank:         firstBank(o),
	}
}

// firstBank returns the bank of the first object that has one, as an object or
// as an id.
func firstBank(owners ...wire.Object) Bank {
	for _, o := range owners {
		if id := o.ID("bank"); id != "" {
			return Bank{ID: id}
		}
		if bank := o.Object("bank"); len(bank) > 0 {
			return parseBank(bank)
		}
	}
	return Bank{}
}

func parseBank(o wire.Object) Bank {
	return Bank{ID: o.ID("_id", "id"), Name: o.Text("name"), Slug: o.Word("slug")}
}

func first(texts ...string) string { return cmp.Or(texts...) }
