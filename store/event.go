package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
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
	FailedFor       string // the provider's customer whom a failure is about, as the payload says; not kept
	Headers         string // redacted JSON
	Body            []byte // redacted JSON, sealed
	Deliveries      int
	Result          EventResult
	Reason          string
	CustomerID      string // empty: not matched
	CustomerName    string
	ReceivedAt      time.Time
	LastReceivedAt  time.Time
	AppliedAt       time.Time
	RemovedAt       time.Time // when headers and body were removed because their time was over; zero: they were not

	Broken error // a [*SealError]: Body does not open and is empty
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
	events.received_at, events.last_received_at, events.applied_at, events.payload_removed_at`

const fromEvents = ` FROM events LEFT JOIN customers ON customers.id = events.customer_id `

func scanEvent(row scanner) (e Event, err error) {
	err = row.Scan(&e.ID, &e.Provider, &e.Env, &e.DedupKey, &e.Method, &e.Code, &e.ProviderEnv,
		&e.ProviderRecord, &e.ProviderAccount, &e.AttemptNonce, &e.Headers,
		&opening{column: eventBody, row: &e.ID, bytes: &e.Body, broken: &e.Broken}, &e.Deliveries,
		&e.Result, &e.Reason, &e.CustomerID, &e.CustomerName,
		timeOf{&e.ReceivedAt}, timeOf{&e.LastReceivedAt}, timeOf{&e.AppliedAt}, timeOf{&e.RemovedAt})
	return e, err
}

// EventByID returns one event.
func (s *Store) EventByID(ctx context.Context, id string) (Event, error) {
	return one(ctx, s.read, scanEvent, `SELECT `+eventColumns+fromEvents+`WHERE events.id = $1`, id)
}

// EventsToApply returns events of a provider that the worker has not looked at, oldest first.
func (s *Store) EventsToApply(ctx context.Context, provider string, limit int) ([]Event, error) {
	return collect(ctx, s.read, scanEvent, `
		SELECT `+eventColumns+fromEvents+`
		WHERE events.result = 'received' AND events.provider = $2
		ORDER BY events.id
		LIMIT $1`, limit, provider)
}

// Events returns a page of the inbox, newest first. before is the id of the
// last row of the page before, empty for the first; result is empty for all, and
// "duplicate" for those that came more than once.
func (s *Store) Events(ctx context.Context, result EventResult, before string, limit int) ([]Event, error) {
	cond, args := result.condition(cmp.Or(before, afterAll), limit)
	return collect(ctx, s.read, scanEvent, `
		SELECT `+eventColumns+fromEvents+`
		WHERE events.id < $1 AND `+cond+`
		ORDER BY events.id DESC
		LIMIT $2`, args...)
}

// condition is SQL for a page of those that the inbox has under a result, and the
// result behind the arguments. The rare ones have an index of their own.
func (r EventResult) condition(args ...any) (string, []any) {
	switch r {
	case "":
		return `TRUE`, args
	case "duplicate":
		return `events.deliveries > 1`, args
	case EventReceived, EventApplied:
		return `events.result = $3`, append(args, string(r))
	}
	return `events.result = $3 AND events.result NOT IN ('received', 'applied')`, append(args, string(r))
}

func (tx *tx) markEvent(ctx context.Context, e Outcome) error {
	return tx.exec(ctx, `
		UPDATE events
		SET result = $2, reason = $3, customer_id = (SELECT id FROM customers WHERE id = $4), applied_at = $5,
			body = CASE WHEN $6 THEN $7 ELSE body END
		WHERE id = $1`,
		e.EventID, e.Result, e.Reason, nullable(e.CustomerID), unixMS(tx.now), e.DropBody, []byte(droppedBody))
}

// droppedBody stands where a payload was that must not be kept.
const droppedBody = `{}`

// BodyDropped says that the payload is gone.
func (e Event) BodyDropped() bool { return string(e.Body) == droppedBody }

// AgeUnmatched lets an hour pass for the events that nobody has claimed, if the
// last one is an hour ago, and removes the payloads of those for which more than
// that many have passed; it says how many. What happened stays to be seen. Hours
// are counted one by one while the program runs: a jump of the clock, by years
// even, counts as one at most.
func (s *Store) AgeUnmatched(ctx context.Context, hours int) (dropped int64, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		due, err := tx.round(ctx, "unmatched", time.Hour)
		if err != nil || !due {
			return err
		}
		if err := tx.exec(
			ctx, `UPDATE events SET unclaimed_hours = unclaimed_hours + 1 WHERE result = 'unmatched'`,
		); err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `
			UPDATE events
			SET result = 'ignored', reason = 'Nobody claimed it in time. The payload was removed.', body = $2
			WHERE result = 'unmatched' AND unclaimed_hours > $1`, hours, []byte(droppedBody))
		if err != nil {
			return err
		}
		if dropped, err = res.RowsAffected(); err != nil || dropped == 0 {
			return err
		}
		if err := tx.countPurged(ctx, PurgedUnclaimed, int(dropped)); err != nil {
			return err
		}
		return tx.audit(
			ctx, Act{Actor: Program, Action: ActPayloadsDropped, Detail: fmt.Sprintf("%d payloads", dropped)},
		)
	})
	return dropped, err
}

// round says whether recurring work is due, and notes that it is done now. It
// is due too when it was last done in the future: the clock was set back.
func (tx *tx) round(ctx context.Context, name string, every time.Duration) (due bool, err error) {
	var last time.Time
	err = tx.QueryRowContext(ctx, `SELECT at FROM rounds WHERE name = $1`, name).Scan(timeOf{&last})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	if since := tx.now.Sub(last); since >= 0 && since < every {
		return false, nil
	}
	err = tx.exec(ctx, `
		INSERT INTO rounds (name, at)
		VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE
		SET at = excluded.at`, name, unixMS(tx.now))
	return true, err
}

// ErrNoPayload says that an event cannot be replayed: its payload was removed.
var ErrNoPayload = errors.New("store: the payload was removed")

// ReplayEvent hands an event back to the worker, unless its payload was removed.
func (s *Store) ReplayEvent(ctx context.Context, actor, id string) error {
	return s.inTx(ctx, func(tx *tx) error {
		e, err := one(ctx, tx, scanEvent, `SELECT `+eventColumns+fromEvents+`WHERE events.id = $1`, id)
		if err != nil {
			return err
		}
		if e.BodyDropped() {
			return ErrNoPayload
		}
		return tx.replay(ctx, actor, id)
	})
}

func (tx *tx) replay(ctx context.Context, actor, id string) error {
	if err := tx.exec(ctx, `UPDATE events SET result = 'received', reason = '' WHERE id = $1`, id); err != nil {
		return err
	}
	return tx.audit(ctx, Act{Actor: actor, Action: ActWebhookReplayed, Subject: id})
}
