package okra

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRedactedEventSaysTheSame(t *testing.T) {
	for _, file := range eventFiles {
		body := testdata(t, file)
		clean, err := Redact(body)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := ParseEvent(body)
		got, err := ParseEvent(clean)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", file, err, diff)
		}
	}
}

func TestRedactedClaimSaysTheSame(t *testing.T) {
	for _, file := range []string{"claim-2020.json", "claim-2022.json", "claim-2023.json"} {
		body := testdata(t, file)
		clean, err := Redact(body)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := ParseClaim(body)
		got, err := ParseClaim(clean)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", file, err, diff)
		}
	}
}

func TestPersonalDataAndCredentialsAreRemoved(t *testing.T) {
	body := []byte(`{"customerBvn":"canary","x":[{"BVN":"canary","token":"canary","okraKey":"canary","secret_answer":{"a":"canary"},
		"Password":"canary","pin":1111199,"otp":"canary","clientId":"canary","enckey":"canary","photo_id":[{"url":"canary"}]}],
		"identity":{"fullname":"canary"},"customerEmail":["canary"],"phone":["canary"],"nin":null,
		"accounts":[{"name":"canary","connected":false,"ledger_balance":1111199},{"name":"kept","connected":true},{"name":"also kept"}],
		"balance":{"data":{"formatted":[{"account":"canary","connected":false}]}}}`)
	clean, err := Redact(body)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(clean, []byte("canary")) || bytes.Contains(clean, []byte("1111199")) {
		t.Errorf("Redact left something: %s", clean)
	}
	o, err := decodeStrict(clean)
	if err != nil {
		t.Fatal(err)
	}
	if o["customerBvn"] != removed || o["nin"] != nil {
		t.Errorf("customerBvn = %v, nin = %v", o["customerBvn"], o["nin"])
	}
	if kept, _ := o.objects("accounts"); len(kept) != 2 {
		t.Errorf("accounts = %v", o["accounts"])
	}
}

func TestRedactKeepsTheTextOfNumbers(t *testing.T) {
	clean, err := Redact([]byte(`{"a":1204.50,"b":12345678901234567890.10,"c":1e2,"d":"<&>"}`))
	if want := `{"a":1204.50,"b":12345678901234567890.10,"c":1e2,"d":"<&>"}`; err != nil || string(clean) != want {
		t.Errorf("Redact = %s, %v, want %s", clean, err, want)
	}
}

func FuzzRedact(f *testing.F) {
	for _, file := range append(eventFiles, "claim-2020.json", "claim-2022.json", "claim-2023.json") {
		f.Add(testdata(f, file))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		clean, err := Redact(body)
		if err != nil {
			return
		}
		again, err := Redact(clean)
		if err != nil || !bytes.Equal(clean, again) {
			t.Errorf("Redact(%s) = %s, again %s, %v", body, clean, again, err)
		}
		o, _ := decodeStrict(clean)
		checkRemoved(t, o)
	})
}

func checkRemoved(t *testing.T, v any) {
	switch v := v.(type) {
	case object:
		for key, value := range v {
			if strings.Contains(strings.ToLower(key), "bvn") && value != nil && value != removed {
				t.Errorf("%s = %v", key, value)
			}
			checkRemoved(t, value)
		}
	case []any:
		for _, item := range v {
			checkRemoved(t, item)
		}
	}
}
