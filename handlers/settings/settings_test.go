package settings_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/settings"
	"balancelink/okra/provider"
)

// real are settings that a real provider needs, all well formed.
var real = []string{
	"ENV=production",
	"PUBLIC_URL=https://balances.example", "TRUSTED_PROXIES=none",
	"OKRA_API_URL=https://gateway.example/v2/",
	"OKRA_WIDGET_URL=https://widget.example/",
	"OKRA_PUBLIC_KEY=0191f18f-0000-5000-8000-000000000001",
	"OKRA_CLIENT_TOKEN=5f0000000000000000000001",
	"OKRA_SECRET_KEY=a-secret-key",
	"OKRA_WEBHOOK_TOKEN=a-long-webhook-token",
	"SESSION_KEY=0123456789abcdef0123456789abcdef",
	"DATA_KEY=" + dataKey,
	"BUSINESS_NAME=Lender Ltd",
}

const dataKey = "b1946ac92492d2347c6235b4d2611184a3c65c2974270fd093ee8a9bf8ae7d0b"

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

func TestAStopWaitsForABalancerOnlyWhereThereMayBeOne(t *testing.T) {
	onPostgres := append(realMono(), "DATABASE_URL=postgres://user:password@db/balancelink", "ERASED_FILE=/var/lib/erased")
	for what, row := range map[string]struct {
		environ []string
		want    time.Duration
	}{
		"in simulation":                {nil, 0},
		"with SQLite":                  {realMono(), 0},
		"with PostgreSQL":              {onPostgres, 5 * time.Second},
		"with PostgreSQL, and told no": {append(onPostgres, "DRAIN_FOR=0"), 0},
		"with SQLite, and told so":     {append(realMono(), "DRAIN_FOR=20s"), 20 * time.Second},
	} {
		s, err := load(t, row.environ)
		if err != nil || s.DrainFor != row.want {
			t.Errorf("%s: DRAIN_FOR = %v, %v, want %v", what, s.DrainFor, err, row.want)
		}
	}
	_, err := load(t, []string{"DRAIN_FOR=-1s"})
	wantSentence(t, "a time that is over", err, "DRAIN_FOR")
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
		"unknown environment":       {"ENV=prod", "ENV"},
		"a day for a length":        {"RETAIN_PAYLOADS=30d", "30m or 720h"},
		"yes for true":              {"BEHIND_TLS=yes", "BEHIND_TLS cannot be understood: it must be true or false"},
		"a number with an exponent": {"OKRA_RATE_LIMIT=1e3", "OKRA_RATE_LIMIT cannot be understood: it must be a whole number"},
		"a port beyond all":         {"LISTEN_ADDR=127.0.0.1:99999", "LISTEN_ADDR is"},
		"a port by name":            {"LISTEN_ADDR=127.0.0.1:http", "LISTEN_ADDR is"},
		"the machine's own zone":    {"TIME_ZONE=Local", "TIME_ZONE"},
		"metrics for everybody":     {"METRICS_ADDR=0.0.0.0:9090", "METRICS_ADDR"},
		"a port alone":              {"METRICS_ADDR=9090", "METRICS_ADDR"},
		"unknown form of the log":   {"LOG_FORMAT=xml", "LOG_FORMAT"},
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
		"proxy that is no address":  {"TRUSTED_PROXIES=proxy", "TRUSTED_PROXIES"},
		"no network for webhooks":   {"WEBHOOK_NETWORKS=host.example", "WEBHOOK_NETWORKS"},
		"webhooks to anywhere":      {"WEBHOOK_NETWORKS=10.0.0.0/8,0.0.0.0/0", "WEBHOOK_NETWORKS"},
		"a proxy and none":          {"TRUSTED_PROXIES=none,10.0.0.2", "TRUSTED_PROXIES"},
		"a proxy nobody named":      {"TRUSTED_PROXIES=", "TRUSTED_PROXIES"},
		"secret file missing":       {"OKRA_SECRET_KEY_FILE=/does/not/exist", "OKRA_SECRET_KEY_FILE"},
		"no business name":          {"BUSINESS_NAME= ", "BUSINESS_NAME"},
		"purpose in English alone":  {"CONSENT_PURPOSE=to decide", "CONSENT_PURPOSE_FR"},
		"purpose of two sentences":  {"CONSENT_PURPOSE=to decide.", "full stop"},
		"name of two lines":         {"BUSINESS_NAME=Lender\nLtd", "BUSINESS_NAME"},
		"name that is no text":      {"BUSINESS_NAME=Lender \xff", "BUSINESS_NAME"},
		"path of Windows' lines":    {"TLS_CERT_FILE=/tls/cert.pem\r", "TLS_CERT_FILE"},
		"another database":          {"DATABASE_URL=mysql://user:password@db/balancelink", "DATABASE_URL"},
		"no database":               {"DATABASE_URL=sqlite:", "DATABASE_URL"},
		"no name of a database":     {"DATABASE_URL=postgres://user:password@db", "DATABASE_URL"},
		"PostgreSQL without a list": {"DATABASE_URL=postgres://user:password@db/balancelink", "ERASED_FILE"},
		"a list beside SQLite":      {"ERASED_FILE=/var/lib/balancelink/erased", "ERASED_FILE"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, append(real, tt.set))
			wantSentence(t, tt.set, err, tt.names)
		})
	}
}

func TestAMistypedEnvironmentIsNamedBeforeWhatItWouldMiss(t *testing.T) {
	for _, typed := range []string{"ENV=Simulated", "ENV=simulated ", "ENV=prod"} {
		_, err := load(t, []string{typed})
		wantSentence(t, typed, err, "it must be simulated, sandbox or production")
	}
}

func TestWhoSignsInFirstIsGivenWithEMailAndPasswordOrNotAtAll(t *testing.T) {
	for _, tt := range []struct{ email, password, names string }{
		{"", "", ""},
		{"officer@lender.example", "correct horse battery", ""},
		{"officer@lender.example", "", "ADMIN_PASSWORD"},
		{"", "correct horse battery", "ADMIN_EMAIL"},
		{"@", "correct horse battery", "ADMIN_EMAIL"},
		{"Officer <officer@lender.example>", "correct horse battery", "ADMIN_EMAIL"},
		{"officer@lender.example", "short", "ADMIN_PASSWORD"},
		{"officer@lender.example", "password1234", "ADMIN_PASSWORD"},
		{"officer@lender.example", "Passwordpassword", "ADMIN_PASSWORD"},
		{"officer@lender.example", "aaaaaaaaaaaaaa", "ADMIN_PASSWORD"},
		{"officer@lender.example", "Officer@Lender.example", "ADMIN_PASSWORD"},
		{"officer@lender.example", "lender-ltd-2026", "ADMIN_PASSWORD"},
		{"officer@lender.example", "correct\thorse battery", "ADMIN_PASSWORD"},
	} {
		_, err := load(t, append(real, "ADMIN_EMAIL="+tt.email, "ADMIN_PASSWORD="+tt.password))
		wantSentence(t, tt.email+" "+tt.password, err, tt.names)
	}
}

// wantSentence fails unless the error is one line that names a setting and not
// what was given; with no name: unless there is none.
func wantSentence(t *testing.T, what string, err error, names string) {
	t.Helper()
	if names == "" && err == nil {
		return
	}
	if err == nil || names == "" || !strings.Contains(err.Error(), names) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: error = %v, want one line that names %q", what, err, names)
	}
}

func TestAnAddressIsTakenAsItIsMeantOrRefused(t *testing.T) {
	for given, want := range map[string]string{
		"https://balances.example":           "https://balances.example",
		"https://balances.example/":          "https://balances.example",
		" https://balances.example\n":        "https://balances.example",
		"HTTPS://Balances.Example":           "https://balances.example",
		"https://balances.example:443":       "https://balances.example",
		"https://balances.example:8443":      "https://balances.example:8443",
		"https://xn--bcher-kva.example":      "https://xn--bcher-kva.example",
		"https://192.0.2.1":                  "https://192.0.2.1",
		"https://[2001:DB8::1]:8443":         "https://[2001:db8::1]:8443",
		"http://LOCALHOST:8080":              "http://localhost:8080",
		"http://127.0.0.1:80":                "http://127.0.0.1",
		"http://[::1]:8080":                  "http://[::1]:8080",
		"https://balances.example//":         "",
		"https://balances.example/app":       "",
		"https://balances.example/app/":      "",
		"https://balances.example/%2e":       "",
		"https://balances.example?":          "",
		"https://balances.example?a=b":       "",
		"https://balances.example#":          "",
		"https://balances.example#a":         "",
		"https://me:secret@balances.example": "",
		"https://@balances.example":          "",
		"https://balances.example.":          "",
		"https://.balances.example":          "",
		"https://balances..example":          "",
		"https://-balances.example":          "",
		"https://balances_.example":          "",
		"https://bücher.example":             "",
		"https://balances.example:":          "",
		"https://balances.example:0":         "",
		"https://balances.example:65536":     "",
		"https://balances.example:https":     "",
		"https://balances.example\\app":      "",
		"https://balances.example;":          "",
		"https://balances.example'":          "",
		"https://balances.example,":          "",
		"https://*.example":                  "",
		"https://balances example":           "",
		"https://balances\x00.example":       "",
		"https://balances.example\r":         "https://balances.example",
		"https://127.1":                      "",
		"https://2130706433":                 "",
		"https://0x7f000001":                 "",
		"https://[fe80::1%25eth0]":           "",
		"https://[::1":                       "",
		"https:///app":                       "",
		"https:balances.example":             "",
		"https//balances.example":            "",
		"https://https://balances.example":   "",
		"//balances.example":                 "",
		"balances.example":                   "",
		"http://balances.example":            "",
		"ftp://balances.example":             "",
		"javascript:alert(1)":                "",
	} {
		s, err := load(t, append(real, "PUBLIC_URL="+given))
		if want == "" {
			wantSentence(t, given, err, "PUBLIC_URL")
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: the error prints it: %v", given, err)
			}
		} else if err != nil || s.PublicURL != want {
			t.Errorf("%q is %q, %v; want %q", given, s.PublicURL, err, want)
		}
	}
}

func TestAProvidersAddressMayHaveAPathAndNothingElse(t *testing.T) {
	for given, want := range map[string]string{
		"https://gateway.example/v2":         "https://gateway.example/v2",
		"https://GATEWAY.example:443/v2/":    "https://gateway.example/v2",
		"https://gateway.example/A/b_c.d~e-": "https://gateway.example/A/b_c.d~e-",
		"https://gateway.example//v2":        "",
		"https://gateway.example/v2//":       "",
		"https://gateway.example/../v2":      "",
		"https://gateway.example/./v2":       "",
		"https://gateway.example/v2;a":       "",
		"https://gateway.example/v2 a":       "",
		"https://gateway.example/v2'a":       "",
		"https://gateway.example/v2\"a":      "",
		"https://gateway.example/v%32":       "",
		"https://gateway.example/v2?a":       "",
		"https://gateway.example;script-src": "",
		"https://gateway.example 'self'":     "",
		"https://gateway.example,":           "",
	} {
		for _, name := range []string{"OKRA_API_URL", "OKRA_WIDGET_URL"} {
			s, err := load(t, append(real, name+"="+given))
			got := map[string]string{"OKRA_API_URL": s.OkraAPIURL, "OKRA_WIDGET_URL": s.OkraWidgetURL}[name]
			if want == "" {
				wantSentence(t, given, err, name)
			} else if err != nil || strings.TrimSuffix(got, "/") != want {
				t.Errorf("%s %q is %q, %v; want %q", name, given, got, err, want)
			}
		}
	}
}

func TestASecretsFileIsReadHoweverAnEditorSavedIt(t *testing.T) {
	for given, want := range map[string]string{
		"a-secret-key":                      "a-secret-key",
		"a-secret-key\n":                    "a-secret-key",
		"a-secret-key\r\n":                  "a-secret-key",
		"\ufeffa-secret-key":                "a-secret-key",
		"\ufeffa-secret-key\r\n\r\n":        "a-secret-key",
		"\xff\xfea\x00-\x00k\x00e\x00y\x00": "",
		"\xfe\xff\x00a\x00-\x00k\x00e\x00y": "",
		"a-secret\x00-key":                  "",
		"a-secret-\xffkey":                  "",
		"a-secret\n-key":                    "",
		"\ufeff":                            "",
		"":                                  "",
	} {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte(given), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"OKRA_SECRET_KEY", "ADMIN_PASSWORD"} {
			s, err := load(t, append(real, "OKRA_SECRET_KEY=", "ADMIN_EMAIL=officer@lender.example", "ADMIN_PASSWORD=correct horse battery", name+"=", name+"_FILE="+path,
				map[string]string{"OKRA_SECRET_KEY": "", "ADMIN_PASSWORD": "OKRA_SECRET_KEY=another-secret"}[name]))
			got := map[string]provider.Secret{"OKRA_SECRET_KEY": s.OkraSecretKey, "ADMIN_PASSWORD": s.AdminPassword}[name]
			if want == "" {
				wantSentence(t, fmt.Sprintf("%q", given), err, name)
			} else if err != nil || got.Reveal() != want {
				t.Errorf("%s of %q is %q, %v", name, given, got.Reveal(), err)
			}
		}
		if want != "" {
			text := strings.ReplaceAll(given, "a-secret-key", dataKey+"\r\n"+strings.Repeat("6c6d3e6f707172a3", 4))
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := load(t, append(real, "DATA_KEY=", "DATA_KEY_FILE="+path))
			if err != nil {
				t.Fatal(err)
			}
			if keys, err := s.FollowDataKey().Changed(); len(keys) != 2 || err != nil {
				t.Errorf("%q, read again: %d keys, %v", given, len(keys), err)
			}
		}
	}
}

func TestWhatIsSoonGuessedOrTrustsEverybodyIsForTheSimulationOnly(t *testing.T) {
	for given, names := range map[string]string{
		"SESSION_KEY=" + strings.Repeat("a", 64):               "SESSION_KEY",
		"SESSION_KEY=" + strings.Repeat("changeme", 4):         "SESSION_KEY",
		"SESSION_KEY=abcdefghijklmnopqrstuvwxyzabcdefghi":      "SESSION_KEY",
		"DATA_KEY=" + strings.Repeat("6b", 32):                 "DATA_KEY",
		"DATA_KEY=" + strings.Repeat("a", 43) + "=":            "DATA_KEY",
		"DATA_KEY=" + dataKey + "," + strings.Repeat("00", 32): "DATA_KEY",
		"OKRA_WEBHOOK_TOKEN=" + strings.Repeat("x", 16):        "OKRA_WEBHOOK_TOKEN",
		"OKRA_WEBHOOK_TOKEN=password12345678":                  "OKRA_WEBHOOK_TOKEN",
		"OKRA_WEBHOOK_TOKEN_OLD=" + strings.Repeat("x", 16):    "OKRA_WEBHOOK_TOKEN_OLD",
		"OKRA_SECRET_KEY=" + strings.Repeat("x", 16):           "OKRA_SECRET_KEY",
		"TRUSTED_PROXIES=0.0.0.0/0":                            "TRUSTED_PROXIES",
		"TRUSTED_PROXIES=10.0.0.1,::/0":                        "TRUSTED_PROXIES",
		"TRUSTED_PROXIES=0.0.0.0/1,128.0.0.0/1":                "TRUSTED_PROXIES",
		"TRUSTED_PROXIES=::ffff:0.0.0.0/96":                    "TRUSTED_PROXIES",
		"TRUSTED_PROXIES=2000::/3":                             "TRUSTED_PROXIES",
		"TRUSTED_PROXIES=1.2.3.4/0":                            "TRUSTED_PROXIES",
		"TRUSTED_PROXIES=10.0.0.0/8,fc00::/7,192.0.2.1":        "",
	} {
		_, err := load(t, append(real, given))
		wantSentence(t, given, err, names)
		name, value, _ := strings.Cut(given, "=")
		if err != nil && strings.HasSuffix(name, "KEY") && strings.Contains(err.Error(), value) {
			t.Errorf("the error prints the key: %v", err)
		}
	}
	if _, err := load(t, []string{"ADMIN_PASSWORD=password1234", "SESSION_KEY=" + strings.Repeat("a", 64), "DATA_KEY=" + strings.Repeat("6b", 32), "TRUSTED_PROXIES=0.0.0.0/0"}); err != nil {
		t.Errorf("the simulation: %v", err)
	}
}

func TestASettingWithoutEffectStopsTheStart(t *testing.T) {
	for _, given := range real {
		name, _, _ := strings.Cut(given, "=")
		_, err := load(t, []string{"TRUSTED_PROXIES=none", given})
		names := ""
		if strings.HasPrefix(name, "OKRA_") {
			names = name
		}
		if name != "ENV" {
			wantSentence(t, given+" in the simulation", err, names)
		}
	}
	for name, tt := range map[string]struct {
		set   []string
		names string
	}{
		"a limit of the simulated provider":        {[]string{"OKRA_RATE_LIMIT=5"}, "OKRA_RATE_LIMIT"},
		"an app of the simulated provider":         {[]string{"OKRA_APP_ID=app"}, "OKRA_APP_ID"},
		"nothing given":                            {[]string{"OKRA_APP_ID=", "OKRA_SECRET_KEY="}, ""},
		"a simulator beside a real provider":       {append(real, "SIMULATOR_ADDR=127.0.0.1:9"), "SIMULATOR_ADDR"},
		"no e-mail to customers, without a server": {append(real, "MAIL_CUSTOMERS=off"), "MAIL_CUSTOMERS"},
		"calls of no schedule":                     {append(real, "SCHEDULE_CALLS=5"), "SCHEDULE_CALLS"},
		"calls of a schedule":                      {append(real, "SCHEDULE_CALLS=5", "SCHEDULE_EVERY=1h"), ""},
		"TLS here and before":                      {append(real, "BEHIND_TLS=true", "TLS_CERT_FILE=c", "TLS_KEY_FILE=k"), "BEHIND_TLS"},
		"the same token twice":                     {append(real, "OKRA_WEBHOOK_TOKEN_OLD=a-long-webhook-token"), "OKRA_WEBHOOK_TOKEN_OLD"},
		"a file of what is no secret":              {append(real, "BUSINESS_NAME_FILE=/name"), "BUSINESS_NAME_FILE"},
		"a name that is no setting":                {append(real, "OKRA_TOKEN=x"), "OKRA_TOKEN"},
		"a file of a name that is no setting":      {append(real, "OKRA_TOKEN_FILE=x"), "OKRA_TOKEN_FILE"},
		"what other programs on the machine have":  {append(real, "HOME=/root", "TOKEN_FILE=x"), ""},
	} {
		_, err := load(t, tt.set)
		wantSentence(t, name, err, tt.names)
	}
	_, err := load(t, nil, "--okra-api-url=https://gateway.example/v2/")
	wantSentence(t, "as a flag", err, "OKRA_API_URL")
}

func TestNothingOfTheDemoIsTakenForARealProvider(t *testing.T) {
	folder := t.TempDir()
	demo, err := load(t, []string{"DATABASE_URL=sqlite:" + filepath.Join(folder, "demo.db")})
	if err == nil {
		err = errors.Join(demo.KeepDataKey(), demo.KeepSessionKey())
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, given := range []string{
		"BUSINESS_NAME=" + demo.BusinessName, "BUSINESS_NAME=demo lending", "OKRA_APP_ID=" + demo.OkraAppID, "OKRA_PUBLIC_KEY=" + demo.OkraPublicKey,
		"OKRA_CLIENT_TOKEN=" + demo.OkraClientToken, "OKRA_SECRET_KEY=" + demo.OkraSecretKey.Reveal(), "OKRA_WEBHOOK_TOKEN=" + demo.OkraWebhookToken.Reveal(),
		"OKRA_WEBHOOK_TOKEN_OLD=" + demo.OkraWebhookToken.Reveal(), "SESSION_KEY=" + demo.SessionKey.Reveal(),
		"DATA_KEY=" + demo.DataKey.Reveal(), "DATA_KEY=" + dataKey + "," + demo.DataKey.Reveal(),
		"ADMIN_EMAIL=" + demo.AdminEmail, "ADMIN_EMAIL=Demo@Example.com", "ADMIN_PASSWORD=" + demo.StaffPassword(),
	} {
		name, _, _ := strings.Cut(given, "=")
		_, err := load(t, append(real, "ADMIN_EMAIL=officer@lender.example", "ADMIN_PASSWORD=correct horse battery", given))
		wantSentence(t, given, err, name)
	}
}

func TestPlainHTTPIsFineOnALoopbackAddress(t *testing.T) {
	if _, err := load(t, append(real, "OKRA_API_URL=http://127.0.0.1:9/v2/", "OKRA_WIDGET_URL=http://localhost:9")); err != nil {
		t.Error(err)
	}
}

func TestNoSecretIsPrinted(t *testing.T) {
	environ, canaries := append(slices.Clone(real), "ADMIN_EMAIL=officer@lender.example"), []string{}
	kind := reflect.TypeFor[settings.Settings]()
	for i := range kind.NumField() {
		f := kind.Field(i)
		if f.Tag.Get("secret") != "true" {
			continue
		}
		if f.Type != reflect.TypeFor[provider.Secret]() {
			t.Errorf("%s is a %v, which can be printed", f.Name, f.Type)
		}
		canary := fmt.Sprintf("canary-%02d-of-a-secret-that-is-long-enough", i)
		switch f.Name {
		case "DataKey":
			canary = strings.Repeat("ca9a27b1040f5d1e", 4)
		case "DatabaseURL":
			canary = "sqlite:" + canary
		}
		value := canary
		if f.Name == "SMTPURL" {
			value = "smtp://me:" + canary + "@mail.example"
		}
		environ, canaries = append(environ, f.Tag.Get("env")+"="+value), append(canaries, canary)
	}
	s, err := load(t, append(environ, "MAIL_FROM=alerts@lender.example"))
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
	s.Welcome(&out, "", true)
	out.WriteString(s.Summary())
	for _, canary := range canaries {
		if strings.Contains(out.String(), canary) || strings.Contains(out.String(), fmt.Sprintf("%x", canary)) {
			t.Errorf("%s is printed", canary)
		}
	}
}

func TestTheSummaryShowsWhatChangedAndNoSecret(t *testing.T) {
	all := append(real, "ADMIN_EMAIL=officer@lender.example", "ADMIN_PASSWORD=a-canary-password", "OKRA_WEBHOOK_TOKEN_OLD=an-old-webhook-token")
	s, err := load(t, all)
	if err != nil {
		t.Fatal(err)
	}
	summary := s.Summary()
	for _, secret := range []string{"a-secret-key", "data/balancelink.db", "a-long-webhook-token", "an-old-webhook-token", "0123456789abcdef", "a-canary-password", dataKey} {
		if strings.Contains(summary, secret) {
			t.Errorf("the summary holds %q: %s", secret, summary)
		}
	}
	if !strings.Contains(summary, "OKRA_API_URL=https://gateway.example/v2/ ") {
		t.Errorf("the summary lacks what is no secret: %s", summary)
	}
	for _, change := range []string{"OKRA_SECRET_KEY=another-key", "DATABASE_URL=sqlite:another.db", "OKRA_RATE_LIMIT=7", "SESSION_KEY=another-0123456789abcdef0123456789"} {
		if other, err := load(t, append(all, change)); err != nil || other.Summary() == summary {
			t.Errorf("%s is not seen (%v)", change, err)
		}
	}
	for _, own := range []string{"LISTEN_ADDR=127.0.0.1:9999", "METRICS_ADDR=127.0.0.1:9998"} {
		if other, err := load(t, append(all, own)); err != nil || other.Summary() != summary {
			t.Errorf("%s of one instance counts as a change for all (%v)", own, err)
		}
	}
	s.ErasedFile = "/var/lib/balancelink/this.erased"
	if s.Summary() != summary {
		t.Error("ERASED_FILE, of which each instance has one of its own, counts as a change for all")
	}
}

func TestAnAddressThatOthersReachNeedsTLS(t *testing.T) {
	if _, err := load(t, []string{"LISTEN_ADDR=0.0.0.0:8080", "PUBLIC_URL=https://balances.example"}); err == nil {
		t.Error("the simulation speaks plain http to everybody")
	}
	for name, set := range map[string][]string{
		"its own":       {"TLS_CERT_FILE=cert.pem", "TLS_KEY_FILE=key.pem"},
		"a named proxy": {"TRUSTED_PROXIES=10.0.0.2"},
		"said so":       {"BEHIND_TLS=true"}, // and none is believed
	} {
		if _, err := load(t, slices.Concat(real, set, []string{"LISTEN_ADDR=0.0.0.0:8080"})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Behind a proxy that nobody named, all the world is one address.
func TestAProxyBeforeTheServerIsNamedOrKnowinglyNot(t *testing.T) {
	for name, tt := range map[string]struct {
		set  []string
		fine bool
	}{
		"nothing is said":                {nil, false},
		"in the simulation":              {[]string{"OKRA_ENV=simulated"}, false},
		"who terminates TLS is not said": {[]string{"BEHIND_TLS=true"}, false},
		"where others reach it":          {[]string{"LISTEN_ADDR=0.0.0.0:8080", "BEHIND_TLS=true"}, false},
		"an address":                     {[]string{"TRUSTED_PROXIES=127.0.0.1"}, true},
		"addresses and spaces":           {[]string{"TRUSTED_PROXIES=127.0.0.1, 10.0.0.0/8"}, true},
		"none":                           {[]string{"TRUSTED_PROXIES=none"}, true},
		"none, where others reach it":    {[]string{"LISTEN_ADDR=0.0.0.0:8080", "TRUSTED_PROXIES=none"}, false},
		"it terminates TLS itself":       {[]string{"TLS_CERT_FILE=cert.pem", "TLS_KEY_FILE=key.pem"}, true},
		"this very machine":              {[]string{"PUBLIC_URL=http://127.0.0.1:8080"}, true},
	} {
		_, err := load(t, append(append(slices.Clone(real), "TRUSTED_PROXIES="), tt.set...))
		if fine := err == nil; fine != tt.fine {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheExampleOfTheReadmeStartsAndLeavesTheDemoAlone(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(readme), "    ENV=production ")
	example, _, ok := strings.Cut("ENV=production "+example, "./bin/balancelink")
	if !ok {
		t.Fatal("README has no example of a real provider")
	}
	given := map[string]string{}
	for _, found := range regexp.MustCompile(`([A-Z_]+)=('[^']*'|\S+)`).FindAllStringSubmatch(example, -1) {
		given[found[1]] = strings.Trim(found[2], "'")
	}
	set := []string{"DATA_KEY=" + dataKey, "SESSION_KEY=0123456789abcdef0123456789abcdef", "MONO_SECRET_KEY=a-secret-key", "MONO_WEBHOOK_SECRET=a-long-webhook-token"}
	for name, value := range given {
		switch {
		case strings.HasSuffix(name, "_FILE"): // whose secret stands above
		default:
			set = append(set, name+"="+value)
		}
	}
	if len(given) < 9 {
		t.Fatalf("read only %v", given)
	}
	s, err := load(t, set)
	if err != nil {
		t.Fatal(err)
	}
	demo, err := load(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.DatabaseURL == demo.DatabaseURL {
		t.Error("the example has the demo's database")
	}
}

// realMono are settings that Mono needs alone, all well formed.
func realMono() []string {
	var set []string
	for _, given := range real {
		if !strings.HasPrefix(given, "OKRA_") {
			set = append(set, given)
		}
	}
	return append(set, "MONO_SECRET_KEY=live_sk_abcdefghij", "MONO_WEBHOOK_SECRET=a-long-webhook-secret")
}

func TestTheSettingsOfAProviderAreCompleteOrAbsent(t *testing.T) {
	for name, tt := range map[string]struct {
		set   []string
		names string // of the setting that the sentence is about; empty: it starts
		links string
	}{
		"Okra alone":                 {real, "", settings.Okra},
		"Mono alone":                 {realMono(), "", settings.Mono},
		"both":                       {append(realMono(), real...), "", settings.Mono},
		"both, new links at Okra":    {append(append(realMono(), real...), "LINK_PROVIDER=okra"), "", settings.Okra},
		"neither":                    {append(realMono(), "MONO_SECRET_KEY=", "MONO_WEBHOOK_SECRET="), "MONO_SECRET_KEY", ""},
		"no key":                     {append(realMono(), "MONO_SECRET_KEY="), "MONO_SECRET_KEY", ""},
		"no webhook secret":          {append(realMono(), "MONO_WEBHOOK_SECRET="), "MONO_WEBHOOK_SECRET", ""},
		"a short webhook secret":     {append(realMono(), "MONO_WEBHOOK_SECRET=short"), "MONO_WEBHOOK_SECRET", ""},
		"a weak webhook secret":      {append(realMono(), "MONO_WEBHOOK_SECRET="+strings.Repeat("x", 20)), "MONO_WEBHOOK_SECRET", ""},
		"the demo's key":             {append(realMono(), "MONO_SECRET_KEY=simulated-mono-secret-key"), "MONO_SECRET_KEY", ""},
		"an address without TLS":     {append(realMono(), "MONO_API_URL=http://api.example/"), "MONO_API_URL", ""},
		"pages without TLS":          {append(realMono(), "MONO_LINK_ORIGIN=http://link.example"), "MONO_LINK_ORIGIN", ""},
		"part of Okra beside Mono":   {append(realMono(), "OKRA_APP_ID=app"), "OKRA_", ""},
		"links where nothing is":     {append(realMono(), "LINK_PROVIDER=okra"), "LINK_PROVIDER", ""},
		"links at nobody's":          {append(realMono(), "LINK_PROVIDER=plaid"), "LINK_PROVIDER", ""},
		"a name that is no setting":  {append(realMono(), "MONO_KEY=x"), "MONO_KEY", ""},
		"no calls in a day":          {append(realMono(), "MONO_DAILY_CALLS=0"), "MONO_DAILY_CALLS", ""},
		"the same secret twice":      {append(realMono(), "MONO_WEBHOOK_SECRET_OLD=a-long-webhook-secret"), "MONO_WEBHOOK_SECRET_OLD", ""},
		"a key of it in simulation":  {[]string{"MONO_SECRET_KEY=test_sk_abc"}, "MONO_SECRET_KEY", ""},
		"Mono for the simulation":    {[]string{"LINK_PROVIDER=mono"}, "", settings.Mono},
		"the simulation as it comes": {nil, "", settings.Okra},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := load(t, tt.set)
			wantSentence(t, name, err, tt.names)
			if err == nil && s.LinkProvider != tt.links {
				t.Errorf("new links are made through %s", s.LinkProvider)
			}
		})
	}
}

func TestTheOldNameOfTheEnvironmentIsTaken(t *testing.T) {
	for name, tt := range map[string]struct {
		env, args []string
		want      string
	}{
		"from the environment": {append(realMono(), "ENV=", "OKRA_ENV=production-sandbox"), nil, provider.EnvSandbox},
		"as a flag":            {append(realMono(), "ENV="), []string{"--okra-env", "production"}, provider.EnvProduction},
		"in new words":         {append(realMono(), "ENV=sandbox"), nil, provider.EnvSandbox},
		"both alike":           {append(realMono(), "OKRA_ENV=production"), nil, provider.EnvProduction},
	} {
		s, err := load(t, tt.env, tt.args...)
		if err != nil || s.Env != tt.want || s.Environment() != tt.want {
			t.Errorf("%s: %q, %v", name, s.Env, err)
		}
	}
	_, err := load(t, append(realMono(), "OKRA_ENV=production-sandbox"))
	wantSentence(t, "both and different", err, "OKRA_ENV")
}

func TestHelpListsEverySetting(t *testing.T) {
	var out bytes.Buffer
	if _, err := settings.Load([]string{"--help"}, nil, &out); err != settings.ErrHelp {
		t.Errorf("error = %v", err)
	}
	for _, want := range []string{"--listen-addr (default 127.0.0.1:8080)", "--okra-secret-key", "--trusted-proxies", "balancelink staff ", "balancelink audit ", "balancelink backup ", "balancelink restore ", "balancelink verify ", "balancelink copy "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("help lacks %q", want)
		}
	}
}

func TestWebhooksAreSentToPublicAddressesAndToNetworksThatAreNamed(t *testing.T) {
	demo, err := settings.Load(nil, nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	alone, with := demo, demo
	alone.Env, with.Env = provider.EnvProduction, provider.EnvProduction
	with.Webhooks = []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("127.0.0.1/32")}
	for _, row := range []struct {
		address           string
		demo, alone, with bool
	}{
		{"https://host.example/hooks", true, true, true},
		{"https://8.8.8.8:8443/hooks", true, true, true},
		{"https://10.1.2.3/hooks", false, false, true},
		{"https://10.2.2.3/hooks", false, false, false},
		{"http://127.0.0.1:9000/hooks", true, false, true},
		{"http://localhost:9000", true, false, true},
		{"https://[::1]/", true, false, false},
		{"https://[::ffff:10.2.2.3]/", false, false, false},
		{"https://169.254.169.254/", false, false, false},
		{"http://host.example/hooks", false, false, false},
		{"http://10.1.2.3/hooks", false, false, false},
		{"https://user@host.example/", false, false, false},
		{"https://host.example/#x", false, false, false},
		{"ftp://host.example/", false, false, false},
		{"nonsense", false, false, false},
	} {
		for name, try := range map[string]struct {
			s    settings.Settings
			want bool
		}{"in simulation": {demo, row.demo}, "without networks": {alone, row.alone}, "with networks": {with, row.with}} {
			if _, err := try.s.WebhookAddress(row.address); (err == nil) != try.want {
				t.Errorf("%s %s: %v, want %v", row.address, name, err, try.want)
			}
		}
	}
}

func TestLinesOfTheLogAreObjectsForWhoeverWantsThem(t *testing.T) {
	for format, want := range map[string]string{"text": `msg="a line" id=1`, "json": `"msg":"a line","id":1}`} {
		s, err := load(t, []string{"LOG_FORMAT=" + format})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		s.LogFormat.Log(&out).Info("a line", "id", 1)
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s: %s", format, out.String())
		}
	}
}
