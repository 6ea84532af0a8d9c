package samples

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"balancelink/views/locale"
)

// customersScreens are those that customers meet.
var customersScreens = []string{"connect", "attempt", "me", "card", "unlink", "withdraw", "customer-login", "customer-code", "customer-password", "door"}

func TestEveryTextOfCustomersPagesIsInEachUncheckedLanguage(t *testing.T) {
	for _, code := range locale.Unchecked() {
		missing, drawn := map[string]bool{}, 0
		for name, page := range draw(locale.In(t.Context(), code)) {
			screen, _, _ := strings.Cut(name, "/")
			if !slices.Contains(customersScreens, screen) && name != "sums/own" {
				continue
			}
			var b bytes.Buffer
			here := map[string]bool{}
			ctx := locale.Missing(locale.In(t.Context(), code), func(key string) { here[key] = true })
			if err := page.Render(ctx, &b); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if bytes.Contains(b.Bytes(), []byte(`<nav class="nav"`)) {
				continue // it is staff who withdraw
			}
			drawn++
			maps.Copy(missing, here)
		}
		if drawn < 50 {
			t.Errorf("only %d samples are of customers' pages", drawn)
		}
		for key := range missing {
			t.Errorf("views/locale/unchecked/%s.json lacks %q", code, key)
		}
	}
}
