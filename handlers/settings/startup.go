package settings

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"balancelink/okra/provider"
)

// ErrMissing says that a setting is needed that was not given.
var ErrMissing = errors.New("a setting is missing")

// KeepSessionKey fills in SessionKey when it was not given, which only the
// simulation allows: from the file beside the database, made on the first start.
func (s *Settings) KeepSessionKey() error {
	if s.SessionKey != "" {
		return nil
	}
	path := filepath.Join(s.folder(), "session.key")
	key, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		key = []byte(demoSecret + rand.Text() + rand.Text())
		err = os.WriteFile(path, key, 0o600)
	}
	if err != nil {
		return fmt.Errorf("keeping the session key: %w", err)
	}
	s.SessionKey = provider.Secret(key)
	return nil
}

// folder is where the database is.
func (s *Settings) folder() string {
	return filepath.Dir(strings.TrimPrefix(s.DatabaseURL.Reveal(), "sqlite:"))
}

// StaffPassword is the password of the first member of staff. In simulation it
// is made from the session key when none was given, so that every start can
// print it again.
func (s *Settings) StaffPassword() string {
	if s.AdminPassword != "" || !s.Simulated() {
		return s.AdminPassword.Reveal()
	}
	mac := hmac.New(sha256.New, []byte(s.SessionKey.Reveal()))
	mac.Write([]byte("demo staff password"))
	return demoSecret + strings.ToLower(base32.StdEncoding.EncodeToString(mac.Sum(nil))[:16])
}

// Welcome prints where everything is, and the link that makes the first owner
// while there is nobody yet. known says that ADMIN_EMAIL can sign in.
func (s *Settings) Welcome(out io.Writer, setup string, known bool) {
	if setup != "" {
		fmt.Fprintf(
			out, "Nobody can sign in yet. Make the first owner here, once, within 30 minutes:\n\n  %s\n\n", setup,
		)
	}
	if !s.Simulated() {
		fmt.Fprintf(out, `balancelink
  Pages     %s
  Links     through %s (%s)
`, s.PublicURL, s.LinkProvider, s.Env)
		if s.HasMono() {
			fmt.Fprintf(out, "  Mono      %s, webhooks to %s\n", s.MonoAPIURL, s.WebhookURL(Mono))
			if words := s.otherMode(); words != "" {
				fmt.Fprintf(out, "\n%s\n", words)
			}
		}
		if s.HasOkra() {
			fmt.Fprintf(out, `  Okra      %s, webhooks to %s

Okra's own service closed in May 2025. OKRA_API_URL and OKRA_WIDGET_URL must
belong to somebody you trust with your customers' bank data.
`, s.OkraAPIURL, s.WebhookURL(Okra))
		}
		return
	}
	fmt.Fprintf(out, `balancelink, with simulated providers: no real bank, no real money

  Staff           %s
%s
  Simulated Okra  %s   (log-ins for the bank window)
  Simulated Mono  %s   (log-ins for the bank's page)

Stop it with Ctrl-C.
`, s.PublicURL, s.staffLogin(known), s.OkraWidgetURL, s.MonoLinkOrigin)
}

// staffLogin is what to sign in with, which is not ADMIN_EMAIL's where somebody else was the
// first member of staff.
func (s *Settings) staffLogin(known bool) string {
	if known {
		return "    E-mail        " + s.AdminEmail + "\n    Password      " + s.StaffPassword()
	}
	return "    " + s.AdminEmail + " cannot sign in to this database, which has staff of its own.\n" +
		"    While this is stopped, \"balancelink staff list\" says who can, and\n" +
		"    \"balancelink staff link EMAIL\" lets them choose a new password."
}

// otherMode warns of a key of Mono's that names another mode than ENV; empty: it does
// not. A key without a prefix is as good: such were given out.
func (s *Settings) otherMode() string {
	key := s.MonoSecretKey.Reveal()
	switch {
	case s.Env == provider.EnvProduction && strings.HasPrefix(key, "test_"):
		return "MONO_SECRET_KEY is a key of Mono's sandbox, and ENV is production: no real bank will be linked."
	case s.Env == provider.EnvSandbox && strings.HasPrefix(key, "live_"):
		return "MONO_SECRET_KEY is a live key, and ENV is sandbox: real banks will be linked, and Mono charges for it."
	}
	return ""
}
