package store

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// uri names a file to SQLite, with settings behind it. SQLite reads it as an
// address, in which some characters mean something: here they are the name's.
func uri(path, settings string) string {
	begin := "file://"
	if !filepath.IsAbs(path) {
		begin, path = "file:", "./"+path
	}
	return begin + (&url.URL{Path: path}).EscapedPath() + "?" + settings
}

// besides are the ends of the names of what lies beside a database and is of it.
var besides = []string{"", "-wal", "-shm", "-journal", ".lock", erasedOf, noteOf}

// backupsBeside is the folder of the copies that the program makes by itself.
func backupsBeside(path string) string { return filepath.Join(filepath.Dir(path), "backups") }

// mend makes the database, what lies beside it and the copies in "backups" their
// owner's alone: the folder may be one that others look into.
func mend(path string) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	var all []string
	for _, end := range besides {
		all = append(all, path+end)
	}
	for _, folder := range []string{filepath.Dir(path), backupsBeside(path)} {
		entries, err := os.ReadDir(folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("store: %w", err)
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), filepath.Base(path)+".replaced-") ||
				folder == backupsBeside(path) && isBackup(e.Name()) {
				all = append(all, filepath.Join(folder, e.Name()))
			}
		}
	}
	for _, name := range all {
		if err := private(name); err != nil {
			return fmt.Errorf("store: keeping others from %s: %w", name, err)
		}
	}
	return adopt(path, all...)
}

func isBackup(name string) bool { return strings.HasPrefix(name, "balancelink-") }

// private takes others' rights to a file, if there is one.
func private(name string) error {
	info, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && (!info.Mode().IsRegular() || info.Mode().Perm()&0o077 == 0) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Chmod(name, 0o600)
}

// adopt gives files to the owner of the database, or of its folder where there
// is none yet: what root makes beside it must not keep the server out.
func adopt(path string, names ...string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		info, err = os.Stat(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	for _, name := range names {
		if err := os.Lchown(name, int(owner.Uid), int(owner.Gid)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("store: %w", err)
		}
	}
	return nil
}

// makeFile makes the database's file before SQLite does, which would let others
// read it. What SQLite puts beside it gets the same rights.
func makeFile(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return errors.Join(adopt(filepath.Dir(path), path), f.Close())
}

// ErrExposed says that others may look into the folder of the database.
var ErrExposed = errors.New("the data folder is open to others")

// Exposed is [ErrExposed] when others may look into the folder of the database
// that url names: what else lies in it, keys perhaps, is theirs to read then. What is no
// file has none.
func Exposed(url string) error {
	if isPostgres(url) {
		return nil
	}
	path, err := sqlitePath(url)
	if err != nil {
		return err
	}
	folder := filepath.Dir(path)
	info, err := os.Stat(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it will be made for its owner alone
	}
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	return fmt.Errorf(
		"%w: %s has the mode %04o; take their rights with chmod 700, or name a folder of its own in DATABASE_URL",
		ErrExposed, folder, info.Mode().Perm(),
	)
}
