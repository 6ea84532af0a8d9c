package views

import (
	"testing"
)

func TestDifferenceSentence(t *testing.T) {
	for want, m := range map[string]Money{
		"": {},
		"₦3,500.00 is held or pending: it is in the ledger but cannot be spent yet.":                naira(350000),
		"₦3,500.00 more than the ledger can be spent: an agreed overdraft, or money on its way in.": naira(-350000),
		"Nothing is held or pending.": naira(0),
	} {
		if got := differenceSentence(t.Context(), Account{Difference: m}); got != want {
			t.Errorf("differenceSentence(t.Context(), %v) = %q, want %q", m, got, want)
		}
	}
}

func TestSourceWords(t *testing.T) {
	for source, want := range map[string]string{
		"link":     "when the account was linked",
		"webhook":  "reported by the provider (webhook)",
		"refresh":  "from a refresh",
		"schedule": "from a scheduled refresh",
		"":         "source not recorded",
	} {
		if got := sourceWords(t.Context(), source, true); got != want {
			t.Errorf("sourceWords(t.Context(), %q, true) = %q, want %q", source, got, want)
		}
	}
}

func TestBanksOfTheSameInitialDifferInTheirColour(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"First Bank of Nigeria", "First City Monument Bank", "Fidelity Bank"} {
		if other := seen[bankColour(name)]; other != "" {
			t.Errorf("%s has the colour of %s", name, other)
		}
		seen[bankColour(name)] = name
	}
}
