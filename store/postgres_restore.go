package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// Restored does what has to be done to a database that was put back to an earlier state by
// other means, with no instance at it. What was done meanwhile that only goes one way is done
// again, by the lists of who was erased that are given and our own, in which all of them are
// then; and whoever was signed in signs in again.
func (d Dump) Restored(ctx context.Context, lists ...string) (err error) {
	if d.Keys == nil {
		return errNoKey
	}
	e := &postgresEngine{url: d.URL, list: d.Erased}
	release, err := e.claim(ctx)
	if err != nil {
		return err
	}
	pool, err := e.open(1, nil)
	if err != nil {
		return errors.Join(err, release())
	}
	err = d.mark(ctx, pool, lists)
	if err := errors.Join(err, pool.db.Close(), release()); err != nil {
		return err
	}
	return d.finish(ctx, e)
}

// mark has a database that was put back be known for one, if it can be.
func (d Dump) mark(ctx context.Context, pool *statements, lists []string) error {
	if err := isKnown(ctx, pool); err != nil {
		return err
	}
	envs, err := environmentsOf(ctx, pool)
	if err != nil {
		return err
	}
	if err := fits(envs, d.Env); err != nil {
		return err
	}
	merged, err := d.mergedErased(envs, lists)
	if err != nil {
		return err
	}
	if err := d.keepErased(merged); err != nil {
		return err
	}
	_, err = pool.db.ExecContext(ctx, markRestored)
	return err
}

// A database that was put back has this table until what has to be done to it is done: by who
// put it back, or, where that was cut short, by whoever opens it next.
const (
	markRestored   = `CREATE TABLE IF NOT EXISTS restored (id INTEGER)`
	unmarkRestored = `DROP TABLE IF EXISTS restored`
)

// wasRestored says whether that is still to be done.
func (s *Store) wasRestored(ctx context.Context) (bool, error) {
	if s.IsFile() {
		return false, nil
	}
	return s.engine.hasTable(ctx, s.write, "restored")
}

func (s *Store) forgetRestored(ctx context.Context) error {
	if _, err := s.write.db.ExecContext(ctx, unmarkRestored); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// finish does it. Cut short the next start would go on.
func (d Dump) finish(ctx context.Context, e *postgresEngine) error {
	s, err := openOn(context.WithoutCancel(ctx), e, Options{Keys: d.Keys, Board: d.Board, restored: true})
	if err != nil {
		return fmt.Errorf("the database is put back and cannot be opened: %w", err)
	}
	return s.Close()
}

// mergedErased is our list of who was erased, behind what others have and it has not.
func (d Dump) mergedErased(envs, lists []string) (all []byte, err error) {
	if d.Erased == "" {
		if len(envs) == 1 && envs[0] == "simulated" {
			return nil, nil
		}
		return nil, errors.New("ERASED_FILE is missing: without it those could come back who were erased")
	}
	there := map[string]bool{}
	for _, name := range append(slices.Clone(lists), d.Erased) {
		if _, _, err := (&erasedList{path: name}).read(); err != nil {
			return nil, err
		}
		text, err := os.ReadFile(name)
		if err != nil && (name != d.Erased || !errors.Is(err, fs.ErrNotExist)) {
			return nil, err
		}
		text = text[:bytes.LastIndexByte(text, '\n')+1] // whole lines: see erasedList.read
		for line := range bytes.Lines(text) {
			if !there[string(line)] {
				there[string(line)] = true
				all = append(all, line...)
			}
		}
	}
	return all, nil
}

// keepErased makes a text our list of who was erased.
func (d Dump) keepErased(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	return writeOver(d.Erased, text, strings.TrimSuffix(d.Erased, erasedOf))
}
