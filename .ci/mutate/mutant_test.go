package main

import (
	"slices"
	"strings"
	"testing"
)

const wellFormed = `# Amounts are doubled,
# which nobody asked for.
# Must break: TestAmount
# On demand: it takes long.
--- find
	return minor
--- put
	return 2 * minor
--- find
	defer done()
--- put
`

func TestAMutantIsReadFromItsText(t *testing.T) {
	got, err := parse(wellFormed)
	if err != nil {
		t.Fatal(err)
	}
	want := mutant{
		about: "Amounts are doubled, which nobody asked for.", test: "TestAmount", onDemand: "it takes long.",
		swaps: []swap{{"\treturn minor", "\treturn 2 * minor"}, {"\tdefer done()", ""}},
	}
	for i, s := range got.swaps {
		got.swaps[i] = swap{strings.Trim(s.find, "\n"), strings.Trim(s.put, "\n")}
	}
	if !slices.Equal(got.swaps, want.swaps) {
		t.Errorf("swaps = %q, want %q", got.swaps, want.swaps)
	}
	if got.about != want.about || got.test != want.test || got.onDemand != want.onDemand {
		t.Errorf("parse = %+v, want %+v", got, want)
	}
}

func TestAMutantThatProvesNothingIsRefused(t *testing.T) {
	fromFind := wellFormed[strings.Index(wellFormed, "--- find"):]
	tests := []struct{ name, old, now, want string }{
		{"no word on what it breaks", "# Amounts are doubled,\n# which nobody asked for.\n", "", "does not say"},
		{"no test", "# Must break: TestAmount\n", "", "no test"},
		{"a package with the test", "TestAmount", "./okra TestAmount", "no test"},
		{"a pattern for a test", "TestAmount", "Test.*", "no test"},
		{"code above the first find", "--- find\n\treturn", "\treturn\n--- find\n\treturn", "not a comment"},
		{"nothing to find", "\treturn minor\n", "\n", "has no text"},
		{"no put", "--- put\n", "", "not followed by one --- put"},
		{"two puts", "2 * minor\n", "2 * minor\n--- put\n\treturn 3\n", "not followed by one --- put"},
		{"a word misspelt", "--- put\n", "--- putt\n", "not followed by one --- put"},
		{"no find", fromFind, "", "no line --- find"},
		{"the same but for white space", "\treturn 2 * minor", "\n\n  return  minor ", "it puts what it finds"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse(strings.Replace(wellFormed, tt.old, tt.now, 1))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("parse = %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestMutantsAreChosen(t *testing.T) {
	tests := []struct {
		name, asked string
		all         bool
		want        string
	}{
		{"none named", "", false, "a b"},
		{"none named but all wanted", "", true, "a b slow"},
		{"all", "all", false, "a b slow"},
		{"one on demand", "slow", false, "slow"},
		{"in the order named", "b a", true, "b a"},
		{"an unknown one", "a nobody", false, "there is no .ci/mutants/nobody.txt"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mutants := []mutant{{name: "a"}, {name: "b"}, {name: "slow", onDemand: "slow"}}
			chosen, err := choose(mutants, strings.Fields(tt.asked), tt.all)
			var names []string
			for _, m := range chosen {
				names = append(names, m.name)
			}
			got := strings.Join(names, " ")
			if err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("choose = %s, want %s", got, tt.want)
			}
		})
	}
}
