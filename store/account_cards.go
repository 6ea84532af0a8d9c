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
	Also      *Named      // another customer who has linked an account of the same number; nil: nobody known
}

// Named is a customer's id and name.
type Named struct{ ID, Name string }

// CardByID returns the card of one account within a scope; any other is [ErrNotFound].
func (s *Store) CardByID(ctx context.Context, scope Scope, id string) (c Card, err error) {
	err = s.inSnapshot(ctx, func(q querier) error {
		var since int64
		err := together(ctx, q, func() (err error) {
			c.Account, err = findAccount(ctx, q, scope, id)
			return err
		}, func() (err error) {
			since, err = scope.since(ctx, q)
			return err
		})
		if err != nil {
			return err
		}
		return together(ctx, q, func() (err error) {
			c.Latest, err = collect(ctx, q, scanRefresh, `
				SELECT `+refreshColumns+`
				FROM refreshes
				WHERE id IN (SELECT MAX(id) FROM refreshes WHERE account_id = $1 AND `+current+` GROUP BY kind)
				ORDER BY id`, id, since)
			return err
		}, func() (err error) {
			c.Consent, err = s.consent.state(ctx, q, c.CustomerID, c.Provider)
			return err
		}, func() (err error) {
			c.Customer, err = one(ctx, q, scanText, `SELECT name FROM customers WHERE id = $1`, c.CustomerID)
			return err
		}, func() (err error) {
			c.Health, err = healthBefore(ctx, q, c.Account, s.now())
			return err
		}, func() error { return s.addOwn(ctx, q, &c, since) })
	})
	return c, err
}

// addOwn adds to a card what only its account has.
func (s *Store) addOwn(ctx context.Context, q querier, c *Card, since int64) error {
	return together(ctx, q, func() (err error) {
		c.Threshold, err = thresholdOf(ctx, q, c.ID)
		return err
	}, func() (err error) {
		c.Recent, err = recentPoints(ctx, q, c.Account, since, s.now())
		return err
	}, func() error {
		shared, err := sharedWith(ctx, q, c.ID)
		if with, ok := shared[c.ID]; ok {
			c.Also = &with
		}
		return err
	})
}

// current is SQL for the refreshes of an account that its card tells of: those
// since $2, and one that is under way.
const current = `(refreshes.created_at >= $2 OR refreshes.ended_at IS NULL)`

// CardsByCustomer returns the cards of a customer's accounts within a scope, by
// bank and name.
func (s *Store) CardsByCustomer(ctx context.Context, scope Scope) (cards []Card, err error) {
	err = s.inSnapshot(ctx, func(q querier) error {
		var accounts []Account
		var since int64
		err := together(ctx, q, func() (err error) {
			accounts, err = standing(accountsWithin(ctx, q, scope))
			return err
		}, func() (err error) {
			since, err = scope.since(ctx, q)
			return err
		})
		if err != nil {
			return err
		}
		cards = cardsOf(accounts)
		return together(ctx, q, func() error {
			return addLatest(ctx, q, scope.CustomerID, since, cards)
		}, func() error {
			return s.addShared(ctx, q, scope.CustomerID, cards)
		}, func() error {
			return forEach(ctx, q, cards, func(c *Card) error { return s.addOwn(ctx, q, c, since) })
		})
	})
	return cards, err
}

// forEach does f of each card.
func forEach(ctx context.Context, q querier, cards []Card, f func(*Card) error) error {
	each := make([]func() error, len(cards))
	for i := range cards {
		each[i] = func() error { return f(&cards[i]) }
	}
	return together(ctx, q, each...)
}

// addLatest adds to a customer's cards their latest refreshes and checks.
func addLatest(ctx context.Context, q querier, customerID string, since int64, cards []Card) error {
	latest, err := collect(ctx, q, scanRefresh, `
		SELECT `+refreshColumns+`
		FROM refreshes
		WHERE id IN (
			SELECT MAX(refreshes.id)
			FROM refreshes JOIN accounts ON accounts.id = refreshes.account_id
			WHERE accounts.customer_id = $1 AND `+current+`
			GROUP BY refreshes.account_id, refreshes.kind)
		ORDER BY id`, customerID, since)
	by := map[string][]Refresh{}
	for _, r := range latest {
		by[r.AccountID] = append(by[r.AccountID], r)
	}
	for i := range cards {
		cards[i].Latest = by[cards[i].ID]
	}
	return err
}

// addShared adds to a customer's cards what several of them have in common.
func (s *Store) addShared(ctx context.Context, q querier, customerID string, cards []Card) error {
	var name string
	consents := map[string]ConsentState{} // by provider
	health := map[[2]string]*BankHealth{} // by provider and bank
	reads := []func() error{func() (err error) {
		name, err = one(ctx, q, scanText, `SELECT name FROM customers WHERE id = $1`, customerID)
		return ignoring(err, ErrNotFound)
	}}
	for _, c := range cards {
		provider, bank := c.Provider, [2]string{c.Provider, c.Bank.key()}
		if _, is := consents[provider]; !is {
			consents[provider] = ConsentState{}
			reads = append(reads, func() (err error) {
				consents[provider], err = s.consent.state(ctx, q, customerID, provider)
				return err
			})
		}
		if _, is := health[bank]; !is {
			health[bank] = nil
			reads = append(reads, func() (err error) {
				health[bank], err = healthBefore(ctx, q, c.Account, s.now())
				return err
			})
		}
	}
	err := together(ctx, q, reads...)
	for i, c := range cards {
		cards[i].Customer, cards[i].Consent = name, consents[c.Provider]
		cards[i].Health = health[[2]string{c.Provider, c.Bank.key()}]
	}
	return err
}

func cardsOf(accounts []Account) []Card {
	cards := make([]Card, len(accounts))
	for i, a := range accounts {
		cards[i] = Card{Account: a}
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
	can, err := s.sideBySide(ctx, func(ctx context.Context) error { return f(readingOf(ctx)) })
	if can {
		return err
	}
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
