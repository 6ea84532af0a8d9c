package weak_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"balancelink/handlers/weak"
)

func TestAKeyThatNobodyDrewByChanceIsWeak(t *testing.T) {
	for name, key := range map[string]string{
		"nothing":           "",
		"one letter":        strings.Repeat("a", 64),
		"two letters":       strings.Repeat("ab", 32),
		"a few":             "aabbccddeeaabbccddeeffaabbccddeeff",
		"a word repeated":   strings.Repeat("changeme", 4),
		"a common password": "Password1234!!!!!!!!!!!!!!!!!!!!!!!!",
		"six letters":       strings.Repeat("abcdef", 6),
		"digits, counted":   strings.Repeat("0123456789", 4),
		"the alphabet":      "abcdefghijklmnopqrstuvwxyz",
		"backwards":         "zyxwvutsrqponmlkjihgfedcba",
	} {
		if !weak.Key(key) {
			t.Errorf("%s: %q is taken", name, key)
		}
	}
	if weak.Key("\x01\x9ap\xf0\xe1a\x03s\xb1\xffs\x04\x05w\xffo\x80r\x11\xa5d\x92\x93\x94\xf5\xb6\xb7\x98\x09\x1a\x8b\x02") {
		t.Error("a key is weak whose few letters spell a word")
	}
	for range 10_000 {
		key := make([]byte, 32)
		rand.Read(key)
		if weak.Key(string(key)) || weak.Key(rand.Text()) {
			t.Fatal("a key drawn by chance is weak")
		}
	}
}

func TestAPasswordIsLikeAKnownTextButForCaseSignsAndDigits(t *testing.T) {
	for _, password := range []string{"Lender Ltd", "lender-ltd!", "LENDERLTD2026"} {
		if !weak.Like(password, "Lender Ltd") {
			t.Errorf("%q is not", password)
		}
	}
	if weak.Like("a lender unlimited", "Lender Ltd") || weak.Like("", "") {
		t.Error("another text is")
	}
}
