package okra

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

// Confirm implements [provider.Provider]: it asks for the record, its accounts
// and their balances, and believes only what fits together.
func (a *Adapter) Confirm(ctx context.Context, c provider.Claim) (provider.Link, error) {
	rec, err := a.Record(ctx, c.Record)
	if err != nil {
		return provider.Link{}, err
	}
	customer := cmp.Or(rec.Customer, c.Customer)
	if err := a.plausible(rec, customer); err != nil {
		return provider.Link{}, err
	}
	if rec.Running {
		return provider.Link{}, because(opConfirm, provider.KindNotYet, "The provider is still fetching the record.")
	}
	accounts, err := a.AccountsByCustomer(ctx, customer)
	if err != nil {
		return provider.Link{}, err
	}
	shared := a.shared(slices.Clone(accounts), rec.ID)
	switch {
	case len(shared) > 0:
	case slices.ContainsFunc(accounts, func(acc Account) bool { return slices.Contains(acc.Records, rec.ID) }):
		return provider.Link{}, because(
			opConfirm, provider.KindNotShared, "No account was shared with us through this record.",
		)
	default:
		return provider.Link{}, because(
			opConfirm, provider.KindNotYet, "The provider has no account of the record yet.",
		)
	}
	balances, err := a.BalancesByCustomer(ctx, customer)
	if err != nil && provider.KindOf(err) != provider.KindBadAnswer { // whose figures cannot be read is linked without
		return provider.Link{}, err
	}
	l := a.link(rec, shared, balances)
	for _, acc := range accounts {
		if a.unshared(acc.Connected) {
			l.Unshared = append(l.Unshared, acc.ID)
		}
	}
	return l, nil
}

const opConfirm = "confirming a record"

// plausible checks that a record can be anybody's here: somebody's, ours, and of
// our environment.
func (a *Adapter) plausible(rec Record, customer string) error {
	switch {
	case !wire.ValidObjectID(customer):
		return because(opConfirm, provider.KindForeign, "The provider does not say whose record it is.")
	case rec.Env != "" && rec.Env != WireEnv(a.Env):
		return because(opConfirm, provider.KindForeign, fmt.Sprintf("The record is of the environment %q.", rec.Env))
	case !Among(rec.Owners, a.Owner):
		return because(opConfirm, provider.KindForeign, "The record belongs to another company.")
	}
	return nil
}

// shared picks the accounts that came with the record and that the customer
// chose to share with us.
func (a *Adapter) shared(accounts []Account, recordID string) []Account {
	return slices.DeleteFunc(accounts, func(acc Account) bool {
		mine := slices.Contains(acc.Records, recordID) && Among(acc.Owners, a.Owner)
		return !mine || !acc.Connected.SharedWith(a.Owner) || acc.Env != WireEnv(a.Env)
	})
}

func (a *Adapter) unshared(c Connected) bool { return c.Stated() && !c.SharedWith(a.Owner) }

func (a *Adapter) link(rec Record, shared []Account, balances []Balance) provider.Link {
	l := provider.Link{
		Record: rec.ID, Customer: rec.Customer, Attempt: rec.Attempt, Made: rec.CreatedAt,
		Bank: bankOf(rec.Bank),
	}
	for _, acc := range shared {
		if l.Bank.Name == "" {
			l.Bank = bankOf(acc.Bank)
		}
		linked := provider.Account{
			ID: acc.ID, Customer: acc.Customer, NUBAN: acc.NUBAN, Name: acc.Name, CustomerName: acc.CustomerName,
			Type: acc.Type, Currency: acc.Currency,
		}
		i := slices.IndexFunc(balances, func(b Balance) bool {
			return b.Account == acc.ID && b.Ledger.Known && Among(b.Owners, a.Owner)
		})
		if i >= 0 {
			linked.Balance = a.balance(balances[i])
		}
		l.Accounts = append(l.Accounts, linked)
	}
	return l
}

func bankOf(b Bank) provider.Bank {
	return provider.Bank{ID: b.ID, Name: b.Name, Slug: b.Slug, Key: provider.KeyOfSlug(b.Slug)}
}
