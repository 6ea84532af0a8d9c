package store

import (
	"context"
	"math"
	"time"
)

// How long something is kept is counted in days in which the program ran, for
// the clock may be wrong by years. Every such day has an entry with its time,
// and what is dated by a moment that lies about an entry of the last N days was
// received in them: it stays. Whatever else there is came before, or while the
// clock was wrong more than N days ago.
//
// So ten years ahead is one more day, with an entry of its own; what comes then
// stays for N days like everything else, and coming back removes nothing. An
// hour more or less is within the reach of the entries. A long stop has no
// entries and counts for nothing.
const (
	runDay    = 24 * time.Hour
	reachBack = runDay     // a clock set back by less needs no entry
	reachOn   = 2 * runDay // the next entry is due after one day, and may come late
)

// CountDay notes that the program runs, once a day. It is to be called every
// few hours.
func (s *Store) CountDay(ctx context.Context) error {
	day, last, err := lastDay(ctx, s.read)
	if err != nil || !dayIsDue(s.now(), last) {
		return err
	}
	return s.inTx(ctx, func(tx *tx) error {
		if day, last, err = lastDay(ctx, tx); err != nil || !dayIsDue(tx.now, last) {
			return err
		}
		if tx.now.After(last) { // going back brings no new day
			day++
		}
		return tx.exec(ctx, `
			INSERT INTO run_days (day, at)
			VALUES ($1, $2)
			ON CONFLICT (day, at) DO NOTHING`, day, unixMS(tx.now))
	})
}

// dayIsDue says whether now is out of reach of the last entry.
func dayIsDue(now, last time.Time) bool {
	since := now.Sub(last)
	return since >= runDay || since < -reachBack
}

// lastDay is the newest day, and the moment of the entry that was made last: of
// its entries the lowest, for those after the first come from going back.
func lastDay(ctx context.Context, q querier) (day int64, at time.Time, err error) {
	err = q.QueryRowContext(ctx, `
		SELECT COALESCE(MAX(day), 0), (SELECT MIN(at) FROM run_days WHERE day = (SELECT MAX(day) FROM run_days))
		FROM run_days`).Scan(&day, timeOf{&at})
	return day, at, err
}

// span is a stretch of time in Unix milliseconds, without its end.
type span struct{ from, to int64 }

// notIn are the stretches of time that do not lie about the last days. None do
// while the program has not run for so long.
func notIn(ctx context.Context, q querier, days int) ([]span, error) {
	newest, _, err := lastDay(ctx, q)
	if err != nil || newest <= int64(days) {
		return nil, err
	}
	entries, err := collect(ctx, q, func(row scanner) (at int64, err error) { return at, row.Scan(&at) }, `
		SELECT at
		FROM run_days
		WHERE day > $1
		ORDER BY at`, newest-int64(days))
	if err != nil {
		return nil, err
	}
	return between(entries), nil
}

// between are the stretches that are out of reach of all entries, which come in order.
func between(entries []int64) []span {
	var all []span
	from := int64(math.MinInt64)
	for _, at := range entries {
		if begin := at - reachBack.Milliseconds(); begin > from {
			all = append(all, span{from, begin})
		}
		from = max(from, at+reachOn.Milliseconds())
	}
	return append(all, span{from, math.MaxInt64})
}
