package monosim_test

import (
	"testing"

	"balancelink/okra/mono/monosim"
	"balancelink/okra/provider"
)

func TestAnOutageHitsEveryCallUntilItEnds(t *testing.T) {
	w := newWorld(t)
	id := w.linked(plain)
	for name, want := range map[string]provider.Kind{
		"down": provider.KindUnreachable, "busy": provider.KindRateLimited, "refused": provider.KindRefused,
		"unpaid": provider.KindRefused, "sold": provider.KindUntrusted, "window": "", "half": provider.KindUnreachable,
		"garbled": provider.KindBadAnswer, monosim.NoOutage: "",
	} {
		if err := w.SetOutage(name); err != nil {
			t.Fatal(err)
		}
		if w.Outage().Name != name {
			t.Errorf("under %s the outage is %s", name, w.Outage().Name)
		}
		if _, err := w.client.Stored(t.Context(), id); provider.KindOf(err) != want {
			t.Errorf("under %s: %v, want %s", name, err, want)
		}
		if _, err := w.client.Accounts(t.Context()); provider.KindOf(err) != want {
			t.Errorf("under %s: %v, want %s", name, err, want)
		}
		w.Restore()
	}
	if err := w.SetOutage("no-such"); err == nil {
		t.Error("an outage that nobody knows is set")
	}
}
