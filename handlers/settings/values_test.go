package settings_test

import (
	"io"
	"slices"
	"testing"
	"time"

	"balancelink/handlers/settings"
)

func TestWhatWasSetToSomethingElseIsToldFromWhatIsAsItComes(t *testing.T) {
	s, err := settings.Load(nil, []string{
		"SESSION_KEY=0123456789abcdef0123456789abcdef", "FRESH_FOR=2h", "STALE_AFTER=24h", "BUSINESS_NAME=Adire",
	}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var changed []string
	for _, v := range s.Values() {
		if v.Changed {
			changed = append(changed, v.Name)
		}
		if v.Name == "FRESH_FOR" && v.Length != 2*time.Hour {
			t.Errorf("FRESH_FOR is %v long", v.Length)
		}
	}
	for name, want := range map[string]bool{"FRESH_FOR": true, "BUSINESS_NAME": true, "STALE_AFTER": false, "TLS_CERT_FILE": false, "TRUSTED_PROXIES": false} {
		if slices.Contains(changed, name) != want {
			t.Errorf("%s is among %v, want that %v", name, changed, want)
		}
	}
}
