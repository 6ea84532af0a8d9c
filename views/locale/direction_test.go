package locale

import (
	"strings"
	"testing"
)

func TestAPartOfASentenceTurnsNothingRound(t *testing.T) {
	for name, want := range map[string]string{
		"Amina Bello":                    "Amina Bello",
		"Éric “Olú” 李":                   "Éric “Olú” 李",
		"\u05d3\u05d5\u05d3":             "\u2068\u05d3\u05d5\u05d3\u2069",
		"\u07d2\u07de\u07cf":             "\u2068\u07d2\u07de\u07cf\u2069",   // N'Ko
		"\U0001e900\U0001e901":           "\u2068\U0001e900\U0001e901\u2069", // Adlam
		"A\u202eB":                       "\u2068A\u202eB\u202c\u2069",
		"A\u2067\u202eB":                 "\u2068A\u2067\u202eB\u202c\u2069\u2069",
		"A\u2069\u202eB":                 "\u2068A\u202eB\u202c\u2069",
		"A\u2067B\u2069C\u2069\u2069":    "\u2068A\u2067B\u2069C\u2069",
		"\u2067\u202eA\u2069B\u202cC":    "\u2068\u2067\u202eA\u2069B\u202cC\u2069",
		"For \u2068\u05d3\u2069, today.": "\u2068For \u2068\u05d3\u2069, today.\u2069", // a sentence within another
	} {
		if got := Say(t.Context(), "Back to %s", name); got != "Back to "+want {
			t.Errorf("%+q is said %+q, want %+q", name, got, "Back to "+want)
		}
	}
	if got := Say(t.Context(), "%d accounts", 2); got != "2 accounts" {
		t.Errorf("got %q", got)
	}
}

func FuzzClosedTextsAreClosed(f *testing.F) {
	for _, text := range []string{"", "A\u202eB", "\u2069\u2067\u202a\u2068\u202c\u2069", "\u202c"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Closed(text)
		if again := Closed(got); again != got {
			t.Errorf("%+q: %+q, then %+q", text, got, again)
		}
		depth := 0
		for _, r := range got {
			if strings.ContainsRune(isolates, r) {
				depth++
			} else if r == endIsolate {
				depth--
			}
			if depth < 0 {
				t.Fatalf("%+q: %+q ends what it has not begun", text, got)
			}
		}
		if depth != 0 {
			t.Errorf("%+q: %+q does not end what it begins", text, got)
		}
	})
}
