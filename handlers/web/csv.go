package web

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/gin-gonic/gin"
)

// Number is a CSV cell that a spreadsheet may calculate with, such as "-12.50".
// It is written as it is: never make one of what people typed.
type Number string

// WriteCSV answers with a CSV file of that name. A cell is a string, which no
// spreadsheet takes for a formula, or a [Number]. Rows are sent as they come,
// so that a file may be larger than memory; an error among them is returned
// while nothing is sent yet, and afterwards breaks the download off: half a
// file never looks like a whole one.
func WriteCSV(c *gin.Context, name string, header []string, rows iter.Seq2[[]any, error]) error {
	c.Header("Content-Type", "text/csv; charset=utf-8; header=present")
	if err := writeRows(Attachment(c, name), header, rows); err != nil {
		return BrokenOff(c, err)
	}
	return nil
}

// mark tells spreadsheets that a file is UTF-8: without it they take names for
// something else.
const mark = "\ufeff"

func writeRows(out io.Writer, header []string, rows iter.Seq2[[]any, error]) error {
	w := csv.NewWriter(out) // which gathers some kB before it writes
	w.UseCRLF = true        // as RFC 4180 has it
	if err := w.Write(append([]string{mark + header[0]}, header[1:]...)); err != nil {
		return err
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = csvCell(cell)
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

func csvCell(cell any) string {
	switch v := cell.(type) {
	case Number:
		return string(v)
	case string:
		return inert(v)
	}
	panic(fmt.Sprintf("a CSV cell is a %T", cell))
}

// inert puts an apostrophe before a text that a spreadsheet would calculate.
func inert(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n\x00", rune(text[0])) {
		return "'" + text
	}
	return text
}
