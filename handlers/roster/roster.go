// Package roster reads customers from a file that a spreadsheet wrote, and says row by
// row what is wrong with them. It has no words for people.
package roster

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"balancelink/handlers/acts"
	"balancelink/handlers/sheet"
	"balancelink/store"
	"balancelink/store/fold"
	"balancelink/store/limits"
)

// Field is what a column may hold.
type Field string

// The fields. A file has to have a column of references and one of names.
const (
	Reference Field = "reference"
	Name      Field = "name"
	Email     Field = "email"
	Phone     Field = "phone"
	Language  Field = "language"
	Kind      Field = "kind"
)

// headings are what columns are called, as [fold.Text] has it (without dashes), in
// English and French.
var headings = map[string]Field{
	"reference": Reference, "your reference": Reference, "customer reference": Reference, "ref": Reference,
	"votre reference": Reference,
	"name":            Name, "customer": Name, "customer name": Name, "full name": Name, "nom": Name, "client": Name,
	"e mail": Email, "email": Email, "email address": Email, "e mail address": Email, "mail": Email,
	"adresse e mail": Email,
	"telephone":      Phone, "phone": Phone, "phone number": Phone, "telephone number": Phone, "mobile": Phone,
	"numero de telephone": Phone,
	"language":            Language, "langue": Language,
	"kind": Kind, "customer type": Kind, "person or business": Kind, "personne ou entreprise": Kind,
}

// kinds are what a cell may say of the kind of a customer, as [fold.Text] has it.
var kinds = map[string]store.Kind{
	"": "", "person": store.Person, "individual": store.Person, "personne": store.Person, "particulier": store.Person,
	"business": store.Business, "company": store.Business, "firm": store.Business, "corporate": store.Business,
	"entreprise": store.Business, "societe": store.Business,
}

// kindOf is the kind that a cell says, or the cell as it is, which is none.
func kindOf(cell string) store.Kind {
	if kind, known := kinds[fold.Text(cell)]; known {
		return kind
	}
	return store.Kind(cell)
}

// More faults of a row than [acts] knows, of one customer alone.
const (
	Twice     acts.Fault = "twice"           // another row of the file has the reference
	TooWide   acts.Fault = "too_many_fields" // there are more fields than the header names
	ReadFirst acts.Fault = "no_reference"    // without one nobody can tell whether the customer is there
)

// Whole is where faults of a row as a whole stand among those of its fields.
const Whole Field = ""

// File is what was read.
type File struct {
	Rows    []Row
	Columns []Field  // that the file has
	Ignored []string // headings of the columns that were not read
}

// Row is one customer, as the store keeps them.
type Row struct {
	Number   int // as a spreadsheet counts: the header is in the first
	Customer store.Customer
	Wrong    map[Field]acts.Fault // nil: nothing is
	Twin     int                  // of the row with the same reference; 0: there is none
}

// Problem is why a file cannot be read at all.
type Problem string

// The problems.
const (
	Nothing     Problem = "empty"         // there is no row in it
	Workbook    Problem = "workbook"      // of a spreadsheet, not saved as CSV
	NotText     Problem = "not_text"      // neither UTF-8 nor UTF-16
	NoHeader    Problem = "no_header"     // no column of references, or none of names
	HeaderTwice Problem = "header_twice"  // two columns of the same field
	Quotes      Problem = "quotes"        // a quotation mark stands where none can
	TooMany     Problem = "too_many_rows" // more than [limits.ImportRows]
)

// Error says that a file cannot be read.
type Error struct {
	Problem Problem
	Line    int    // of the file; 0: all of it
	Heading string // of a column; empty: none
}

// Error implements [error].
func (e *Error) Error() string { return "roster: " + string(e.Problem) }

// Read reads a file. What cannot be read at all is an [*Error].
func Read(content []byte) (File, error) {
	text, err := decode(content)
	if err != nil {
		return File{}, err
	}
	text, comma, before := separator(text)
	r := reader{csv: csv.NewReader(strings.NewReader(text)), before: before}
	r.csv.Comma, r.csv.FieldsPerRecord, r.csv.ReuseRecord = comma, -1, true
	return r.file()
}

// reader reads rows and counts them as a spreadsheet does: one may have several lines.
type reader struct {
	csv    *csv.Reader
	before int // lines that stand before the header
	within int // line breaks in the fields so far
}

// next is the next row that is not empty.
func (r *reader) next() (cells []string, number int, err error) {
	for {
		cells, err = r.csv.Read()
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			return nil, 0, &Error{Problem: Quotes, Line: wrong.StartLine + r.before}
		}
		if err != nil {
			return nil, 0, err
		}
		line, _ := r.csv.FieldPos(0)
		number = line + r.before - r.within
		seen := false
		for i, cell := range cells {
			r.within += strings.Count(cell, "\n")
			cells[i] = tidy(cell)
			seen = seen || cells[i] != ""
		}
		if seen {
			return cells, number, nil
		}
	}
}

// tidy takes white space off both ends, and the apostrophes by which our own files keep
// a text from being calculated with.
func tidy(cell string) string { return sheet.Typed(fold.Tidy(cell)) }

func (r *reader) file() (f File, err error) {
	cells, _, err := r.next()
	if errors.Is(err, io.EOF) {
		return f, &Error{Problem: Nothing}
	}
	if err != nil {
		return f, err
	}
	columns, err := f.header(cells)
	if err != nil {
		return f, err
	}
	for {
		cells, number, err := r.next()
		switch {
		case errors.Is(err, io.EOF) && len(f.Rows) == 0:
			return f, &Error{Problem: Nothing}
		case errors.Is(err, io.EOF):
			f.findTwins()
			return f, nil
		case err != nil:
			return f, err
		case len(f.Rows) == limits.ImportRows:
			return f, &Error{Problem: TooMany}
		}
		f.Rows = append(f.Rows, readRow(columns, cells, number))
	}
}

// header reads what the columns are; empty: it is not read.
func (f *File) header(cells []string) (columns []Field, err error) {
	for _, heading := range cells {
		field := headings[fold.Text(heading)]
		switch {
		case field == "" && heading != "":
			f.Ignored = append(f.Ignored, strings.Clone(heading))
		case field != "" && slices.Contains(f.Columns, field):
			return nil, &Error{Problem: HeaderTwice, Heading: strings.Clone(heading)}
		case field != "":
			f.Columns = append(f.Columns, field)
		}
		columns = append(columns, field)
	}
	if !slices.Contains(f.Columns, Reference) || !slices.Contains(f.Columns, Name) {
		return nil, &Error{Problem: NoHeader}
	}
	return columns, nil
}

func readRow(columns []Field, cells []string, number int) Row {
	row := Row{Number: number}
	for i, cell := range cells {
		if i >= len(columns) {
			if cell != "" {
				row.note(Whole, TooWide)
			}
			continue
		}
		cell = strings.Clone(cell) // of which the row is kept, not the file
		switch columns[i] {
		case Reference:
			row.Customer.Reference = cell
		case Name:
			row.Customer.Name = cell
		case Email:
			row.Customer.Email = cell
		case Phone:
			row.Customer.Phone = cell
		case Language:
			row.Customer.Language = strings.ToLower(cell)
		case Kind:
			row.Customer.Kind = kindOf(cell)
		}
	}
	cu, wrong := acts.CheckCustomer(row.Customer)
	row.Customer = cu
	for field, fault := range wrong {
		row.note(Field(field), fault)
	}
	if row.Customer.Reference == "" {
		row.note(Reference, ReadFirst)
	}
	return row
}

func (r *Row) note(f Field, fault acts.Fault) {
	if r.Wrong == nil {
		r.Wrong = map[Field]acts.Fault{}
	}
	if r.Wrong[f] == "" {
		r.Wrong[f] = fault
	}
}

// findTwins notes rows with the same reference: nobody can tell which of them is meant.
func (f *File) findTwins() {
	first := map[string]int{}
	for i := range f.Rows {
		row := &f.Rows[i]
		reference := row.Customer.Reference
		if reference == "" {
			continue
		}
		at, known := first[reference]
		if !known {
			first[reference] = i
			continue
		}
		other := &f.Rows[at]
		row.Twin, other.Twin = other.Number, row.Number
		row.note(Reference, Twice)
		other.note(Reference, Twice)
	}
}
