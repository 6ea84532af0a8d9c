package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"balancelink/store/progress"
)

// restoreSteps are those of [Dump.Restore].
const restoreSteps = 1 + readSteps + 1 + countSteps + 1

// Restore fills an empty database from a copy that [Dump.Backup] made, with no instance at it.
// A copy that is not sound changes nothing. What was done meanwhile that only goes one way is
// done again, by the list of who was erased that lies beside the copy, those that are given,
// and our own, in which all of them are then; and whoever was signed in signs in again. How
// far it is stands on the board.
func (d Dump) Restore(ctx context.Context, file string, lists ...string) (c Copy, err error) {
	if d.Keys == nil { // that it was restored could not be written down
		return c, errNoKey
	}
	w := d.Board.Begin(progress.Restoring, restoreSteps)
	defer w.End()
	c.File = file
	holds, err := d.fit(ctx, &c, w)
	if err != nil {
		return c, err
	}
	if _, err := os.Stat(file + erasedOf); err == nil {
		lists = append(lists, file+erasedOf)
	}
	merged, err := d.mergedErased(holds.envs, lists)
	if err != nil {
		return c, err
	}
	e := &postgresEngine{url: d.URL, list: d.Erased}
	release, err := e.claim(ctx)
	if err != nil {
		return c, err
	}
	pool, err := e.open(2, nil, unlimited)
	if err != nil {
		return c, errors.Join(err, release())
	}
	err = d.fill(ctx, e, pool, holds, &c, w)
	if err == nil {
		err = d.keepErased(merged)
	}
	if err := errors.Join(err, pool.db.Close(), release()); err != nil {
		return c, err
	}
	return c, d.finish(ctx, e)
}

// Restored does what has to be done to a database that was put back to an earlier state by
// other means, with no instance at it: see [Dump.Restore].
func (d Dump) Restored(ctx context.Context, lists ...string) (err error) {
	if d.Keys == nil {
		return errNoKey
	}
	e := &postgresEngine{url: d.URL, list: d.Erased}
	release, err := e.claim(ctx)
	if err != nil {
		return err
	}
	pool, err := e.open(1, nil)
	if err != nil {
		return errors.Join(err, release())
	}
	err = d.mark(ctx, pool, lists)
	if err := errors.Join(err, pool.db.Close(), release()); err != nil {
		return err
	}
	return d.finish(ctx, e)
}

// mark has a database that was put back be known for one, if it can be.
func (d Dump) mark(ctx context.Context, pool *statements, lists []string) error {
	if err := isKnown(ctx, pool); err != nil {
		return err
	}
	envs, err := environmentsOf(ctx, pool)
	if err != nil {
		return err
	}
	if err := fits(envs, d.Env); err != nil {
		return err
	}
	merged, err := d.mergedErased(envs, lists)
	if err != nil {
		return err
	}
	if err := d.keepErased(merged); err != nil {
		return err
	}
	_, err = pool.db.ExecContext(ctx, markRestored)
	return err
}

// A database that was put back has this table until what has to be done to it is done: by who
// put it back, or, where that was cut short, by whoever opens it next.
const (
	markRestored   = `CREATE TABLE IF NOT EXISTS restored (id INTEGER)`
	unmarkRestored = `DROP TABLE IF EXISTS restored`
)

// wasRestored says whether that is still to be done.
func (s *Store) wasRestored(ctx context.Context) (bool, error) {
	if s.IsFile() {
		return false, nil
	}
	return s.engine.hasTable(ctx, s.write, "restored")
}

func (s *Store) forgetRestored(ctx context.Context) error {
	if _, err := s.write.db.ExecContext(ctx, unmarkRestored); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// finish does it. Cut short the next start would go on.
func (d Dump) finish(ctx context.Context, e *postgresEngine) error {
	s, err := openOn(context.WithoutCancel(ctx), e, Options{Keys: d.Keys, Board: d.Board, restored: true})
	if err != nil {
		return fmt.Errorf("the database is put back and cannot be opened: %w", err)
	}
	return s.Close()
}

// fit says why a copy cannot be put back; nil: it can.
func (d Dump) fit(ctx context.Context, c *Copy, w *progress.Work) (holds dumped, err error) {
	sum, err := os.ReadFile(c.File + sumOf)
	if err != nil {
		return holds, fmt.Errorf(
			"%s cannot be read, and without it nobody can tell whether the copy is whole: %w", c.File+sumOf, err,
		)
	}
	if c.Sum, c.Size, err = sumFile(ctx, c.File, w); err != nil {
		return holds, err
	}
	if want, _, _ := strings.Cut(string(sum), " "); want != c.Sum {
		return holds, fmt.Errorf("%s is not restored: it is not as it was when it was made, by %s", c.File, c.File+sumOf)
	}
	holds, err = d.read(ctx, c.File, w)
	switch {
	case err != nil:
	case holds.version == 0 || !slices.Contains(holds.tables, "audit_head"):
		err = errors.New("it is no copy of a database of balancelink")
	case holds.version > newestSchema():
		err = ErrNewer
	default:
		err = fits(holds.envs, d.Env)
	}
	if err != nil {
		return holds, fmt.Errorf("%s is not restored: %w", c.File, err)
	}
	c.Rows, c.Environments = holds.rows, holds.envs
	return holds, nil
}

// fill puts into the database what the copy holds, and looks at it there. When it fails the
// database is as empty as before.
func (d Dump) fill(
	ctx context.Context, e *postgresEngine, pool *statements, holds dumped, c *Copy, w *progress.Work,
) (err error) {
	if err := e.isIn(ctx, pool, holds.schema); err != nil {
		return err
	}
	if err := e.check(ctx, pool.db); err != nil {
		return err
	}
	if err := isEmpty(ctx, pool); err != nil {
		return err
	}
	t, err := d.tool(ctx, "pg_restore", 0)
	if err != nil {
		return err
	}
	if _, err := pool.db.ExecContext(ctx, markRestored); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, dropAll(context.WithoutCancel(ctx), pool, holds.tables))
		}
	}()
	w.Step(progress.TheFile, progress.Bytes, 0)
	if err := t.run(
		ctx, nil, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-password",
		"--schema="+holds.schema, "--dbname="+t.address, c.File,
	); err != nil {
		return fmt.Errorf("restoring: %w", err)
	}
	if _, err := pool.db.ExecContext(ctx, `ANALYZE`); err != nil { // it knows nothing yet of what is in new tables
		return fmt.Errorf("restoring: %w", err)
	}
	return pool.atOnce(ctx, func(q *prepared) error { return c.same(ctx, q, d.Keys, w) })
}

// same says whether a database has as many rows as the copy, and looks at its audit log.
func (c *Copy) same(ctx context.Context, q *prepared, keys *Keyring, w *progress.Work) error {
	was := c.Rows
	if err := c.look(ctx, q, keys, w); err != nil {
		return err
	}
	if c.Rows != was {
		return fmt.Errorf("of the %d rows of the copy %d were restored", was, c.Rows)
	}
	return nil
}

// isIn has everything be made in the schema of that name, which may have to be made.
func (e *postgresEngine) isIn(ctx context.Context, pool *statements, schema string) error {
	tx, err := pool.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after Commit
	if schema != "public" {
		if _, err := tx.ExecContext(ctx, `CREATE SCHEMA IF NOT EXISTS `+quoted(schema)); err != nil {
			return err
		}
	}
	var is string
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(current_schema(), '')`).Scan(&is); err != nil {
		return err
	}
	if is != schema {
		return fmt.Errorf(
			"the copy is of the schema %s, and the database's is %q: put search_path=%s into DATABASE_URL", schema, is,
			schema,
		)
	}
	return tx.Commit()
}

// isEmpty says what is in the way; nil: nothing is. What belongs to an extension is not.
func isEmpty(ctx context.Context, q querier) error {
	found, err := collect(ctx, q, scanText, `
		SELECT CAST(relname AS TEXT)
		FROM pg_class
		WHERE relnamespace = CAST(current_schema() AS REGNAMESPACE) AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
		AND relname <> 'restored' AND NOT EXISTS (
			SELECT 1
			FROM pg_depend
			WHERE classid = CAST('pg_class' AS REGCLASS) AND objid = pg_class.oid AND deptype = 'e')
		ORDER BY relname
		LIMIT 1`)
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("the database is not empty, there is %s in it: make another one for the copy", found[0])
	}
	return err
}

// dropAll takes out again what was put into an empty database.
func dropAll(ctx context.Context, pool *statements, tables []string) error {
	names := []string{"restored"}
	for _, name := range tables {
		names = append(names, quoted(name))
	}
	_, err := pool.db.ExecContext(ctx, `DROP TABLE IF EXISTS `+strings.Join(names, ", ")+` CASCADE`)
	return err
}

// mergedErased is our list of who was erased, behind what others have and it has not.
func (d Dump) mergedErased(envs, lists []string) (all []byte, err error) {
	if d.Erased == "" {
		if onlySimulated(envs) {
			return nil, nil
		}
		return nil, errors.New("ERASED_FILE is missing: without it those could come back who were erased")
	}
	there := map[string]bool{}
	for _, name := range append(slices.Clone(lists), d.Erased) {
		if _, _, err := (&erasedList{path: name}).read(); err != nil {
			return nil, err
		}
		text, err := os.ReadFile(name)
		if err != nil && (name != d.Erased || !errors.Is(err, fs.ErrNotExist)) {
			return nil, err
		}
		text = wholeLines(text)
		for line := range bytes.Lines(text) {
			if !there[string(line)] {
				there[string(line)] = true
				all = append(all, line...)
			}
		}
	}
	return all, nil
}

// keepErased makes a text our list of who was erased.
func (d Dump) keepErased(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	return writeOver(d.Erased, text, strings.TrimSuffix(d.Erased, erasedOf))
}
