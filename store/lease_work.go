package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"balancelink/store/progress"
)

// Work is what an instance is at that takes long.
type Work struct {
	progress.State
	Instance string // its id
}

// NoteWork has other instances know how far the long work on the board is, which the
// instance of that id does: to be called every few seconds, by one at a time. It says
// nothing of what is quick, and where nothing takes long it asks the database nothing. It
// waits for no change that goes on: that may be the very work.
func (s *Store) NoteWork(ctx context.Context, instance string) error {
	now, under := s.now(), map[int]bool{}
	for _, w := range s.board.Lasting() {
		under[w.ID], s.noted[w.ID] = true, true
		state, err := json.Marshal(w)
		if err == nil {
			err = s.changeAside(ctx, `
				INSERT INTO works (instance, number, said_at, state)
				VALUES ($1, $2, $3, $4)
				ON CONFLICT (instance, number) DO UPDATE
				SET said_at = excluded.said_at, state = excluded.state`, instance, w.ID, unixMS(now), string(state))
		}
		if err != nil {
			return err
		}
	}
	for number := range s.noted {
		if under[number] {
			continue
		}
		// What instances left that were killed goes too.
		if err := s.changeAside(
			ctx, `DELETE FROM works WHERE instance = $1 AND number = $2 OR said_at < $3`,
			instance, number, unixMS(now.Add(-forgottenAfter)),
		); err != nil {
			return err
		}
		delete(s.noted, number)
	}
	return nil
}

// changeAside changes what nobody else does, without the turn in which other changes are made.
func (s *Store) changeAside(ctx context.Context, query string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if _, err := s.aside.db.ExecContext(ctx, query, args...); err != nil {
		return fmt.Errorf("store: noting how far work is: %w", err)
	}
	return nil
}

// WorkElsewhere is the long work of all instances but one, as each said it last. That of
// one which has said nothing for [LeaseFor] is left out.
func (s *Store) WorkElsewhere(ctx context.Context, but string) ([]Work, error) {
	now := s.now()
	return collect(ctx, s.read, func(row scanner) (w Work, err error) {
		var said time.Time
		var state string
		if err := row.Scan(&w.Instance, timeOf{&said}, &state); err != nil {
			return w, err
		}
		err = json.Unmarshal([]byte(state), &w.State)
		w.Left = max(0, w.Left-max(0, now.Sub(said)))
		return w, err
	}, `
		SELECT instance, said_at, state
		FROM works
		WHERE instance <> $1 AND said_at > $2 AND said_at < $3
		ORDER BY instance, number`, but, unixMS(now.Add(-LeaseFor)), unixMS(now.Add(LeaseFor)))
}
