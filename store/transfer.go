package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"balancelink/store/progress"
)

// Transfer is a copy of all that one database has in another one, which is empty: so a
// business goes from SQLite to PostgreSQL, or back. Neither database is written to that
// this was done, for their audit logs are to be the same.
type Transfer struct {
	From, To string // addresses, of which one at least is a file's
	Erased   string // path of the list of who was erased of the one that is no file; see [Options]
	Env      string // that From must belong to; empty: whichever it does
	Keys     *Keyring
	Board    *progress.Board
}

// Transferred is what both databases have then.
type Transferred struct {
	Tables int
	Rows   int64
	Audit  Chain
}

// transferSteps are those of [Transfer.Run].
const transferSteps = 2*contentSteps + 1

// Run copies, with nobody at either database, until both are found to have the same. Who is
// in the way is told by [ErrInUse]. When it fails nothing is in the target: at most tables
// without rows, where there were none.
func (t Transfer) Run(ctx context.Context) (done Transferred, err error) {
	if t.Keys == nil {
		return done, errNoKey
	}
	if isPostgres(t.From) && isPostgres(t.To) {
		return done, errors.New("from one database of PostgreSQL to another balancelink backup and restore copy")
	}
	defer func() { err = orOver(ctx, err) }()
	from, err := t.openSource(ctx)
	if err != nil {
		return done, fmt.Errorf("the database to copy: %w", err)
	}
	defer func() { err = errors.Join(err, from.close(err != nil)) }()
	to, err := t.openTarget(ctx, from)
	if err != nil {
		return done, fmt.Errorf("the database to copy into: %w", err)
	}
	defer func() { err = errors.Join(err, to.close(err != nil)) }()
	w := t.Board.Begin(progress.Moving, transferSteps)
	defer w.End()
	read, err := from.pool.db.BeginTx(ctx, from.engine.snapshot())
	if err != nil {
		return done, err
	}
	defer read.Rollback()
	source := &prepared{Tx: read, pool: from.pool}
	all, err := shapes(ctx, from.engine, source)
	if err != nil {
		return done, err
	}
	was, err := t.look(ctx, source, all, w)
	if err != nil {
		return done, fmt.Errorf("the database to copy is not in order: %w", err)
	}
	if err := to.migrate(ctx, t); err != nil {
		return done, fmt.Errorf("the database to copy into: %w", err)
	}
	if err := t.fill(ctx, source, from, to, all, was, w); err != nil {
		return done, err
	}
	return Transferred{Tables: len(all), Rows: total(was.rows), Audit: was.audit}, nil
}

// fill makes the one change at the target.
func (t Transfer) fill(
	ctx context.Context, source *prepared, from, to *end, all []shape, was content, w *progress.Work,
) error {
	tx, err := to.engine.begin(ctx, to.pool.db)
	if err != nil {
		return fmt.Errorf("the database to copy into: %w", err)
	}
	defer tx.Rollback() // no effect after Commit
	if err := copyAll(ctx, source, tx, all, was, w); err != nil {
		return err
	}
	if isPostgres(t.To) { // it knows nothing yet of what is in new tables, and would go about them wrongly
		if _, err := tx.ExecContext(ctx, `ANALYZE `+listed(all)); err != nil {
			return fmt.Errorf("the database to copy into: %w", err)
		}
	}
	is, err := t.look(ctx, &prepared{Tx: tx.transaction, pool: to.pool}, all, w)
	if err != nil {
		return fmt.Errorf("what was copied is not in order: %w", err)
	}
	if err := was.same(is, all); err != nil {
		return err
	}
	if err := from.stays(ctx, source, was); err != nil {
		return err
	}
	undo, err := carryErased(from.engine.erased(), to.engine.erased())
	if err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return errors.Join(fmt.Errorf("the database to copy into: %w", err), undo())
	}
	return nil
}

// stays says whether anybody has gone on at the source meanwhile. Reading it is over then.
func (e *end) stays(ctx context.Context, source *prepared, was content) error {
	if err := source.Tx.Rollback(); err != nil {
		return err
	}
	h, err := readHead(ctx, e.pool, nil)
	if err == nil && (h.Seq != was.audit.Rows || h.Hash != was.audit.Head) {
		err = errors.New("somebody has written to the database to copy meanwhile: stop all that have it open")
	}
	return err
}

// content is what was found in a database.
type content struct {
	rows  map[string]int64 // by table
	audit Chain
}

// contentSteps are those of [Transfer.look].
const contentSteps = 3

// look looks through a database as it is at one moment: how many rows it has, whether they
// agree, and whether the audit log is in order.
func (t Transfer) look(ctx context.Context, q *prepared, all []shape, w *progress.Work) (c content, err error) {
	var counted []table
	for _, s := range all {
		counted = append(counted, s.table)
	}
	if c.rows, err = countRows(ctx, q, counted, w); err != nil {
		return c, err
	}
	wrong, err := findContradictions(ctx, q, w)
	if err == nil && len(wrong) > 0 {
		err = fmt.Errorf("%s (%s; balancelink verify names all such rows)", wrong[0].What, wrong[0].ID)
	}
	if err != nil {
		return c, err
	}
	c.audit, err = verifyAuditIn(ctx, q, t.Keys, nil, w)
	if err == nil && c.audit.BadRow != 0 {
		err = fmt.Errorf("row %d of the audit log: %s", c.audit.BadRow, c.audit.Problem)
	}
	return c, err
}

// same says in what another content differs.
func (c content) same(is content, all []shape) error {
	for _, s := range all {
		if c.rows[s.name] != is.rows[s.name] {
			return fmt.Errorf("of the %d rows of %s %d were copied", c.rows[s.name], s.name, is.rows[s.name])
		}
	}
	if c.audit != is.audit {
		return fmt.Errorf("the audit log ends with %s, and what was copied of it with %s", c.audit, is.audit)
	}
	return nil
}

// copyAll puts the rows of all tables in the place of what a migration has made.
func copyAll(
	ctx context.Context, source *prepared, tx transaction, all []shape, was content, w *progress.Work,
) error {
	for _, s := range slices.Backward(all) {
		if _, err := tx.ExecContext(ctx, `DELETE FROM `+s.quoted()); err != nil {
			return fmt.Errorf("emptying %s: %w", s.name, err)
		}
	}
	w.Step(progress.TheFile, progress.Rows, total(was.rows))
	for _, s := range all {
		if err := s.copy(ctx, source, tx, w); err != nil {
			return fmt.Errorf("copying %s: %w", s.name, err)
		}
	}
	return nil
}
