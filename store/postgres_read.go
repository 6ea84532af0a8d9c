package store

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"balancelink/store/progress"
)

// dumped is what a file of pg_dump's has in it.
type dumped struct {
	rows int64 // of all tables of ours
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
	var of table // whose rows follow; without a name: none do
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
		case of.name == "":
			of.name = copied(line)
		case bytes.Equal(line, []byte(`\.`)):
			of.name = ""
		case of.ours():
			c.rows++
			w.Add(1)
		}
	}
}

// copied is the table in a line such as COPY public.environment (name) FROM stdin; empty: it
// is another line.
func copied(line []byte) string {
	text, is := strings.CutPrefix(string(line), "COPY ")
	if !is || !strings.HasSuffix(text, " FROM stdin;") {
		return ""
	}
	name, _, _ := strings.Cut(text, " (")
	_, table := cutName(name)
	return strings.Trim(table, `"`)
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
