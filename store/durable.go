package store

import (
	"errors"
	"os"
	"path/filepath"
)

// writeNew writes a file that must not exist, for its owner only, down to the disk.
func writeNew(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// writeOver gives a file another text: at every moment it has the one or the other. It
// becomes the owner's of what lies at as.
func writeOver(name string, text []byte, as string) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".part-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing to remove once it has its name
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close(), adopt(as, f.Name())); err != nil {
		return err
	}
	return errors.Join(os.Rename(f.Name(), name), syncFolder(filepath.Dir(name)))
}

// syncFolder makes a new file's name last.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
