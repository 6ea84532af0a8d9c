package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"balancelink/store/progress"
)

// purgeAtOnce is how many rows are removed in a transaction: others wait for no
// longer than that takes. purgeBatches is how many of them remove something of a
// kind in a run, at most.
const (
	purgeAtOnce  = 300
	purgeBatches = 300
)

// mostStuck is how many rows of a kind may fail in a run before it is left alone until the
// next: where as many do, it is nothing of theirs.
const mostStuck = 1000

// Purge removes what has been kept for as long as it should be, and says how
// much of what. What it does not get to waits for the next time; what it fails at holds up
// nothing else, and is counted: see [Purged].
func (s *Store) Purge(ctx context.Context, keep Retention) (map[string]int, error) {
	removed := map[string]int{}
	var errs []error
	for _, kind := range []struct {
		days int
		purge
	}{
		{keep.Payloads, payloads}, {keep.Payloads, reports}, {keep.Balances, oldBalances},
		{keep.Refreshes, oldRefreshes}, {keep.Notices, oldNotices},
		{keep.Notices, oldMails},
	} {
		if kind.days <= 0 {
			continue
		}
		n, err := s.purge(ctx, kind.purge, kind.days)
		if n > 0 {
			removed[kind.What] = n
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("store: removing %s: %w", kind.What, err))
		}
	}
	if len(removed) > 0 {
		s.unclean.Store(true)
		errs = append(errs, s.Clean(ctx))
	}
	return removed, errors.Join(errs...)
}

// purge removes what of one kind is not from the last days.
func (s *Store) purge(ctx context.Context, p purge, days int) (removed int, err error) {
	old, err := notIn(ctx, s.read, days)
	if err != nil {
		return 0, err
	}
	r := purging{purge: p}
	defer func() {
		removed, err = r.removed, errors.Join(err, r.stuckErr(), s.noteStuck(ctx, r, err == nil))
	}()
	var w *progress.Work
	defer func() { w.End() }()
	left := purgeBatches
	for _, where := range old {
		for at := (found{at: where.from}); left > 0; {
			some, err := collect(ctx, s.read, scanFound, p.Find, at.at, where.to, at.id, purgeAtOnce)
			if err != nil {
				return 0, err
			}
			if len(some) == 0 {
				break
			}
			if w == nil && len(some) == purgeAtOnce {
				w = s.beginPurging(ctx, p, old)
			}
			before := r.removed
			if err := s.purgeBatch(ctx, &r, some); err != nil {
				return 0, err
			}
			if r.removed > before {
				left--
			}
			w.Add(int64(len(some)))
			at = some[len(some)-1]
			if r.stuck >= mostStuck {
				return 0, nil
			}
		}
	}
	return 0, nil
}

// purging is how far a run of one kind has come.
type purging struct {
	purge
	removed int
	stuck   int    // so many rows could not be removed
	first   string // the first of them
	err     error  // why not
}

// stuckErr says what could not be removed; nil: nothing.
func (r *purging) stuckErr() error {
	if r.stuck == 0 {
		return nil
	}
	return fmt.Errorf("%d cannot be removed, the first is %s: %w", r.stuck, r.first, r.err)
}

// purgeBatch removes rows. Where that fails it is done of each half by itself, so that a row
// that cannot be removed holds up none beside it, nor behind it, unless all would fail.
func (s *Store) purgeBatch(ctx context.Context, r *purging, rows []found) error {
	n, err := s.purgeSome(ctx, r.purge, rows, r.removed == 0)
	switch {
	case err == nil:
		r.removed += n
		return nil
	case OfAll(ctx, err):
		return err
	case len(rows) == 1:
		if r.stuck++; r.stuck == 1 {
			r.first, r.err = rows[0].id, err
		}
		return nil
	}
	half := len(rows) / 2
	if err := s.purgeBatch(ctx, r, rows[:half]); err != nil {
		return err
	}
	return s.purgeBatch(ctx, r, rows[half:])
}

// noteStuck keeps how many rows could not be removed, as of the day 0, unless it is known
// already. A run that did not come to its end knows of some at least.
func (s *Store) noteStuck(ctx context.Context, r purging, whole bool) error {
	const was = `SELECT COALESCE(SUM(number), 0) FROM purges WHERE day = 0 AND what = $1`
	before, err := one(ctx, s.read, scanNumber, was, r.What)
	if err != nil || before == int64(r.stuck) || r.stuck == 0 && !whole {
		return err
	}
	return s.exec(ctx, `
		INSERT INTO purges (day, what, number)
		VALUES (0, $1, $2)
		ON CONFLICT (day, what) DO UPDATE
		SET number = excluded.number`, r.What, r.stuck)
}

// beginPurging puts on the board that there is much to look at.
func (s *Store) beginPurging(ctx context.Context, p purge, old []span) *progress.Work {
	w := s.board.Begin(progress.Purging, 1)
	var all int64
	for _, where := range old {
		n, err := one(ctx, s.read, scanNumber, `SELECT COUNT(*) FROM (`+p.Find+`) AS due`,
			where.from, where.to, "", purgeBatches*purgeAtOnce)
		if err != nil {
			all = 0 // nobody knows of how many
			break
		}
		all += n
	}
	w.Step("", progress.Rows, all)
	return w
}

// found is a row whose time may be over, and by what it is dated.
type found struct {
	id string
	at int64
}

func scanFound(row scanner) (f found, err error) { return f, row.Scan(&f.id, &f.at) }

// purgeSome removes some rows in one transaction, with their number. The first
// that removes something in a run is one act in the audit log.
func (s *Store) purgeSome(ctx context.Context, p purge, rows []found, first bool) (n int, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		n = 0
		err := tx.each(ctx, len(rows), func(tx *laneTx, i int) error {
			gone, err := p.Remove(tx, ctx, rows[i].id)
			if gone {
				n++
			}
			return err
		})
		if err != nil || n == 0 {
			return err
		}
		if err := tx.countPurged(ctx, p.What, n); err != nil || !first {
			return err
		}
		return tx.audit(ctx, Act{Actor: Program, Action: ActPurged, Detail: purgedWords(p.What, n)})
	})
	return n, err
}

// purgedWords are the act's detail: how many are counted to the end only when
// they fit into the act's own transaction. purges has every one.
func purgedWords(what string, n int) string {
	if n < purgeAtOnce {
		return fmt.Sprintf("%s: %d", what, n)
	}
	return fmt.Sprintf("%s: %d and more", what, n)
}

// countPurged adds to the day's number of removed things.
func (tx *tx) countPurged(ctx context.Context, what string, n int) error {
	return tx.exec(ctx, `
		INSERT INTO purges (day, what, number)
		VALUES ($1, $2, $3)
		ON CONFLICT (day, what) DO UPDATE
		SET number = purges.number + excluded.number`, unixMS(tx.now.UTC().Truncate(24*time.Hour)), what, n)
}

// Purged is how many things of a kind were removed because their time was over.
type Purged struct {
	What   string
	Number int
	LastAt time.Time // the beginning of the last such day, UTC; zero: there is none
	Stuck  int       // so many could not be removed when that was tried last
}

// PurgedSince adds up what was removed since the day of a moment, by kind. What
// a clock gone wrong dated into the future is among it.
func (s *Store) PurgedSince(ctx context.Context, since time.Time) ([]Purged, error) {
	return collect(ctx, s.read, func(row scanner) (p Purged, err error) {
		return p, row.Scan(&p.What, &p.Number, timeOf{&p.LastAt}, &p.Stuck)
	}, `
		SELECT what, CAST(SUM(CASE WHEN day > 0 THEN number ELSE 0 END) AS BIGINT), MAX(CASE WHEN day > 0 THEN day END),
			CAST(SUM(CASE WHEN day = 0 THEN number ELSE 0 END) AS BIGINT)
		FROM purges
		WHERE day >= $1 OR day = 0
		GROUP BY what
		ORDER BY what`, unixMS(since.UTC().Truncate(24*time.Hour)))
}
