package settings_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/settings"
	"balancelink/okra"
)

// real are settings that a real provider needs, all well formed.
var real = []string{
	"OKRA_ENV=production",
	"PUBLIC_URL=https://balances.example",
	"OKRA_API_URL=https://gateway.example/v2/",
	"OKRA_WIDGET_URL=https://widget.example/",
	"OKRA_PUBLIC_KEY=0191f18f-0000-5000-8000-000000000001",
	"OKRA_CLIENT_TOKEN=5f0000000000000000000001",
	"OKRA_SECRET_KEY=a-secret-key",
	"OKRA_WEBHOOK_TOKEN=a-long-webhook-token",
	"SESSION_KEY=0123456789abcdef0123456789abcdef",
	"DATA_KEY=" + dataKey,
}

const dataKey = "6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b"

func load(t *testing.T, environ []string, args ...string) (settings.Settings, error) {
	t.Helper()
	return settings.Load(args, environ, &bytes.Buffer{})
}

func TestNoSettingIsNeededForTheSimulation(t *testing.T) {
	s, err := load(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !s.Simulated() || s.PublicURL != "http://127.0.0.1:8080" || s.OkraWidgetURL != "http://127.0.0.1:8081" {
		t.Errorf("settings = %+v", s)
	}
	if s.RefreshFirstPoll != 3*time.Second {
		t.Errorf("RefreshFirstPoll = %v, want seconds in simulation", s.RefreshFirstPoll)
	}
}

func TestARealProviderIsGivenTwoMinutes(t *testing.T) {
	s, err := load(t, real)
	if err != nil {
		t.Fatal(err)
	}
	if s.RefreshFirstPoll != 2*time.Minute || s.RefreshDeadline != 10*time.Minute {
		t.Errorf("first poll %v, deadline %v", s.RefreshFirstPoll, s.RefreshDeadline)
	}
	if s.OkraWidgetURL != "https://widget.example" {
		t.Errorf("OkraWidgetURL = %q, want it without the slash", s.OkraWidgetURL)
	}
}

func TestAFlagOutranksTheEnvironment(t *testing.T) {
	s, err := load(t, []string{"LISTEN_ADDR=127.0.0.1:1"}, "--listen-addr", "127.0.0.1:2")
	if err != nil {
		t.Fatal(err)
	}
	if s.ListenAddr != "127.0.0.1:2" {
		t.Errorf("ListenAddr = %q", s.ListenAddr)
	}
}

func TestASecretMayComeFromAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte("from-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := load(t, append(real, "OKRA_SECRET_KEY_FILE="+path))
	if err != nil {
		t.Fatal(err)
	}
	if s.OkraSecretKey != "from-a-file" {
		t.Errorf("OkraSecretKey = %q", s.OkraSecretKey)
	}
}

func TestAMissingOrMalformedSettingIsNamedInOneSentence(t *testing.T) {
	tests := map[string]struct{ set, names string }{
		"unknown environment":       {"OKRA_ENV=prod", "OKRA_ENV"},
		"no API address":            {"OKRA_API_URL=", "OKRA_API_URL"},
		"plain http API":            {"OKRA_API_URL=http://gateway.example/v2", "OKRA_API_URL"},
		"API address with password": {"OKRA_API_URL=https://a:b@gateway.example/", "OKRA_API_URL"},
		"no widget address":         {"OKRA_WIDGET_URL=", "OKRA_WIDGET_URL"},
		"no public address":         {"PUBLIC_URL=", "PUBLIC_URL"},
		"no secret key":             {"OKRA_SECRET_KEY=", "OKRA_SECRET_KEY"},
		"secret key with newline":   {"OKRA_SECRET_KEY=a\nb", "OKRA_SECRET_KEY"},
		"malformed client token":    {"OKRA_CLIENT_TOKEN=me", "OKRA_CLIENT_TOKEN"},
		"no public key":             {"OKRA_PUBLIC_KEY=", "OKRA_PUBLIC_KEY"},
		"short webhook token":       {"OKRA_WEBHOOK_TOKEN=short", "OKRA_WEBHOOK_TOKEN"},
		"no session key":            {"SESSION_KEY=", "SESSION_KEY"},
		"short session key":         {"SESSION_KEY=short", "SESSION_KEY"},
		"no data key":               {"DATA_KEY=", "DATA_KEY"},
		"short data key":            {"DATA_KEY=" + dataKey[2:], "DATA_KEY"},
		"no data key of two":        {"DATA_KEY=" + dataKey + ",short", "key 2 of 2"},
		"a data key twice":          {"DATA_KEY=" + dataKey + "\n" + dataKey, "DATA_KEY"},
		"no time zone":              {"TIME_ZONE=Mars/Olympus", "TIME_ZONE"},
		"no such language":          {"DEFAULT_LANGUAGE=tlh", "DEFAULT_LANGUAGE"},
		"duration without unit":     {"REFRESH_DEADLINE=600", "REFRESH_DEADLINE"},
		"cool-down below a minute":  {"REFRESH_COOLDOWN=5s", "REFRESH_COOLDOWN"},
		"no rate":                   {"OKRA_RATE_LIMIT=0", "OKRA_RATE_LIMIT"},
		"rate not a number":         {"OKRA_RATE_LIMIT=many", "OKRA_RATE_LIMIT"},
		"address without port":      {"LISTEN_ADDR=localhost", "LISTEN_ADDR"},
		"plain http for everybody":  {"LISTEN_ADDR=:8080", "LISTEN_ADDR"},
		"plain http for neighbours": {"LISTEN_ADDR=192.0.2.1:8080", "LISTEN_ADDR"},
		"certificate without a key": {"TLS_CERT_FILE=/tls/cert.pem", "TLS_KEY_FILE"},
		"no connections":            {"MAX_CONNECTIONS=0", "MAX_CONNECTIONS"},
		"proxy that is no address":  {"TRUSTED_PROXIES=proxy", "TRUSTED_PROXIES"},
		"secret file missing":       {"OKRA_SECRET_KEY_FILE=/does/not/exist", "OKRA_SECRET_KEY_FILE"},
		"short password":            {"ADMIN_PASSWORD=short", "ADMIN_PASSWORD"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, append(real, tt.set))
			if err == nil || !strings.Contains(err.Error(), tt.names) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error = %v, want one line that names %s", err, tt.names)
			}
		})
	}
}

func TestPlainHTTPIsFineOnALoopbackAddress(t *testing.T) {
	if _, err := load(t, append(real, "OKRA_API_URL=http://127.0.0.1:9/v2/", "OKRA_WIDGET_URL=http://localhost:9")); err != nil {
		t.Error(err)
	}
}

func TestNoSecretIsPrinted(t *testing.T) {
	environ, canaries := slices.Clone(real), []string{}
	kind := reflect.TypeFor[settings.Settings]()
	for i := range kind.NumField() {
		f := kind.Field(i)
		if f.Tag.Get("secret") != "true" {
			continue
		}
		if f.Type != reflect.TypeFor[okra.Secret]() {
			t.Errorf("%s is a %v, which can be printed", f.Name, f.Type)
		}
		canary := fmt.Sprintf("canary-%02d-of-a-secret-that-is-long-enough", i)
		if f.Name == "DataKey" {
			canary = fmt.Sprintf("%064x", 0xca9a27)
		}
		environ, canaries = append(environ, f.Tag.Get("env")+"="+canary), append(canaries, canary)
	}
	s, err := load(t, environ)
	if err != nil {
		t.Fatal(err)
	}
	if len(canaries) < 5 {
		t.Fatalf("only %d settings are secret", len(canaries))
	}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		fmt.Fprintf(&out, verb+verb, s, &s)
	}
	s.Location = nil // which JSON has no word for
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(text)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "settings", s, "pointer", &s)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "settings", s, "pointer", &s)
	s.Welcome(&out, "")
	out.WriteString(s.Summary())
	for _, canary := range canaries {
		if strings.Contains(out.String(), canary) || strings.Contains(out.String(), fmt.Sprintf("%x", canary)) {
			t.Errorf("%s is printed", canary)
		}
	}
}

func TestTheSummaryShowsWhatChangedAndNoSecret(t *testing.T) {
	all := append(real, "ADMIN_PASSWORD=a-canary-password", "OKRA_WEBHOOK_TOKEN_OLD=an-old-webhook-token")
	s, err := load(t, all)
	if err != nil {
		t.Fatal(err)
	}
	summary := s.Summary()
	for _, secret := range []string{"a-secret-key", "a-long-webhook-token", "an-old-webhook-token", "0123456789abcdef", "a-canary-password", dataKey} {
		if strings.Contains(summary, secret) {
			t.Errorf("the summary holds %q: %s", secret, summary)
		}
	}
	if !strings.Contains(summary, "OKRA_API_URL=https://gateway.example/v2/ ") {
		t.Errorf("the summary lacks what is no secret: %s", summary)
	}
	for _, change := range []string{"OKRA_SECRET_KEY=another-key", "OKRA_RATE_LIMIT=7", "SESSION_KEY=another-0123456789abcdef0123456789"} {
		if other, err := load(t, append(all, change)); err != nil || other.Summary() == summary {
			t.Errorf("%s is not seen (%v)", change, err)
		}
	}
}

func TestAnAddressThatOthersReachNeedsTLS(t *testing.T) {
	if _, err := load(t, []string{"LISTEN_ADDR=0.0.0.0:8080", "PUBLIC_URL=https://balances.example"}); err == nil {
		t.Error("the simulation speaks plain http to everybody")
	}
	for name, set := range map[string][]string{
		"its own":       {"TLS_CERT_FILE=cert.pem", "TLS_KEY_FILE=key.pem"},
		"a named proxy": {"TRUSTED_PROXIES=10.0.0.2"},
		"said so":       {"BEHIND_TLS=true"},
	} {
		if _, err := load(t, append(append(set, real...), "LISTEN_ADDR=0.0.0.0:8080")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHelpListsEverySetting(t *testing.T) {
	var out bytes.Buffer
	if _, err := settings.Load([]string{"--help"}, nil, &out); err != settings.ErrHelp {
		t.Errorf("error = %v", err)
	}
	for _, want := range []string{"--listen-addr (default 127.0.0.1:8080)", "--okra-secret-key", "--trusted-proxies"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("help lacks %q", want)
		}
	}
}
