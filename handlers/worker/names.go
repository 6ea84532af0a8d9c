package worker

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/fold"
)

// What there is to doubt about a holder's name.
const (
	nameSimilar   = "The name on the account is like the customer's, not the same."
	nameUnknown   = "The bank does not say who holds the account."
	nameDifferent = "The name on the account does not match the customer's."
)

// compareHolders notes in a link how the holders of its accounts fit the
// customer, and says what there is to doubt about it. The account that fits
// worst counts: one that is somebody else's spoils the link.
func compareHolders(l *store.Link, customer store.Customer, holders []string) (doubt string) {
	l.Holder, l.NameMatch = "", ""
	for _, name := range holders {
		match := compareNames(customer, name)
		if l.NameMatch == "" || slices.Index(fromBest, match) > slices.Index(fromBest, l.NameMatch) {
			l.Holder, l.NameMatch = name, match
		}
	}
	switch l.NameMatch {
	case store.NamesSimilar:
		return nameSimilar
	case store.NamesUnknown:
		return nameUnknown
	case store.NamesDifferent:
		return nameDifferent
	}
	return ""
}

var fromBest = []store.NameMatch{store.NamesSame, store.NamesSimilar, store.NamesUnknown, store.NamesDifferent}

// holder is who holds an account: the account's name, by which other banks know
// it too, or, where that only says what sort of account it is (Okra's sandbox of
// 2023), the name of the provider's customer.
func holder(a provider.Account) string {
	if readName(a.Name).said() {
		return a.Name
	}
	return a.CustomerName
}

// holders are who holds the accounts.
func holders(accounts []provider.Account) (names []string) {
	for _, a := range accounts {
		names = append(names, holder(a))
	}
	return names
}

// compareNames says whether the bank's name for the holder of an account can be
// the customer's. A person's name is parts in any order, any of which may be
// missing, cut short to an initial or spelt in another way, so it counts parts:
//
//   - same: every part of the shorter name is in the longer one, two of them at
//     least, and the longer has one more at most (banks add a middle name). Two
//     names of one part are the same if equal.
//   - similar: two parts fit, near spellings and initials included, but not two
//     initials; or one of the names is a single part, which the other has.
//   - different: less than that. One part of two is not enough: a common first
//     name is exactly what somebody has in common with whom they want to deceive.
//   - unknown: the bank gave no name.
//
// A person and a firm of that name are similar at most. Two firms are compared by
// [compareFirms].
func compareNames(customer store.Customer, theirs string) store.NameMatch {
	a, b := bothNames(customer, theirs)
	switch {
	case !a.said() || !b.said():
		return store.NamesUnknown
	case a.firm && b.firm:
		return compareFirms(a, b)
	}
	return comparePeople(a.parts, b.parts, a.firm == b.firm)
}

// bothNames are the customer's name and the bank's, with whether they are a firm's.
func bothNames(customer store.Customer, theirs string) (a, b name) {
	a, b = readName(customer.Name), readName(theirs)
	if customer.Kind == store.Business {
		a.firm, b.firm = true, b.firm || b.trades()
	}
	return a, b
}

// comparePeople compares the parts of names; alike: both are a person's.
func comparePeople(a, b []string, alike bool) store.NameMatch {
	a, b = shortened(a), shortened(b)
	a, b = joined(a, b), joined(b, a)
	if len(a) > len(b) {
		a, b = b, a
	}
	equal, near, initials := fit(a, b)
	whole := equal + initials
	switch {
	case alike && whole == len(a) && len(b)-len(a) <= 1 && (equal >= 2 || len(b) == 1 && equal == 1):
		return store.NamesSame
	case equal+near >= 1 && equal+near+initials >= 2, len(a) == 1 && equal == 1:
		return store.NamesSimilar
	}
	return store.NamesDifferent
}

// equalNames says whether two names are the very same: the same parts in any
// order, and both a person's or both a firm's.
func equalNames(customer store.Customer, theirs string) bool {
	a, b := bothNames(customer, theirs)
	if !a.said() || a.firm != b.firm {
		return false
	}
	if a.firm {
		return !a.contradicts(b) && sameParts(a.tight, b.tight)
	}
	return sameParts(a.parts, b.parts)
}

// sameParts says whether two names have the same parts, in any order.
func sameParts(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// allEqual says whether all names are the very same as the customer's.
func allEqual(customer store.Customer, theirs []string) bool {
	return !slices.ContainsFunc(theirs, func(name string) bool { return !equalNames(customer, name) })
}

// fit pairs the parts of two names, each once, the surest pairs first.
func fit(a, b []string) (equal, near, initials int) {
	a, b = slices.Clone(a), slices.Clone(b)
	pair := func(fits func(string, string) bool) (n int) {
		for i := len(a) - 1; i >= 0; i-- {
			if j := slices.IndexFunc(b, func(part string) bool { return fits(a[i], part) }); j >= 0 {
				a, b = slices.Delete(a, i, i+1), slices.Delete(b, j, j+1)
				n++
			}
		}
		return n
	}
	equal = pair(func(x, y string) bool { return x == y && !isInitial(x) })
	near = pair(nearly)
	initials = pair(func(x, y string) bool {
		return (isInitial(x) || isInitial(y)) && (strings.HasPrefix(x, y) || strings.HasPrefix(y, x))
	})
	return equal, near, initials
}

func isInitial(part string) bool { return utf8.RuneCountInString(part) == 1 }

// nearly allows one slip in a part of five letters and two from eight on
// (Adebayo and Adebajo, Muhammad and Mohammed), or that the bank cut it short.
func nearly(x, y string) bool {
	if len(x) > len(y) {
		x, y = y, x
	}
	switch {
	case len(x) < 5:
		return false
	case strings.HasPrefix(y, x):
		return true
	case len(x) < 8:
		return slips(x, y) <= 1
	}
	return slips(x, y) <= 2
}

// slips counts the letters to change, add or leave out (Levenshtein's distance).
func slips(x, y string) int {
	a, b := []rune(x), []rune(y)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, q := range b {
			changed := diagonal
			if r != q {
				changed++
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// joined writes neighbours together where the other name does: Oluwa Seun. One
// part has to be left beside them: Ada Obi is not Adaobi Eze.
func joined(parts, other []string) []string {
	for i := 0; i+1 < len(parts) && len(parts) > 2; i++ {
		if both := parts[i] + parts[i+1]; slices.Contains(other, both) {
			parts = slices.Replace(slices.Clone(parts), i, i+2, both)
		}
	}
	return parts
}

// name is what somebody or a bank calls a person or a firm.
type name struct {
	parts  []string // folded, without titles and words that say what sort of account it is
	tight  []string // the parts, with initials that follow each other as one: A.B.C. is abc
	firm   bool     // it is a firm's
	form   string   // which legal form it says; empty: none
	number string   // which it is registered under; empty: it does not say
}

// said says whether there is a name at all.
func (n name) said() bool { return len(n.parts) > 0 }

// readName reads a name that somebody or a bank wrote.
func readName(text string) (n name) {
	written, number := registered(wordsOf(text))
	n.number = number
	for _, word := range initialsTogether(written) {
		if form := legalForms[word]; form != "" {
			n.form = form
		} else if !emptyWords[word] {
			n.tight = append(n.tight, word)
		}
	}
	for _, word := range written {
		if legalForms[word] == "" && !emptyWords[word] {
			n.parts = append(n.parts, word)
		}
	}
	for len(n.parts) > 1 && titles[n.parts[0]] {
		n.parts = n.parts[1:]
	}
	n.firm = n.form != "" || n.number != ""
	return n
}

// wordsOf are the folded words of a name.
func wordsOf(text string) []string {
	text = strings.NewReplacer("&amp;", " and ", "&AMP;", " and ", "&", " and ", "+", " and ").Replace(text)
	return strings.FieldsFunc(fold.Text(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
	})
}

func shortened(parts []string) []string {
	parts = slices.Clone(parts)
	for i, part := range parts {
		parts[i] = short(part)
	}
	return parts
}

func short(part string) string {
	if s, ok := shortForms[part]; ok {
		return s
	}
	return part
}

func words(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

var (
	// Only what is not a name as well: Prince and Eze are.
	titles = words(`mr mrs ms miss master madam dr prof professor engr arc barr barrister surv pharm chief alhaji alhaja alh hajia hajiya
		mallam malam mal pastor rev reverend bishop imam sheikh sir lady dame otunba hon senator sen gen col maj capt`)
	// What banks write beside a holder's name, and what joins names.
	emptyWords = words(
		`and the of account acct savings saving current domiciliary dom salary wallet naira ngn usd gbp eur`,
	)
	shortForms = map[string]string{
		"muhammad": "mohammed", "muhammed": "mohammed", "mohammad": "mohammed", "mohd": "mohammed",
		"company": "co", "coy": "co", "nigeria": "nig", "enterprise": "ent", "enterprises": "ent", "entp": "ent",
		"international": "intl", "brothers": "bros", "services": "service", "ventures": "venture", "stores": "store",
		"investments": "investment", "industries": "industry", "resources": "resource", "holdings": "holding",
		"solutions": "solution", "technologies": "tech", "technology": "tech", "traders": "trader", "foods": "food",
		"farms": "farm", "motors": "motor", "properties": "property", "schools": "school",
	}
)
