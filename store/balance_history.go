package store

import (
	"context"
	"slices"
	"time"

	"balancelink/store/days"
)

// Point is what an account held from a moment on, until the next point.
type Point struct {
	At        time.Time
	Figure    int64
	Basis     Basis // of Figure
	Available Amount
	Copy      bool // the provider's, saved at some time before At
}

// shownAt is when a balance stands in a history: a saved copy when it was received.
func (o Balance) shownAt() time.Time {
	if o.isCopy() {
		return o.ReceivedAt
	}
	return o.AsOf
}

func scanPoint(row scanner) (p Point, err error) {
	err = row.Scan(timeOf{&p.At}, &p.Figure, &p.Basis, &p.Available, &p.Copy)
	return p, err
}

// isWhole is SQL for the balances of the account $4 after the newest that
// was removed: one from before it, kept as evidence, would look as if it had
// held until the next.
const isWhole = `as_of > COALESCE((SELECT history_from FROM accounts WHERE id = $4), -9223372036854775807)`

// HistoryFrom is the as-of time of the newest balance of an account that was
// removed because its time was over: the history begins after it. The zero time:
// none was.
func (s *Store) HistoryFrom(ctx context.Context, scope Scope, accountID string) (at time.Time, err error) {
	err = s.read.QueryRowContext(
		ctx, `SELECT history_from FROM accounts WHERE id = $4 AND `+reached, scope.args(accountID)...,
	).Scan(timeOf{&at})
	return at, orNoRows(err)
}

// PointsByAccount returns what an account held since a moment, oldest first and
// beginning with what it held at that moment, if that is known. A saved copy stands
// where it was received. The zero time is the beginning. Beyond the scope nothing is known.
func (s *Store) PointsByAccount(ctx context.Context, scope Scope, accountID string, from time.Time) ([]Point, error) {
	since, err := scope.since(ctx, s.read)
	if err != nil {
		return nil, err
	}
	points, err := collect(ctx, s.read, scanPoint, `
		SELECT drawn_at, ledger_balance, basis, available_balance, copied
		FROM (
			SELECT as_of AS drawn_at, fact, ledger_balance, basis, available_balance, FALSE AS copied
			FROM balances
			WHERE account_id = `+theAccount+` AND as_of_kind <> 'unknown' AND as_of <= $6 AND received_at >= $7 AND `+isWhole+`
			AND as_of >= COALESCE((SELECT MAX(as_of) FROM balances WHERE account_id = $4 AND as_of <= $5 AND received_at >= $7), $5)
			UNION ALL
			SELECT received_at, fact, ledger_balance, basis, available_balance, TRUE
			FROM balances
			WHERE account_id = `+theAccount+` AND as_of_kind = 'unknown' AND received_at >= $7
			AND received_at >= COALESCE((
				SELECT MAX(received_at)
				FROM balances
				WHERE account_id = $4 AND as_of_kind = 'unknown' AND received_at <= $5 AND received_at >= $7), $5)) AS drawn
		ORDER BY drawn_at, fact`, scope.args(accountID, from.UnixMilli(), unixMS(s.now().Add(maxSkew)), since)...)
	for len(points) > 1 && !points[1].At.After(from) { // of what has a time and of copies one each may be from before
		points = points[1:]
	}
	return points, err
}

// Of a card's small drawing: how far it goes back, and how many points it has
// at most, so that an account that changes all the time costs no more.
const (
	recentFor   = 30 * 24 * time.Hour
	recentLimit = 120
)

// recentPoints returns what an account held lately, oldest first, as far as it
// was received since then, in ms.
func recentPoints(ctx context.Context, q querier, accountID string, since int64, now time.Time) ([]Point, error) {
	points, err := collect(ctx, q, scanPoint, `
		SELECT drawn_at, ledger_balance, basis, available_balance, copied
		FROM (
			SELECT as_of AS drawn_at, fact, ledger_balance, basis, available_balance, FALSE AS copied
			FROM balances
			WHERE account_id = $1 AND as_of_kind <> 'unknown' AND as_of >= $2 AND as_of <= $3 AND received_at >= $4
			UNION ALL
			SELECT received_at, fact, ledger_balance, basis, available_balance, TRUE
			FROM balances
			WHERE account_id = $1 AND as_of_kind = 'unknown' AND received_at >= $2 AND received_at >= $4) AS drawn
		ORDER BY drawn_at DESC, fact DESC
		LIMIT $5`, accountID, unixMS(now.Add(-recentFor)), unixMS(now.Add(maxSkew)), since, recentLimit)
	slices.Reverse(points)
	return points, err
}

// HistoryQuery asks for a page of an account's balances, newest first.
type HistoryQuery struct {
	Scope     Scope
	AccountID string
	From      time.Time // older ones are left out; zero: none are
	Before    string    // id of the last row of the page before; empty: the first page
	Limit     int
}

// HistoryPage is one page of an account's balances.
type HistoryPage struct {
	Rows  []Balance
	Older *Balance // the one before the last row, in the range or not; nil: there is none
	More  bool     // there is a next page
}

// History returns one page of an account's balances.
func (s *Store) History(ctx context.Context, q HistoryQuery) (HistoryPage, error) {
	since, err := q.Scope.since(ctx, s.read)
	if err != nil {
		return HistoryPage{}, err
	}
	found, err := collect(ctx, s.read, scanBalance, `
		SELECT `+balanceColumns+`
		FROM balances
		WHERE account_id = `+theAccount+` AND received_at >= $6 AND `+isWhole+`
		AND ($5 = '' OR (as_of, fact) < (SELECT as_of, fact FROM balances WHERE id = $5 AND account_id = $4))
		ORDER BY as_of DESC, fact DESC
		LIMIT $7`, q.Scope.args(q.AccountID, q.Before, since, q.Limit+1)...)
	end := len(found)
	for i, o := range found {
		if i == q.Limit || o.shownAt().Before(q.From) {
			end = i
			break
		}
	}
	page := HistoryPage{Rows: found[:end]}
	if end < len(found) {
		page.Older = &found[end]
		page.More = !found[end].shownAt().Before(q.From)
	}
	return page, err
}

// Extreme is the lowest or the highest of some amounts, and when it was first
// reached. The zero Extreme: none was known.
type Extreme struct {
	Amount
	At time.Time
}

// Extremes returns the lowest and the highest amount that stood since a moment.
func Extremes(points []Point, from time.Time, figure func(Point) Amount) (low, high Extreme) {
	for _, p := range points {
		v := Extreme{Amount: figure(p), At: later(p.At, from)}
		if v.Known && (!low.Known || v.Minor < low.Minor) {
			low = v
		}
		if v.Known && (!high.Known || v.Minor > high.Minor) {
			high = v
		}
	}
	return low, high
}

// DaysBelow counts the days of a zone on which an available balance below an
// amount stood at any time, and those on which one was known at all. A balance
// stands from its point to the next, and the last one no longer than until.
func DaysBelow(points []Point, amount int64, from, until time.Time, zone *time.Location) (below, known int) {
	under := map[time.Time]bool{} // by when the day began
	for i, p := range points {
		end := later(until, p.At.Add(time.Millisecond))
		if i+1 < len(points) {
			end = points[i+1].At
		}
		if !p.Available.Known {
			continue
		}
		for at := later(p.At, from).In(zone); at.Before(end); at = days.Next(at) {
			day := days.Start(at)
			under[day] = under[day] || p.Available.Minor < amount
		}
	}
	for _, isBelow := range under {
		if isBelow {
			below++
		}
	}
	return below, len(under)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
