package okra

import (
	"context"
	"errors"
	"fmt"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

// Okra's own default page is 10 or 20, by which of its documents one reads; 20
// was observed.
const (
	pageLimit = 20
	maxPages  = 50
)

var errEndless = errors.New("the list does not end")

// AccountsByCustomer returns the accounts of one of Okra's customers. It
// includes those that are not shared with us: ask Connected. What is no account
// is left out; only when nothing there is one the answer cannot be read.
func (c *Client) AccountsByCustomer(ctx context.Context, customerID string) ([]Account, error) {
	return collect(ctx, c, "accounts/getByCustomer", "customer", customerID, func(data wire.Object) ([]Account, error) {
		items, err := data.List("accounts")
		if err != nil {
			return nil, err
		}
		var accounts []Account
		for _, o := range items {
			a := parseAccount(o)
			if other(a.Customer, customerID) {
				return nil, errNotAsked
			}
			if a.ID != "" {
				accounts = append(accounts, a)
			}
		}
		if len(accounts) == 0 && len(items) > 0 {
			return nil, fmt.Errorf("%w: accounts without an id", provider.ErrBadShape)
		}
		return accounts, nil
	})
}

// BalancesByCustomer returns the balances that Okra has saved for one of its
// customers, one of each account. They are as old as the last fetch, see
// LastUpdated.
func (c *Client) BalancesByCustomer(ctx context.Context, customerID string) ([]Balance, error) {
	read := func(data wire.Object) ([]Balance, error) {
		balances := balancesIn(data)
		for _, b := range balances {
			if other(b.Customer, customerID) {
				return nil, errNotAsked
			}
		}
		return balances, nil
	}
	all, err := collect(ctx, c, "balance/getByCustomer", "customer", customerID, read)
	return mergeBalances(all), err
}

// BalanceByAccount returns the balance that Okra has saved for an account, as a
// list of one, or of none. Okra's own libraries disagree about the parameter.
func (c *Client) BalanceByAccount(ctx context.Context, accountID string) ([]Balance, error) {
	const op = "balance/getByAccount"
	data, err := c.post(ctx, op, map[string]any{"account": accountID, "account_id": accountID})
	if err != nil {
		return nil, err
	}
	return balancesIn(data), nil
}

// TransactionsByAccount returns the transactions that Okra has saved for an
// account.
func (c *Client) TransactionsByAccount(ctx context.Context, accountID string) ([]Transaction, error) {
	read := func(data wire.Object) ([]Transaction, error) {
		return parseTransactions(data, accountID)
	}
	return collect(ctx, c, "transactions/getByAccount", "account", accountID, read)
}

// collect asks for page after page until Okra no longer says hasNextPage; in
// its answers pagination may be null or missing. A list that goes on past
// maxPages is an error, since half a list would look like a whole one.
func collect[T any](
	ctx context.Context, c *Client, op, by, id string, parse func(wire.Object) ([]T, error),
) ([]T, error) {
	var all []T
	for page := 1; page <= maxPages; page++ {
		data, err := c.post(ctx, op, map[string]any{by: id, "page": page, "limit": pageLimit})
		if err != nil {
			return nil, err
		}
		items, err := parse(data)
		if err != nil {
			return nil, badAnswer(op, err)
		}
		all = append(all, items...)
		if !data.Object("pagination").Is("hasNextPage") {
			return all, nil
		}
		if len(items) == 0 {
			break
		}
	}
	return nil, badAnswer(op, errEndless)
}

// other reports whether an answer names somebody else than was asked for.
func other(stated, asked string) bool { return stated != "" && stated != asked }
