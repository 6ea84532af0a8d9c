package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Outcome is what an event does.
type Outcome struct {
	EventID    string // set by the store
	Result     EventResult
	Reason     string
	CustomerID string
	Balance    *Balance  // to save, of the target's account
	DropBody   bool      // the payload speaks of an account that was not shared
	NeedsLogin bool      // the bank wants a new sign-in to the target's account
	Since      time.Time // when it did; zero: nobody says, so now
	Unshared   bool      // the target's account is not shared with us any more
	// Ticket is of a question about the target's account to which no answer comes: where
	// a refresh still waits for it, it ends as Ends says. Empty: of none.
	Ticket string
	Ends   Ending
}

// EventTarget is what is linked of what an event names, at the moment at which the
// event is applied: nothing can change between the decision and its outcome.
type EventTarget struct {
	AccountID        string // empty: no such account is linked
	CustomerID       string // whose account it is
	Status           AccountStatus
	ProviderCustomer string
	Currency         string
	Consented        bool // a consent of theirs is in force
	// RecordCustomer is whose link the event's record is; empty: nobody's. It
	// is only looked for where the account is unknown or an attempt is named.
	RecordCustomer  string
	RecordConsented bool // as Consented
	// NamedCustomer is who has accounts of the provider's customer whom a failure
	// is about. It is only looked for where neither account nor record is known.
	NamedCustomer  string
	NamedConsented bool // as Consented

	asked   bool // a refresh of the account waits for an answer
	watched bool // the account has a threshold
}

// Decide decides what an event does. It reports false where that takes more
// than the rows of the target; the event is then left to the worker.
type Decide func(EventTarget) (Outcome, bool)

// DecidedEvent is an event and who decides what it does.
type DecidedEvent struct {
	Event
	Decide Decide
}

// ApplyEvents carries out what several events do, and marks them, in one
// transaction: all of them, or none. Repeating it changes nothing.
func (s *Store) ApplyEvents(ctx context.Context, events []DecidedEvent) error {
	lanes := byAccount(events, func(e DecidedEvent) Event { return e.Event })
	return s.inTx(ctx, func(tx *tx) error {
		return tx.each(ctx, len(lanes), func(tx *laneTx, i int) error {
			for _, e := range lanes[i] {
				if err := tx.applyEvent(ctx, e); err != nil {
					return fmt.Errorf("event %s: %w", e.ID, err)
				}
			}
			return nil
		})
	})
}

func (tx *tx) applyEvent(ctx context.Context, e DecidedEvent) error {
	target, err := tx.target(ctx, e.Event)
	if err != nil {
		return err
	}
	outcome, ok := e.Decide(target)
	if !ok {
		return nil // it stays to be applied
	}
	if outcome, err = tx.unlessOther(ctx, e.Event, outcome); err != nil {
		return err
	}
	outcome.EventID = e.ID
	if err := tx.carryOut(ctx, target, outcome); err != nil {
		return err
	}
	for _, was := range tx.touched { // what it crosses the next event may cross back
		if err := tx.settleBalance(ctx, was); err != nil {
			return err
		}
	}
	tx.touched = nil
	return tx.markEvent(ctx, outcome)
}

// target looks up what an event names.
func (tx *tx) target(ctx context.Context, e Event) (t EventTarget, err error) {
	consented, now := tx.consent.inForce("$1", "$2"), unixMS(tx.now)
	if e.ProviderAccount != "" {
		t, err = one(ctx, tx, scanEventTarget, `
			SELECT accounts.id, customer_id, status, provider_customer, currency, `+consented+`,
				EXISTS (SELECT 1 FROM refreshes WHERE account_id = accounts.id AND ended_at IS NULL AND asked_at IS NOT NULL),
				EXISTS (SELECT 1 FROM thresholds WHERE account_id = accounts.id)
			FROM accounts JOIN customers ON customers.id = accounts.customer_id
			WHERE provider = $2 AND env = $3 AND provider_id = $4`, now, e.Provider, e.Env, e.ProviderAccount)
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		return EventTarget{}, err
	}
	if e.ProviderRecord != "" && (t.AccountID == "" || e.AttemptNonce != "") {
		err = tx.QueryRowContext(ctx, `
			SELECT customers.id, `+consented+`
			FROM records JOIN customers ON customers.id = records.customer_id
			WHERE provider = $2 AND env = $3 AND provider_id = $4`,
			now, e.Provider, e.Env, e.ProviderRecord).Scan(&t.RecordCustomer, &t.RecordConsented)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return t, err
		}
	}
	if e.FailedFor == "" || t.AccountID != "" || t.RecordCustomer != "" {
		return t, nil
	}
	err = tx.QueryRowContext(ctx, `
		SELECT customers.id, `+consented+`
		FROM accounts JOIN customers ON customers.id = accounts.customer_id
		WHERE provider = $2 AND env = $3 AND provider_customer = $4
		ORDER BY accounts.linked_at
		LIMIT 1`, now, e.Provider, e.Env, e.FailedFor).Scan(&t.NamedCustomer, &t.NamedConsented)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return t, err
}

func scanEventTarget(row scanner) (t EventTarget, err error) {
	err = row.Scan(&t.AccountID, &t.CustomerID, &t.Status, &t.ProviderCustomer, &t.Currency, &t.Consented, &t.asked,
		&t.watched)
	return t, err
}

// carryOut does what an event does beside being marked. That it was applied is
// recorded at the end of the transaction, with all others.
func (tx *tx) carryOut(ctx context.Context, t EventTarget, e Outcome) error {
	if e.Balance != nil {
		o := *e.Balance
		o.AccountID, o.EventID = t.AccountID, e.EventID
		if err := tx.news(ctx, t, o); err != nil {
			return err
		}
	}
	if e.Ticket != "" && t.asked {
		if err := tx.finishUnanswered(ctx, t.AccountID, e.Ticket, e.Ends); err != nil {
			return err
		}
	}
	if e.NeedsLogin {
		since := e.Since
		if since.IsZero() {
			since = tx.now
		}
		if err := tx.wantLogin(ctx, t.AccountID, since); err != nil {
			return err
		}
	}
	if e.Unshared {
		if err := tx.unshare(ctx, t.AccountID); err != nil {
			return err
		}
	}
	if e.Result == EventUnmatched {
		return tx.hastenLink(ctx, e.EventID)
	}
	if e.Result == EventApplied {
		tx.applied = append(tx.applied, e)
	}
	return nil
}

// news adds the balance that an event brings.
func (tx *tx) news(ctx context.Context, t EventTarget, o Balance) error {
	if t.AccountID == "" {
		return ErrNotFound
	}
	if err := o.fits(t.Status, t.Currency); err != nil {
		return err
	}
	if err := tx.addBalance(ctx, o, t.watched); err != nil || !t.asked {
		return err
	}
	return tx.finishOnNews(ctx, o)
}
