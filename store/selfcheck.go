package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Checked is what was found when the program last looked for something.
type Checked[T any] struct {
	Found T
	At    time.Time // when the look began; zero: nobody has looked yet
}

// SelfChecks are what the program last found in its own database, whichever instance
// looked.
type SelfChecks struct {
	Balances Checked[int] // rows that contradict each other
	Audit    Checked[Chain]
}

// What is looked for, as rows name it.
const (
	checkedBalances = "balances"
	checkedAudit    = "audit"
)

// checkedAnew is how long a look that finds what the one before found changes nothing: pages
// look each time they are opened.
const checkedAnew = time.Hour

// SelfChecks returns what was found last. It stands until somebody who began to look later
// has found something else.
func (s *Store) SelfChecks(ctx context.Context) (c SelfChecks, err error) {
	_, err = collect(ctx, s.read, func(row scanner) (none struct{}, err error) {
		var what, found string
		var at time.Time
		if err := row.Scan(&what, timeOf{&at}, &found); err != nil {
			return none, err
		}
		switch what {
		case checkedBalances:
			c.Balances.At, err = at, json.Unmarshal([]byte(found), &c.Balances.Found)
		case checkedAudit:
			c.Audit.At, err = at, json.Unmarshal([]byte(found), &c.Audit.Found)
		}
		return none, err
	}, `SELECT what, at, found FROM self_checks`)
	if err != nil {
		err = fmt.Errorf("store: reading what was found in the database: %w", err)
	}
	return c, err
}

// CheckBalances looks now, as [Store.Contradictions] does, and has every instance know how
// many there are.
func (s *Store) CheckBalances(ctx context.Context) (c Checked[int], all []Contradiction, err error) {
	c.At = s.now()
	if all, err = s.Contradictions(ctx); err != nil {
		return c, nil, err
	}
	c.Found = len(all)
	last, err := s.SelfChecks(ctx)
	if err == nil && !foundLately(last.Balances.At, c.At, last.Balances.Found == c.Found) {
		err = s.keepCheck(ctx, checkedBalances, c.At, c.Found)
	}
	return c, all, err
}

// CheckAudit looks now, as [Store.VerifyAudit] does, and has every instance know what it
// found.
func (s *Store) CheckAudit(ctx context.Context) (c Checked[Chain], err error) {
	c.At = s.now()
	if c.Found, err = s.VerifyAudit(ctx); err != nil {
		return c, err
	}
	last, err := s.SelfChecks(ctx)
	if err == nil && !foundLately(last.Audit.At, c.At, last.Audit.Found.asWellAs(c.Found)) {
		err = s.keepCheck(ctx, checkedAudit, c.At, c.Found)
	}
	return c, err
}

// foundLately says whether the same was found so lately that it needs no note.
func foundLately(last, at time.Time, same bool) bool {
	return same && !last.IsZero() && at.Sub(last).Abs() < checkedAnew
}

// asWellAs says whether as much is wrong with one log as with another, however long each is.
func (c Chain) asWellAs(other Chain) bool {
	return c.BadRow == other.BadRow && c.Problem == other.Problem && c.Unkeyed == other.Unkeyed
}

// keepCheck notes what was found, unless somebody who began to look later has found
// something meanwhile. A note from ahead of now is of a clock that was set back.
func (s *Store) keepCheck(ctx context.Context, what string, at time.Time, found any) error {
	text, err := json.Marshal(found)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *tx) error {
		return tx.exec(ctx, `
			INSERT INTO self_checks (what, at, found)
			VALUES ($1, $2, $3)
			ON CONFLICT (what) DO UPDATE
			SET at = excluded.at, found = excluded.found
			WHERE self_checks.at <= excluded.at OR self_checks.at > $4`,
			what, unixMS(at), string(text), unixMS(tx.now.Add(ClockSlack)))
	})
}
