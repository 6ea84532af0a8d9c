package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// isThere says why there is no file to look into; nil: there is one, and this user may.
func isThere(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %s is not there", ErrUnfit, path)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrUnfit, err)
	case info.IsDir():
		return fmt.Errorf("%w: %s is a folder", ErrUnfit, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnfit, err)
	}
	return f.Close()
}

// lookInto opens a file to read it, which another process may have open.
func lookInto(path string) (*statements, error) {
	pool, err := openPool(uri(path, "mode=ro&_busy_timeout=5000&_query_only=1"), 1, nil)
	if err != nil {
		return nil, err
	}
	if err := opens(pool.db, path); err != nil {
		return nil, errors.Join(err, pool.db.Close())
	}
	return pool, nil
}

// opens says why SQLite does not open a file that is there, as where it may not write beside
// it: on a disk that is mounted to be read only, for one. That says nothing of what is in
// it; what does say something of that whoever reads it will hear.
func opens(db *sql.DB, path string) error {
	if _, err := os.Stat(path); err != nil {
		return nil
	}
	_, err := db.Exec(`SELECT COUNT(*) FROM sqlite_master`)
	var not *sqlite.Error
	if errors.As(err, &not) && not.Code()&0xff == sqlite3.SQLITE_CANTOPEN {
		return fmt.Errorf("%w: %s is not opened, since SQLite has to write beside it and may not: %w; "+
			"copy the whole folder to where it may, and look there", ErrUnfit, path, err)
	}
	return nil
}

// CheckFile says why the file that a database's URL names is none of this program's, and
// changes nothing; nil: it is one.
func CheckFile(ctx context.Context, url string) (err error) {
	pool, err := lookAt(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.db.Close()) }()
	return isKnown(ctx, pool)
}

// isOurs says why a file must not be written to: it is of another program, which has its
// own tables there, or no database at all. nil: it is ours, or nothing is in it yet. Nothing
// is changed by the look; what else is wrong with it whoever opens it says.
func (e *sqliteEngine) isOurs(ctx context.Context) error {
	pool, err := lookInto(e.path)
	if err != nil {
		return err
	}
	names, err := collect(ctx, pool, scanText, `
		SELECT name
		FROM sqlite_master
		WHERE type = 'table' AND name <> 'goose_db_version' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
		ORDER BY name`)
	if err := pool.db.Close(); err != nil {
		return err
	}
	var none *sqlite.Error
	switch {
	case errors.As(err, &none) && none.Code()&0xff == sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %s is no database of SQLite", ErrUnfit, e.path)
	case len(names) > 0 && !containsAll(names, ofTheFirst):
		return fmt.Errorf(
			"%w: %s is of another program, which keeps %q in it; name a file of its own, which need not be there",
			ErrUnfit, e.path, names[0],
		)
	}
	return nil
}

// ofTheFirst are tables that the first migration makes, all at once.
var ofTheFirst = []string{"customers", "consents", "link_attempts", "audit"}

func containsAll(all, some []string) bool {
	return !slices.ContainsFunc(some, func(one string) bool { return !slices.Contains(all, one) })
}
