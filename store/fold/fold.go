// Package fold makes one text of those that people take for the same, so that
// what was written in one way is found, sorted and compared in another.
package fold

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Text is a text in lower case and its compatible form, without marks,
// apostrophes and what cannot be seen, its words one space apart. What joins
// words, as a dash does, parts them: "Ade-Ojo" is "ade ojo".
func Text(text string) string {
	var b strings.Builder
	gap := false
	text = strings.ReplaceAll(text, "´", "'") // which is decomposed to a space and a mark
	// Cherokee folds to capitals, which package cases makes small once more.
	folded := strings.ToLower(cases.Fold().String(norm.NFKD.String(text)))
	for _, r := range norm.NFKD.String(folded) {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r), strings.ContainsRune("\u2212,;.", r):
			gap = b.Len() > 0
		case unseen(r), unicode.In(r, unicode.Mn, unicode.Me), strings.ContainsRune(apostrophes, r):
		default:
			if gap {
				b.WriteByte(' ')
				gap = false
			}
			b.WriteString(plain(r))
		}
	}
	return b.String()
}

// Tidy takes white space and characters that cannot be seen off both ends.
func Tidy(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
}

// Shown is a text as it is seen: without characters that cannot be, and with one space
// where there is white space of any kind.
func Shown(text string) string {
	seen := strings.Map(func(r rune) rune {
		if unseen(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(seen), " ")
}

// Words is the folded text with its words in alphabetical order: the same for
// two names in which they stand in another order.
func Words(text string) string {
	words := strings.Fields(Text(text))
	slices.Sort(words)
	return strings.Join(words, " ")
}

// Starts are the folded words of a text, and of what an apostrophe or the sign of an
// e-mail address joins the later parts, too: of "d'Almeida" they are "dalmeida" and
// "almeida". One may come twice.
func Starts(text string) []string {
	words := strings.Fields(Text(text))
	for word := range strings.FieldsSeq(text) {
		parts := strings.FieldsFunc(word, func(r rune) bool { return r == '@' || strings.ContainsRune(apostrophes, r) })
		for _, part := range parts[min(1, len(parts)):] {
			words = append(words, strings.Fields(Text(part))...)
		}
	}
	return words
}

// Terms are the folded parts of a text that stand between white space, each of
// which is looked for. One of which folding leaves nothing stays as it is.
func Terms(text string) (terms []string) {
	for word := range strings.FieldsFuncSeq(text, unicode.IsSpace) {
		switch folded := Text(word); {
		case folded != "":
			terms = append(terms, folded)
		case Seen(word):
			terms = append(terms, word)
		}
	}
	return terms
}

// Seen says whether a text has anything that can be seen.
func Seen(text string) bool {
	return strings.ContainsFunc(
		text, func(r rune) bool { return unicode.IsPrint(r) && !unicode.IsSpace(r) && !unseen(r) },
	)
}

// Named says whether a text has a letter or a digit, as every name has.
func Named(text string) bool {
	return strings.ContainsFunc(
		text, func(r rune) bool { return (unicode.IsLetter(r) || unicode.IsNumber(r)) && !unseen(r) },
	)
}

// unseen are the characters that take no place or show nothing in it: those that
// give directions, join, select a form, or fill. The Braille pattern has no dots.
func unseen(r rune) bool {
	return unicode.In(
		r, unicode.Cf, unicode.Cc, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector,
	) || r == '\u2800' || r == '\uffa0'
}

// apostrophes are whatever is written for one, and what stands for a letter of
// that sound: Sa'adatu, Sa’adatu.
const apostrophes = "'’‘‛ʼʻʽʾʿ`′ˈꞌ"

// letters that no decomposition turns into plain ones: Hausa's hooks, those of
// Ewe and Akan, and others that stand in names here.
var letters = map[rune]string{
	'ɓ': "b", 'ɗ': "d", 'ƙ': "k", 'ƴ': "y", 'ŋ': "n", 'ɛ': "e", 'ɔ': "o", 'ɖ': "d", 'ƒ': "f", 'ɣ': "g", 'ʋ': "v",
	'ǝ': "e", 'ə': "e",
	'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'æ': "ae", 'œ': "oe", 'ı': "i", 'ħ': "h",
}

func plain(r rune) string {
	if s, ok := letters[r]; ok {
		return s
	}
	return string(r)
}
