package settings

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // for machines that have none
	"unicode"
	"unicode/utf8"

	"balancelink/handlers/weak"
	"balancelink/okra/provider"
	"balancelink/store/address"
	"balancelink/views/locale"
)

// check says in one sentence what is missing or malformed.
func (s *Settings) check() (err error) {
	if err := s.checkEnv(); err != nil { // what is missing goes by it
		return err
	}
	for _, code := range s.CustomerLanguages {
		if !slices.Contains(locale.Unchecked(), code) {
			return fmt.Errorf(
				"CUSTOMER_LANGUAGES %q is none of the languages that customers' pages can speak besides: %s", code,
				strings.Join(locale.Unchecked(), ", "),
			)
		}
	}
	if !slices.Contains(locale.Languages(), s.Language) {
		return fmt.Errorf(
			"DEFAULT_LANGUAGE %q is none of the languages that pages speak: %s", s.Language,
			strings.Join(locale.Languages(), ", "),
		)
	}
	if s.Location, err = time.LoadLocation(s.TimeZone); err != nil || s.TimeZone == "Local" {
		return fmt.Errorf("TIME_ZONE %q is not a time zone such as Africa/Lagos", s.TimeZone)
	}
	for _, check := range []func() error{
		s.checkTexts, s.checkMessages, s.checkPurpose, s.checkEffect, s.checkAddresses, s.ReadProxies,
		s.readWebhookNetworks, s.readMail, s.checkTransport, s.checkKeys, s.checkDataKey, s.checkDemo,
		s.checkTimes, s.checkRetention, s.checkStaff, s.checkWeak,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// checkTexts wants every setting to be text of one line. Only data keys may stand
// on several.
func (s *Settings) checkTexts() error {
	for _, v := range s.all() {
		control := func(r rune) bool {
			return unicode.IsControl(r) && (v.name != "DATA_KEY" || !unicode.IsSpace(r))
		}
		if !utf8.ValidString(v.text) {
			return fmt.Errorf("%s is not text in UTF-8", v.name)
		}
		if strings.ContainsFunc(v.text, control) {
			return fmt.Errorf("%s holds a line break or another control character", v.name)
		}
	}
	if s.BusinessName == "" {
		return errors.New("BUSINESS_NAME is missing: it is who asks, as your customers know you")
	}
	return nil
}

func (s *Settings) checkEnv() error {
	switch s.Env {
	case provider.EnvSimulated, provider.EnvSandbox, provider.EnvProduction:
		return nil
	}
	return fmt.Errorf("ENV is %q; it must be simulated, sandbox or production", s.Env)
}

// checkTransport refuses to speak plain http to anybody but this very machine,
// or to a proxy that speaks https to the rest.
func (s *Settings) checkTransport() error {
	if (s.TLSCertFile == "") != (s.TLSKeyFile == "") {
		return errors.New("TLS_CERT_FILE and TLS_KEY_FILE belong together: give both, or neither")
	}
	if host, _, _ := net.SplitHostPort(s.MetricsAddr); s.MetricsAddr != "" && !loopback(host) && s.TLSCertFile == "" &&
		!s.BehindTLS {
		return fmt.Errorf("METRICS_ADDR is %q, which others reach by plain http: give a loopback address, TLS_CERT_FILE and TLS_KEY_FILE, or say BEHIND_TLS=true", s.MetricsAddr)
	}
	host, _, _ := net.SplitHostPort(s.ListenAddr) // checkAddresses has looked
	if !loopback(host) && s.TLSCertFile == "" && !s.BehindTLS && len(s.Proxies) == 0 {
		return fmt.Errorf("LISTEN_ADDR is %q, which others reach by plain http: give TLS_CERT_FILE and TLS_KEY_FILE, name the proxy that terminates TLS in TRUSTED_PROXIES, or say BEHIND_TLS=true", s.ListenAddr)
	}
	if strings.HasPrefix(s.PublicURL, "https://") && s.TLSCertFile == "" && len(s.TrustedProxies) == 0 {
		return errors.New("TRUSTED_PROXIES is missing: PUBLIC_URL is https and LISTEN_ADDR is not, so a proxy stands between; unless it is named, everybody in the world is one address to whatever is limited by address. Say none if what stands there sends no X-Forwarded-For")
	}
	return nil
}

func (s *Settings) checkKeys() error {
	for _, check := range []func() error{s.checkProviders, s.checkOkra, s.checkMono} {
		if err := check(); err != nil {
			return err
		}
	}
	switch {
	case s.SessionKey == "" && !s.Simulated():
		return errors.New("SESSION_KEY is missing: it signs and encrypts the cookies of those who are signed in")
	case s.SessionKey != "" && len(s.SessionKey) < 32:
		return errors.New("SESSION_KEY must have at least 32 bytes")
	}
	return nil
}

// checkProviders checks that there is a provider, and one for new links.
func (s *Settings) checkProviders() error {
	switch {
	case !s.HasOkra() && !s.HasMono():
		return errors.New("MONO_SECRET_KEY is missing: no provider is configured, and without one no bank can be linked")
	case s.LinkProvider != Okra && s.LinkProvider != Mono:
		return fmt.Errorf("LINK_PROVIDER is %q; it must be mono or okra", s.LinkProvider)
	case s.LinkProvider == Okra && !s.HasOkra(), s.LinkProvider == Mono && !s.HasMono():
		return fmt.Errorf("LINK_PROVIDER is %s, of which no setting is given", s.LinkProvider)
	}
	return nil
}

// key is a setting of a provider that must be there and be what keys are.
type key struct{ name, value, what string }

func checkEach(keys []key) error {
	for _, k := range keys {
		if k.value == "" {
			return fmt.Errorf("%s is missing: it is %s", k.name, k.what)
		}
		if strings.ContainsFunc(k.value, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return fmt.Errorf("%s holds a space or a character that no key has", k.name)
		}
	}
	return nil
}

func (s *Settings) checkMono() error {
	if !s.HasMono() {
		return nil
	}
	err := checkEach([]key{
		{"MONO_SECRET_KEY", s.MonoSecretKey.Reveal(), "the secret key of Mono's API"},
		{"MONO_WEBHOOK_SECRET", s.MonoWebhookSecret.Reveal(), "the secret that Mono sends with webhooks"},
	})
	switch {
	case err != nil:
		return err
	case len(s.MonoWebhookSecret) < 16:
		return errors.New("MONO_WEBHOOK_SECRET must have at least 16 characters")
	case s.MonoWebhookSecretOld != "" && len(s.MonoWebhookSecretOld) < 16:
		return errors.New("MONO_WEBHOOK_SECRET_OLD must have at least 16 characters")
	case s.MonoRateLimit < 1:
		return errors.New("MONO_RATE_LIMIT must be at least 1 call in a minute")
	case s.MonoDailyCalls < 1:
		return errors.New("MONO_DAILY_CALLS must be at least 1 call in a day")
	}
	return nil
}

func (s *Settings) checkOkra() error {
	if !s.HasOkra() {
		return nil
	}
	err := checkEach([]key{
		{"OKRA_SECRET_KEY", s.OkraSecretKey.Reveal(), "the secret key for the provider's API"},
		{"OKRA_CLIENT_TOKEN", s.OkraClientToken, "your id at the provider"},
		{"OKRA_PUBLIC_KEY", s.OkraPublicKey, "the public key that the widget is opened with"},
		{"OKRA_WEBHOOK_TOKEN", s.OkraWebhookToken.Reveal(), "the bearer token that webhooks must carry"},
	})
	switch {
	case err != nil:
		return err
	case !clientToken.MatchString(s.OkraClientToken):
		return errors.New("OKRA_CLIENT_TOKEN must be 24 hexadecimal digits")
	case len(s.OkraWebhookToken) < 16:
		return errors.New("OKRA_WEBHOOK_TOKEN must have at least 16 characters")
	case s.OkraWebhookTokenOld != "" && len(s.OkraWebhookTokenOld) < 16:
		return errors.New("OKRA_WEBHOOK_TOKEN_OLD must have at least 16 characters")
	case s.OkraRateLimit < 1:
		return errors.New("OKRA_RATE_LIMIT must be at least 1 call in a minute")
	}
	return nil
}

func (s *Settings) checkTimes() error {
	for _, d := range []struct {
		name  string
		value time.Duration
		least time.Duration
	}{
		{"REFRESH_FIRST_POLL", s.RefreshFirstPoll, time.Millisecond},
		{"REFRESH_DEADLINE", s.RefreshDeadline, s.RefreshFirstPoll},
		{"REFRESH_COOLDOWN", s.RefreshCooldown, s.leastCooldown()},
		{"FRESH_FOR", s.FreshFor, time.Second},
		{"STALE_AFTER", s.StaleAfter, s.FreshFor},
		{"WEBHOOK_SILENCE", s.WebhookSilence, time.Second},
		{"CONSENT_VALID", s.ConsentValid, 24 * time.Hour},
		{"CONSENT_UNUSED", s.ConsentUnused, 24 * time.Hour},
		{"DRAIN_FOR", s.DrainFor, 0},
	} {
		if d.value < d.least {
			return fmt.Errorf("%s is %v; it must be at least %v", d.name, d.value, d.least)
		}
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"SWEEP_EVERY", s.SweepEvery}, {"SCHEDULE_EVERY", s.ScheduleEvery}} {
		if d.value != 0 && d.value < s.RefreshCooldown {
			return fmt.Errorf(
				"%s is %v; it must be 0 for never, or at least REFRESH_COOLDOWN (%v)", d.name, d.value,
				s.RefreshCooldown,
			)
		}
	}
	if s.ScheduleCalls < 1 {
		return errors.New("SCHEDULE_CALLS must be at least 1; SCHEDULE_EVERY=0 turns the schedule off")
	}
	return nil
}

// checkRetention wants whole days: that is what is counted. The small drawing of
// an account goes back 30 days, and what it begins with may be a day older. An event is
// sent to a program again for three days.
func (s *Settings) checkRetention() error {
	for _, d := range []struct {
		name  string
		value time.Duration
		least time.Duration
	}{
		{"RETAIN_PAYLOADS", s.RetainPayloads, 24 * time.Hour},
		{"RETAIN_BALANCES", s.RetainBalances, 32 * 24 * time.Hour},
		{"RETAIN_EVENTS", s.RetainEvents, 4 * 24 * time.Hour},
		{"RETAIN_REFRESHES", s.RetainRefreshes, 24 * time.Hour},
	} {
		if d.value != 0 && d.value < d.least {
			return fmt.Errorf("%s is %v; it must be 0 for ever, or at least %v", d.name, d.value, d.least)
		}
	}
	return nil
}

// leastCooldown is what the provider asks for; the simulated one asks for nothing.
func (s *Settings) leastCooldown() time.Duration {
	if s.Simulated() {
		return time.Millisecond
	}
	return time.Minute
}

func (s *Settings) checkStaff() error {
	if _, is := address.OnWire(s.AdminEmail); s.AdminEmail != "" && !is {
		return errors.New("ADMIN_EMAIL is not an e-mail address")
	}
	if s.AdminPassword != "" && len([]rune(s.AdminPassword.Reveal())) < 12 {
		return errors.New("ADMIN_PASSWORD must have at least 12 characters")
	}
	return nil
}

// checkWeak refuses what is soon guessed. In the simulation there is nothing to
// be had by it.
func (s *Settings) checkWeak() error {
	if s.Simulated() {
		return nil
	}
	for _, k := range []struct {
		name string
		key  provider.Secret
	}{
		{"SESSION_KEY", s.SessionKey}, {"OKRA_SECRET_KEY", s.OkraSecretKey},
		{"OKRA_WEBHOOK_TOKEN", s.OkraWebhookToken}, {"OKRA_WEBHOOK_TOKEN_OLD", s.OkraWebhookTokenOld},
		{"MONO_SECRET_KEY", s.MonoSecretKey},
		{"MONO_WEBHOOK_SECRET", s.MonoWebhookSecret}, {"MONO_WEBHOOK_SECRET_OLD", s.MonoWebhookSecretOld},
	} {
		if k.key != "" && weak.Key(k.key.Reveal()) {
			return fmt.Errorf("%s is soon guessed: openssl rand -hex 32 draws one by chance", k.name)
		}
	}
	keys, err := s.DataKeys()
	if slices.ContainsFunc(keys, func(key []byte) bool { return weak.Key(string(key)) }) {
		return errors.New("DATA_KEY holds a key that is soon guessed: openssl rand -base64 32 draws one by chance")
	}
	password := s.AdminPassword.Reveal()
	if weak.Common(password) && password != "" || weak.Like(password, s.AdminEmail) ||
		weak.Like(password, s.BusinessName) {
		return errors.New("ADMIN_PASSWORD is one of those that are tried first: choose another")
	}
	return err
}

// clientToken is the form of Okra's client tokens: an ObjectID of MongoDB.
var clientToken = regexp.MustCompile(`^[0-9A-Fa-f]{24}$`)
