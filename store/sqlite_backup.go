package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"balancelink/store/progress"
)

// A copy is a file and what lies beside it: its sum, as sha256sum writes it, for
// a changed byte in an amount is still a sound database; and who was erased.
const (
	sumOf    = ".sha256"
	erasedOf = ".erased"
	noteOf   = ".backup" // beside the database itself: the last copy that was made
)

// Backup writes a copy of the database that url names to a file that must not
// exist, also while another process has it open: everything that was committed
// up to one moment. The copy gets its name when it lies on the disk and has been
// found to be sound. How far it is stands on the board.
func Backup(ctx context.Context, url, file string, keys *Keyring, board *progress.Board) (Copy, error) {
	path, err := sqlitePath(url)
	if err != nil {
		return Copy{}, err
	}
	if err := isThere(path); err != nil {
		return Copy{}, err
	}
	if file, err = filepath.Abs(file); err != nil {
		return Copy{}, err
	}
	if err := unused(file); err != nil {
		return Copy{}, err
	}
	w := board.Begin(progress.Copying, 1+checkSteps)
	defer w.End()
	part, err := vacuumInto(ctx, path, filepath.Dir(file), w)
	if err != nil {
		return Copy{}, fmt.Errorf("store: copying: %w", err)
	}
	defer os.Remove(part) // nothing to remove once it has its name
	c, err := checkCopy(ctx, part, keys, w)
	if err != nil {
		return Copy{}, fmt.Errorf("the copy is not sound and was not kept: %w", err)
	}
	c.File, c.At = file, time.Now()
	if err := nameCopy(path+erasedOf, path, part, c); err != nil {
		return Copy{}, fmt.Errorf("store: keeping the copy: %w", err)
	}
	if err := c.note(path); err != nil {
		return c, fmt.Errorf("the copy is made, but the status page does not learn of it: %w", err)
	}
	return c, nil
}

// unused says of a copy's name that there is such a copy, or part of one; nil: there is none.
func unused(file string) error {
	for _, name := range []string{file, file + sumOf, file + erasedOf} {
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is there already and is not overwritten", name)
		}
	}
	return nil
}

// vacuumInto copies a database into a new file in a folder, for its owner only,
// and waits until it lies on the disk. The connection is the copy's own: the
// server's may not write, or should not be held. It may write, so that it leaves
// nothing behind where no server has the database open. Without secure_delete
// the copy's pages hold pieces of rows between their rows, which would outlive
// an erasure.
func vacuumInto(ctx context.Context, path, folder string, w *progress.Work) (part string, err error) {
	f, err := os.CreateTemp(folder, ".balancelink-*.part")
	if err != nil {
		return "", err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			os.Remove(f.Name())
		}
	}()
	pool, err := openPool(uri(path, "mode=rw&_busy_timeout=5000&_pragma=secure_delete(1)"), 1, nil)
	if err != nil {
		return "", err
	}
	if err := opens(pool.db, path); err != nil {
		return "", errors.Join(err, pool.db.Close())
	}
	w.Step(progress.TheFile, progress.Bytes, usedBytes(ctx, pool.db))
	defer grows(f, w)()
	_, err = pool.db.ExecContext(ctx, `VACUUM INTO $1`, f.Name())
	return f.Name(), errors.Join(err, pool.db.Close(), f.Sync())
}

// usedBytes is about how large a copy becomes: as the pages are that hold something.
func usedBytes(ctx context.Context, db *sql.DB) (bytes int64) {
	const query = `
		SELECT (page_count - freelist_count) * page_size
		FROM pragma_page_count, pragma_freelist_count, pragma_page_size`
	if err := db.QueryRowContext(ctx, query).Scan(&bytes); err != nil {
		return 0
	}
	return bytes
}

// grows notes how large a file has become until stop is called: SQLite does not say.
func grows(f *os.File, w *progress.Work) (stop func()) {
	ended := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
			}
			if info, err := f.Stat(); err == nil {
				w.Reach(info.Size())
			}
		}
	})
	return func() {
		close(ended)
		watch.Wait()
	}
}

// nameCopy puts beside a copy what belongs there, and gives it its name last: what
// has the name is complete. Who was erased is read after the database was, so
// that the list is never the older one. All belongs to whoever the database does that lies
// at path; empty: to who makes the copy.
func nameCopy(list, path, part string, c Copy) error {
	erased, err := os.ReadFile(list)
	if err != nil && list != "" && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	erased = wholeLines(erased)
	if len(erased) > 0 {
		if err := writeNew(c.File+erasedOf, erased); err != nil {
			return err
		}
	}
	if err := writeNew(c.File+sumOf, []byte(c.Sum+"  "+filepath.Base(c.File)+"\n")); err != nil {
		return err
	}
	if path != "" {
		if err := adopt(path, part, c.File+sumOf, c.File+erasedOf); err != nil {
			return err
		}
	}
	return errors.Join(os.Rename(part, c.File), syncFolder(filepath.Dir(c.File)))
}

// note writes down beside the database that a copy was made. It is no row: only
// one process may write to the database.
func (c Copy) note(path string) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".note-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close(), adopt(path, f.Name())); err != nil {
		return err
	}
	return os.Rename(f.Name(), path+noteOf)
}

// OldBackup is the age from which on the last copy is too old to rely on.
const OldBackup = 48 * time.Hour

// LastBackup is the last copy that [Backup] or [Dump.Backup] made of this database; a zero
// At: none is known of.
func (s *Store) LastBackup(ctx context.Context) (c Copy, err error) {
	if !s.IsFile() {
		return notedBackup(ctx, s.read)
	}
	return lastBackup(s.path)
}

// LastBackupOf is [Store.LastBackup] of a database that need not be open.
func LastBackupOf(ctx context.Context, url string) (Copy, error) {
	if isPostgres(url) {
		return notedBackupOf(ctx, url)
	}
	path, err := sqlitePath(url)
	if err != nil {
		return Copy{}, err
	}
	return lastBackup(path)
}

func lastBackup(path string) (c Copy, err error) {
	text, err := os.ReadFile(path + noteOf)
	if errors.Is(err, fs.ErrNotExist) {
		return Copy{}, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		return Copy{}, fmt.Errorf("store: reading the note of the last backup: %w", err)
	}
	return c, nil
}

// sumFile is the SHA-256 of a file, hex, and its size.
func sumFile(ctx context.Context, name string, w *progress.Work) (sum string, size int64, err error) {
	f, err := os.Open(name)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = copyFile(ctx, h, f, progress.TheSum, w)
	return hex.EncodeToString(h.Sum(nil)), size, err
}

// copyFile copies a file, until the context ends, as a step of the work.
func copyFile(ctx context.Context, to io.Writer, from *os.File, step progress.Step, w *progress.Work) (int64, error) {
	info, err := from.Stat()
	if err != nil {
		return 0, err
	}
	w.Step(step, progress.Bytes, info.Size())
	return io.Copy(writing(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := to.Write(p)
		w.Add(int64(n))
		return n, err
	}), struct{ io.Reader }{from})
}
