package views

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/views/locale"
)

// TestTheWordsOfAConsentChangeOnlyWithItsVersion fails when a text that
// customers have agreed to is edited: add another version instead.
func TestTheWordsOfAConsentChangeOnlyWithItsVersion(t *testing.T) {
	want := map[string]string{"2026-11": "2b7387d6891d6e5f", "2026-11-23": "1b04c2e6b832bb9c", "2026-11-23.fr": "4a5cc3ae41c25a39", "2026-11-28": "fe7790d8c423886f", "2026-11-28.fr": "5a324a88b4e8af23",
		"2026-11-29": "d6aebee7e58459db", "2026-11-29.fr": "96d6097d91db3a5c", "2026-11-30": "610df5f8cff51608", "2026-11-30.fr": "cc676e588d135145", "2026-12-01": "d6eda161c3d3c5c6", "2026-12-01.fr": "0717c550c1de8af8",
		"2026-12-02": "7eded204f81021da", "2026-12-02.fr": "ea6a475c9aa308bb", "2026-12-03": "64d3123d7d96b5d3", "2026-12-03.fr": "9bba8e627f6c4bbd", "2026-12-04": "3ff8e5e653f4844a", "2026-12-04.fr": "e8c4e2ebfe6b0970"}
	for _, text := range consentTexts() {
		words := fmt.Appendf(nil, "%q", text)
		switch {
		case len(text.Why) > 0:
		case text.Provider != "":
			words = fmt.Appendf(nil, "{%q %q %q %q %q %q %q %q}", text.Version, text.Scope, text.Provider, text.Sees, text.Sends, text.SeesNot, text.HowLong, text.Question)
		default: // what those before had
			words = fmt.Appendf(nil, "{%q %q %q %q %q %q}", text.Version, text.Scope, text.Sees, text.SeesNot, text.HowLong, text.Question)
		}
		got := fmt.Sprintf("%x", sha256.Sum256(words))[:16]
		if got != want[text.Version] {
			t.Errorf("version %s has the words %s, want %s", text.Version, got, want[text.Version])
		}
	}
	if len(want) != len(consentTexts()) {
		t.Errorf("%d versions, want %d", len(consentTexts()), len(want))
	}
}

func TestAConsentSaysHowLongItHolds(t *testing.T) {
	const day = 24 * time.Hour
	for terms, want := range map[ConsentTerms][2]string{
		{ValidFor: 365 * day, UnusedFor: 180 * day}: {"After 1 year, or after 180 days in which", "Après 1 an, ou après 180 jours sans"},
		{ValidFor: 730 * day, UnusedFor: 30 * day}:  {"After 2 years, or after 30 days in which", "Après 2 ans, ou après 30 jours sans"},
		{ValidFor: day, UnusedFor: 36 * time.Hour}:  {"After 1 day, or after 36 hours in which", "Après 1 jour, ou après 36 heures sans"},
	} {
		for i, language := range []string{"en", "fr"} {
			for _, transactions := range []bool{false, true} {
				got := ConsentIn(locale.In(t.Context(), language), ConsentVersion("okra", transactions)).For("Adire Credit", terms).HowLong[1]
				if !strings.HasPrefix(got, want[i]) {
					t.Errorf("%v in %s: %q, want %q", terms, language, got, want[i])
				}
			}
		}
	}
}

func TestAConsentNamesWhoAsks(t *testing.T) {
	for _, text := range consentTexts() {
		named := text.For("Adire Credit", sampleTerms)
		all := strings.Join(slices.Concat(named.Why, named.Sees, named.SeesNot, named.HowLong, []string{named.Question}), "\n")
		if strings.Contains(all, "{") || !strings.Contains(all, "Adire Credit") {
			t.Errorf("version %s: %s", text.Version, all)
		}
	}
}
