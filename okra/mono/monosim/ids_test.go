package monosim

import (
	"strings"
	"testing"
	"time"
)

func TestAnIDSaysWhatItStandsFor(t *testing.T) {
	id := objectID{At: time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC), Kind: kindAccount, Holding: 3, Nonce: 1 << 20}
	text := id.String()
	if got, ok := parseID(text, kindAccount); !ok || got != id || len(text) != 24 {
		t.Errorf("%s reads %+v, %v, want %+v", text, got, ok, id)
	}
	if _, ok := parseID(text, kindJob); ok {
		t.Error("an account's id is a job's")
	}
	for i := range text {
		forged := text[:i] + string("123456789abcdef0"[strings.IndexByte("0123456789abcdef", text[i])]) + text[i+1:]
		if _, ok := parseID(forged, kindAccount); ok {
			t.Errorf("%s is an id, too", forged)
		}
	}
}

func TestACustomerIsWhoeverHasTheAddress(t *testing.T) {
	id := customerID("Ngozi@example.com")
	if id != customerID("ngozi@example.com") || id == customerID("zainab@example.com") || len(id) != 24 {
		t.Errorf("customerID = %s", id)
	}
	if !knownCustomer(id) || knownCustomer(strings.Repeat("0", 24)) || knownCustomer("x") {
		t.Error("whom Mono knows cannot be told")
	}
}

func TestPersonsAndScenariosAreNamedOnce(t *testing.T) {
	seen := map[string]bool{}
	once := func(what string) {
		if seen[what] {
			t.Errorf("%s is there twice", what)
		}
		seen[what] = true
	}
	for _, p := range persons {
		once(p.User)
		for _, o := range p.Accounts {
			once(o.NUBAN)
			for _, sc := range o.Scenarios {
				if sc.Info().Name == "" {
					t.Errorf("%s has the unknown scenario %s", o.NUBAN, sc)
				}
			}
		}
	}
	for _, i := range Scenarios() {
		once(string(i.Name))
		once(i.Title)
		if !strings.HasSuffix(i.What, ".") || i.Group == "" {
			t.Errorf("%s is described as %q, of %q", i.Name, i.What, i.Group)
		}
	}
}
