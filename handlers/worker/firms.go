package worker

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"balancelink/store"
)

// compareFirms compares the names of two firms. Of a firm no word is like a middle name:
// Adire Credit Holdings is another than Adire Credit. So they are
//
//   - same: word for word, however it is spaced, and a word that firms leave out themselves
//     (Nigeria, Company) may be missing in one of them.
//   - similar: what is said of people, if one of the words that fit is the firm's own:
//     Global Ventures is what many have in their names.
//   - different: less than that, or they are registered under different numbers.
//
// Firms of different legal forms are similar at most.
func compareFirms(a, b name) store.NameMatch {
	if a.number != "" && b.number != "" && a.number != b.number {
		return store.NamesDifferent
	}
	p, q := shortened(a.tight), shortened(b.tight)
	if !a.contradicts(b) && firmWords(p) == firmWords(q) {
		return store.NamesSame
	}
	if match := comparePeople(p, q, false); match != store.NamesSimilar {
		return match
	}
	equal, near, _ := fit(joined(own(p), own(q)), joined(own(q), own(p)))
	if equal+near == 0 {
		return store.NamesDifferent
	}
	return store.NamesSimilar
}

// firmWords is what a firm is called, however it is spaced, without what firms leave out.
func firmWords(parts []string) string {
	kept := slices.DeleteFunc(slices.Clone(parts), func(part string) bool { return part == "nig" || part == "co" })
	if len(kept) == 0 {
		kept = parts
	}
	return strings.Join(kept, "")
}

// own are the words of a firm's name that others do not have in theirs; all, if it has none.
func own(parts []string) []string {
	kept := slices.DeleteFunc(slices.Clone(parts), func(part string) bool { return tradeWords[part] })
	if len(kept) == 0 {
		return parts
	}
	return kept
}

// contradicts says that two names of firms state different legal forms or numbers.
func (n name) contradicts(other name) bool {
	return n.form != "" && other.form != "" && n.form != other.form ||
		n.number != "" && other.number != "" && n.number != other.number
}

// trades says that a name has a word which firms have, and people do not.
func (n name) trades() bool {
	return slices.ContainsFunc(shortened(n.tight), func(part string) bool { return tradeWords[part] })
}

// registered takes out of a name the number under which the Corporate Affairs Commission
// has the firm: "RC 123456", "RC-123456", "(BN No. 2345678)".
func registered(words []string) (rest []string, number string) {
	for i := 0; i < len(words); i++ {
		if kind, digits := words[i][:min(2, len(words[i]))], words[i][min(2, len(words[i])):]; registers[kind] {
			next := i
			if digits == "" && next+1 < len(words) && (words[next+1] == "no" || words[next+1] == "number") {
				next++
			}
			if digits == "" && next+1 < len(words) {
				next++
				digits = words[next]
			}
			if isRegistration(digits) {
				i, number = next, kind+strings.TrimLeft(digits, "0")
				continue
			}
		}
		rest = append(rest, words[i])
	}
	return rest, number
}

func isRegistration(digits string) bool {
	return len(digits) >= 4 && !strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' })
}

// initialsTogether are words of which letters that stand alone, one after the other, make
// one: A. B. C. Ventures is ABC Ventures, and P.L.C. is Plc.
func initialsTogether(words []string) (all []string) {
	var letters string
	flush := func() {
		if letters != "" {
			all, letters = append(all, letters), ""
		}
	}
	for _, word := range words {
		if r, size := utf8.DecodeRuneInString(word); size == len(word) && unicode.IsLetter(r) {
			letters += word
			continue
		}
		flush()
		all = append(all, word)
	}
	flush()
	return all
}

var (
	// The registers of companies, and of business names, as they are written.
	registers = words(`rc bn`)

	legalForms = map[string]string{
		"ltd": "ltd", "limited": "ltd", "plc": "plc", "llc": "llc", "inc": "inc", "incorporated": "inc", "gte": "gte",
		"llp": "llp",
	}
	// Short forms of what many firms have in their names: it says that a name is a firm's,
	// and not whose.
	tradeWords = words(`venture ent nig co intl store trading trader trade service global resource investment group
		holding sons bros industry food farm motor school church ministries hospital clinic pharmacy hotel cooperative
		society association foundation bakery salon fashion boutique logistics tech solution consult consulting
		construction property communications concept associates agency`)
)
