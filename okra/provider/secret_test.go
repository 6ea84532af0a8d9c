package provider

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretIsNeverPrinted(t *testing.T) {
	s := Secret("canary.secret.key")
	holder := struct {
		Key  Secret
		Keys []Secret
		Ptr  *Secret
	}{s, []Secret{s}, &s}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10.3s"} {
		fmt.Fprintf(&out, verb+verb, s, holder)
	}
	for _, v := range []any{s, holder, map[string]Secret{"s": s}} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
	}
	xml.NewEncoder(&out).Encode(s)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "key", s, "holder", holder)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "key", s, "holder", holder)
	fmt.Fprint(&out, s.String(), s.GoString(), s)

	hex := fmt.Sprintf("%x", "canary.secret.key")
	if text := strings.ToLower(out.String()); strings.Contains(text, "canary") || strings.Contains(text, hex) {
		t.Errorf("the secret is in %s", text)
	}
	if got := s.Reveal(); got != "canary.secret.key" {
		t.Errorf("Reveal = %q", got)
	}
}
