package locale

import (
	"regexp"
	"testing"
)

// stilted are words that no text has: each is the sign of a sentence that can be
// said more plainly.
var stilted = regexp.MustCompile(`(?i)\bbesides\b|\bmend(s|ed|ing)?\b|\brightly\b|\bdid not take it\b|\bst(and|ands|anding|ood)\b|\bb(ind|inds|inding|ound)\b|\b(is|are|was|were) said\b|\bmeanwhile\b|\bparted\b|\bpresent password\b|\bthe drawing\b|\bparted by\b|\bnobody can tell\b|\bbound to anybody\b|\bshall\b|\bpassword until now\b|\bnothing more to do for\b|\bshown once, too\b`)

func TestNoTextIsStilted(t *testing.T) {
	for text, at := range saidTexts(t) {
		if word := stilted.FindString(text); word != "" {
			t.Errorf("%s: %q is stilted in %q: say it as to a friend", at, word, text)
		}
	}
}
