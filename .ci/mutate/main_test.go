package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The program of these tests, and two files that repeat its text without counting.
var files = map[string]string{
	".gitignore":       "/built.go\n",
	"go.mod":           "module example\n\ngo 1.24\n",
	"sum/sum.go":       sum,
	"sum/sum_templ.go": strings.Replace(sum, "Of(", "of(", 1),
	"built.go":         sum,
	"sum/sum_test.go": `package sum

import "testing"

func TestOfTwo(t *testing.T) {
	if Of(1, 2) != 3 {
		t.Error("want 3")
	}
}

func TestOfNone(t *testing.T) {
	if Of(0, 0) != 0 {
		t.Error("want 0")
	}
}
`,
}

const sum = "package sum\n\nfunc Of(a, b int) int {\n\treturn a + b\n}\n"

// newTree makes a tree whose only mutant puts something in the place of a text.
func newTree(t *testing.T, test, find, put string) (root string) {
	t.Helper()
	root = t.TempDir()
	write(t, root, ".ci/mutants/m.txt",
		"# It adds wrongly.\n# Must break: "+test+"\n--- find\n"+find+"\n--- put\n"+put+"\n")
	for p, text := range files {
		write(t, root, p, text)
	}
	if out, err := exec.Command("git", "init", "-q", root).CombinedOutput(); err != nil {
		t.Fatalf("making a repository: %v\n%s", err, out)
	}
	return root
}

func write(t *testing.T, root, path, text string) {
	t.Helper()
	file := filepath.Join(root, path)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestMutantsAreTriedInACopy(t *testing.T) {
	const uncaught = "1 of 1 are not caught"
	tests := []struct{ name, test, find, put, said, failed string }{
		{"caught", "TestOfTwo", "return a + b", "return a - b", "mutate: all 1 are caught\n", ""},
		{"survives", "TestOfNone", "return a + b", "return a - b", "mutate: m: SURVIVES TestOfNone\n", uncaught},
		{"does not compile", "TestOfTwo", "return a + b", "return c", "breaks something else than TestOfTwo", uncaught},
		{"text gone", "TestOfTwo", "return b + a", "return a - b", "found nowhere: return b + a", uncaught},
		{"test gone", "TestOfMany", "return a + b", "return a - b", "found nowhere: func TestOfMany", uncaught},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := newTree(t, tt.test, tt.find, tt.put)
			expect(t, root, ask{}, tt.said, tt.failed)
			if text, err := os.ReadFile(filepath.Join(root, "sum/sum.go")); err != nil || string(text) != sum {
				t.Errorf("the tree itself was changed: %q, %v", text, err)
			}
		})
	}
}

func TestTheCopyIsWholeAgainForTheNextMutant(t *testing.T) {
	root := newTree(t, "TestOfTwo", "return a + b", "return a - b")
	expect(t, root, ask{names: []string{"m", "m"}}, "mutate: all 2 are caught\n", "")
}

func TestCheckingSaysWhichMutantsAreLost(t *testing.T) {
	const anew = "1 of 1 must be made anew"
	type texts = map[string]string
	test := files["sum/sum_test.go"]
	tests := []struct {
		name, said, failed string
		also               texts
	}{
		{"none", "", "", nil},
		{"text gone", "mutate: m: found nowhere: return a + b\n", anew, texts{"sum/sum.go": "package sum\n"}},
		{"text twice", "in [sub/sub.go:4 sum/sum.go:4]: return a + b\n", anew, texts{"sub/sub.go": sum}},
		{"test twice", "in [sub_test.go sum/sum_test.go]: func TestOfTwo\n", anew, texts{"sub_test.go": test}},
		{"text moved", "", "", texts{"sum/sum.go": "package sum\n", "add.go": sum}},
		{"test moved", "", "", texts{"sum/sum_test.go": "package sum\n", "add_test.go": test}},
		{"a mutant unreadable", "", "bad.txt: before the first --- find", texts{".ci/mutants/bad.txt": "x\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := newTree(t, "TestOfTwo", "return a + b", "return a - b")
			for p, text := range tt.also {
				write(t, root, p, text)
			}
			expect(t, root, ask{check: true}, tt.said, tt.failed)
		})
	}
}

func TestListingSaysWhatThereIs(t *testing.T) {
	root := newTree(t, "TestOfTwo", "return a + b", "return a - b")
	expect(t, root, ask{list: true}, "m: It adds wrongly.\n\tmust break TestOfTwo\n", "")
}

// expect runs the program; failed is empty when it must succeed.
func expect(t *testing.T, root string, a ask, said, failed string) {
	t.Helper()
	var out bytes.Buffer
	err := run(t.Context(), root, a, &out)
	if (err == nil) != (failed == "") || err != nil && !strings.Contains(err.Error(), failed) {
		t.Errorf("run = %v, want %q in it", err, failed)
	}
	if !strings.Contains(out.String(), said) || said == "" && out.Len() > 0 {
		t.Errorf("it says %q, want %q in it", &out, said)
	}
}
