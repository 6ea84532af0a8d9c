package main

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// doubled is a mutant of a function that the tests move about.
var doubled = mutant{name: "doubled", test: "TestAmount", swaps: []swap{{
	find: "\tminor := parse(text) // as text\n\n\treturn minor",
	put:  "\treturn 2 * parse(text)",
}}}

const amount = `func Amount(text string) int {
	minor := parse(text) // as text
	return minor
}
`

func TestAMutantFindsItsPlaceWhereverItWasMoved(t *testing.T) {
	tests := []struct{ name, path, before, amount string }{
		{"where it was", "okra/money.go", "package okra\n\n", amount},
		{"further down", "okra/money.go", "package okra\n\nconst zero = 0\n\n", amount},
		{"in another package", "okra/money/amount.go", "package money\n\n", amount},
		{"indented otherwise", "okra/money.go", "", strings.ReplaceAll(amount, "\t", "\t\t  ")},
		{"aligned otherwise", "okra/money.go", "", strings.Replace(amount, " //", "        //", 1)},
		{"with a blank line between", "okra/money.go", "", strings.Replace(amount, "\treturn", "\n\n\treturn", 1)},
		{"with carriage returns", "okra/money.go", "", strings.ReplaceAll(amount, "\n", "\r\n")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			whole := tt.before + tt.amount
			sources := map[string]string{tt.path: whole, "okra/other.go": "package okra\n"}
			broken, err := doubled.breaks(sources)
			if err != nil {
				t.Fatal(err)
			}
			got := linesOf(broken[tt.path])
			want := linesOf(tt.before + "func Amount(text string) int {\n\treturn 2 * parse(text)\n}\n")
			if len(broken) != 1 || !slices.EqualFunc(got, want, line.same) {
				t.Errorf("breaks = %q, want %q in %s alone", broken, want, tt.path)
			}
			if sources[tt.path] != whole {
				t.Error("the whole source was changed too")
			}
		})
	}
}

func TestAMutantThatIsNotInExactlyOnePlaceIsRefused(t *testing.T) {
	type texts = map[string]string
	more := strings.Replace(amount, "return minor", "return minor + 1", 1)
	tests := []struct {
		name    string
		sources texts
		want    string
	}{
		{"nowhere", texts{"a.go": "package a\n"}, "found nowhere: minor := parse(text)"},
		{"half of it", texts{"a.go": "\tminor := parse(text) // as text\n"}, "found nowhere: minor := parse(text)"},
		{"part of a line", texts{"a.go": more}, "found nowhere: minor := parse(text)"},
		{"twice in a file", texts{"a.go": amount + amount}, "found more than once, in [a.go:2 a.go:6]"},
		{"in two files", texts{"a.go": amount, "b/b.go": amount}, "found more than once, in [a.go:2 b/b.go:2]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := doubled.breaks(tt.sources)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("breaks = %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestAMutantSwapsSeveralTextsOfOneFile(t *testing.T) {
	m := mutant{swaps: []swap{{"two", "2\n2"}, {"four", ""}, {"one", "1"}}}
	got, err := m.breaks(map[string]string{"a.sql": "one\ntwo\nthree\nfour\nfive"})
	want := map[string]string{"a.sql": "1\n2\n2\nthree\n\nfive"}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("breaks = %q, %v, want %q", got, err, want)
	}
}
