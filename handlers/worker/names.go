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
func compareHolders(l *store.Link, customer string, holders []string) (doubt string) {
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
	if parts, _ := nameParts(a.Name); len(parts) > 0 {
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
// A person and a firm of that name are similar at most.
func compareNames(ours, theirs string) store.NameMatch {
	a, firmA := nameParts(ours)
	b, firmB := nameParts(theirs)
	if len(b) == 0 || len(a) == 0 {
		return store.NamesUnknown
	}
	a, b = joined(a, b), joined(b, a)
	if len(a) > len(b) {
		a, b = b, a
	}
	equal, near, initials := fit(a, b)
	whole := equal + initials
	switch {
	case firmA == firmB && whole == len(a) && len(b)-len(a) <= 1 && (equal >= 2 || len(b) == 1 && equal == 1):
		return store.NamesSame
	case equal+near >= 1 && equal+near+initials >= 2, len(a) == 1 && equal == 1:
		return store.NamesSimilar
	}
	return store.NamesDifferent
}

// equalNames says whether two names are the very same: the same parts in any
// order, and both a person's or both a firm's.
func equalNames(ours, theirs string) bool {
	a, firmA := wholeParts(ours)
	b, firmB := wholeParts(theirs)
	slices.Sort(a)
	slices.Sort(b)
	return len(a) > 0 && firmA == firmB && slices.Equal(a, b)
}

// allEqual says whether all names are the very same as ours.
func allEqual(ours string, theirs []string) bool {
	return !slices.ContainsFunc(theirs, func(name string) bool { return !equalNames(ours, name) })
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

// nameParts are the parts of a name with the short forms of what is written in
// several ways.
func nameParts(name string) (parts []string, firm bool) {
	parts, firm = wholeParts(name)
	for i, part := range parts {
		parts[i] = short(part)
	}
	return parts, firm
}

// wholeParts are the parts of a folded name, without titles and words that say
// what sort of account it is; firm: it is a company's.
func wholeParts(name string) (parts []string, firm bool) {
	name = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) {
			return r
		}
		return ' '
	}, fold.Text(name))
	for part := range strings.FieldsSeq(name) {
		switch {
		case legalForms[part]:
			firm = true
		case !emptyWords[part]:
			parts = append(parts, part)
		}
	}
	for len(parts) > 1 && titles[parts[0]] {
		parts = parts[1:]
	}
	return parts, firm
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
	legalForms = words(`ltd limited plc llc inc incorporated gte llp`)
	// What banks write beside a holder's name, and what joins names.
	emptyWords = words(
		`and the of account acct savings saving current domiciliary dom salary wallet naira ngn usd gbp eur`,
	)
	shortForms = map[string]string{
		"company": "co", "nigeria": "nig", "enterprise": "ent", "enterprises": "ent", "entp": "ent",
		"international": "intl",
		"brothers":      "bros", "services": "service", "ventures": "venture", "muhammad": "mohammed",
		"muhammed": "mohammed", "mohammad": "mohammed", "mohd": "mohammed",
	}
)
