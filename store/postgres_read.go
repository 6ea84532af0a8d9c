package store

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"balancelink/store/progress"
)

// dumped is what a file of pg_dump's has in it.
type dumped struct {
	schema  string   // in which all of it was
	tables  []string // that rows may be in
	version int64    // of the newest migration; 0: it is of another program
	envs    []string // that it says it belongs to
	rows    int64    // of all tables of ours
}

// readSteps are those of [Dump.read].
const readSteps = 1

// read reads a file to its end, without any database. A file that is cut off is an error.
func (d Dump) read(ctx context.Context, file string, w *progress.Work) (c dumped, err error) {
	t, err := d.tool(ctx, "pg_restore", 0)
	if err != nil {
		return c, err
	}
	w.Step(progress.TheNumber, progress.Rows, 0)
	in, out := io.Pipe()
	reading := make(chan error, 1)
	go func() {
		err := c.take(in, w)
		in.CloseWithError(err) // whoever writes on is told
		reading <- err
	}()
	err = t.run(ctx, out, "--file=-", file)
	out.Close()
	return c, errors.Join(err, <-reading)
}

// take reads the statements by which a database would be filled. A row is a line.
func (c *dumped) take(in io.Reader, w *progress.Work) error {
	lines := bufio.NewReaderSize(in, 1<<16)
	var rows *copyOf // that follow; nil: none do
	for begun := false; ; {
		line, more, err := lines.ReadLine()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		behind := begun // it goes on with the line before
		begun = more
		switch {
		case behind:
		case rows == nil:
			if rows = asCopy(line); rows != nil {
				c.schema, c.tables = rows.schema, append(c.tables, rows.table)
			}
		case bytes.Equal(line, []byte(`\.`)):
			rows = nil
		default:
			if err := c.row(rows, string(line), w); err != nil {
				return err
			}
		}
	}
}

// row takes a row, of which long ones have only their beginning here.
func (c *dumped) row(of *copyOf, line string, w *progress.Work) error {
	if (table{name: of.table}).ours() {
		c.rows++
		w.Add(1)
	}
	switch of.table {
	case "goose_db_version":
		version, err := strconv.ParseInt(of.value("version_id", line), 10, 64)
		if err != nil {
			return fmt.Errorf("it has a migration without a number: %w", err)
		}
		c.version = max(c.version, version)
	case "environment":
		c.envs = append(c.envs, of.value("name", line))
	}
	return nil
}

// copyOf is the beginning of a table's rows.
type copyOf struct {
	schema, table string
	columns       []string
}

// asCopy reads a line such as COPY public.environment (name) FROM stdin; nil: it is another.
func asCopy(line []byte) *copyOf {
	text, is := strings.CutPrefix(string(line), "COPY ")
	if !is || !strings.HasSuffix(text, " FROM stdin;") {
		return nil
	}
	name, columns, _ := strings.Cut(strings.TrimSuffix(text, " FROM stdin;"), " (")
	schema, table := cutName(name)
	of := &copyOf{schema: schema, table: strings.Trim(table, `"`)}
	for column := range strings.SplitSeq(strings.TrimSuffix(columns, ")"), ", ") {
		of.columns = append(of.columns, strings.Trim(column, `"`))
	}
	return of
}

// cutName takes the first of two names apart, which is quoted where it must be.
func cutName(text string) (name, rest string) {
	end := "."
	if strings.HasPrefix(text, `"`) {
		text, end = text[1:], `".`
	}
	name, rest, _ = strings.Cut(text, end)
	return strings.ReplaceAll(name, `""`, `"`), rest
}

// value is a row's in a column, as short ones are written.
func (of *copyOf) value(column, row string) string {
	values := strings.Split(row, "\t")
	i := slices.Index(of.columns, column)
	if i < 0 || i >= len(values) {
		return ""
	}
	return values[i]
}
