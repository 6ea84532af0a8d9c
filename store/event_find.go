package store

import (
	"context"
	"time"
)

// EventSearch says which events are looked for. What is empty does not narrow them.
type EventSearch struct {
	Customer string    // id
	Provider string    // id of a record or an account at the provider
	From, To time.Time // they last came within; zero: whenever
}

// Empty says that nothing is looked for.
func (q EventSearch) Empty() bool { return q == EventSearch{} }

// FindEvents is a page of the events that are looked for, those that came last first.
// before is the id of the last row of the page before; empty: it is the first.
func (s *Store) FindEvents(ctx context.Context, q EventSearch, before string, limit int) ([]Event, error) {
	to := q.To
	if to.IsZero() {
		to = s.now().Add(maxSkew)
	}
	return collect(ctx, s.read, scanEvent, `
		SELECT `+eventColumns+fromEvents+`
		WHERE `+q.condition()+`
		AND ($1 = '' OR events.customer_id = $1)
		AND ($2 = '' OR events.provider_record = $2 OR events.provider_account = $2)
		AND ($5 = '' OR (events.last_received_at, events.id) < (SELECT last_received_at, id FROM events AS last WHERE last.id = $5))
		ORDER BY `+q.order()+`
		LIMIT $6`, q.Customer, q.Provider, unixMS(q.From), unixMS(to), before, limit)
}

// condition is SQL that picks by an index: the events of a customer, those of nobody, or
// those of a time.
func (q EventSearch) condition() string {
	// The plus keeps the database from going by the time where there is a narrower index.
	const within = `events.last_received_at >= COALESCE(CAST($3 AS BIGINT), 0) AND +events.last_received_at < $4`
	switch {
	case q.Customer != "":
		return `events.customer_id = $1 AND +` + within
	case q.Provider != "":
		return `events.customer_id IS NULL AND events.result <> 'received' AND +` + within
	}
	return within
}

// order is SQL for the order, likewise.
func (q EventSearch) order() string {
	if q.Customer == "" && q.Provider == "" {
		return `events.last_received_at DESC, events.id DESC`
	}
	return `+events.last_received_at DESC, events.id DESC`
}

// WhoseProviderID is the customer of a record or an account by the provider's id for it;
// empty: nobody's.
func (s *Store) WhoseProviderID(ctx context.Context, provider, env, id string) (customerID string, err error) {
	for _, query := range []string{
		`SELECT customer_id FROM records WHERE provider = $1 AND env = $2 AND provider_id = $3`,
		`SELECT customer_id FROM accounts WHERE provider = $1 AND env = $2 AND provider_id = $3`,
	} {
		found, err := one(ctx, s.read, scanText, query, provider, env, id)
		if !gone(err) {
			return found, err
		}
	}
	return "", nil
}

// replayedAtOnce is how many events are handed back to the worker in one transaction.
const replayedAtOnce = 500

// ReplayFailed hands the events that could not be applied back to the worker, the oldest
// first and so many at most, and says how many: those whose payload is there.
func (s *Store) ReplayFailed(ctx context.Context, actor string) (n int, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		ids, err := collect(ctx, tx, scanText, `
			SELECT id
			FROM events
			WHERE result = 'failed' AND result NOT IN ('received', 'applied') AND headers <> ''
			ORDER BY id
			LIMIT $1`, replayedAtOnce)
		for _, id := range ids {
			if err := tx.replay(ctx, actor, id); err != nil {
				return err
			}
		}
		n = len(ids)
		return err
	})
	return n, err
}
