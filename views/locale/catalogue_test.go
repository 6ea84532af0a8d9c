package locale

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

var update = flag.Bool("update", false, "add texts that count to views/locale/en.json, and take unused texts out of all languages")

// TestEnglishHasTheFormsOfTextsThatCount holds views/locale/en.json to the source. A
// text that does not count is its own key and stands nowhere else.
func TestEnglishHasTheFormsOfTextsThatCount(t *testing.T) {
	said := saidTexts(t)
	have := entriesOf(t, English)
	if *update {
		for key := range said {
			if _, ok := have[key]; !ok && counts(key) {
				have[key] = entry{Forms: map[string]string{"one": key, "other": key}}
			}
		}
		writeLocale(t, English, have, said)
		for _, code := range Languages()[1:] {
			writeLocale(t, code, entriesOf(t, code), said)
		}
		for _, code := range Unchecked() {
			writeLocale(t, "unchecked/"+code, entriesOf(t, "unchecked/"+code), said)
		}
		t.Log("written; build again before anything else, since the catalogue is part of the program")
		return
	}
	for key, where := range said {
		if _, ok := have[key]; counts(key) && !ok {
			t.Errorf("%s says %q, which is not in views/locale/en.json: run go test ./views/locale -run English -update", where, key)
		}
	}
	for key, e := range have {
		switch {
		case said[key] == "" || !counts(key):
			t.Errorf("views/locale/en.json has %q, which is said nowhere or counts nothing: take it out", key)
		case e.Forms["one"] == key || e.Forms["other"] != key:
			t.Errorf("views/locale/en.json, %q: write what is said of one under \"one\"; \"other\" is the key itself", key)
		}
	}
}

// counts says whether a text has a form for each number.
func counts(key string) bool { return strings.Contains(key, "%d") }

// TestEveryLanguageHasEveryText says which lines are missing where.
func TestEveryLanguageHasEveryText(t *testing.T) {
	said := saidTexts(t)
	for _, code := range Languages() {
		forms := formsOf(code)
		have := entriesOf(t, code)
		var missing []string
		for _, key := range slices.Sorted(maps.Keys(said)) {
			if _, ok := have[key]; !ok && code != English {
				missing = append(missing, fmt.Sprintf("  %q: …,", key))
			}
		}
		if len(missing) > 0 {
			t.Errorf("add these %d texts to views/locale/%s.json, keys in order, each with its translation (with %%d: an object of %v):\n%s",
				len(missing), code, forms, strings.Join(missing, "\n"))
		}
		for key, e := range have {
			if said[key] == "" {
				t.Errorf("views/locale/%s.json has %q, which nothing says: run go test ./views/locale -run English -update", code, key)
			}
			wellFormed(t, code, key, e, forms)
		}
	}
}

// TestUncheckedLanguagesSayNothingThatIsNotSaid holds those that lack texts to the others'
// form. That all of customers' pages are there is for views/samples to see.
func TestUncheckedLanguagesSayNothingThatIsNotSaid(t *testing.T) {
	said := saidTexts(t)
	for _, code := range Unchecked() {
		for key, e := range entriesOf(t, "unchecked/"+code) {
			if said[key] == "" {
				t.Errorf("views/locale/unchecked/%s.json has %q, which nothing says: run go test ./views/locale -run English -update", code, key)
			}
			wellFormed(t, code, key, e, formsOf(English))
		}
	}
}

// wellFormed holds an entry to its key: its parts, and its forms if it counts.
func wellFormed(t *testing.T, code, key string, e entry, forms []string) {
	t.Helper()
	if counts(key) != (e.Forms != nil) {
		t.Errorf("views/locale/%s.json, %q: a text with %%d has a text for each of the forms %v, and no other has", code, key, forms)
	}
	if e.Forms == nil {
		sameParts(t, code, key, e.Text, false)
		return
	}
	if !slices.Equal(slices.Sorted(maps.Keys(e.Forms)), forms) {
		t.Errorf("views/locale/%s.json, %q has the forms %v; the language has %v", code, key, slices.Sorted(maps.Keys(e.Forms)), forms)
	}
	for form, text := range e.Forms {
		sameParts(t, code, key, text, form == "one")
	}
}

// sameParts holds a translation to the parts of its key. Only one of a thing may
// be said without its number.
func sameParts(t *testing.T, code, key, text string, one bool) {
	t.Helper()
	if strings.TrimSpace(text) == "" {
		t.Errorf("views/locale/%s.json, %q is empty", code, key)
	}
	want, got := parts(key), parts(text)
	if one && !strings.Contains(text, "d") || one && len(got) < len(want) {
		want = slices.DeleteFunc(want, func(p string) bool { return strings.HasSuffix(p, "d") })
		got = slices.DeleteFunc(got, func(p string) bool { return strings.HasSuffix(p, "d") })
	}
	if !slices.Equal(want, got) {
		t.Errorf("views/locale/%s.json, %q is said with the parts %v in %q, want %v (%%[2]s is the second)", code, key, got, text, want)
	}
}

// parts are the verbs of a text, each with its place among the parts.
func parts(text string) (all []string) {
	next := 1
	for _, v := range anyVerb.FindAllString(text, -1) {
		if _, err := fmt.Sscanf(v, "%%[%d]", &next); err != nil && strings.Contains(v, "[") {
			panic(err)
		}
		all = append(all, fmt.Sprintf("%d%s", next, v[len(v)-1:]))
		next++
	}
	slices.Sort(all)
	return all
}

// formsOf are the plural forms of a language, by asking for many numbers.
func formsOf(code string) []string {
	names := map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other"}
	found := map[string]bool{}
	for n := range 200 {
		found[names[plural.Cardinal.MatchPlural(language.Make(code), n, 0, 0, 0, 0)]] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// MarshalJSON writes what UnmarshalJSON reads.
func (e entry) MarshalJSON() ([]byte, error) {
	if e.Forms != nil {
		return json.Marshal(e.Forms)
	}
	return json.Marshal(e.Text)
}

func entriesOf(t *testing.T, code string) map[string]entry {
	t.Helper()
	data, err := os.ReadFile(code + ".json")
	if err != nil {
		t.Fatal(err)
	}
	entries := map[string]entry{}
	if err := json.Unmarshal(data, &entries); err != nil {
		t.Fatalf("views/locale/%s.json: %v", code, err)
	}
	return entries
}

// writeLocale writes a language's file without what nothing says any more.
func writeLocale(t *testing.T, code string, entries map[string]entry, said map[string]string) {
	t.Helper()
	maps.DeleteFunc(entries, func(key string, _ entry) bool { return said[key] == "" })
	var b bytes.Buffer
	w := json.NewEncoder(&b)
	w.SetEscapeHTML(false)
	w.SetIndent("", "  ")
	if err := w.Encode(entries); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(code+".json", b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
