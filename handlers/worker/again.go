package worker

import (
	"cmp"
	"slices"
	"strings"

	"balancelink/store"
)

// nameCorrected is what remains to say of a link about which nothing else was
// doubtful than the name, when that fits after it was corrected.
const nameCorrected = "The customer's name was corrected, and fits the holder's now."

// CompareAgain compares the holders of a doubtful link with the customer, whose name
// was corrected. What else there is to doubt stays; the provider is not
// asked again.
func CompareAgain(l store.Link, customer store.Customer) store.Link {
	var names []string
	for _, a := range l.Accounts {
		names = append(names, cmp.Or(a.Holder, a.Name))
	}
	others, unspoken := l.Doubt, false
	for _, said := range []string{nameSimilar, nameUnknown, nameDifferent, nameCorrected} {
		others = strings.ReplaceAll(others, said, "")
	}
	for _, said := range []string{unspokenName, unspokenTwin, unspokenOnly} {
		if strings.Contains(others, said) {
			others, unspoken = strings.ReplaceAll(others, said, ""), true
		}
	}
	doubts := append(strings.Fields(others), compareHolders(&l, customer, names))
	switch {
	case unspoken && allEqual(customer, names):
		doubts = append(doubts, unspokenOnly)
	case unspoken:
		doubts = append(doubts, unspokenName)
	}
	doubts = slices.DeleteFunc(doubts, func(d string) bool { return d == "" })
	l.Doubt = cmp.Or(strings.Join(doubts, " "), nameCorrected)
	return l
}
