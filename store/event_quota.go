package store

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"balancelink/store/limits"
)

// ErrQuota says that a delivery was not stored, for too many that are of no use
// yet were: it may come again later.
var ErrQuota = errors.New("store: too much was received that belongs to nobody")

// quota is what may be stored of deliveries, which come as others like. It holds
// since the start: what was stored before lies in days that are over.
type quota struct {
	rows, bytes, claimed *rate.Limiter // events and payloads of nobody's, and payloads of somebody's
	refused              atomic.Int64
	none                 bool // whatever comes is taken
}

func newQuota(none bool) *quota {
	of := func(aDay int) *rate.Limiter {
		return rate.NewLimiter(rate.Limit(float64(aDay)/(24*time.Hour).Seconds()), aDay)
	}
	return &quota{
		rows: of(limits.UnclaimedEvents), bytes: of(limits.UnclaimedBytes), claimed: of(limits.ClaimedBytes),
		none: none,
	}
}

// room says whether an event may be stored, and its payload with it.
func (q *quota) room(claimed bool, size int, now time.Time) (event, payload bool) {
	switch {
	case q.none:
		return true, true
	case claimed:
		return true, q.claimed.TokensAt(now) >= float64(size)
	}
	fits := q.rows.TokensAt(now) >= 1 && q.bytes.TokensAt(now) >= float64(size)
	return fits, fits
}

// take counts an event that is being stored. back takes that back.
func (q *quota) take(claimed bool, size int, now time.Time) (back func()) {
	var taken []*rate.Reservation
	count := func(of *rate.Limiter, n int) {
		if of.TokensAt(now) >= float64(n) {
			taken = append(taken, of.ReserveN(now, n))
		}
	}
	if claimed {
		count(q.claimed, size)
	} else {
		count(q.rows, 1)
		count(q.bytes, size)
	}
	return func() {
		for _, t := range taken {
			t.CancelAt(now)
		}
	}
}

// claimed says whether an event is of use to somebody: it is about an account or
// a link of a customer, or names a bank window of ours, which nobody can guess.
func (tx *tx) claimed(ctx context.Context, e Event, t EventTarget, outcome Outcome) (bool, error) {
	if outcome.Result == EventApplied || outcome.CustomerID != "" || t.AccountID != "" || t.RecordCustomer != "" {
		return true, nil
	}
	if e.AttemptNonce == "" {
		return false, nil
	}
	var n int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM link_attempts WHERE nonce = $1`, e.AttemptNonce).Scan(&n)
	return n > 0, err
}

// Unclaimed is how much more may be stored that belongs to nobody.
type Unclaimed struct {
	Events, Bytes int64 // that are left
	Refused       int64 // since the start
}

// Unclaimed returns how the quota stands.
func (s *Store) Unclaimed() Unclaimed {
	q, now := s.inbox.quota, s.now()
	return Unclaimed{max(0, int64(q.rows.TokensAt(now))), max(0, int64(q.bytes.TokensAt(now))), q.refused.Load()}
}

// Low says that less than a quarter is left.
func (u Unclaimed) Low() bool {
	return u.Events < int64(limits.UnclaimedEvents/4) || u.Bytes < int64(limits.UnclaimedBytes/4)
}
