package views

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
)

// TestTheWordsOfAConsentChangeOnlyWithItsVersion fails when a text that
// customers have agreed to is edited: add another version instead.
func TestTheWordsOfAConsentChangeOnlyWithItsVersion(t *testing.T) {
	want := map[string]string{"2026-11": "2b7387d6891d6e5f", "2026-11-23": "1b04c2e6b832bb9c", "2026-11-23.fr": "4a5cc3ae41c25a39", "2026-11-28": "fe7790d8c423886f", "2026-11-28.fr": "5a324a88b4e8af23"}
	for _, text := range consentTexts() {
		got := fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%q", text)))[:16]
		if got != want[text.Version] {
			t.Errorf("version %s has the words %s, want %s", text.Version, got, want[text.Version])
		}
	}
	if len(want) != len(consentTexts()) {
		t.Errorf("%d versions, want %d", len(consentTexts()), len(want))
	}
}

func TestAConsentNamesWhoAsks(t *testing.T) {
	for _, text := range consentTexts() {
		named := text.For("Adire Credit")
		all := strings.Join(append(append(named.Sees, named.SeesNot...), append(named.HowLong, named.Question)...), "\n")
		if strings.Contains(all, "{") || !strings.Contains(all, "Adire Credit") {
			t.Errorf("version %s: %s", text.Version, all)
		}
	}
}
