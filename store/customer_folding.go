package store

import (
	"context"
	"database/sql"

	"github.com/pressly/goose/v3"

	"balancelink/store/fold"
)

// foldedSchema is the version of the migration that folded what customers are
// sorted and compared by.
const foldedSchema = 19

// folded is that migration. SQL cannot fold, and a change of how it is done needs
// another like it.
func (s *Store) folded() *goose.Migration {
	run := func(statements string, f func(*tx, context.Context) error) *goose.GoFunc {
		return &goose.GoFunc{RunTx: func(ctx context.Context, sqlTx *sql.Tx) error {
			tx := &tx{prepared: prepared{Tx: sqlTx, pool: s.write}, now: s.now()}
			if err := tx.execAll(ctx, statements); err != nil {
				return err
			}
			return f(tx, ctx)
		}}
	}
	return goose.NewGoMigration(
		foldedSchema, run(foldedUp, (*tx).foldCustomers),
		run(foldedDown, func(*tx, context.Context) error { return nil }),
	)
}

const foldedUp = `
ALTER TABLE customers ADD COLUMN language TEXT NOT NULL DEFAULT ''; -- code of the language to write to them in; empty: not known
ALTER TABLE customers ADD COLUMN note TEXT NOT NULL DEFAULT '';     -- what staff should know of them
ALTER TABLE customers ADD COLUMN name_words TEXT NOT NULL DEFAULT ''; -- those of the folded name in alphabetical order
CREATE INDEX customers_by_name_words ON customers (name_words)`

// What was folded serves the versions before as well.
const foldedDown = `
DROP INDEX customers_by_name_words;
ALTER TABLE customers DROP COLUMN name_words;
ALTER TABLE customers DROP COLUMN note;
ALTER TABLE customers DROP COLUMN language`

// foldCustomers folds what there is of all customers. It reads the columns that there were
// in its time.
func (tx *tx) foldCustomers(ctx context.Context) error {
	const some = 1000
	for after := ""; ; {
		all, err := collect(ctx, tx, func(row scanner) (c Customer, err error) {
			return c, row.Scan(&c.ID, &c.Name, &c.Reference, &c.Email, &c.Phone)
		}, `
			SELECT id, name, reference, email, phone
			FROM customers
			WHERE id > $1
			ORDER BY id
			LIMIT $2`, after, some)
		if err != nil {
			return err
		}
		for _, c := range all {
			after = c.ID
			err := tx.exec(ctx, `UPDATE customers SET sort_name = $2, name_words = $3 WHERE id = $1`,
				c.ID, fold.Text(c.Name), fold.Words(c.Name))
			if err != nil {
				return err
			}
		}
		if len(all) < some {
			return nil
		}
	}
}
