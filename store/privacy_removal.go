package store

import (
	"context"
	"time"
)

// Removal is the wish that the provider forgets one of its customers.
type Removal struct {
	ID               string
	CustomerID       string // of ours; they may be erased already
	Provider         string
	Env              string
	ProviderCustomer string // empty once the provider has forgotten them, or is to keep them
	State            RemovalState
	Tries            int
	NextTryAt        time.Time
	Cause            string // why the last try failed, for staff
	RequestedAt      time.Time
	EndedAt          time.Time
	Linked           bool // an account of theirs is linked (again): they must not be removed
}

// RemovalState says how far a removal has come.
type RemovalState string

// The states of a removal.
const (
	RemovalQueued    RemovalState = "queued"
	RemovalDone      RemovalState = "done"
	RemovalGivenUp   RemovalState = "given_up" // staff have to see to it
	RemovalCancelled RemovalState = "cancelled"
)

// removalGrace is how long a removal waits: who unlinks by mistake and links
// again at once is not removed.
const removalGrace = 10 * time.Minute

// MaxRemovalPause is how long a removal is put off at most.
const MaxRemovalPause = 6 * time.Hour

const removalColumns = `id, customer_id, provider, env, provider_customer, state, tries, next_try_at, cause, requested_at, ended_at,
	EXISTS (
		SELECT 1
		FROM accounts
		WHERE accounts.provider = removals.provider AND accounts.env = removals.env
		AND accounts.provider_customer = removals.provider_customer AND accounts.status <> 'unlinked')`

func scanRemoval(row scanner) (r Removal, err error) {
	err = row.Scan(&r.ID, &r.CustomerID, &r.Provider, &r.Env, &r.ProviderCustomer, &r.State, &r.Tries,
		timeOf{&r.NextTryAt}, &r.Cause,
		timeOf{&r.RequestedAt}, timeOf{&r.EndedAt}, &r.Linked)
	return r, err
}

// queueRemoval wishes that the provider forgets the customer of an account,
// unless another account of theirs is linked or the wish is there already.
func (tx *tx) queueRemoval(ctx context.Context, a Account) error {
	if a.ProviderCustomer == "" {
		return nil
	}
	return tx.exec(ctx, `
		INSERT INTO removals (id, customer_id, provider, env, provider_customer, state, tries, next_try_at, cause, requested_at)
		SELECT $1, customers.id, $3, $4, $5, 'queued', 0, $6, '', $7
		FROM customers
		WHERE customers.id = $2
		AND NOT EXISTS (
			SELECT 1
			FROM accounts
			WHERE provider = $3 AND env = $4 AND provider_customer = $5 AND status <> 'unlinked')
		AND NOT EXISTS (
			SELECT 1
			FROM removals
			WHERE provider = $3 AND env = $4 AND provider_customer = $5 AND state = 'queued')`,
		newID(), a.CustomerID, a.Provider, a.Env, a.ProviderCustomer, unixMS(tx.now.Add(removalGrace)), unixMS(tx.now))
}

// DueRemovals returns removals that are to be tried now, but none while the
// customer is linking a bank: it may be the same. Those that would wait for
// longer than any pause are due too: the clock was set back.
func (s *Store) DueRemovals(ctx context.Context, provider string, limit int) ([]Removal, error) {
	now := s.now()
	return collect(ctx, s.read, scanRemoval, `
		SELECT `+removalColumns+`
		FROM removals
		WHERE state = 'queued' AND (next_try_at <= $1 OR next_try_at > $2) AND provider = $4
		AND NOT EXISTS (
			SELECT 1
			FROM link_attempts
			WHERE link_attempts.customer_id = removals.customer_id AND link_attempts.state IN ('open', 'claimed') AND link_attempts.expires_at > $1)
		ORDER BY next_try_at
		LIMIT $3`, unixMS(now), unixMS(now.Add(MaxRemovalPause+ClockSlack)), limit, provider)
}

// RetryRemoval puts a removal off until then and says why.
func (s *Store) RetryRemoval(ctx context.Context, id string, at time.Time, cause string) error {
	return s.exec(ctx, `
		UPDATE removals
		SET tries = tries + 1, next_try_at = $2, cause = $3
		WHERE id = $1 AND state = 'queued'`, id, unixMS(at), cause)
}

// EndRemoval ends a removal. The provider's id is forgotten with it, unless
// staff have to name it to the provider themselves.
func (s *Store) EndRemoval(ctx context.Context, r Removal, state RemovalState, cause string) error {
	return s.inTx(ctx, func(tx *tx) error {
		err := tx.exec(ctx, `
			UPDATE removals
			SET state = $2, cause = $3, ended_at = $4, next_try_at = NULL,
				provider_customer = CASE WHEN $2 = 'given_up' THEN provider_customer ELSE '' END
			WHERE id = $1 AND state = 'queued'`, r.ID, state, cause, unixMS(tx.now))
		if err != nil {
			return err
		}
		return tx.audit(
			ctx,
			Act{Actor: Program, Action: ActRemovalEnded, Customer: r.CustomerID, Subject: r.ID, Detail: string(state)},
		)
	})
}

// RemovalsByCustomer returns a customer's removals, newest first.
func (s *Store) RemovalsByCustomer(ctx context.Context, customerID string) ([]Removal, error) {
	return collect(ctx, s.read, scanRemoval, `
		SELECT `+removalColumns+`
		FROM removals
		WHERE customer_id = $1
		ORDER BY id DESC
		LIMIT 20`, customerID)
}
