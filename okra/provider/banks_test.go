package provider

import (
	"maps"
	"os"
	"regexp"
	"testing"
)

func TestABankHasOneKeyWhicheverWayAProviderNamesIt(t *testing.T) {
	for key, names := range map[string]struct{ cbn, nip, slug string }{
		"ng:058": {"058", "000013", "guaranty-trust-bank"},
		"ng:057": {"057", "000015", "zenith-bank"},
		"ng:044": {"044", "000014", "access-bank"},
		"ng:033": {"033", "000004", "united-bank-for-africa"},
		"ng:214": {"214", "000003", "first-city-monument-bank"},
		"ng:011": {"011", "000016", "first-bank-of-nigeria"},
		"ng:032": {"032", "000018", "union-bank-of-nigeria"},
		"ng:035": {"035", "000017", "alat"},
	} {
		for _, got := range []string{KeyOfCode(names.cbn), KeyOfCode(names.nip), KeyOfSlug(names.slug)} {
			if got != key {
				t.Errorf("%v has the key %q, want %q", names, got, key)
			}
		}
	}
}

func TestABankThatNobodyKnowsHasNoKey(t *testing.T) {
	for _, code := range []string{"", "58", "000058", "50211", "090267", "058 ", "guaranty-trust-bank"} {
		if key := KeyOfCode(code); key != "" {
			t.Errorf("the code %q has the key %q", code, key)
		}
	}
	for _, slug := range []string{"", "kuda-bank", "sample-bank", "Zenith Bank", "057"} {
		if key := KeyOfSlug(slug); key != "" {
			t.Errorf("the slug %q has the key %q", slug, key)
		}
	}
}

func TestNoTwoBanksShareACode(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range clearing {
		if !regexp.MustCompile(`^\d{3}$`).MatchString(b.cbn) || !regexp.MustCompile(`^0000\d\d$`).MatchString(b.nip) {
			t.Errorf("codes %q and %q", b.cbn, b.nip)
		}
		for _, name := range append([]string{b.cbn, b.nip}, b.slugs...) {
			if seen[name] {
				t.Errorf("%q stands for two banks", name)
			}
			seen[name] = true
		}
	}
}

// Rows from before banks had keys are given the same by a migration.
func TestTheMigrationGivesTheSameKeys(t *testing.T) {
	text, err := os.ReadFile("../../store/migrations/00028_moving.sql")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for _, m := range regexp.MustCompile(`\('([a-z-]+)', '(\d{3})'\)`).FindAllStringSubmatch(string(text), -1) {
		told[m[1]] = country + m[2]
	}
	if !maps.Equal(told, keyBySlug) {
		t.Errorf("the migration has %v, want %v", told, keyBySlug)
	}
}
