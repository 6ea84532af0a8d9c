package store

import (
	"context"
	"errors"
	"fmt"
)

// leastFree is how many bytes a disk must have left not to be full: SQLite may
// have room in its files for a few commits more, and then none.
const leastFree = 1 << 20

// ErrFull says that the database's disk is full.
var ErrFull = errors.New("the disk of the database is full")

// Ready says whether the database takes writes: it writes a row and waits until
// that lies on the disk. Those who ask while one looks wait for what it finds:
// asking often costs no more than asking once.
func (s *Store) Ready(ctx context.Context) error {
	found := s.ready.DoChan("", func() (any, error) { return nil, s.tryWriting(context.WithoutCancel(ctx)) })
	select {
	case f := <-found:
		return f.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tryWriting changes nothing that anybody sees: [Store.Writes] stays.
func (s *Store) tryWriting(ctx context.Context) error {
	if s.IsFile() {
		disk, err := s.Disk()
		if err != nil {
			return err
		}
		if disk.Free < leastFree {
			return fmt.Errorf("store: %w: %d bytes are free", ErrFull, disk.Free)
		}
	}
	if within := s.engine.within(); within > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, within)
		defer cancel()
	}
	tx, err := s.engine.begin(ctx, s.write.db)
	if err != nil {
		return fmt.Errorf("store: beginning: %w", err)
	}
	defer tx.Rollback() // no effect after Commit
	if _, err := tx.ExecContext(ctx, `UPDATE readiness SET looks = looks + 1`); err != nil {
		return fmt.Errorf("store: writing: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store: committing: %w", err)
	}
	return nil
}
