package store

import (
	"context"

	"balancelink/store/progress"
)

// atOnce runs f on the database as it is at one moment.
func (p *statements) atOnce(ctx context.Context, f func(*prepared) error) error {
	tx, err := p.db.BeginTx(ctx, p.engine.snapshot())
	if err != nil {
		return err
	}
	defer tx.Rollback()
	return f(&prepared{Tx: tx, pool: p})
}

// Steps of a look at a database of PostgreSQL.
const (
	countSteps          = 1
	verifyPostgresSteps = countSteps + 2
)

// verifyAtOnce is [Verify] of PostgreSQL, in whose snapshots a look of any length keeps
// nobody from anything.
func verifyAtOnce(
	ctx context.Context, pool *statements, keys *Keyring, board *progress.Board,
) (v Verification, err error) {
	w := board.Begin(progress.Verifying, verifyPostgresSteps)
	defer w.End()
	err = pool.atOnce(ctx, func(q *prepared) error {
		if v.Rows, err = countPostgres(ctx, q, w); err != nil {
			return err
		}
		if v.Contradictions, err = findContradictions(ctx, q, w); err != nil {
			return err
		}
		v.Audit, err = verifyAuditIn(ctx, q, keys, nil, w)
		return err
	})
	return v, err
}

// countPostgres says whether a database is one of this program, and how many rows it has.
// Whether the files of the server are in order it does not ask: pg_amcheck does.
func countPostgres(ctx context.Context, q *prepared, w *progress.Work) (rows int64, err error) {
	if err := isKnown(ctx, q); err != nil {
		return 0, err
	}
	all, err := collect(ctx, q, func(row scanner) (t table, err error) { return t, row.Scan(&t.name, &t.rows) }, `
		SELECT CAST(relname AS TEXT), GREATEST(CAST(reltuples AS BIGINT), 0)
		FROM pg_class
		WHERE relkind = 'r' AND relnamespace = CAST(current_schema() AS REGNAMESPACE)
		ORDER BY relname`)
	if err != nil {
		return 0, err
	}
	counted, err := countRows(ctx, q, all, w)
	return total(counted), err
}
