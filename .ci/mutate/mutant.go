package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// mutant is one way to break the program.
type mutant struct {
	name     string
	about    string // what it breaks
	test     string // that must catch it
	onDemand string // why it is tried only by name; empty: it is not
	swaps    []swap
}

// swap is a text of the sources and what to put in its place.
type swap struct{ find, put string }

// readMutants reads all mutants of a tree, by name.
func readMutants(root string) ([]mutant, error) {
	files, err := filepath.Glob(filepath.Join(root, ".ci", "mutants", "*.txt"))
	if err != nil {
		return nil, err
	}
	var mutants []mutant
	var wrong []error
	for _, file := range files {
		m, err := readMutant(file)
		mutants, wrong = append(mutants, m), append(wrong, err)
	}
	return mutants, errors.Join(wrong...)
}

func readMutant(file string) (mutant, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return mutant{}, err
	}
	m, err := parse(string(text))
	if err != nil {
		return mutant{}, fmt.Errorf("reading %s: %w", file, err)
	}
	m.name = strings.TrimSuffix(filepath.Base(file), ".txt")
	return m, nil
}

func parse(text string) (mutant, error) {
	parts := strings.Split("\n"+text, "\n--- find\n")
	m, err := parseHead(parts[0])
	if err != nil {
		return mutant{}, err
	}
	if len(parts) == 1 {
		return mutant{}, errors.New("it has no line --- find")
	}
	for _, part := range parts[1:] {
		s, err := parseSwap(part)
		if err != nil {
			return mutant{}, err
		}
		m.swaps = append(m.swaps, s)
	}
	return m, nil
}

var testName = regexp.MustCompile(`^Test\w+$`)

func parseHead(head string) (mutant, error) {
	var m mutant
	var about []string
	for _, line := range strings.Split(strings.TrimSpace(head), "\n") {
		said, ok := strings.CutPrefix(line, "# ")
		if !ok {
			return mutant{}, fmt.Errorf("before the first --- find a line is not a comment: %q", line)
		}
		if test, ok := strings.CutPrefix(said, "Must break: "); ok {
			m.test = test
		} else if why, ok := strings.CutPrefix(said, "On demand: "); ok {
			m.onDemand = why
		} else {
			about = append(about, said)
		}
	}
	if m.about = strings.Join(about, " "); m.about == "" {
		return mutant{}, errors.New("it does not say what it breaks")
	}
	if !testName.MatchString(m.test) {
		return mutant{}, fmt.Errorf("its line # Must break: names %q, which is no test", m.test)
	}
	return m, nil
}

func parseSwap(part string) (swap, error) {
	find, put, ok := strings.Cut("\n"+part+"\n", "\n--- put\n")
	if !ok || strings.Contains(find+put, "\n--- ") {
		return swap{}, errors.New("a --- find is not followed by one --- put")
	}
	if len(linesOf(find)) == 0 {
		return swap{}, errors.New("a --- find has no text")
	}
	if slices.EqualFunc(linesOf(find), linesOf(put), line.same) {
		return swap{}, fmt.Errorf("it puts what it finds: %s", linesOf(find)[0])
	}
	return swap{find: find, put: put}, nil
}

// choose returns the mutants that are named. With no names it leaves out those
// on demand, unless all are wanted.
func choose(mutants []mutant, names []string, all bool) ([]mutant, error) {
	switch {
	case slices.Equal(names, []string{"all"}), len(names) == 0 && all:
		return mutants, nil
	case len(names) == 0:
		return slices.DeleteFunc(mutants, func(m mutant) bool { return m.onDemand != "" }), nil
	}
	var chosen []mutant
	for _, name := range names {
		i := slices.IndexFunc(mutants, func(m mutant) bool { return m.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no .ci/mutants/%s.txt", name)
		}
		chosen = append(chosen, mutants[i])
	}
	return chosen, nil
}
