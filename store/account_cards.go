package store

import (
	"context"
	"fmt"
	"time"
)

// Card is an account with its latest refresh and its latest check, older
// first, and what it held lately, all as they were at one moment: an outcome
// never stands beside the balance from before it.
type Card struct {
	Account
	Latest    []Refresh
	Recent    []Point    // of the last 30 days, oldest first
	Threshold *Threshold // nil: none is set
	Consent   ConsentState
	Customer  string      // the name of whose it is
	Health    *BankHealth // how its bank answered lately; nil: too little is known
}

// CardByID returns the card of one account within a scope; any other is [ErrNotFound].
func (s *Store) CardByID(ctx context.Context, scope Scope, id string) (c Card, err error) {
	err = s.inSnapshot(ctx, func(q querier) error {
		if c.Account, err = findAccount(ctx, q, scope, id); err != nil {
			return err
		}
		since, err := scope.since(ctx, q)
		if err != nil {
			return err
		}
		c.Latest, err = collect(ctx, q, scanRefresh, `
			SELECT `+refreshColumns+`
			FROM refreshes
			WHERE id IN (SELECT MAX(id) FROM refreshes WHERE account_id = $1 AND `+current+` GROUP BY kind)
			ORDER BY id`, id, since)
		if err != nil {
			return err
		}
		if c.Threshold, err = thresholdOf(ctx, q, id); err != nil {
			return err
		}
		if c.Consent, err = s.consent.state(ctx, q, c.CustomerID, c.Provider); err != nil {
			return err
		}
		if c.Customer, err = one(ctx, q, scanText, `SELECT name FROM customers WHERE id = $1`, c.CustomerID); err != nil {
			return err
		}
		if c.Recent, err = recentPoints(ctx, q, c.Account, since, s.now()); err != nil {
			return err
		}
		c.Health, err = healthBefore(ctx, q, c.Account, s.now())
		return err
	})
	return c, err
}

// current is SQL for the refreshes of an account that its card tells of: those
// since $2, and one that is under way.
const current = `(refreshes.created_at >= $2 OR refreshes.ended_at IS NULL)`

// CardsByCustomer returns the cards of a customer's accounts within a scope, by
// bank and name.
func (s *Store) CardsByCustomer(ctx context.Context, scope Scope) (cards []Card, err error) {
	err = s.inSnapshot(ctx, func(q querier) error {
		accounts, err := standing(accountsWithin(ctx, q, scope))
		if err != nil {
			return err
		}
		since, err := scope.since(ctx, q)
		if err != nil {
			return err
		}
		latest, err := collect(ctx, q, scanRefresh, `
			SELECT `+refreshColumns+`
			FROM refreshes
			WHERE id IN (
				SELECT MAX(refreshes.id)
				FROM refreshes JOIN accounts ON accounts.id = refreshes.account_id
				WHERE accounts.customer_id = $1 AND `+current+`
				GROUP BY refreshes.account_id, refreshes.kind)
			ORDER BY id`, scope.CustomerID, since)
		if err != nil {
			return err
		}
		cards = cardsOf(accounts, latest)
		name, err := one(ctx, q, scanText, `SELECT name FROM customers WHERE id = $1`, scope.CustomerID)
		if err != nil {
			return ignoring(err, ErrNotFound)
		}
		consents := map[string]ConsentState{} // by provider
		health := map[[2]string]*BankHealth{} // by provider and bank
		for i := range cards {
			cards[i].Customer = name
			name := cards[i].Provider
			if _, ok := consents[name]; !ok {
				if consents[name], err = s.consent.state(ctx, q, scope.CustomerID, name); err != nil {
					return err
				}
			}
			cards[i].Consent = consents[name]
			bank := [2]string{name, cards[i].Bank.key()}
			if _, ok := health[bank]; !ok {
				if health[bank], err = healthBefore(ctx, q, cards[i].Account, s.now()); err != nil {
					return err
				}
			}
			cards[i].Health = health[bank]
			if cards[i].Threshold, err = thresholdOf(ctx, q, cards[i].ID); err != nil {
				return err
			}
			if cards[i].Recent, err = recentPoints(ctx, q, cards[i].Account, since, s.now()); err != nil {
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
	return s.inSnapshotFor(ctx, s.engine.within(), f)
}

// inSnapshotFor is inSnapshot for so long at most; 0: as long as it takes.
func (s *Store) inSnapshotFor(ctx context.Context, within time.Duration, f func(querier) error) error {
	t := &prepared{pool: s.read}
	if within > 0 {
		t.until.at = time.Now().Add(within)
		defer t.until.over()
	}
	sqlTx, err := s.read.db.BeginTx(t.until.on(ctx), s.engine.snapshot())
	if err != nil {
		return fmt.Errorf("store: beginning to read: %w", err)
	}
	t.Tx = sqlTx
	defer t.learn(ctx)
	defer sqlTx.Rollback() // nothing was written
	return orOver(ctx, f(t))
}
