package settings

import (
	"fmt"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Whoever gives a setting believes that it does something. One that would do
// nothing therefore stops the start.

// unknown finds a name in the environment that begins as those of settings do
// and is none, and files of what is no secret.
func unknown(values map[string]string, params []env.FieldParams) error {
	known := map[string]bool{}
	for _, p := range params {
		known[p.Key] = true
	}
	for name, value := range values {
		of, file := strings.CutSuffix(name, "_FILE")
		switch {
		case value == "" || known[name] || file && known[of] && isSecret(of):
		case file && known[of]:
			return fmt.Errorf("%s is given, but %s is no secret and does not come from a file", name, of)
		case strings.HasPrefix(name, "OKRA_"), strings.HasPrefix(name, "MONO_"):
			return fmt.Errorf("%s is given, but there is no such setting; see --help", name)
		}
	}
	return nil
}

// checkEffect finds what was given and would change nothing.
func (s *Settings) checkEffect() error {
	for _, v := range s.Values() {
		mode := fieldOf(v.Name).Tag.Get("mode")
		switch {
		case !s.given[v.Name]:
		case mode == "real" && s.Simulated():
			return fmt.Errorf("%s is given, but nothing of a real provider is used while ENV is simulated: set ENV, or leave %s out", v.Name, v.Name)
		case mode == "simulated" && !s.Simulated():
			return fmt.Errorf(
				"%s is given, but nothing is simulated while ENV is %s: leave it out", v.Name, s.Env,
			)
		}
	}
	switch {
	case s.given["SCHEDULE_CALLS"] && s.ScheduleEvery == 0:
		return fmt.Errorf("SCHEDULE_CALLS is given, but there is no schedule while SCHEDULE_EVERY is 0")
	case s.given["MAIL_CUSTOMERS"] && s.SMTPURL == "":
		return fmt.Errorf("MAIL_CUSTOMERS is given, but nobody is sent e-mail without SMTP_URL: leave it out")
	case s.BehindTLS && s.TLSCertFile != "":
		return fmt.Errorf(
			"BEHIND_TLS says that TLS ends before this server, and TLS_CERT_FILE that it ends here: give one of them",
		)
	case s.OkraWebhookTokenOld != "" && s.OkraWebhookTokenOld == s.OkraWebhookToken:
		return fmt.Errorf("OKRA_WEBHOOK_TOKEN_OLD is the token that OKRA_WEBHOOK_TOKEN is: leave it out")
	case s.MonoWebhookSecretOld != "" && s.MonoWebhookSecretOld == s.MonoWebhookSecret:
		return fmt.Errorf("MONO_WEBHOOK_SECRET_OLD is the secret that MONO_WEBHOOK_SECRET is: leave it out")
	case !s.Simulated() && s.AdminEmail != "" && s.AdminPassword == "":
		return fmt.Errorf(
			"ADMIN_EMAIL is given without ADMIN_PASSWORD: give both, or neither, and the start prints a set-up link",
		)
	case !s.Simulated() && s.AdminEmail == "" && s.AdminPassword != "":
		return fmt.Errorf("ADMIN_PASSWORD is given without ADMIN_EMAIL, which says whose it is: give both, or neither, and the start prints a set-up link")
	}
	return nil
}

// demo is what the simulation has where nobody says otherwise. It is no secret,
// so outside the simulation nothing of it is accepted.
var demo = map[string]string{
	"BUSINESS_NAME":      "Demo Lending",
	"ADMIN_EMAIL":        "demo@example.com",
	"OKRA_APP_ID":        "simulated-app",
	"OKRA_PUBLIC_KEY":    "00000000-0000-5000-8000-000000000000",
	"OKRA_CLIENT_TOKEN":  "5f00000000000000000000aa",
	"OKRA_SECRET_KEY":    "simulated-secret-key",
	"OKRA_WEBHOOK_TOKEN": "simulated-webhook-token",

	"MONO_SECRET_KEY":     "simulated-mono-secret-key",
	"MONO_WEBHOOK_SECRET": "simulated-mono-webhook-secret",
	"MONO_APP_ID":         "65f0000000000000000000aa",
}

// What the simulation makes by itself begins so, that it is known again.
const (
	demoSecret = "simulated-" // session key and password
	demoKey    = "simulate"   // data key, of whose bytes the others are drawn by chance
)

// checkDemo finds what a demo has left behind.
func (s *Settings) checkDemo() error {
	if s.Simulated() {
		return nil
	}
	for _, v := range s.all() {
		name := strings.TrimSuffix(v.name, "_OLD")
		if demo[name] != "" && strings.EqualFold(v.text, demo[name]) ||
			isSecret(v.name) && strings.HasPrefix(v.text, demoSecret) {
			return fmt.Errorf(
				"%s is the demo's, which anybody may know: give another one outside the simulation", v.name,
			)
		}
	}
	keys, err := s.DataKeys()
	if slices.ContainsFunc(keys, func(key []byte) bool { return strings.HasPrefix(string(key), demoKey) }) {
		return fmt.Errorf("DATA_KEY holds a key that was made for the simulation: give another one outside it")
	}
	return err
}
