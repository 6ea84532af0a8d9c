package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Waiting is how much waits for the program's own work.
type Waiting struct {
	Events    int // webhooks to be applied
	Unmatched int // webhooks that nobody has claimed
	Refreshes int // requests to the banks under way
	Links     int // being confirmed
	Removals  int // customers whom the provider is still to forget
	Outgoing  int // webhooks to programs of the business, at endpoints that are enabled
	LastEvent time.Time
	Oldest    time.Time // since when a webhook or a request to a bank waits; zero: none does
}

// Waiting counts what waits now.
func (s *Store) Waiting(ctx context.Context) (w Waiting, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT (SELECT COUNT(*) FROM events WHERE result = 'received'),
			(SELECT COUNT(*) FROM events WHERE result = 'unmatched'),
			(SELECT COUNT(*) FROM refreshes WHERE ended_at IS NULL),
			(SELECT COUNT(*) FROM link_attempts WHERE state = 'claimed'),
			(SELECT COUNT(*) FROM removals WHERE state = 'queued'),
			(SELECT COUNT(*) FROM endpoints JOIN deliveries ON deliveries.endpoint_id = endpoints.id
				WHERE endpoints.state = 'enabled' AND deliveries.state = 'waiting'),
			(SELECT MAX(last_received_at) FROM events),
			(SELECT MIN(since) FROM (
				SELECT MIN(received_at) AS since FROM events WHERE result = 'received'
				UNION ALL
				SELECT MIN(created_at) FROM refreshes WHERE ended_at IS NULL) AS oldest)`).
		Scan(
			&w.Events, &w.Unmatched, &w.Refreshes, &w.Links, &w.Removals, &w.Outgoing, timeOf{&w.LastEvent},
			timeOf{&w.Oldest},
		)
	return w, err
}

// Disk is how much room the database takes, and how much there is, in bytes. Of one that
// is no file only Size is known.
type Disk struct {
	File string
	Size int64 // of the file
	Log  int64 // of the write-ahead log beside it
	Free int64 // on that disk, for this user
}

// Disk looks at the database's files and their disk.
func (s *Store) Disk() (Disk, error) {
	if !s.IsFile() {
		size, err := one(
			context.Background(), s.read, scanNumber, `SELECT pg_database_size(current_database())`,
		)
		return Disk{Size: size}, err
	}
	return diskOf(s.path)
}

// IsFile says whether the database is a file, of which the program itself makes copies.
func (s *Store) IsFile() bool { return s.path != "" }

// DiskOf is [Store.Disk] of a database that need not be open, nor be there yet.
func DiskOf(url string) (Disk, error) {
	path, err := sqlitePath(url)
	if err != nil {
		return Disk{}, err
	}
	return diskOf(path)
}

func diskOf(path string) (Disk, error) {
	d := Disk{File: path}
	for name, size := range map[string]*int64{path: &d.Size, path + "-wal": &d.Log} {
		info, err := os.Stat(name)
		if err == nil {
			*size = info.Size()
		} else if !errors.Is(err, fs.ErrNotExist) {
			return d, fmt.Errorf("store: %w", err)
		}
	}
	var disk unix.Statfs_t
	if err := unix.Statfs(existing(filepath.Dir(path)), &disk); err != nil {
		return d, fmt.Errorf("store: looking at the disk: %w", err)
	}
	d.Free = int64(disk.Bavail) * int64(disk.Bsize)
	return d, nil
}

// existing is a folder, or the nearest above it that is there.
func existing(folder string) string {
	for {
		above := filepath.Dir(folder)
		if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) || above == folder {
			return folder
		}
		folder = above
	}
}

// backupsKept is how many copies [Store.BackUp] leaves.
const backupsKept = 7

// BackUp makes a copy in the folder "backups" beside the database, and removes
// the oldest of those it has made when there are more than seven. What is no file is
// [ErrNoFile].
func (s *Store) BackUp(ctx context.Context, actor string) (Copy, error) {
	if !s.IsFile() {
		return Copy{}, ErrNoFile
	}
	path, err := filepath.Abs(s.path)
	if err != nil {
		return Copy{}, err
	}
	folder := backupsBeside(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return Copy{}, fmt.Errorf("store: %w", err)
	}
	name := "balancelink-" + s.now().UTC().Format("20060102T150405.000") + ".db"
	c, err := Backup(ctx, "sqlite:"+s.path, filepath.Join(folder, name), s.keys.Load(), s.board)
	if err != nil {
		return c, err
	}
	if err := s.Record(ctx, Act{
		Actor: actor, Action: ActBackedUp, Detail: fmt.Sprintf("%s: %d bytes, audit log %s", name, c.Size, c.Audit),
	}); err != nil {
		return c, err
	}
	return c, removeOld(folder, c.File)
}

// removeOld leaves the newest copies in a folder, by their names, and the one just
// made, whatever the clock named it.
func removeOld(folder, made string) error {
	entries, err := os.ReadDir(folder) // in order
	if err != nil {
		return err
	}
	var all []string
	for _, e := range entries {
		if file := filepath.Join(folder, e.Name()); isBackup(e.Name()) && filepath.Ext(file) == ".db" && file != made {
			all = append(all, file)
		}
	}
	var errs []error
	for _, file := range all[:max(0, len(all)+1-backupsKept)] {
		for _, end := range []string{"", sumOf, erasedOf} {
			if err := os.Remove(file + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}
