package okra

import (
	"errors"
	"slices"
	"time"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

// Balance is one observation of an account, as an answer or a webhook has it.
// Times are zero where they are not stated or cannot be read.
type Balance struct {
	ID, Account, Customer, Env string
	// Record is the newest where Okra gives a list.
	Record string
	// Owners are whose balance it is; empty: not said. Ask [Among].
	Owners []string
	// Connected may say that the account is not shared with us: ask it.
	Connected              Connected
	Ledger, Available      provider.Amount
	Currency               string
	CreatedAt, LastUpdated time.Time
	NUBAN, AccountName     string
	Bank                   Bank
	// Unreadable has what it states and could not be read.
	Unreadable wire.Unreadable
}

// FieldLedger is the field without which a balance is none.
const FieldLedger = "ledger_balance"

// Among says that something is ours: that we are among its owners, of whom Okra
// writes one or a list, or that it names none.
func Among(owners []string, us string) bool { return len(owners) == 0 || slices.Contains(owners, us) }

// parseBalance reads a balance object. The account is an id, an object with the
// bank in it (getById 2023), or accountId beside the amounts (webhooks).
func parseBalance(o wire.Object) Balance {
	r, account := wire.Reader{Object: o}, o.Object("account")
	currency := currencyOf(o)
	b := Balance{
		ID:          o.ID("_id", "id"),
		Account:     o.Ref("accountId", "account_id", "account"),
		Customer:    o.Ref("customer", "customerId", "customer_id"),
		Record:      newest(o.Refs("record")),
		Owners:      o.Refs("owner"),
		Env:         o.Word("env"),
		Connected:   connectedOf(o),
		Ledger:      r.Amount(FieldLedger, currency),
		Available:   r.Amount("available_balance", currency),
		Currency:    currency,
		CreatedAt:   r.Time("created_at"),
		LastUpdated: r.Time("last_updated"),
		NUBAN:       first(o.NUBAN("nuban"), account.NUBAN("nuban")),
		AccountName: first(o.Text("name"), account.Text("name")),
		Bank:        firstBank(o, account),
	}
	b.Unreadable = r.Unreadable
	return b
}

var errNoObject = errors.New("not an object")

// balancesIn reads all balances of an answer: data.balance, which is an object
// (getById 2023) or a list (getByCustomer), and data.balances (/products/balances).
// OKRA-NET's class of the callback has both at once, so they are merged. What is
// no balance is one that cannot be read, of no account.
func balancesIn(data wire.Object) []Balance {
	var found []Balance
	for _, key := range []string{"balance", "balances"} {
		items, others := data.Objects(key)
		for _, item := range items {
			found = append(found, parseBalance(item))
		}
		for range others {
			found = append(found, Balance{Unreadable: wire.Unreadable{key: errNoObject.Error()}})
		}
	}
	return mergeBalances(found)
}

// mergeBalances leaves one balance of each account, whatever the order.
func mergeBalances(all []Balance) []Balance {
	var merged []Balance
	for len(all) > 0 {
		first := all[0]
		same := func(b Balance) bool { return b.Account != "" && b.Account == first.Account }
		group := []Balance{first}
		for _, b := range all[1:] {
			if same(b) {
				group = append(group, b)
			}
		}
		all = slices.DeleteFunc(slices.Clone(all[1:]), same)
		merged = append(merged, newestOf(group))
	}
	return merged
}

var errTwo = errors.New("two different figures of one time")

// newestOf is what several balances of one account say: the newest figure of
// those that can be read. Two that differ and are of one time cannot be read:
// either could be the wrong one. What the newest leaves out the others state, as
// long as they do not differ: OKRA-NET's class has connected in the list only.
func newestOf(group []Balance) Balance {
	b := slices.MaxFunc(group, byAge)
	for _, other := range group {
		if b.differs(other) && byAge(b, other) == 0 {
			b.Ledger, b.Available = provider.Amount{}, provider.Amount{}
			b.Unreadable = wire.Unreadable{FieldLedger: errTwo.Error()}
			return b
		}
	}
	for _, other := range group {
		if !b.Connected.Stated() {
			b.Connected = other.Connected
		}
		if !b.Available.Known && !b.differs(other) {
			b.Available = other.Available
		}
	}
	return b
}

// byAge puts balances without a figure first, then those of no time, then the
// older ones.
func byAge(a, b Balance) int {
	if a.Ledger.Known != b.Ledger.Known {
		if b.Ledger.Known {
			return -1
		}
		return 1
	}
	return a.LastUpdated.Compare(b.LastUpdated)
}

// differs says that two balances state different figures.
func (b Balance) differs(from Balance) bool {
	return differ(b.Ledger, from.Ledger) || differ(b.Available, from.Available) ||
		b.Ledger.Known && from.Ledger.Known && b.Currency != from.Currency
}

func differ(a, b provider.Amount) bool { return a.Known && b.Known && a.Minor != b.Minor }

// newest returns the id that was made last; the first one counts when ids have
// no time. Okra does not say how it orders the records of a balance.
func newest(ids []string) string {
	var id string
	var made time.Time
	for _, candidate := range ids {
		t, ok := wire.ObjectIDTime(candidate)
		if id == "" || ok && t.After(made) {
			id, made = candidate, t
		}
	}
	return id
}
