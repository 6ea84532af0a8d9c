package store

import (
	"context"
	"math"
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
	Seam      bool // the first of an account that goes on with the history of another: no step leads to it
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

// HistoryFrom is the as-of time of the newest balance of an account, or of those that
// it continues, that was removed because its time was over: the history begins after
// it. The zero time: none was.
func (s *Store) HistoryFrom(ctx context.Context, scope Scope, accountID string) (at time.Time, err error) {
	chain, err := s.Chain(ctx, scope, accountID)
	for _, a := range chain {
		var removed time.Time
		if err := s.read.QueryRowContext(
			ctx, `SELECT history_from FROM accounts WHERE id = $1`, a.ID,
		).Scan(timeOf{&removed}); err != nil {
			return at, orNoRows(err)
		}
		at = later(at, removed)
	}
	return at, err
}

// PointsByAccount returns what an account held since a moment, oldest first and
// beginning with what it held at that moment, if that is known. A saved copy stands
// where it was received. What it held under an older id comes before, as far as that is
// from before the first figure of the newer one. The zero time is the beginning. Beyond
// the scope nothing is known.
func (s *Store) PointsByAccount(
	ctx context.Context, scope Scope, accountID string, from time.Time,
) (points []Point, err error) {
	since, chain, err := s.chainSince(ctx, scope, accountID)
	if gone(err) {
		return nil, nil
	}
	for _, a := range chain {
		if len(points) > 0 && !points[0].At.After(from) {
			break
		}
		older, err := s.points(ctx, scope, a.ID, from, since)
		if err != nil {
			return nil, err
		}
		points = seamed(older, points)
	}
	return points, err
}

// chainSince is the chain of an account, and from when on it is seen, in ms.
func (s *Store) chainSince(
	ctx context.Context, scope Scope, accountID string,
) (since int64, chain []Account, err error) {
	err = together(ctx, s.read, func() (err error) {
		since, err = scope.since(ctx, s.read)
		return err
	}, func() (err error) {
		chain, err = s.Chain(ctx, scope, accountID)
		return err
	})
	return since, chain, err
}

// seamed puts the points of an account before those of one that continues it: those
// from before the first of these.
func seamed(older, newer []Point) []Point {
	if len(newer) == 0 {
		return older
	}
	older = slices.DeleteFunc(older, func(p Point) bool { return !p.At.Before(newer[0].At) })
	newer[0].Seam = len(older) > 0
	return append(older, newer...)
}

// points are those of one account alone, as far as they were received since then, in ms.
func (s *Store) points(
	ctx context.Context, scope Scope, accountID string, from time.Time, since int64,
) ([]Point, error) {
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

// recentPoints returns what an account held lately, oldest first and beginning with
// what it held under an older id, as far as it was received since then, in ms.
func recentPoints(ctx context.Context, q querier, a Account, since int64, now time.Time) ([]Point, error) {
	points, err := recentOf(ctx, q, a.ID, since, now)
	id := a.Continues
	if since > 0 { // a visit sees nothing of before it
		id = ""
	}
	for err == nil && id != "" && len(points) < recentLimit {
		var older []Point
		if older, err = recentOf(ctx, q, id, since, now); err != nil {
			break
		}
		points = seamed(older, points)
		id, err = one(ctx, q, scanText, `SELECT continues FROM accounts WHERE id = $1`, id)
	}
	return points[max(0, len(points)-recentLimit):], err
}

// recentOf are the points of one account alone.
func recentOf(ctx context.Context, q querier, accountID string, since int64, now time.Time) ([]Point, error) {
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

// BalanceAt is what an account held just before a moment: the newest of its balances from
// before it, or else of the account that it continues. What was removed since and what
// never came are both [ErrNotFound].
func (s *Store) BalanceAt(ctx context.Context, scope Scope, accountID string, before time.Time) (Balance, error) {
	chain, err := s.Chain(ctx, scope, accountID)
	if err != nil {
		return Balance{}, err
	}
	for _, a := range chain {
		o, err := s.balanceAt(ctx, scope, a.ID, before)
		if !gone(err) {
			return o, err
		}
	}
	return Balance{}, ErrNotFound
}

// balanceAt looks among those of one account alone: of those that have a time and of the
// saved copies the newest, and then the later of both.
func (s *Store) balanceAt(
	ctx context.Context, scope Scope, accountID string, before time.Time,
) (newest Balance, err error) {
	args := scope.args(accountID, before.UnixMilli())
	for _, query := range []string{newestDated, newestCopy} {
		o, err := one(ctx, s.read, scanBalance, query, args...)
		if gone(err) {
			continue
		}
		if err != nil {
			return Balance{}, err
		}
		if newest.ID == "" || !o.shownAt().Before(newest.shownAt()) {
			newest = o
		}
	}
	if newest.ID == "" {
		return newest, ErrNotFound
	}
	return newest, nil
}

const (
	newestDated = `
		SELECT ` + balanceColumns + `
		FROM balances
		WHERE account_id = ` + theAccount + ` AND as_of < $5 AND as_of_kind <> 'unknown' AND ` + isWhole + `
		ORDER BY as_of DESC, fact DESC
		LIMIT 1`
	newestCopy = `
		SELECT ` + balanceColumns + `
		FROM balances
		WHERE account_id = ` + theAccount + ` AND received_at < $5 AND as_of_kind = 'unknown' AND ` + isWhole + `
		ORDER BY received_at DESC, fact DESC
		LIMIT 1`
)

// HistoryQuery asks for a page of an account's balances, newest first.
type HistoryQuery struct {
	Scope     Scope
	AccountID string
	From      time.Time // older ones are left out; zero: none are
	Until     time.Time // so are those from then on; zero: none are
	Before    string    // id of the last row of the page before; empty: the first page
	Limit     int
}

// HistoryPage is one page of an account's balances.
type HistoryPage struct {
	Rows  []Balance
	Older *Balance // the one before the last row, in the range or not; nil: there is none
	More  bool     // there is a next page
}

// History returns one page of an account's balances, and behind its own those of the
// accounts that it continues: each of these by itself, also where they overlap in time.
func (s *Store) History(ctx context.Context, q HistoryQuery) (HistoryPage, error) {
	since, chain, err := s.chainSince(ctx, q.Scope, q.AccountID)
	if gone(err) {
		return HistoryPage{}, nil
	}
	if err != nil {
		return HistoryPage{}, err
	}
	if chain, err = s.fromRow(ctx, chain, q.Before); err != nil {
		return HistoryPage{}, err
	}
	var page HistoryPage
	for _, a := range chain {
		q.AccountID = a.ID
		own, err := s.historyOf(ctx, q, since)
		if err != nil {
			return HistoryPage{}, err
		}
		if len(own.Rows) > 0 || page.Older == nil {
			page.Older = own.Older
		}
		page.Rows = append(page.Rows, own.Rows...)
		if page.More = own.More; page.More {
			break
		}
		q.Limit -= len(own.Rows)
		q.Before = ""
	}
	return page, nil
}

// fromRow leaves out the accounts of a chain before that of a balance. One that
// is of none of them is before all.
func (s *Store) fromRow(ctx context.Context, chain []Account, balanceID string) ([]Account, error) {
	if balanceID == "" {
		return chain, nil
	}
	id, err := one(ctx, s.read, scanText, `SELECT account_id FROM balances WHERE id = $1`, balanceID)
	i := slices.IndexFunc(chain, func(a Account) bool { return a.ID == id })
	if i < 0 && (err == nil || gone(err)) {
		return nil, nil
	}
	return chain[max(i, 0):], err
}

// historyOf is the part of a page of one account alone. With a limit of nothing it
// only tells whether there is more.
func (s *Store) historyOf(ctx context.Context, q HistoryQuery, since int64) (HistoryPage, error) {
	found, err := collect(ctx, s.read, scanBalance, `
		SELECT `+balanceColumns+`
		FROM balances
		WHERE account_id = `+theAccount+` AND received_at >= $6 AND `+isWhole+`
		AND ($5 = '' OR (as_of, fact) < (SELECT as_of, fact FROM balances WHERE id = $5 AND account_id = $4))
		AND as_of < $8 AND (as_of_kind <> 'unknown' OR received_at < $8)
		ORDER BY as_of DESC, fact DESC
		LIMIT $7`, q.Scope.args(q.AccountID, q.Before, since, q.Limit+1, untilMS(q.Until))...)
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

// untilMS is a moment that may not be set as the SQL compares it.
func untilMS(t time.Time) int64 {
	if t.IsZero() {
		return math.MaxInt64
	}
	return t.UnixMilli()
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
// stands from its point to the next, that before a seam for no longer than its moment,
// and the last one no longer than until.
func DaysBelow(points []Point, amount int64, from, until time.Time, zone *time.Location) (below, known int) {
	under := map[time.Time]bool{} // by when the day began
	for i, p := range points {
		end := later(until, p.At.Add(time.Millisecond))
		if i+1 < len(points) {
			end = points[i+1].At
			if points[i+1].Seam {
				end = p.At.Add(time.Millisecond)
			}
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
