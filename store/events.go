package store

import (
	"context"
	"fmt"
	"time"
)

// Event is one webhook as it was received: its body is redacted before it gets here.
type Event struct {
	ID              string
	Provider        string
	Env             string // ours
	DedupKey        string // equal for deliveries of the same event
	Method          string
	Code            string
	ProviderEnv     string // as the payload says
	ProviderRecord  string
	ProviderAccount string
	AttemptNonce    string // echoed by the provider; empty: none
	Headers         string // redacted JSON
	Body            []byte // redacted JSON
	Deliveries      int
	Result          EventResult
	Reason          string
	CustomerID      string // empty: not matched
	CustomerName    string
	ReceivedAt      time.Time
	LastReceivedAt  time.Time
	AppliedAt       time.Time
}

// EventResult says what became of an event.
type EventResult string

// The results of an event.
const (
	EventReceived  EventResult = "received"  // stored, not looked at yet
	EventApplied   EventResult = "applied"   // it did what it should
	EventUnmatched EventResult = "unmatched" // kept until its record or account is linked
	EventIgnored   EventResult = "ignored"   // understood and of no use, or not understood
	EventFailed    EventResult = "failed"    // should have been of use and was not
)

const eventColumns = `events.id, events.provider, events.env, events.dedup_key, events.method, events.code, events.provider_env,
	events.provider_record, events.provider_account, events.attempt_nonce, events.headers, events.body, events.deliveries,
	events.result, events.reason, COALESCE(events.customer_id, ''), COALESCE(customers.name, ''),
	events.received_at, events.last_received_at, events.applied_at`

const fromEvents = ` FROM events LEFT JOIN customers ON customers.id = events.customer_id `

func scanEvent(row scanner) (e Event, err error) {
	err = row.Scan(&e.ID, &e.Provider, &e.Env, &e.DedupKey, &e.Method, &e.Code, &e.ProviderEnv,
		&e.ProviderRecord, &e.ProviderAccount, &e.AttemptNonce, &e.Headers, &e.Body, &e.Deliveries,
		&e.Result, &e.Reason, &e.CustomerID, &e.CustomerName,
		timeOf{&e.ReceivedAt}, timeOf{&e.LastReceivedAt}, timeOf{&e.AppliedAt})
	return e, err
}

// EventByID returns one event.
func (s *Store) EventByID(ctx context.Context, id string) (Event, error) {
	return one(ctx, s.read, scanEvent, `SELECT `+eventColumns+fromEvents+`WHERE events.id = $1`, id)
}

// EventsToApply returns events that the worker has not looked at, oldest first.
func (s *Store) EventsToApply(ctx context.Context, limit int) ([]Event, error) {
	return collect(ctx, s.read, scanEvent, `
		SELECT `+eventColumns+fromEvents+`
		WHERE events.result = 'received'
		ORDER BY events.id
		LIMIT $1`, limit)
}

// Events returns a page of the inbox, newest first. before is the id of the
// last row of the page before, empty for the first; result is empty for all, and
// "duplicate" for those that came more than once.
func (s *Store) Events(ctx context.Context, result EventResult, before string, limit int) ([]Event, error) {
	if before == "" {
		before = "g" // after every hexadecimal id
	}
	return collect(ctx, s.read, scanEvent, `
		SELECT `+eventColumns+fromEvents+`
		WHERE events.id < $1
		AND ($2 = '' OR events.result = $2 OR ($2 = 'duplicate' AND events.deliveries > 1))
		ORDER BY events.id DESC
		LIMIT $3`, before, string(result), limit)
}

// Effect is what an event does.
type Effect struct {
	EventID    string
	Result     EventResult
	Reason     string
	CustomerID string
	Balance    *Observation // to save
	DropBody   bool         // the payload speaks of an account that was not shared
}

// ApplyEvent carries out an effect and marks the event, in one transaction.
// Repeating it changes nothing.
func (s *Store) ApplyEvent(ctx context.Context, id string, e Effect) error {
	return s.ApplyEvents(ctx, []Effect{e.of(id)})
}

func (e Effect) of(id string) Effect { e.EventID = id; return e }

// ApplyEvents carries out the effects of several events in one transaction:
// all of them, or none.
func (s *Store) ApplyEvents(ctx context.Context, effects []Effect) error {
	return s.inTx(ctx, func(tx *tx) error {
		for _, e := range effects {
			if err := tx.applyEvent(ctx, e); err != nil {
				return fmt.Errorf("event %s: %w", e.EventID, err)
			}
		}
		return nil
	})
}

func (tx *tx) applyEvent(ctx context.Context, e Effect) error {
	if e.Balance != nil {
		o := *e.Balance
		o.EventID = e.EventID
		if err := tx.saveBalance(ctx, o); err != nil {
			return err
		}
		if err := tx.finishOnNews(ctx, o); err != nil {
			return err
		}
	}
	if err := tx.markEvent(ctx, e); err != nil {
		return err
	}
	if e.Result != EventApplied {
		return nil
	}
	return tx.audit(ctx, Act{Actor: Provider, Action: "webhook applied", Customer: e.CustomerID, Subject: e.EventID})
}

func (tx *tx) markEvent(ctx context.Context, e Effect) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE events
		SET result = $2, reason = $3, customer_id = $4, applied_at = $5,
			body = CASE WHEN $6 THEN $7 ELSE body END
		WHERE id = $1`,
		e.EventID, e.Result, e.Reason, nullable(e.CustomerID), unixMS(tx.now), e.DropBody, []byte(droppedBody))
	return err
}

// droppedBody stands where a payload was that must not be kept.
const droppedBody = `{}`

// BodyDropped says that the payload is gone.
func (e Event) BodyDropped() bool { return string(e.Body) == droppedBody }

// DropUnmatched removes the payloads of events that nobody has claimed since
// before then, and says how many there were. What happened stays to be seen.
func (s *Store) DropUnmatched(ctx context.Context, before time.Time) (n int64, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE events
			SET result = 'ignored', reason = 'Nobody claimed it in time. The payload was removed.', body = $2
			WHERE result = 'unmatched' AND received_at < $1`, unixMS(before), []byte(droppedBody))
		if err != nil {
			return err
		}
		n, err = res.RowsAffected()
		return err
	})
	return n, err
}

// ReplayEvent hands an event back to the worker.
func (s *Store) ReplayEvent(ctx context.Context, actor, id string) error {
	return s.inTx(ctx, func(tx *tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE events SET result = 'received', reason = '' WHERE id = $1`, id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return orNotFound(err)
		}
		return tx.audit(ctx, Act{Actor: actor, Action: "webhook replayed", Subject: id})
	})
}
