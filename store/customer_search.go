package store

import (
	"strings"

	"balancelink/store/fold"
	"balancelink/store/phone"
)

// mostTerms is how many parts of a search are looked for each by itself. What
// follows has to stand together.
const mostTerms = 5

// isFound is SQL over customers: each part of a search is in the text they are
// searched by, or it is of their telephone number. [CustomerQuery.within] are its
// arguments, from $3 on.
const isFound = `(search LIKE $3 ESCAPE '\' AND search LIKE $4 ESCAPE '\' AND search LIKE $5 ESCAPE '\' AND search LIKE $6 ESCAPE '\'
			AND search LIKE $7 ESCAPE '\' OR search LIKE $8 ESCAPE '\')`

// within are the patterns of what a search finds: of its parts, and of it as a
// telephone number.
func (q CustomerQuery) within() []any { return q.patterns("%") }

// begins are the patterns of what a search finds first: names that begin with
// it, words that begin with its parts, and numbers that begin with it.
func (q CustomerQuery) begins() []any {
	return append([]any{literal(fold.Text(q.Search)) + "%"}, q.patterns("% ")...)
}

// patterns are those of the parts of a search after a beginning, and of it as a
// telephone number; none fits that when it is no part of one.
func (q CustomerQuery) patterns(beginning string) (all []any) {
	terms := fold.Terms(q.Search)
	if len(terms) > mostTerms {
		terms = append(terms[:mostTerms-1], strings.Join(terms[mostTerms-1:], " "))
	}
	for _, term := range terms {
		all = append(all, beginning+literal(term)+"%")
	}
	for len(all) < mostTerms {
		all = append(all, "%")
	}
	number, whole := phone.Parse(q.Search)
	if !whole {
		number = phone.Typed(q.Search)
	}
	if number == "" {
		return append(all, "")
	}
	return append(all, beginning+number+"%")
}

// literal is a text in a LIKE pattern that stands for itself.
func literal(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}
