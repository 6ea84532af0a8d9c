package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"balancelink/store/progress"
)

// end is one of the two databases of a [Transfer], which no other process has open.
type end struct {
	engine  engine
	pool    *statements
	release func() error
	made    string // path of a file that there was none of; empty: there was
	envs    []string
}

// close closes it. Where the transfer failed a file goes that was made for it.
func (e *end) close(failed bool) error {
	var errs []error
	if e.pool != nil {
		errs = append(errs, e.pool.db.Close())
	}
	if failed && e.made != "" {
		for _, part := range []string{"", "-wal", "-shm", "-journal", ".lock"} {
			if err := os.Remove(e.made + part); !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(append(errs, e.release())...)
}

// engineAt is the engine of an address.
func (t Transfer) engineAt(url string) (engine, error) {
	if isPostgres(url) {
		return &postgresEngine{url: url, list: t.Erased}, nil
	}
	path, err := sqlitePath(url)
	return &sqliteEngine{path: path}, err
}

// openSource opens what is copied, to read it.
func (t Transfer) openSource(ctx context.Context) (from *end, err error) {
	from = &end{}
	if from.engine, err = t.engineAt(t.From); err != nil {
		return nil, err
	}
	if path := from.engine.file(); path != "" {
		if _, err := os.Stat(path); err != nil {
			return nil, err
		}
	}
	if from.release, err = from.engine.claim(ctx); err != nil {
		return nil, err
	}
	if from.pool, err = lookAt(ctx, t.From); err == nil {
		err = t.fitSource(ctx, from)
	}
	if err != nil {
		return nil, errors.Join(err, from.close(true))
	}
	return from, nil
}

// fitSource says why a database cannot be copied; nil: it can.
func (t Transfer) fitSource(ctx context.Context, from *end) error {
	if err := isKnown(ctx, from.pool); err != nil {
		return err
	}
	version, err := one(ctx, from.pool, scanNumber, `SELECT MAX(version_id) FROM goose_db_version`)
	if err != nil {
		return err
	}
	if version != newestSchema() {
		return errors.New("it is of an earlier version: start this one with it once, and stop it again")
	}
	if from.envs, err = environmentsOf(ctx, from.pool); err != nil {
		return err
	}
	if err := fits(from.envs, t.Env); err != nil {
		return err
	}
	v, err := readVault(ctx, from.pool, t.Keys)
	if err != nil {
		return err
	}
	needed, err := neededKeys(ctx, from.pool, v)
	if err != nil {
		return err
	}
	for _, id := range needed {
		if t.Keys.find(id) == nil {
			return missingKey(id)
		}
	}
	return t.hasErased(ctx, from)
}

// hasErased says why the list of who was erased is not as it has to be; nil: it is.
func (t Transfer) hasErased(ctx context.Context, from *end) error {
	if t.Erased == "" && !onlySimulated(from.envs) && (isPostgres(t.From) || isPostgres(t.To)) {
		return errors.New("ERASED_FILE is missing: PostgreSQL's list of who was erased is there")
	}
	list := from.engine.erased()
	if _, _, err := (&erasedList{path: list}).read(); err != nil {
		return err
	}
	if _, err := os.Stat(list); list == "" || !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var any bool
	err := from.pool.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM erasures)`).Scan(&any)
	if err == nil && any {
		err = fmt.Errorf("its list of who was erased, %s, is not there: start this version with it once, and stop it again", list)
	}
	return err
}

// openTarget opens what is copied into, and refuses what has anything already.
func (t Transfer) openTarget(ctx context.Context, from *end) (to *end, err error) {
	to = &end{}
	if to.engine, err = t.engineAt(t.To); err != nil {
		return nil, err
	}
	path := to.engine.file()
	if path != "" {
		is, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			to.made = path
		}
		if was, wasErr := os.Stat(from.engine.file()); err == nil && wasErr == nil && os.SameFile(is, was) {
			return nil, errors.New("it is the same one")
		}
	}
	if to.release, err = to.engine.claim(ctx); err != nil {
		return nil, err
	}
	if path != "" {
		err = makeFile(path)
	}
	if err == nil {
		to.pool, err = to.engine.bulk(ctx, nil)
	}
	if err == nil {
		err = t.fitTarget(ctx, from, to)
	}
	if err != nil {
		return nil, errors.Join(err, to.close(true))
	}
	return to, nil
}

// fitTarget says why nothing can be copied into a database; nil: it can.
func (t Transfer) fitTarget(ctx context.Context, from, to *end) error {
	for _, kept := range []string{"customers", "staff", "audit"} {
		is, err := to.engine.hasTable(ctx, to.pool, kept)
		if err == nil && is {
			err = to.pool.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM `+kept+`)`).Scan(&is)
		}
		if err != nil {
			return err
		}
		if is {
			return fmt.Errorf("it is not empty, there are rows in %s: name another one", kept)
		}
	}
	if _, err := carriedErased(from.engine.erased(), to.engine.erased()); err != nil {
		return err
	}
	is, err := to.engine.hasTable(ctx, to.pool, "environment")
	if err != nil || !is {
		return err
	}
	envs, err := collect(ctx, to.pool, scanText, `SELECT name FROM environment`)
	for _, env := range envs {
		err = errors.Join(err, fits(from.envs, env))
	}
	return err
}

// migrate gives the target the tables of this version.
func (e *end) migrate(ctx context.Context, t Transfer) error {
	s := &Store{engine: e.engine, write: e.pool, now: e.engine.now, board: &progress.Board{}}
	return s.migrate(ctx, Options{Keys: t.Keys, Board: t.Board})
}

// carriedErased is what the list of who was erased at the target has to have: the source's
// lines. A list that has others is another database's.
func carriedErased(from, to string) (text []byte, err error) {
	if from != "" {
		if text, err = os.ReadFile(from); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	text = wholeLines(text)
	if to == "" {
		return nil, nil
	}
	there, err := os.ReadFile(to)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if len(there) > 0 && !bytes.Equal(there, text) {
		return nil, fmt.Errorf("%s is the list of who was erased of another database: name a file that is not there", to)
	}
	return text[len(there):], nil
}

// carryErased writes that list, and undo takes it back.
func carryErased(from, to string) (undo func() error, err error) {
	undo = func() error { return nil }
	text, err := carriedErased(from, to)
	if err != nil || len(text) == 0 {
		return undo, err
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) { // an empty one
		return undo, err
	}
	if err := errors.Join(
		writeNew(to, text), adopt(strings.TrimSuffix(to, erasedOf), to), syncFolder(filepath.Dir(to)),
	); err != nil {
		return undo, errors.Join(err, os.Remove(to))
	}
	return func() error { return os.Remove(to) }, nil
}
