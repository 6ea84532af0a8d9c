package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"balancelink/store/progress"
)

// table is one of a database's, for those who go through all of it.
type table struct {
	name    string
	indexes int64
	rows    int64 // about: as many as there were at most since the oldest of those that are left
}

// entries are what there is to look at in the table: a row stands once in it and once in each
// index.
func (t table) entries() int64 { return t.rows * (1 + t.indexes) }

// quoted is the table's name in a statement.
func (t table) quoted() string { return quoted(t.name) }

// quoted is a name in a statement, where it means itself.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// ours says that the program keeps something in the table, not SQLite or goose.
func (t table) ours() bool {
	return !strings.HasPrefix(t.name, "sqlite_") && !strings.HasPrefix(t.name, "goose_")
}

// tables are all of a database.
func tables(ctx context.Context, db *sql.DB) ([]table, error) {
	all, err := collect(ctx, db, func(row scanner) (t table, err error) { return t, row.Scan(&t.name, &t.indexes) }, `
		SELECT name, (SELECT COUNT(*) FROM sqlite_master AS i WHERE i.type = 'index' AND i.tbl_name = t.name)
		FROM sqlite_master AS t
		WHERE type = 'table'`)
	for i, t := range all {
		all[i].rows = engineOf(db).span(ctx, db, t.quoted())
	}
	return all, err
}

// wholeSteps are those of [checkWhole].
const wholeSteps = 4

// checkWhole says whether a database is in order and one of this program, and how many
// rows it has.
func checkWhole(ctx context.Context, db *sql.DB, w *progress.Work) (rows int64, err error) {
	all, err := tables(ctx, db)
	if err != nil {
		return 0, noDatabase(err)
	}
	if err := isSound(ctx, db, all, w); err != nil {
		return 0, err
	}
	if err := isKnown(ctx, db); err != nil {
		return 0, err
	}
	counted, err := countRows(ctx, db, all, w)
	return total(counted), err
}

func noDatabase(err error) error { return fmt.Errorf("it is no whole SQLite database: %w", err) }

// isSound asks SQLite whether a database is in order: whether each page belongs somewhere,
// and then, table by table, whether the indexes have the rows, and nothing refers to a row
// that is not there. Asked for all tables at once it would say nothing for minutes.
func isSound(ctx context.Context, db *sql.DB, all []table, w *progress.Work) error {
	w.Step(progress.ThePages, progress.Bytes, 0)
	if err := findsWhole(ctx, db, `PRAGMA quick_check`); err != nil {
		return err
	}
	w.Step(progress.TheRows, progress.Entries, sum(all, table.entries))
	for _, t := range all {
		if err := findsWhole(ctx, db, `PRAGMA integrity_check(`+t.quoted()+`)`); err != nil {
			return err
		}
		w.Add(t.entries())
	}
	w.Step(progress.TheReferences, progress.Rows, sum(all, rowsOf))
	for _, t := range all {
		broken, err := collect(ctx, db, scanText, `SELECT "table" FROM pragma_foreign_key_check($1) LIMIT 1`, t.name)
		if err != nil {
			return err
		}
		if len(broken) > 0 {
			return fmt.Errorf("rows of %s refer to rows that are not there", broken[0])
		}
		w.Add(t.rows)
	}
	return nil
}

// findsWhole runs a check of SQLite's own.
func findsWhole(ctx context.Context, db *sql.DB, check string) error {
	problems, err := collect(ctx, db, scanText, check)
	if err != nil {
		return noDatabase(err)
	}
	if len(problems) != 1 || problems[0] != "ok" {
		return fmt.Errorf("SQLite finds it damaged: %s", problems[0])
	}
	return nil
}

// countRows counts the rows of all tables of ours, by their names.
func countRows(ctx context.Context, q querier, all []table, w *progress.Work) (rows map[string]int64, err error) {
	w.Step(progress.TheNumber, progress.Rows, sum(all, rowsOf))
	rows = map[string]int64{}
	for _, t := range all {
		if !t.ours() {
			continue
		}
		if rows[t.name], err = one(ctx, q, scanNumber, `SELECT COUNT(*) FROM `+t.quoted()); err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		w.Add(rows[t.name])
	}
	return rows, nil
}

// total is how many rows all tables have together.
func total(rows map[string]int64) (all int64) {
	for _, n := range rows {
		all += n
	}
	return all
}

func rowsOf(t table) int64 { return t.rows }

func sum(all []table, of func(table) int64) (n int64) {
	for _, t := range all {
		n += of(t)
	}
	return n
}
