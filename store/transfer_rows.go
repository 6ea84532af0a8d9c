package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"balancelink/store/progress"
)

// of is a value of the column as either database takes it: SQLite keeps truth as numbers,
// and says of bytes that there are none where there are none in them.
func (c column) of(value any) any {
	switch v := value.(type) {
	case int64:
		if c.kind == "BOOLEAN" && (v == 0 || v == 1) {
			return v == 1
		}
	case string:
		if c.kind == "BYTEA" {
			return []byte(v)
		}
	case []byte:
		if c.kind == "TEXT" {
			return string(v)
		}
		return append([]byte{}, v...)
	}
	return value
}

// listed are the names of tables as a statement lists them.
func listed(all []shape) string {
	list := make([]string, len(all))
	for i, s := range all {
		list[i] = s.quoted()
	}
	return strings.Join(list, ", ")
}

// names are the columns as a statement lists them.
func names(columns []column) string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = table{name: c.name}.quoted()
	}
	return strings.Join(all, ", ")
}

// selects reads all rows in the order of their keys, which is about that in which they came.
func (s shape) selects() string {
	text := `SELECT ` + names(s.columns) + ` FROM ` + s.quoted()
	keys := slices.DeleteFunc(slices.Clone(s.columns), func(c column) bool { return c.key == 0 })
	if len(keys) == 0 {
		return text
	}
	slices.SortFunc(keys, func(a, b column) int { return cmp.Compare(a.key, b.key) })
	return text + ` ORDER BY ` + names(keys)
}

// inserts writes so many rows.
func (s shape) inserts(rows int) string {
	return `INSERT INTO ` + s.quoted() + ` (` + names(s.columns) + `) VALUES ` + tuples(rows, len(s.columns))
}

// mostValues is how many values are sent with one statement. What is in memory are these.
const mostValues = 1000

// copy puts the table's rows into the same table elsewhere.
func (s shape) copy(ctx context.Context, from *prepared, to transaction, w *progress.Work) error {
	rows, err := from.QueryContext(ctx, s.selects())
	if err != nil {
		return err
	}
	defer rows.Close()
	width := len(s.columns)
	full := max(1, mostValues/width) * width
	many, err := to.PrepareContext(ctx, s.inserts(full/width))
	if err != nil {
		return err
	}
	defer many.Close()
	values, into := make([]any, width), make([]any, width)
	for i := range values {
		into[i] = &values[i]
	}
	batch := make([]any, 0, full)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, c := range s.columns {
			batch = append(batch, c.of(values[i]))
		}
		if len(batch) == full {
			if _, err := many.ExecContext(ctx, batch...); err != nil {
				return err
			}
			w.Add(int64(full / width))
			batch = batch[:0]
		}
	}
	if err := rows.Err(); err != nil || len(batch) == 0 {
		return err
	}
	_, err = to.ExecContext(ctx, s.inserts(len(batch)/width), batch...)
	w.Add(int64(len(batch) / width))
	return err
}
