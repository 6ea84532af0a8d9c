package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// leastFree is how many bytes a disk must have left not to be full: SQLite may
// have room in its files for a few commits more, and then none.
const leastFree = 1 << 20

// ErrFull says that the database's disk is full.
var ErrFull = errors.New("the disk of the database is full")

// probe lets those who ask while one looks wait for what it finds: asking often
// costs no more than asking once.
type probe struct {
	mu    sync.Mutex
	under *probing // way; nil: nobody looks
}

type probing struct {
	done  chan struct{}
	found error
}

// Ready says whether the database takes writes: it writes a row and waits until
// that lies on the disk.
func (s *Store) Ready(ctx context.Context) error {
	s.ready.mu.Lock()
	p := s.ready.under
	if p == nil {
		p = &probing{done: make(chan struct{})}
		s.ready.under = p
		go s.look(context.WithoutCancel(ctx), p)
	}
	s.ready.mu.Unlock()
	select {
	case <-p.done:
		return p.found
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Store) look(ctx context.Context, p *probing) {
	p.found = s.tryWriting(ctx)
	s.ready.mu.Lock()
	s.ready.under = nil
	s.ready.mu.Unlock()
	close(p.done)
}

// tryWriting changes nothing that anybody sees: [Store.Writes] stays.
func (s *Store) tryWriting(ctx context.Context) error {
	disk, err := s.Disk()
	if err != nil {
		return err
	}
	if disk.Free < leastFree {
		return fmt.Errorf("store: %w: %d bytes are free", ErrFull, disk.Free)
	}
	tx, err := s.begin(ctx)
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
