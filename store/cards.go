package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Card is an account with its latest refresh and its latest check, older
// first, and what it held lately, all as they were at one moment: an outcome
// never stands beside the balance from before it.
type Card struct {
	Account
	Latest    []Refresh
	Recent    []Point    // of the last 30 days, oldest first
	Threshold *Threshold // nil: none is set
}

// CardByID returns one account's card. customerID is whose it has to be, empty
// for anybody's, for staff; another customer's is [ErrNotFound].
func (s *Store) CardByID(ctx context.Context, customerID, id string) (c Card, err error) {
	err = s.inSnapshot(ctx, func(q querier) error {
		if c.Account, err = findAccount(ctx, q, customerID, id); err != nil {
			return err
		}
		c.Latest, err = collect(ctx, q, scanRefresh, `
			SELECT `+refreshColumns+`
			FROM refreshes
			WHERE id IN (SELECT MAX(id) FROM refreshes WHERE account_id = $1 GROUP BY kind)
			ORDER BY id`, id)
		if err != nil {
			return err
		}
		if c.Threshold, err = thresholdOf(ctx, q, id); err != nil {
			return err
		}
		c.Recent, err = recentPoints(ctx, q, id, s.now())
		return err
	})
	return c, err
}

// CardsByCustomer returns the cards of a customer's accounts by bank and name.
func (s *Store) CardsByCustomer(ctx context.Context, customerID string) (cards []Card, err error) {
	err = s.inSnapshot(ctx, func(q querier) error {
		accounts, err := accountsByCustomer(ctx, q, customerID)
		if err != nil {
			return err
		}
		latest, err := collect(ctx, q, scanRefresh, `
			SELECT `+refreshColumns+`
			FROM refreshes
			WHERE id IN (
				SELECT MAX(refreshes.id)
				FROM refreshes JOIN accounts ON accounts.id = refreshes.account_id
				WHERE accounts.customer_id = $1
				GROUP BY refreshes.account_id, refreshes.kind)
			ORDER BY id`, customerID)
		if err != nil {
			return err
		}
		cards = cardsOf(accounts, latest)
		for i := range cards {
			if cards[i].Threshold, err = thresholdOf(ctx, q, cards[i].ID); err != nil {
				return err
			}
			if cards[i].Recent, err = recentPoints(ctx, q, cards[i].ID, s.now()); err != nil {
				return err
			}
		}
		return nil
	})
	return cards, err
}

func cardsOf(accounts []Account, latest []Refresh) []Card {
	by := map[string][]Refresh{}
	for _, r := range latest {
		by[r.AccountID] = append(by[r.AccountID], r)
	}
	cards := make([]Card, len(accounts))
	for i, a := range accounts {
		cards[i] = Card{Account: a, Latest: by[a.ID]}
	}
	return cards
}

// Accounts are the accounts of cards.
func Accounts(cards []Card) []Account {
	accounts := make([]Account, len(cards))
	for i, c := range cards {
		accounts[i] = c.Account
	}
	return accounts
}

// inSnapshot runs f's reads at one moment, so that they fit together.
func (s *Store) inSnapshot(ctx context.Context, f func(querier) error) error {
	sqlTx, err := s.read.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("store: beginning to read: %w", err)
	}
	t := &prepared{Tx: sqlTx, pool: s.read}
	defer t.learn(ctx)
	defer sqlTx.Rollback() // nothing was written
	return f(t)
}
