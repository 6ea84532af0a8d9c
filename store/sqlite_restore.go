package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"balancelink/store/progress"
)

// Restore puts a copy that [Backup] made in the place of the database that url
// names, which stays beside it under the name that is returned; empty: there was
// none. A copy that is not sound changes nothing. What was done meanwhile that
// only goes one way is done again (see deeds.go), and whoever was signed in signs
// in again: the copy may know sessions and links that were ended after it. How far it is
// stands on the board.
func Restore(
	ctx context.Context, url, file string, keys *Keyring, board *progress.Board,
) (kept string, c Copy, err error) {
	if keys == nil { // that it was restored could not be written down
		return "", c, errNoKey
	}
	path, err := sqlitePath(url)
	if err != nil {
		return "", c, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", c, err
	}
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return "", c, err
	}
	w := board.Begin(progress.Restoring, 1+checkSteps)
	defer w.End()
	part, c, err := fetchCopy(ctx, path, file, keys, w)
	if err != nil {
		return "", c, errors.Join(err, unlockFile(lock))
	}
	defer os.Remove(part) // nothing to remove once it is the database
	if err := sameEnvironment(ctx, path, c); err != nil {
		return "", c, errors.Join(err, unlockFile(lock))
	}
	kept, err = replace(ctx, path, part, file+erasedOf)
	if err != nil {
		return kept, c, errors.Join(fmt.Errorf("store: putting the copy in place: %w", err), unlockFile(lock))
	}
	// Cut short from here on it would be a copy in which everybody is signed in.
	s, err := openLocked(context.WithoutCancel(ctx), path, lock, Options{Keys: keys, Board: board, restored: true})
	if err != nil {
		return kept, c, fmt.Errorf("the copy is in place and cannot be opened: %w", err)
	}
	return kept, c, s.Close()
}

// fetchCopy brings a copy beside the database, and looks at what came.
func fetchCopy(
	ctx context.Context, path, file string, keys *Keyring, w *progress.Work,
) (part string, c Copy, err error) {
	sum, err := os.ReadFile(file + sumOf)
	if err != nil {
		return "", c, fmt.Errorf(
			"%s cannot be read, and without it nobody can tell whether the copy is whole: %w", file+sumOf, err,
		)
	}
	from, err := os.Open(file)
	if err != nil {
		return "", c, err
	}
	defer from.Close()
	to, err := os.CreateTemp(filepath.Dir(path), ".balancelink-*.part")
	if err != nil {
		return "", c, err
	}
	defer func() {
		if err != nil {
			os.Remove(to.Name())
		}
	}()
	_, err = copyFile(ctx, to, from, progress.TheFile, w)
	if err := errors.Join(err, to.Sync(), to.Close()); err != nil {
		return "", c, err
	}
	if c, err = checkCopy(ctx, to.Name(), keys, w); err != nil {
		return "", c, fmt.Errorf("%s is not restored: %w", file, err)
	}
	if want, _, _ := strings.Cut(string(sum), " "); want != c.Sum {
		return "", c, fmt.Errorf("%s is not restored: it is not as it was when it was made, by %s", file, file+sumOf)
	}
	c.File = file
	return to.Name(), c, nil
}

// replace gives the copy the database's name. At every moment a whole database
// has it. The list of who was erased stays, for it is never older than the copy's.
func replace(ctx context.Context, path, part, erased string) (kept string, err error) {
	if _, err := os.Lstat(path); err == nil {
		if kept, err = putAside(ctx, path); err != nil {
			return "", err
		}
	}
	if _, err := os.Lstat(path + erasedOf); errors.Is(err, fs.ErrNotExist) {
		text, err := os.ReadFile(erased)
		if err == nil {
			err = writeNew(path+erasedOf, text)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return kept, err
		}
	}
	if err := adopt(path, part, path+erasedOf); err != nil {
		return kept, err
	}
	return kept, errors.Join(os.Rename(part, path), syncFolder(filepath.Dir(path)))
}

// putAside gives the database a second name. What is only in its write-ahead log
// is put into it first; where it is too damaged for that, the log goes along.
func putAside(ctx context.Context, path string) (kept string, err error) {
	kept = path + ".replaced-" + time.Now().UTC().Format("20060102T150405.000")
	if pool, err := openPool(uri(path, "_busy_timeout=5000"), 1, nil); err == nil {
		pool.db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`) // a damaged one is kept as it is
		pool.db.Close()
	}
	if err := os.Link(path, kept); err != nil {
		return "", err
	}
	for _, end := range []string{"-wal", "-shm"} {
		if err := os.Rename(path+end, kept+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return kept, err
		}
	}
	return kept, nil
}
