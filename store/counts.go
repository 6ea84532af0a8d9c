package store

import (
	"context"
	"time"
)

// Counts is what the overview shows at a glance.
type Counts struct {
	Customers        int
	Linked           int
	NeverLinked      int
	NeedsLogin       int
	NeedsReview      int // doubtful links and accounts that wait for staff
	Stale            int
	Below            int // customers with an account below its threshold
	BelowUnknown     int // customers with an account of which nobody can tell
	ConsentEnded     int // linked customers whose consent has ended
	ConsentEnding    int // linked customers whose consent ends soon
	ToMove           int // customers whose provider is not the one for new links
	EventsSince      int
	Unmatched        int
	RefreshesRunning int
	LastEvent        time.Time // zero: none yet
}

// Counts counts customers by filter, webhooks received since a moment, and
// what is waiting.
func (s *Store) Counts(ctx context.Context, staleBefore, eventsSince time.Time) (c Counts, err error) {
	for f, n := range map[Filter]*int{
		AllCustomers: &c.Customers, Linked: &c.Linked, NeverLinked: &c.NeverLinked,
		NeedsLogin: &c.NeedsLogin, StaleBalance: &c.Stale, BelowThreshold: &c.Below, ThresholdUnknown: &c.BelowUnknown,
		ConsentEnded: &c.ConsentEnded, ConsentEnding: &c.ConsentEnding, ToMove: &c.ToMove,
	} {
		if *n, err = s.CountCustomers(ctx, f, staleBefore); err != nil {
			return c, err
		}
	}
	err = s.read.QueryRowContext(ctx, `
		SELECT (SELECT COUNT(*) FROM events WHERE last_received_at >= $1),
			(SELECT COUNT(*) FROM events WHERE result = 'unmatched'),
			(SELECT COUNT(*) FROM refreshes WHERE ended_at IS NULL),
			(SELECT COUNT(*) FROM link_attempts WHERE state = 'needs_review')
				+ (SELECT COUNT(*) FROM account_questions WHERE decided_at IS NULL),
			(SELECT MAX(last_received_at) FROM events)`, unixMS(eventsSince)).
		Scan(&c.EventsSince, &c.Unmatched, &c.RefreshesRunning, &c.NeedsReview, timeOf{&c.LastEvent})
	return c, err
}
