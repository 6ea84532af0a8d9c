package store

import (
	"cmp"
	"context"
	"database/sql"
	"time"
)

// LoggedRefresh is a refresh with whose account it asks about.
type LoggedRefresh struct {
	Refresh
	CustomerID   string
	CustomerName string
	BankName     string
	NUBAN        string
	Currency     string
	Broken       error // a [*SealError]: NUBAN does not open and is empty
}

// RefreshFilter picks refreshes by how they stand.
type RefreshFilter string

// The filters of the list of refreshes.
const (
	AllRefreshes     RefreshFilter = ""
	RunningRefreshes RefreshFilter = "running"
	FailedRefreshes  RefreshFilter = "failed" // ended without the bank's answer
)

// refreshConditions are the filters as SQL.
var refreshConditions = map[RefreshFilter]string{
	AllRefreshes:     `TRUE`,
	RunningRefreshes: `refreshes.ended_at IS NULL`,
	FailedRefreshes:  `refreshes.ended_at IS NOT NULL AND refreshes.state NOT IN ('changed', 'unchanged')`,
}

// Refreshes returns a page of the refreshes of all accounts, newest first.
// before is the id of the last row of the page before, empty for the first;
// unknown filters pick all.
func (s *Store) Refreshes(ctx context.Context, f RefreshFilter, before string, limit int) ([]LoggedRefresh, error) {
	cond, ok := refreshConditions[f]
	if !ok {
		cond = refreshConditions[AllRefreshes]
	}
	return collect(ctx, s.read, scanLoggedRefresh, `
		SELECT `+refreshColumns+`, customers.id, customers.name, accounts.bank_name, accounts.id, accounts.nuban, accounts.currency
		FROM refreshes
		JOIN accounts ON accounts.id = refreshes.account_id
		JOIN customers ON customers.id = accounts.customer_id
		WHERE refreshes.id < $1 AND `+cond+`
		ORDER BY refreshes.id DESC
		LIMIT $2`, cmp.Or(before, afterAll), limit)
}

func scanLoggedRefresh(row scanner) (l LoggedRefresh, err error) {
	var account string
	nuban := &opening{column: accountNUBAN, row: &account, text: &l.NUBAN, broken: &l.Broken}
	l.Refresh, err = scanRefresh(
		wider{row, []any{&l.CustomerID, &l.CustomerName, &l.BankName, &account, nuban, &l.Currency}},
	)
	return l, err
}

// Providers are the providers through whom accounts were linked, in the order of
// their names.
func (s *Store) Providers(ctx context.Context) (names []string, err error) {
	// Each is found by the index on what accounts are called there.
	for last := ""; ; {
		var next sql.NullString
		err := s.read.QueryRowContext(
			ctx, `SELECT MIN(provider) FROM accounts WHERE provider > $1`, last,
		).Scan(&next)
		if err != nil || !next.Valid {
			return names, err
		}
		last = next.String
		names = append(names, last)
	}
}

// Queue is what waits for a call to a provider.
type Queue struct {
	Refreshes int       // whose time has come, or that wait for their turn
	Links     int       // being confirmed
	NextAt    time.Time // when the first of those that wait for their turn is tried; zero: none waits
}

// Queue counts what waits for a call to a provider now. It goes from what waits to
// the accounts: CROSS JOIN has SQLite keep that order.
func (s *Store) Queue(ctx context.Context, provider string) (q Queue, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT (
				SELECT COUNT(*)
				FROM refreshes CROSS JOIN accounts
				WHERE accounts.id = refreshes.account_id
				AND ended_at IS NULL AND (next_at <= $1 OR held OR state = 'queued') AND provider = $2),
			(SELECT COUNT(*) FROM link_attempts WHERE state = 'claimed' AND provider = $2),
			(
				SELECT MIN(next_at)
				FROM refreshes CROSS JOIN accounts
				WHERE accounts.id = refreshes.account_id AND ended_at IS NULL AND held AND provider = $2)`, unixMS(s.now()), provider).
		Scan(&q.Refreshes, &q.Links, timeOf{&q.NextAt})
	return q, err
}
