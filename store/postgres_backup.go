package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"balancelink/store/progress"
)

// backupSteps are those of [Dump.Backup].
const backupSteps = 1 + countSteps + 1 + readSteps + 1

// Backup writes a copy to a file that must not exist, also while instances run: everything
// that was committed up to one moment, of which the rows and the audit log are what is said of
// the copy. The file gets its name when it lies on the disk and has been read whole. How far
// it is stands on the board.
func (d Dump) Backup(ctx context.Context, file string) (c Copy, err error) {
	if file, err = filepath.Abs(file); err != nil {
		return c, err
	}
	if err := unused(file); err != nil {
		return c, err
	}
	pool, err := lookAt(ctx, d.URL)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, pool.db.Close()) }()
	w := d.Board.Begin(progress.Copying, backupSteps)
	defer w.End()
	c.At = time.Now()
	var part string
	err = pool.atOnce(ctx, func(q *prepared) (err error) {
		if part, err = d.dump(ctx, q, filepath.Dir(file), w); err != nil {
			return fmt.Errorf("copying: %w", err)
		}
		return c.look(ctx, q, d.Keys, w)
	})
	if part != "" {
		defer os.Remove(part) // nothing to remove once it has its name
	}
	if err != nil {
		return Copy{}, err
	}
	if err := d.checkPart(ctx, part, &c, w); err != nil {
		return Copy{}, fmt.Errorf("the copy is not sound and was not kept: %w", err)
	}
	c.File = file
	if err := nameCopy(d.Erased, "", part, c); err != nil {
		return Copy{}, fmt.Errorf("store: keeping the copy: %w", err)
	}
	if err := c.noteRow(ctx, &postgresEngine{url: d.URL}); err != nil {
		return c, fmt.Errorf("the copy is made, but the status page does not learn of it: %w", err)
	}
	return c, nil
}

// dump has pg_dump write what the transaction sees into a new file in a folder, for its owner
// only, and waits until it lies on the disk. Of the database that is what we have in it.
func (d Dump) dump(ctx context.Context, q *prepared, folder string, w *progress.Work) (part string, err error) {
	var version int
	var schema, snapshot string
	if err := q.QueryRowContext(ctx, `
		SELECT CAST(current_setting('server_version_num') AS INTEGER), COALESCE(current_schema(), ''), pg_export_snapshot()`,
	).Scan(&version, &schema, &snapshot); err != nil {
		return "", err
	}
	if err := isKnown(ctx, q); err != nil {
		return "", err
	}
	t, err := d.tool(ctx, "pg_dump", version)
	if err != nil {
		return "", err
	}
	f, err := os.CreateTemp(folder, ".balancelink-*.part")
	if err != nil {
		return "", err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			os.Remove(f.Name())
		}
	}()
	w.Step(progress.TheFile, progress.Bytes, 0)
	defer grows(f, w)()
	err = t.run(
		ctx, nil, "--format=custom", "--encoding=UTF8", "--no-password", "--snapshot="+snapshot,
		"--schema="+quoted(schema), "--file="+f.Name(), "--dbname="+t.address,
	)
	return f.Name(), errors.Join(err, f.Sync())
}

// look sees what is in the database that a copy is made of.
func (c *Copy) look(ctx context.Context, q *prepared, keys *Keyring, w *progress.Work) (err error) {
	if c.Rows, err = countPostgres(ctx, q, w); err != nil {
		return err
	}
	if c.Environments, err = environmentsOf(ctx, q); err != nil {
		return err
	}
	c.Audit, err = verifyAuditIn(ctx, q, keys, nil, w)
	return err
}

// checkPart sees whether the file has what the database had.
func (d Dump) checkPart(ctx context.Context, part string, c *Copy, w *progress.Work) error {
	holds, err := d.read(ctx, part, w)
	if err == nil && holds.rows != c.Rows {
		err = fmt.Errorf("of %d rows it has %d", c.Rows, holds.rows)
	}
	if err == nil {
		c.Sum, c.Size, err = sumFile(ctx, part, w)
	}
	return err
}

// noteRow notes the copy in the database, whose pages tell of it.
func (c Copy) noteRow(ctx context.Context, e *postgresEngine) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	pool, err := e.writer(ctx, nil)
	if err != nil {
		return err
	}
	defer pool.db.Close()
	is, err := e.hasTable(ctx, pool, "backups")
	if err != nil || !is { // of an earlier version, which is copied before this one changes it
		return err
	}
	tx, err := e.begin(ctx, pool.db)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after Commit
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO backups (id, note)
		VALUES (1, $1)
		ON CONFLICT (id) DO UPDATE
		SET note = excluded.note`, string(text)); err != nil {
		return err
	}
	return tx.Commit()
}

// notedBackup is the copy that is noted in a database.
func notedBackup(ctx context.Context, q querier) (c Copy, err error) {
	text, err := one(ctx, q, scanText, `SELECT note FROM backups WHERE id = 1`)
	if errors.Is(err, ErrNotFound) {
		return c, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &c)
	}
	if err != nil {
		return Copy{}, fmt.Errorf("store: reading the note of the last backup: %w", err)
	}
	return c, nil
}

// notedBackupOf is [notedBackup] of a database that need not be open, nor of this version.
func notedBackupOf(ctx context.Context, url string) (c Copy, err error) {
	pool, err := lookAt(ctx, url)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, pool.db.Close()) }()
	is, err := pool.engine.hasTable(ctx, pool, "backups")
	if err != nil || !is {
		return c, err
	}
	return notedBackup(ctx, pool)
}
