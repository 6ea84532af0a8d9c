// Package locale says texts in the reader's language. The language comes with
// the context, and only with it.
//
// A text is its English words, a literal key; the catalogue is the *.json beside
// this, and the tests here say what is missing where. A part of a sentence is
// written so that it turns nothing round that stands beside it: see [Apart].
package locale

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
	"golang.org/x/text/number"
)

// A file per language, named by its tag: see [readLocale]. English, whose texts
// are the keys, comes first everywhere.
//
// Those in unchecked no native speaker has looked at. They have the texts of customers'
// pages alone, and are spoken only where that is set: what they lack is said in English.
//
//go:embed *.json unchecked/*.json
var localeFiles embed.FS

// Locale is a language in which pages are written.
type Locale struct {
	code         string            // "fr"
	unchecked    bool              // no native speaker has looked at it
	texts        map[string]string // by key; what is not in it is said as its key
	forms        map[string]bool   // the keys of texts that count
	missing      func(key string)  // is told of texts that are not there; nil: nobody is
	printer      *message.Printer  // for texts that count: it knows the plurals and writes numbers
	group, point string            // between thousands, and before the smaller unit
}

// English is the code of the language whose texts are the keys.
const English = "en"

var locales = readLocales()

type localeKey struct{}

// In makes pages that are drawn within the context speak a language, by its
// code. One that there is not is English.
func In(ctx context.Context, code string) context.Context {
	if t := locales[index(code)]; t != Of(ctx) {
		return context.WithValue(ctx, localeKey{}, t)
	}
	return ctx
}

// Language is the code of the language that pages speak within the context.
func Language(ctx context.Context) string { return Of(ctx).code }

// Languages are the codes of all languages that all pages speak, English first.
func Languages() []string { return codes(false) }

// Unchecked are the codes of the languages that customers' pages can speak besides, and
// whose texts no native speaker has looked at.
func Unchecked() []string { return codes(true) }

func codes(unchecked bool) (all []string) {
	for _, t := range locales {
		if t.unchecked == unchecked {
			all = append(all, t.code)
		}
	}
	return all
}

// Checked is the context for pages of staff: in the language of the given one, or in
// English where no native speaker has looked at that.
func Checked(ctx context.Context) context.Context {
	if Of(ctx).unchecked {
		return In(ctx, English)
	}
	return ctx
}

// Letter is the language in which somebody is written to whose language has that code: no
// native speaker may have looked at it, or it may not be known. Then it is other.
func Letter(code, other string) string {
	if slices.Contains(Languages(), code) {
		return code
	}
	return other
}

// Missing is a context in which f is told of each text that the language has not.
func Missing(ctx context.Context, f func(key string)) context.Context {
	t := *Of(ctx)
	t.missing = f
	return context.WithValue(ctx, localeKey{}, &t)
}

func index(code string) int {
	return max(slices.IndexFunc(locales, func(t *Locale) bool { return t.code == code }), 0)
}

// Of is the language that pages speak within the context.
func Of(ctx context.Context) *Locale {
	if t, ok := ctx.Value(localeKey{}).(*Locale); ok {
		return t
	}
	return locales[0]
}

// Say is a text in the reader's language. The key is its English text, a
// literal, with a verb for each part: %s for what is written already, %d for a
// number that the sentence counts by.
func Say(ctx context.Context, key string, parts ...any) string {
	t, parts := Of(ctx), isolated(parts)
	if strings.Contains(key, "%d") {
		if t.missing != nil && !t.forms[key] {
			t.missing(key)
		}
		return endedOnce(t.printer.Sprintf(key, parts...), parts)
	}
	text, ok := t.texts[key]
	if !ok {
		text = key
		if t.missing != nil {
			t.missing(key)
		}
	}
	if len(parts) > 0 {
		text = endedOnce(fmt.Sprintf(text, parts...), parts)
	}
	return text
}

// endedOnce is a text in which a part that ends with a full stop, such as a month in French or
// the name of a firm, has none after it.
func endedOnce(text string, parts []any) string {
	for _, part := range parts {
		if s, ok := part.(string); ok && strings.HasSuffix(s, ".") {
			text = strings.ReplaceAll(text, s+".", s)
		}
	}
	return text
}

// isolated are the parts of a sentence, each [Apart].
func isolated(parts []any) []any {
	for i, part := range parts {
		if text, ok := part.(string); ok {
			parts[i] = Apart(text)
		}
	}
	return parts
}

// Stored is a sentence that the program kept in English, in the reader's
// language where the catalogue has it. The sentences stand in stored.go.
func Stored(ctx context.Context, sentence string) string {
	if !slices.Contains(storedSentences, Key(sentence)) {
		return sentence
	}
	return Key(sentence).Say(ctx)
}

// Key marks English texts that stand in a table and are said elsewhere.
type Key string

// Say is the text in the reader's language.
func (k Key) Say(ctx context.Context) string { return Say(ctx, string(k)) }

// Piece is a stretch of a text, or the place of one of its parts.
type Piece struct {
	Text string
	Part int // -1: it is text
}

var verb = regexp.MustCompile(`%(?:\[(\d+)\])?s`)

// Pieces cuts a text at its parts, which another language may have in another order.
func Pieces(text string) (all []Piece) {
	from, next := 0, 0
	for _, at := range verb.FindAllStringSubmatchIndex(text, -1) {
		if at[2] >= 0 {
			n, _ := strconv.Atoi(text[at[2]:at[3]]) // digits, by the expression
			next = n - 1
		}
		all = append(all, Piece{text[from:at[0]], -1}, Piece{Part: next})
		from, next = at[1], next+1
	}
	return append(all, Piece{text[from:], -1})
}

// readLocales reads the catalogue. It is part of the program: what is wrong
// with it is found by any test.
func readLocales() []*Locale {
	var files []string
	for _, pattern := range []string{"*.json", "unchecked/*.json"} {
		found, err := fs.Glob(localeFiles, pattern)
		if err != nil {
			panic("locale: " + err.Error())
		}
		files = append(files, found...)
	}
	texts := catalog.NewBuilder(catalog.Fallback(language.English))
	all := make([]*Locale, len(files))
	for i, file := range files {
		t, err := readLocale(texts, file)
		if err != nil {
			panic(fmt.Sprintf("locale: %s: %v", file, err))
		}
		all[i] = t
	}
	slices.SortStableFunc(all, func(a, b *Locale) int { return last(a.code != English, b.code != English) })
	return all
}

// last orders by what comes last.
func last(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// readLocale reads a language's file: to each English text its own, or an
// object with a text for each of the language's plural forms, which go by the
// first %d. English has only texts with forms.
func readLocale(texts *catalog.Builder, file string) (*Locale, error) {
	t := &Locale{code: strings.TrimSuffix(path.Base(file), ".json"), unchecked: path.Dir(file) != "."}
	tag, err := language.Parse(t.code)
	if t.unchecked { // it counts and writes numbers as English does: of its own nothing is known
		tag, err = language.Parse(English + "-x-" + t.code)
	}
	if err != nil {
		return nil, err
	}
	entries, err := readEntries(file)
	if err != nil {
		return nil, err
	}
	t.texts, t.forms = map[string]string{}, map[string]bool{}
	for key, e := range entries {
		if e.Forms == nil {
			t.texts[key] = e.Text
		} else if err := texts.Set(tag, key, e.message(key)); err != nil {
			return nil, fmt.Errorf("%q: %w", key, err)
		}
		t.forms[key] = e.Forms != nil
	}
	t.printer = message.NewPrinter(tag, message.Catalog(texts))
	t.group, t.point = separators(t.printer)
	return t, nil
}

// entry is a text of the catalogue: one for all cases, or one for each form.
type entry struct {
	Text  string
	Forms map[string]string
}

func readEntries(file string) (map[string]entry, error) {
	data, err := localeFiles.ReadFile(file)
	if err != nil {
		return nil, err
	}
	entries := map[string]entry{}
	return entries, json.Unmarshal(data, &entries)
}

// UnmarshalJSON takes a text or an object of forms.
func (e *entry) UnmarshalJSON(data []byte) error {
	if data[0] == '{' {
		return json.Unmarshal(data, &e.Forms)
	}
	return json.Unmarshal(data, &e.Text)
}

// anyVerb finds the parts of a text; which of them is the first %d chooses the form.
var anyVerb = regexp.MustCompile(`%(?:\[\d+\])?[sd]`)

func (e entry) message(key string) catalog.Message {
	counted := slices.Index(anyVerb.FindAllString(key, -1), "%d") + 1
	var cases []any
	for _, form := range slices.SortedFunc(
		maps.Keys(e.Forms), func(a, b string) int { return last(a == "other", b == "other") },
	) {
		cases = append(cases, form, e.Forms[form]) // what is left is of the form "other"
	}
	return plural.Selectf(counted, "%d", cases...)
}

// separators are what a language writes between thousands and before decimals.
// Money is whole minor units and never a float: it is grouped by these.
func separators(p *message.Printer) (group, point string) {
	sample := p.Sprint(number.Decimal(1234.5, number.Scale(1)))
	cut := strings.FieldsFunc(sample, func(r rune) bool { return r >= '0' && r <= '9' })
	return cut[0], cut[1]
}

// Grouped puts the language's sign between thousands.
func (t *Locale) Grouped(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + t.group + digits[i:]
	}
	return digits
}

// Point is what stands before decimals.
func (t *Locale) Point() string { return t.point }
