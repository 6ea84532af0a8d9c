package store

import (
	"context"
	"errors"
	"time"

	"balancelink/store/limits"
)

// HeldFile is a file of customers that a member of staff has sent, until it is taken in or
// dropped. There is one for each of them, for no longer than [limits.ImportHeld], and
// [limits.Imports] of all. Whoever is erased takes all of them along: nobody can tell by its
// row whom one is about.
type HeldFile struct {
	SentAt  time.Time
	State   FileState
	Content []byte // as who holds it wrote it; it lies sealed

	takenAt time.Time
}

// FileState says what has come of a file.
type FileState string

// The states of a file.
const (
	FileRead    FileState = "read"    // it waits for somebody to say that it is right
	FileMoved   FileState = "moved"   // so it does, for the customers are others by now; nothing was done
	FileFailed  FileState = "failed"  // so it does, for it could not be stored; nothing was done
	FileRunning FileState = "running" // it is being taken in
	FileDone    FileState = "done"
)

// cutShort says that who began to take the file in has ended without a word. What they did is
// one transaction, and so is what the next one does.
func (f HeldFile) cutShort(now time.Time) bool {
	return f.State == FileRunning && now.Sub(f.takenAt).Abs() > limits.ImportTaking
}

// HoldFile holds a file in place of the one that there was of that member of staff, unless
// that is being taken in. Of too many the oldest goes.
func (s *Store) HoldFile(ctx context.Context, staffID string, content []byte) (held bool, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		kept, err := tx.keyring().seal(heldContent, staffID, content)
		if err != nil {
			return err
		}
		held, err = tx.changes(ctx, `
			INSERT INTO held_files (staff_id, sent_at, state, content)
			VALUES ($1, $2, 'read', $3)
			ON CONFLICT (staff_id) DO UPDATE
			SET sent_at = excluded.sent_at, state = excluded.state, content = excluded.content, taken_at = NULL
			WHERE held_files.state <> 'running' OR held_files.taken_at < $4`,
			staffID, unixMS(tx.now), kept, unixMS(tx.now.Add(-limits.ImportTaking)))
		if err != nil {
			return err
		}
		return tx.exec(ctx, `
			DELETE FROM held_files
			WHERE state <> 'running' AND sent_at < (
				SELECT MIN(sent_at)
				FROM (SELECT sent_at FROM held_files ORDER BY sent_at DESC LIMIT $1) AS newest)`, limits.Imports)
	})
	return held, err
}

// FileOf is the file of a member of staff; [ErrNotFound]: there is none.
func (s *Store) FileOf(ctx context.Context, staffID string) (HeldFile, error) {
	return fileOf(ctx, s.read, staffID, s.now())
}

func fileOf(ctx context.Context, q querier, staffID string, now time.Time) (HeldFile, error) {
	f, err := one(ctx, q, func(row scanner) (f HeldFile, err error) {
		err = row.Scan(
			&staffID, timeOf{&f.SentAt}, &f.State, timeOf{&f.takenAt},
			&opening{column: heldContent, row: &staffID, bytes: &f.Content},
		)
		return f, err
	}, `SELECT staff_id, sent_at, state, taken_at, content FROM held_files WHERE staff_id = $1`, staffID)
	if err == nil && now.Sub(f.SentAt).Abs() > limits.ImportHeld {
		return HeldFile{}, ErrNotFound
	}
	if f.cutShort(now) {
		f.State = FileFailed
	}
	return f, err
}

// TakeFile says that the file of a member of staff begins to be taken in, and gives it to who
// does so; [ErrNotFound]: none waits for that, or somebody does so already.
func (s *Store) TakeFile(ctx context.Context, staffID string) (f HeldFile, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		if f, err = fileOf(ctx, tx, staffID, tx.now); err != nil {
			return err
		}
		if f.State == FileRunning || f.State == FileDone {
			return ErrNotFound
		}
		f.State = FileRunning
		return tx.exec(
			ctx, `UPDATE held_files SET state = 'running', taken_at = $2 WHERE staff_id = $1`, staffID, unixMS(tx.now),
		)
	})
	return f, err
}

// EndFile says what has come of taking in the file that was sent then, and what is left of it.
// One that is gone meanwhile stays gone.
func (s *Store) EndFile(ctx context.Context, staffID string, f HeldFile) error {
	return s.inTx(ctx, func(tx *tx) error {
		kept, err := tx.keyring().seal(heldContent, staffID, f.Content)
		if err != nil {
			return err
		}
		return tx.exec(ctx, `
			UPDATE held_files
			SET state = $3, content = $4, taken_at = NULL
			WHERE staff_id = $1 AND sent_at = $2 AND state = 'running'`, staffID, unixMS(f.SentAt), f.State, kept)
	})
}

// DropFile forgets the file of a member of staff, unless it is being taken in.
func (s *Store) DropFile(ctx context.Context, staffID string) error {
	return s.inTx(ctx, func(tx *tx) error {
		f, err := fileOf(ctx, tx, staffID, tx.now)
		var unreadable *SealError
		if err != nil && !errors.As(err, &unreadable) || f.State == FileRunning {
			return nil
		}
		return tx.exec(ctx, `DELETE FROM held_files WHERE staff_id = $1`, staffID)
	})
}

// ForgetFiles forgets what has waited for too long.
func (s *Store) ForgetFiles(ctx context.Context) error {
	return s.inTx(ctx, func(tx *tx) error {
		tx.unseen = true
		return tx.exec(
			ctx, `DELETE FROM held_files WHERE sent_at < $1 OR sent_at > $2`, unixMS(tx.now.Add(-limits.ImportHeld)),
			unixMS(tx.now.Add(limits.ImportHeld)),
		)
	})
}
