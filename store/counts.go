package store

import (
	"context"
	"time"

	"balancelink/store/limits"
)

// Counts is what the overview shows at a glance.
type Counts struct {
	NeedsReview      int // doubtful links and accounts that wait for staff
	AskedLink        int // customers who asked for a new personal link
	Unmatched        int
	RefreshesRunning int
	LastEvent        time.Time // zero: none yet
	SlowCounts
}

// CountsAt are the moments by which is counted.
type CountsAt struct {
	FreshSince  time.Time // a balance of before that is not up to date
	StaleBefore time.Time // and one of before that is out of date
	EventsSince time.Time
}

// SlowCounts are those that take the longer the more customers there are.
type SlowCounts struct {
	Customers     int
	Linked        int
	NeverLinked   int
	NeedsLogin    int
	Stale         int
	NotFresh      int // linked customers with a balance that is not up to date, or with none yet; Stale is in it
	Below         int // customers with an account below its threshold
	BelowUnknown  int // customers with an account of which nobody can tell
	ConsentEnded  int // linked customers whose consent has ended
	ConsentEnding int // linked customers whose consent ends soon
	ToMove        int // customers whose provider is not the one for new links
	EventsSince   int
	CountedAt     time.Time // zero: just now
}

// countsHold is for how long slow counts are shown. The worker counts anew each
// minute: longer than that only when it is not there.
const countsHold = 2 * time.Minute

// Counts counts customers by filter, webhooks received since a moment, and
// what is waiting. Where there are many customers the slow ones are those that
// [Store.KeepCounts] has counted last.
func (s *Store) Counts(ctx context.Context, at CountsAt) (c Counts, err error) {
	err = s.Together(ctx, func(ctx context.Context) error { return s.count(ctx, at, &c) })
	return c, err
}

func (s *Store) count(ctx context.Context, at CountsAt, c *Counts) (err error) {
	var many bool
	err = together(ctx, s.read, func() error {
		return s.read.QueryRowContext(ctx, `
			SELECT (SELECT COUNT(*) FROM events WHERE result = 'unmatched'),
				(SELECT COUNT(*) FROM refreshes WHERE ended_at IS NULL),
				(SELECT COUNT(*) FROM link_attempts WHERE state = 'needs_review')
					+ (SELECT COUNT(*) FROM account_questions WHERE decided_at IS NULL),
				(SELECT COUNT(*) FROM customers WHERE asked_link_at IS NOT NULL),
				(SELECT MAX(last_received_at) FROM events)`).
			Scan(&c.Unmatched, &c.RefreshesRunning, &c.NeedsReview, &c.AskedLink, timeOf{&c.LastEvent})
	}, func() (err error) {
		many, err = s.countsAreKept(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if !many {
		c.SlowCounts, err = s.slowCounts(ctx, s.read, at)
		return err
	}
	if kept := s.counts.Load(); kept != nil && s.now().Sub(kept.CountedAt).Abs() < countsHold {
		c.SlowCounts = *kept
		return nil
	}
	c.SlowCounts, err = s.countAnew(ctx, at)
	return err
}

// KeepCounts counts for whoever asks for [Store.Counts] later, where there are so
// many customers that they should not wait for it.
func (s *Store) KeepCounts(ctx context.Context, at CountsAt) error {
	many, err := s.countsAreKept(ctx)
	if err == nil && many {
		_, err = s.countAnew(ctx, at)
	}
	return err
}

// countsAreKept says whether there are more customers than are counted each time.
func (s *Store) countsAreKept(ctx context.Context) (many bool, err error) {
	err = s.read.QueryRowContext(
		ctx, `SELECT EXISTS (SELECT 1 FROM customers ORDER BY id LIMIT 1 OFFSET $1)`, limits.CustomersCounted,
	).Scan(&many)
	return many, err
}

// countAnew counts once for all who wait for it, by connections that nobody holds who does.
func (s *Store) countAnew(ctx context.Context, at CountsAt) (SlowCounts, error) {
	found, err, _ := s.counting.Do("", func() (any, error) {
		now := s.now()
		c, err := s.slowCounts(context.WithoutCancel(ctx), s.search, at)
		c.CountedAt = now
		if err == nil {
			s.counts.Store(&c)
		}
		return c, err
	})
	return found.(SlowCounts), err
}

func (s *Store) slowCounts(ctx context.Context, pool *statements, at CountsAt) (c SlowCounts, err error) {
	reads := []func() error{func() error {
		query, args := s.named(notFresh, at.FreshSince, nil)
		return pool.QueryRowContext(ctx, query, args...).Scan(&c.NotFresh)
	}, func() error {
		return pool.QueryRowContext(
			ctx, `SELECT COUNT(*) FROM events WHERE last_received_at >= $1`, unixMS(at.EventsSince),
		).Scan(&c.EventsSince)
	}}
	for f, n := range map[Filter]*int{
		AllCustomers: &c.Customers, Linked: &c.Linked, NeverLinked: &c.NeverLinked,
		NeedsLogin: &c.NeedsLogin, StaleBalance: &c.Stale, BelowThreshold: &c.Below, ThresholdUnknown: &c.BelowUnknown,
		ConsentEnded: &c.ConsentEnded, ConsentEnding: &c.ConsentEnding, ToMove: &c.ToMove,
	} {
		reads = append(reads, func() (err error) {
			*n, err = s.countCustomers(ctx, pool, f, at.StaleBefore)
			return err
		})
	}
	err = together(ctx, pool, reads...)
	return c, err
}

// notFresh is SQL that counts the customers of [SlowCounts.NotFresh].
const notFresh = `
		SELECT COUNT(DISTINCT customer_id)
		FROM (
			SELECT customer_id FROM accounts WHERE ` + followed + ` AND as_of < $stale AND ` + notContinued + `
			UNION ALL
			SELECT customer_id FROM accounts WHERE ` + followed + ` AND ` + ahead + ` AND ` + notContinued + `
			UNION ALL
			SELECT customer_id FROM accounts WHERE ` + followed + ` AND as_of IS NULL AND ` + notContinued + `
			UNION ALL
			SELECT customer_id
			FROM accounts
			WHERE as_of_kind = 'unknown' AND ` + followed + ` AND ` + notContinued + `) AS aged`

// counted are the filters as SQL that counts whom they pick, by indexes that hold
// little else. Those that are not here are counted among all customers.
var counted = map[Filter]string{
	Linked:      `SELECT COUNT(DISTINCT customer_id) FROM accounts WHERE ` + followed + ` AND ` + notContinued,
	NeedsLogin:  `SELECT COUNT(DISTINCT customer_id) FROM accounts WHERE status = 'needs_login' AND ` + notContinued,
	NeedsReview: `SELECT COUNT(*) FROM (` + fewByFilter[NeedsReview] + `) AS few`,
	StaleBalance: `
		SELECT COUNT(DISTINCT customer_id)
		FROM (
			SELECT customer_id FROM accounts WHERE ` + followed + ` AND as_of < $stale AND ` + notContinued + `
			UNION ALL
			SELECT customer_id FROM accounts WHERE ` + followed + ` AND ` + ahead + ` AND ` + notContinued + `
			UNION ALL
			SELECT customer_id
			FROM accounts
			WHERE as_of_kind = 'unknown' AND ` + followed + ` AND ` + notContinued + `) AS stale`,
	BelowThreshold:   countThresholds + belowThreshold,
	ThresholdUnknown: countThresholds + thresholdUnknown,
	ConsentEnded:     `SELECT COUNT(*) FROM customers WHERE links = 'linked' AND ` + consentEnded + ` AND ` + isLinked,
	ConsentEnding:    `SELECT COUNT(*) FROM customers WHERE links = 'linked' AND ` + consentEnding + ` AND ` + isLinked,
	ToMove:           `SELECT COUNT(DISTINCT customer_id) FROM accounts WHERE ` + isToMove,
}

const countThresholds = `
		SELECT COUNT(DISTINCT accounts.customer_id)
		FROM thresholds CROSS JOIN accounts
		WHERE accounts.id = thresholds.account_id AND ` + canChange

// CountCustomers says how many customers a filter picks.
func (s *Store) CountCustomers(ctx context.Context, f Filter, staleBefore time.Time) (int, error) {
	return s.countCustomers(ctx, s.read, f, staleBefore)
}

func (s *Store) countCustomers(
	ctx context.Context, pool *statements, f Filter, staleBefore time.Time,
) (n int, err error) {
	if f == ToMove && s.movesTo == "" {
		return 0, nil
	}
	query, ok := counted[f]
	if !ok {
		query = `SELECT COUNT(*) FROM customers WHERE ` + f.condition()
	}
	query, args := s.named(query, staleBefore, nil)
	err = pool.QueryRowContext(ctx, query, args...).Scan(&n)
	return n, err
}
