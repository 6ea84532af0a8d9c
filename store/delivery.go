package store

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"balancelink/store/limits"
)

// Delivery is one notice on its way to one endpoint.
type Delivery struct {
	ID         string
	EndpointID string
	State      DeliveryState
	Tries      int
	NextTryAt  time.Time // zero: it does not wait
	Status     int       // of the last answer; 0: there was none
	Error      string    // why the last try failed; empty: it did not
	At         time.Time // of the last try; zero: there was none
	Notice     Notice
	asked      int // how often it was asked for again
}

// DeliveryState says how far a delivery is.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryWaiting   DeliveryState = "waiting"
	DeliverySucceeded DeliveryState = "succeeded"
	DeliveryFailed    DeliveryState = "failed" // for so long that it is not tried any more
)

// DeliveryStates are all of them, in the order of a list to choose from.
func DeliveryStates() []DeliveryState {
	return []DeliveryState{DeliveryWaiting, DeliverySucceeded, DeliveryFailed}
}

const deliveryColumns = `deliveries.id, deliveries.endpoint_id, deliveries.state, deliveries.tries, deliveries.next_try_at,
	deliveries.status, deliveries.error, deliveries.at, deliveries.asked`

func scanDelivery(row scanner) (d Delivery, err error) {
	d.Notice, err = scanNotice(before{row, []any{
		&d.ID, &d.EndpointID, &d.State, &d.Tries, timeOf{&d.NextTryAt}, &d.Status, &d.Error, timeOf{&d.At}, &d.asked,
	}})
	return d, err
}

// before is a row with columns before those that its scanner asks for.
type before struct {
	row  scanner
	more []any
}

func (b before) Scan(dest ...any) error { return b.row.Scan(append(b.more, dest...)...) }

// takeAtOnce is how many notices are taken up for an endpoint in one transaction.
const takeAtOnce = 100

// Untaken says whether something happened that was not looked at yet for an endpoint.
func (s *Store) Untaken(ctx context.Context, e Endpoint) (yes bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT seq > $1 FROM outbox_head`, e.Cursor).Scan(&yes)
	return yes, err
}

// TakeUp makes deliveries of what happened since the last time, some of it. While as many
// wait as may, the rest stays where it is.
func (s *Store) TakeUp(ctx context.Context, endpointID string) error {
	return s.inTx(ctx, func(tx *tx) error {
		e, err := findEndpoint(ctx, tx, endpointID)
		if err != nil || e.State != EndpointEnabled {
			return err
		}
		var waiting int
		err = tx.QueryRowContext(
			ctx, `SELECT COUNT(*) FROM deliveries WHERE endpoint_id = $1 AND state = 'waiting'`, e.ID,
		).Scan(&waiting)
		room := min(takeAtOnce, limits.DeliveriesWaiting-waiting)
		if err != nil || room <= 0 {
			return err
		}
		all, reached, _, err := notices(ctx, tx, e.Cursor, e.types(), room)
		if err != nil {
			return err
		}
		for _, n := range all {
			if !e.Wants(n) {
				continue
			}
			if err := tx.takeUp(ctx, e, n); err != nil {
				return err
			}
		}
		return tx.exec(ctx, `UPDATE endpoints SET cursor = $2 WHERE id = $1`, e.ID, reached)
	})
}

// takeUp makes a delivery, or begins one anew.
func (tx *tx) takeUp(ctx context.Context, e Endpoint, n Notice) error {
	return tx.exec(ctx, `
		INSERT INTO deliveries (id, endpoint_id, seq, state, next_try_at)
		VALUES ($1, $2, $3, 'waiting', $4)
		ON CONFLICT (endpoint_id, seq) DO UPDATE
		SET state = 'waiting', tries = 0, next_try_at = excluded.next_try_at, asked = deliveries.asked + 1`,
		newID(), e.ID, n.Seq, unixMS(tx.now))
}

// longestPause is longer than any delivery waits for its next try: who waits longer does
// because the clock was set back.
const longestPause = 27 * time.Hour

// DueDeliveries returns the deliveries to an endpoint whose turn has come, with what they
// are to tell as it is now.
func (s *Store) DueDeliveries(ctx context.Context, endpointID string, limit int) ([]Delivery, error) {
	now := s.now()
	return collect(ctx, s.read, scanDelivery, `
		SELECT `+deliveryColumns+`, `+noticeColumns+`
		FROM deliveries JOIN outbox ON outbox.seq = deliveries.seq
		WHERE deliveries.endpoint_id = $1 AND deliveries.state = 'waiting'
		AND (deliveries.next_try_at <= $2 OR deliveries.next_try_at > $3)
		ORDER BY deliveries.next_try_at, deliveries.seq
		LIMIT $4`, endpointID, unixMS(now), unixMS(now.Add(longestPause)), limit)
}

// Tried is how a try to deliver something went.
type Tried struct {
	Status    int       // of the answer; 0: there was none
	Error     string    // why it failed; empty: it did not
	NextTryAt time.Time // of one that failed; zero: it is not tried again
	SlowUntil time.Time // the endpoint asked to be sent nothing before; zero: it did not
	Gone      bool      // it said that nobody listens there any more
}

// When an endpoint is given up: as long, and as many tries, as all have failed.
const (
	failingFor   = 5 * 24 * time.Hour
	failingTries = 20
)

// Sent is a delivery that was tried, and how that went.
type Sent struct {
	Delivery
	Tried Tried
}

// EndDeliveries notes how tries to deliver something to an endpoint as it was then went, in
// their order. An endpoint where nobody listens any more is disabled, and one where nothing
// has arrived for days; it is said whether this one was now. A delivery that is not there any
// more is about somebody who was erased, one that was asked for again meanwhile waits for a
// try of its own, and one that somebody else has tried meanwhile stays as they noted it. What
// an address says is nothing of an endpoint that has another meanwhile, where what was not
// taken is tried at once.
func (s *Store) EndDeliveries(ctx context.Context, was Endpoint, sent []Sent) (disabled DisabledFor, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		disabled = ""
		e, err := findEndpoint(ctx, tx, was.ID)
		if err != nil && !gone(err) {
			return err
		}
		moved := e.URL != was.URL
		err = tx.each(ctx, len(sent), func(tx *laneTx, i int) error { return tx.endDelivery(ctx, sent[i], moved) })
		if err != nil || moved {
			return err
		}
		for i, one := range sent {
			if i > 0 && one.Tried.Error == "" && sent[i-1].Tried.Error == "" {
				continue // the one before has said so
			}
			why, err := tx.noteOnEndpoint(ctx, e.ID, one.Tried)
			if err != nil {
				return err
			}
			disabled = cmp.Or(disabled, why)
		}
		return nil
	})
	return disabled, err
}

func (tx *tx) endDelivery(ctx context.Context, d Sent, moved bool) error {
	state, t := DeliverySucceeded, d.Tried
	if t.Error != "" {
		state = DeliveryFailed
		if !t.NextTryAt.IsZero() {
			state = DeliveryWaiting
			if moved {
				t.NextTryAt = tx.now
			}
		}
	}
	return tx.exec(ctx, `
		UPDATE deliveries
		SET state = $2, tries = tries + 1, next_try_at = $3, status = $4, error = $5, at = $6
		WHERE id = $1 AND asked = $7 AND tries = $8`,
		d.ID, state, unixMS(t.NextTryAt), t.Status, t.Error, unixMS(tx.now), d.asked, d.Tries)
}

// noteOnEndpoint keeps what a try says of the endpoint itself. Several are under way at once:
// for how long one was asked to wait the others do not shorten.
func (tx *tx) noteOnEndpoint(ctx context.Context, id string, t Tried) (DisabledFor, error) {
	if t.Error == "" {
		return "", tx.exec(ctx, `
			UPDATE endpoints
			SET failing_since = NULL, failures = 0
			WHERE id = $1 AND failures > 0`, id)
	}
	err := tx.exec(ctx, `
		UPDATE endpoints
		SET failures = failures + 1,
			slow_until = CASE WHEN slow_until BETWEEN $3 AND $4 THEN slow_until ELSE COALESCE($3, slow_until) END,
			failing_since = CASE WHEN failing_since <= $2 THEN failing_since ELSE $2 END
		WHERE id = $1`, id, unixMS(tx.now), unixMS(t.SlowUntil), unixMS(tx.now.Add(longestPause)))
	if err != nil {
		return "", err
	}
	e, err := findEndpoint(ctx, tx, id)
	if gone(err) || err == nil && e.State != EndpointEnabled {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var why DisabledFor
	switch {
	case t.Gone:
		why = DisabledGone
	case e.Failures >= failingTries && tx.now.Sub(e.FailingSince) >= failingFor:
		why = DisabledFailing
	default:
		return "", nil
	}
	if err := tx.disable(ctx, id, why); err != nil {
		return "", err
	}
	return why, tx.audit(
		ctx, Act{Actor: Program, Action: ActEndpointDisabled, Subject: id, Detail: e.URL + ": " + string(why)},
	)
}

// ReplayDelivery sends something again, from the first try on.
func (s *Store) ReplayDelivery(ctx context.Context, actor, id string) error {
	return s.inTx(ctx, func(tx *tx) error { return tx.replayDelivery(ctx, actor, id) })
}

func (tx *tx) replayDelivery(ctx context.Context, actor, id string) error {
	d, err := one(ctx, tx, scanDelivery, `
		SELECT `+deliveryColumns+`, `+noticeColumns+`
		FROM deliveries JOIN outbox ON outbox.seq = deliveries.seq
		WHERE deliveries.id = $1`, id)
	if err != nil {
		return err
	}
	if err := tx.exec(ctx, `
		UPDATE deliveries
		SET state = 'waiting', tries = 0, next_try_at = $2, asked = asked + 1
		WHERE id = $1`, id, unixMS(tx.now)); err != nil {
		return err
	}
	return tx.audit(ctx, Act{
		Actor: actor, Action: ActEventsResent, Customer: d.Notice.CustomerID, Subject: d.EndpointID,
		Detail: fmt.Sprintf("%s %d", d.Notice.Type, d.Notice.Seq),
	})
}

// DeliveryQuery picks deliveries. What is empty picks all.
type DeliveryQuery struct {
	EndpointID string
	Type       NoticeType
	CustomerID string
	State      DeliveryState
	Before     int64  // only what happened before that seq
	BeforeID   string // and of what happened then the deliveries before that one; empty: none
	Limit      int
}

// Deliveries returns deliveries, those of what happened last first.
func (s *Store) Deliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, error) {
	var conds []string
	args := []any{q.Limit}
	add := func(cond string, value any, wanted bool) {
		if wanted {
			args = append(args, value)
			conds = append(conds, fmt.Sprint(cond, " $", len(args)))
		}
	}
	add("deliveries.endpoint_id =", q.EndpointID, q.EndpointID != "")
	add("outbox.type =", q.Type, q.Type != "")
	add("outbox.customer_id =", q.CustomerID, q.CustomerID != "")
	add("deliveries.state =", q.State, q.State != "")
	add("deliveries.seq <", q.Before, q.Before > 0 && q.BeforeID == "")
	if q.BeforeID != "" {
		args = append(args, q.Before, q.BeforeID)
		conds = append(conds, fmt.Sprintf("(deliveries.seq, deliveries.id) < ($%d, $%d)", len(args)-1, len(args)))
	}
	where := ""
	if len(conds) > 0 {
		where = " WHERE " + strings.Join(conds, " AND ")
	}
	return collect(ctx, s.read, scanDelivery, `
		SELECT `+deliveryColumns+`, `+noticeColumns+`
		FROM deliveries JOIN outbox ON outbox.seq = deliveries.seq`+where+`
		ORDER BY deliveries.seq DESC, deliveries.id DESC
		LIMIT $1`, args...)
}

// DeliveryByID returns one delivery.
func (s *Store) DeliveryByID(ctx context.Context, id string) (Delivery, error) {
	return one(ctx, s.read, scanDelivery, `
		SELECT `+deliveryColumns+`, `+noticeColumns+`
		FROM deliveries JOIN outbox ON outbox.seq = deliveries.seq
		WHERE deliveries.id = $1`, id)
}

// TrimDeliveries forgets all but the last deliveries that are done, of each endpoint.
func (s *Store) TrimDeliveries(ctx context.Context) error {
	return s.exec(ctx, `
		DELETE FROM deliveries
		WHERE state <> 'waiting' AND seq <= (
			SELECT last.seq
			FROM deliveries AS last
			WHERE last.endpoint_id = deliveries.endpoint_id AND last.state = deliveries.state
			ORDER BY last.seq DESC
			LIMIT 1 OFFSET $1)`, limits.DeliveriesKept)
}
