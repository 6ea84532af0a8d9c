package views

import (
	"context"
	"strings"

	"balancelink/views/locale"
)

// Import takes in customers from a file.
type Import struct {
	Frame
	Problem      string // why the file that was sent was not read; empty: none was, or it was read
	Most, MostMB int    // customers, and megabytes, that one may have
	File         *ImportFile
}

// ImportFile is a file that was read.
type ImportFile struct {
	Clock
	Name                      string
	State                     string // "read", "moved", "failed", "running", "done"
	URL                       string // GET; below it POST take, drop and links
	Added, Changed, Unchanged int
	Wrong                     int         // rows that are not taken in
	WrongRows                 []ImportRow // the first of them
	Changes                   []ImportRow // the first customers who are changed
	Ignored                   []string    // columns that are not read
	Work                      *LongWork
	Known                     int  // customers whom it is about and who are there
	AskCode                   bool // a personal link asks for a code unless staff say no
}

// ImportRow is a row of the file: what is wrong with it, or what it changes.
type ImportRow struct {
	Number          int
	Name, Reference string
	Words           []string // sentences
	Fields          []string // as the store names them
	URL             string
}

// waits says that the file waits for somebody to say that it is right.
func (f ImportFile) waits() bool { return f.State != "running" && f.State != "done" }

// does says whether to take it in would do anything.
func (f ImportFile) does() bool { return f.Added+f.Changed > 0 }

var importFields = map[string]locale.Key{
	"name": "Name", "e-mail": "E-mail", "phone": "Phone", "language": "Language", "kind": "Person or business",
}

func fieldWords(ctx context.Context, fields []string) string {
	words := make([]string, len(fields))
	for i, f := range fields {
		words[i] = f
		if key, ok := importFields[f]; ok {
			words[i] = key.Say(ctx)
		}
	}
	return strings.Join(words, ", ")
}

// importNews is what a screen reader hears of a file.
func importNews(ctx context.Context, f ImportFile) string {
	switch f.State {
	case "done":
		return say(ctx, "The file is taken in.")
	case "moved":
		return say(ctx, "Nothing was done: somebody has just changed one of these customers. Look at it again.")
	case "failed":
		return say(ctx, "Nothing was done: the file could not be stored. Try again.")
	}
	return ""
}
