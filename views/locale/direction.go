package locale

import (
	"strings"

	"golang.org/x/text/unicode/bidi"
)

// Apart is a text that stands beside others in one: when it would turn these, as
// it is written from the right or holds what says so, in brackets that nobody sees.
func Apart(text string) string {
	if !strings.ContainsFunc(text, turns) {
		return text
	}
	return "\u2068" + Closed(text) + "\u2069"
}

// turns says whether a character changes the direction in which what stands
// beside it is written.
func turns(r rune) bool {
	if r < 0x590 { // of the scripts before none is written from the right
		return false
	}
	p, _ := bidi.LookupRune(r)
	class := p.Class()
	return class == bidi.R || class == bidi.AL || class == bidi.AN || strings.ContainsRune(Directing, r)
}

// Characters that turn what follows them until another ends that, and those.
const (
	embeddings = "\u202a\u202b\u202d\u202e"
	isolates   = "\u2066\u2067\u2068"
	endOfOne   = '\u202c' // of an embedding
	endIsolate = '\u2069'
	// Directing are all of them.
	Directing = embeddings + isolates + "\u202c\u2069"
)

// Closed is a text in which whatever turns round what follows ends with the text,
// and nothing ends what was begun before it: an element, too, is left by a
// character that ends an isolate.
func Closed(text string) string {
	if !strings.ContainsAny(text, Directing) {
		return text
	}
	var b strings.Builder
	var open []rune // what ends each of those that are open
	for _, r := range text {
		switch {
		case strings.ContainsRune(embeddings, r):
			open = append(open, endOfOne)
		case strings.ContainsRune(isolates, r):
			open = append(open, endIsolate)
		case r == endOfOne && len(open) > 0 && open[len(open)-1] == endOfOne:
			open = open[:len(open)-1]
		case r == endIsolate:
			i := strings.LastIndex(string(open), string(endIsolate))
			if i < 0 {
				continue
			}
			open = []rune(string(open)[:i])
		}
		b.WriteRune(r)
	}
	for i := len(open) - 1; i >= 0; i-- {
		b.WriteRune(open[i])
	}
	return b.String()
}
