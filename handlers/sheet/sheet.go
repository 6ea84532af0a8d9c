// Package sheet writes what spreadsheets open: CSV files whose texts calculate nothing
// and whose amounts are plain decimal numbers. Pages and programs are given the same.
package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"regexp"
	"strings"

	"balancelink/store"
	"balancelink/store/money"
)

// MediaType is what such a file is.
const MediaType = "text/csv; charset=utf-8; header=present"

// Number is a CSV cell that a spreadsheet may calculate with, such as "-12.50".
// It is written as it is: never make one of what people typed.
type Number string

// Amount is an amount as a file has it, "-1234.50"; empty when it is not known.
func Amount(a store.Amount, currency string) Number {
	if !a.Known {
		return ""
	}
	return Number(money.Decimal(a.Minor, currency))
}

// mark tells spreadsheets that a file is UTF-8: without it they take names for
// something else.
const mark = "\ufeff"

// Write writes a file. A cell is a string, which no spreadsheet takes for a formula, or
// a [Number]. Rows are written as they come, some kB at a time.
func Write(out io.Writer, header []string, rows iter.Seq2[[]any, error]) error {
	w := csv.NewWriter(out)
	w.UseCRLF = true // as RFC 4180 has it
	if err := w.Write(append([]string{mark + header[0]}, header[1:]...)); err != nil {
		return err
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		cells := make([]string, len(row))
		for i, one := range row {
			cells[i] = cell(one)
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

func cell(one any) string {
	switch v := one.(type) {
	case Number:
		return string(v)
	case string:
		return inert(v)
	}
	panic(fmt.Sprintf("a CSV cell is a %T", one))
}

// signs begin what a spreadsheet calculates; some take those as wide as a Chinese letter
// for the same.
const signs = `-=+@＝＋－＠`

// A cell begins at the start of a text, and behind what parts cells where lists are written
// with semicolons, as in French: whoever opens a file there has more cells than are in it.
const begin = `(^|[;\t][\s"]*)`

var (
	formula = regexp.MustCompile(begin + `([` + signs + `])`)
	kept    = regexp.MustCompile(begin + `'([` + signs + `])`)
)

// inert puts an apostrophe before what a spreadsheet would calculate in a text.
func inert(text string) string {
	if text != "" && strings.ContainsRune("\t\r\n\x00", rune(text[0])) {
		text = "'" + text
	}
	if !strings.ContainsAny(text, signs) { // as of most cells of a large file
		return text
	}
	return formula.ReplaceAllString(text, "$1'$2")
}

// Typed is a text of a file as it was before [Write] kept it from being calculated.
func Typed(text string) string { return kept.ReplaceAllString(text, "$1$2") }
