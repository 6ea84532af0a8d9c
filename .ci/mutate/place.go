package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// breaks returns the sources that the mutant changes, as it leaves them.
func (m mutant) breaks(sources map[string]string) (map[string]string, error) {
	whole, broken := maps.Clone(sources), map[string]string{}
	for _, s := range m.swaps {
		at, err := s.place(whole)
		if err != nil {
			return nil, err
		}
		lines := strings.Split(whole[at.path], "\n")
		lines = slices.Replace(lines, at.first, at.last+1, strings.Split(s.put, "\n")...)
		broken[at.path] = strings.Join(lines, "\n")
		whole[at.path] = broken[at.path]
	}
	return broken, nil
}

// place is where a text stands: its first and last line, counted from 0.
type place struct {
	path        string
	first, last int
}

func (p place) String() string { return fmt.Sprintf("%s:%d", p.path, p.first+1) }

// place returns the only place where the text to find stands.
func (s swap) place(sources map[string]string) (place, error) {
	text := linesOf(s.find)
	var places []place
	for _, p := range slices.Sorted(maps.Keys(sources)) {
		source := linesOf(sources[p])
		for i := range len(source) - len(text) + 1 {
			if part := source[i : i+len(text)]; slices.EqualFunc(part, text, line.same) {
				places = append(places, place{p, part[0].at, part[len(part)-1].at})
			}
		}
	}
	if len(places) != 1 {
		return place{}, notOnce(text[0].words, places)
	}
	return places[0], nil
}

// line is a line that is not blank. Moved code is indented and aligned anew, so
// only its words count.
type line struct {
	at    int // counted from 0
	words string
}

func (l line) same(other line) bool { return l.words == other.words }
func (l line) String() string       { return l.words }

func linesOf(text string) []line {
	var lines []line
	for at, raw := range strings.Split(text, "\n") {
		if words := strings.Join(strings.Fields(raw), " "); words != "" {
			lines = append(lines, line{at, words})
		}
	}
	return lines
}

func notOnce[T any](what string, found []T) error {
	if len(found) == 0 {
		return fmt.Errorf("found nowhere: %s", what)
	}
	return fmt.Errorf("found more than once, in %v: %s", found, what)
}
