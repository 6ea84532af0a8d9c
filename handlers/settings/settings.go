// Package settings reads what the operator chose: from flags, environment
// variables and secret files, checked before anything else starts.
package settings

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/mail"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"balancelink/okra/provider"
)

// Settings are all settings. Each has one name: as a flag --listen-addr, in
// the environment LISTEN_ADDR, and for secrets also LISTEN_ADDR_FILE-like, the
// path of a file that holds the value. mode says in which environments it does
// anything: "real" or "simulated"; empty: in all.
type Settings struct {
	ListenAddr        string   `env:"LISTEN_ADDR" envDefault:"127.0.0.1:8080" help:"address that the pages and the webhook endpoint are served on"`
	PublicURL         string   `env:"PUBLIC_URL" help:"where browsers and the provider reach this server; default in simulation: http:// and LISTEN_ADDR"`
	BusinessName      string   `env:"BUSINESS_NAME" help:"who asks customers for their balances, as they know you; in simulation Demo Lending when absent"`
	BusinessPhone     string   `env:"BUSINESS_PHONE" help:"where customers who have questions call; it stands in what they agree to and in the message that personal links are sent with"`
	BusinessAddress   string   `env:"BUSINESS_ADDRESS" help:"where the business is, on one line; customers read it where they are asked for their consent"`
	BusinessLicence   string   `env:"BUSINESS_LICENCE" help:"licence under which it lends, such as its number at the regulator; customers read it likewise"`
	ConsentPurpose    string   `env:"CONSENT_PURPOSE" help:"what you use the balances for, in English, as the end of the sentence 'We use this …', such as: to decide about your loan; empty: ours"`
	ConsentPurposeFR  string   `env:"CONSENT_PURPOSE_FR" help:"that in French, such as: pour décider de votre prêt"`
	LinkMessage       string   `env:"LINK_MESSAGE" help:"that message in English, with {customer}, {business}, {phone}, {until} and {link} in it; empty: ours"`
	LinkMessageFR     string   `env:"LINK_MESSAGE_FR" help:"that message in French"`
	Language          string   `env:"DEFAULT_LANGUAGE" envDefault:"en" help:"language of pages for browsers that want none that we have: en or fr"`
	CustomerLanguages []string `env:"CUSTOMER_LANGUAGES" help:"languages that customers' pages speak besides, comma-separated: pcm (Nigerian Pidgin). No native speaker has checked these texts, which staff are told; consents stay in English; empty: none"`
	TimeZone          string   `env:"TIME_ZONE" envDefault:"Africa/Lagos" help:"zone in which times are shown"`

	DatabaseURL   provider.Secret `env:"DATABASE_URL" envDefault:"sqlite:data/balancelink.db" secret:"true" help:"where everything is kept: sqlite:PATH, or a database of PostgreSQL that is there already, postgres://user:password@host/name"`
	ErasedFile    string          `env:"ERASED_FILE" help:"with PostgreSQL: the file that knows who was erased, on a disk that no copy of the database is put back on"`
	SessionKey    provider.Secret `env:"SESSION_KEY" secret:"true" help:"signs and encrypts cookies, at least 32 bytes; in simulation made and kept beside the database when absent"`
	DataKey       provider.Secret `env:"DATA_KEY" secret:"true" help:"seals account numbers, payloads and second factors in the database: 32 bytes as base64 or hexadecimal digits; several, the newest first, while the key is being changed; in simulation made and kept beside the database when absent"`
	AdminEmail    string          `env:"ADMIN_EMAIL" help:"e-mail of the first member of staff; in simulation demo@example.com when absent"`
	AdminPassword provider.Secret `env:"ADMIN_PASSWORD" secret:"true" help:"password of the first member of staff, at least 12 characters; in simulation made when absent, otherwise a one-time set-up link is printed"`

	Env                 string          `env:"ENV" envDefault:"simulated" help:"simulated, sandbox or production; OKRA_ENV is its old name"`
	LinkProvider        string          `env:"LINK_PROVIDER" help:"mono or okra: through whom new links are made; default mono where it is configured, in simulation okra"`
	Linking             Switch          `env:"LINKING" envDefault:"on" help:"off: no bank window is opened; balances of what is linked go on being read"`
	Transactions        Switch          `env:"TRANSACTIONS" envDefault:"off" help:"on: the customers are asked for their transactions too, of which an available balance is worked out where the bank states none"`
	OkraAPIURL          string          `env:"OKRA_API_URL" mode:"real" help:"address of the API, with its version, such as https://gateway.example/v2/"`
	OkraWidgetURL       string          `env:"OKRA_WIDGET_URL" mode:"real" help:"address of the bank-linking widget"`
	OkraAppID           string          `env:"OKRA_APP_ID" mode:"real" help:"id of the app at the provider, if there is one"`
	OkraPublicKey       string          `env:"OKRA_PUBLIC_KEY" mode:"real" help:"public key, given to the widget"`
	OkraClientToken     string          `env:"OKRA_CLIENT_TOKEN" mode:"real" help:"client token: your id at the provider, 24 hexadecimal digits, given to the widget"`
	OkraSecretKey       provider.Secret `env:"OKRA_SECRET_KEY" secret:"true" mode:"real" help:"secret key for the API; never leaves this server except to OKRA_API_URL"`
	OkraWebhookToken    provider.Secret `env:"OKRA_WEBHOOK_TOKEN" secret:"true" mode:"real" help:"bearer token that the provider sends with webhooks, at least 16 characters"`
	OkraWebhookTokenOld provider.Secret `env:"OKRA_WEBHOOK_TOKEN_OLD" secret:"true" help:"the webhook token before the last change, still accepted until the provider sends the new one"`
	OkraRateLimit       int             `env:"OKRA_RATE_LIMIT" envDefault:"20" mode:"real" help:"calls to the provider in a minute"`
	SimulatorAddr       string          `env:"SIMULATOR_ADDR" envDefault:"127.0.0.1:8081" mode:"simulated" help:"address of the simulated Okra, in simulation"`

	MonoSecretKey        provider.Secret `env:"MONO_SECRET_KEY" secret:"true" mode:"real" help:"secret key of Mono's API, of the sandbox or live; never leaves this server except to MONO_API_URL"`
	MonoWebhookSecret    provider.Secret `env:"MONO_WEBHOOK_SECRET" secret:"true" mode:"real" help:"secret that Mono sends with webhooks, at least 16 characters"`
	MonoWebhookSecretOld provider.Secret `env:"MONO_WEBHOOK_SECRET_OLD" secret:"true" help:"the webhook secret before the last change, still accepted until Mono sends the new one"`
	MonoAppID            string          `env:"MONO_APP_ID" mode:"real" help:"id of the app at Mono: webhooks of another are turned away; empty: none are"`
	MonoAPIURL           string          `env:"MONO_API_URL" mode:"real" help:"address of Mono's API; default https://api.withmono.com/"`
	MonoLinkOrigin       string          `env:"MONO_LINK_ORIGIN" mode:"real" help:"where Mono's pages are on which people sign in to their banks; default https://link.mono.co"`
	MonoRateLimit        int             `env:"MONO_RATE_LIMIT" envDefault:"60" mode:"real" help:"calls to Mono in a minute"`
	MonoDailyCalls       int             `env:"MONO_DAILY_CALLS" envDefault:"500" help:"how many questions to banks, which Mono charges for, there may be in a day"`
	MonoSimulatorAddr    string          `env:"MONO_SIMULATOR_ADDR" envDefault:"127.0.0.1:8082" mode:"simulated" help:"address of the simulated Mono, in simulation"`

	RefreshFirstPoll time.Duration `env:"REFRESH_FIRST_POLL" help:"from asking the bank to the first look at the answer; default 2m, in simulation 3s"`
	RefreshDeadline  time.Duration `env:"REFRESH_DEADLINE" help:"when a refresh is given up; default 10m, in simulation 60s"`
	RefreshCooldown  time.Duration `env:"REFRESH_COOLDOWN" envDefault:"60s" help:"between two refreshes of an account, at least 60s"`
	SweepEvery       time.Duration `env:"SWEEP_EVERY" envDefault:"6h" help:"how often the provider is asked for the balances it has saved, so that lost webhooks heal; 0 never"`
	ScheduleEvery    time.Duration `env:"SCHEDULE_EVERY" envDefault:"0s" help:"how often balances that somebody looks at are refreshed by themselves; 0 never"`
	ScheduleCalls    int           `env:"SCHEDULE_CALLS" envDefault:"100" help:"how many scheduled refreshes there may be in a day"`
	FreshFor         time.Duration `env:"FRESH_FOR" envDefault:"1h" help:"how long a balance is called fresh"`
	WebhookSilence   time.Duration `env:"WEBHOOK_SILENCE" envDefault:"24h" help:"without any webhook for so long, the overview warns"`
	StaleAfter       time.Duration `env:"STALE_AFTER" envDefault:"24h" help:"from when on a balance is called stale"`

	ConsentValid  time.Duration `env:"CONSENT_VALID" envDefault:"8760h" help:"how long a customer's consent holds before it must be given again; one given for less ends as its text said"`
	ConsentUnused time.Duration `env:"CONSENT_UNUSED" envDefault:"4320h" help:"without a look at the balances for so long a consent ends"`

	RetainPayloads  time.Duration `env:"RETAIN_PAYLOADS" envDefault:"720h" help:"how long the payloads of webhooks and the reports of bank windows are kept, counted while the program runs; 0 for ever"`
	RetainBalances  time.Duration `env:"RETAIN_BALANCES" envDefault:"17520h" help:"how long past balances are kept, counted likewise; the latest of an account and what a funds check went by stay; 0 for ever"`
	RetainEvents    time.Duration `env:"RETAIN_EVENTS" envDefault:"720h" help:"how long what happened is kept for programs to be told, counted likewise; 0 for ever"`
	RetainRefreshes time.Duration `env:"RETAIN_REFRESHES" envDefault:"2160h" help:"how long ended requests to the banks are kept, counted likewise; 0 for ever"`

	WebhookNetworks []string `env:"WEBHOOK_NETWORKS" help:"your own networks that webhooks may be sent to, such as 10.0.0.0/8, comma-separated; empty: only public addresses, and in simulation this machine"`

	SMTPURL  provider.Secret `env:"SMTP_URL" secret:"true" help:"the server that e-mail is sent by: smtp://user:password@host:587, where TLS is begun by STARTTLS and required but on this very machine, or smtps://user:password@host:465; empty: nobody is told anything by e-mail"`
	MailFrom string          `env:"MAIL_FROM" help:"the address that e-mail comes from; with SMTP_URL or not at all"`
	// MailCustomers is besides what staff choose for themselves.
	MailCustomers Switch `env:"MAIL_CUSTOMERS" envDefault:"on" help:"off: e-mail goes to staff alone, who tell customers whose bank wants a new sign-in; no codes to sign in with are sent"`

	TrustedProxies []string `env:"TRUSTED_PROXIES" help:"addresses of the proxies before this server, whose X-Forwarded-For is believed, comma-separated; none: there is none that sends it"`
	TLSCertFile    string   `env:"TLS_CERT_FILE" help:"certificate chain as PEM; with TLS_KEY_FILE the pages are served by https, and both are read again when they change"`
	TLSKeyFile     string   `env:"TLS_KEY_FILE" help:"private key of TLS_CERT_FILE as PEM"`
	BehindTLS      bool     `env:"BEHIND_TLS" envDefault:"false" help:"true: something before this server terminates TLS and is the only one that reaches LISTEN_ADDR"`

	DrainFor time.Duration `env:"DRAIN_FOR" help:"how long a stop goes on serving while /readyz already says 503, for a balancer to see it; default 5s with PostgreSQL outside simulation, otherwise 0s: it stops at once"`

	MetricsAddr string    `env:"METRICS_ADDR" help:"address at which GET /metrics says how the program is doing, for Prometheus, such as 127.0.0.1:9090; empty: nowhere"`
	LogFormat   LogFormat `env:"LOG_FORMAT" envDefault:"text" help:"text or json: how lines of the log are written"`

	// Proxies is TRUSTED_PROXIES, read.
	Proxies []netip.Prefix `env:"-"`
	// Location is TIME_ZONE, loaded.
	Location *time.Location `env:"-"`
	// DataKeyFile is the file that DATA_KEY came from; empty: none.
	DataKeyFile string `env:"-"`

	// Webhooks are WEBHOOK_NETWORKS, read.
	Webhooks []netip.Prefix `env:"-"`
	// Mail is SMTP_URL, read, and Sender MAIL_FROM.
	Mail   MailServer   `env:"-"`
	Sender mail.Address `env:"-"`

	given map[string]bool // by name: somebody gave them a value
}

// Environment is ENV where it was given; empty: nobody said what a command is for.
func (s Settings) Environment() string {
	if !s.given["ENV"] {
		return ""
	}
	return s.Env
}

// Simulated says whether simulated providers stand in for the real ones.
func (s Settings) Simulated() bool { return s.Env == provider.EnvSimulated }

// The providers as LINK_PROVIDER and rows name them.
const (
	Okra = "okra"
	Mono = "mono"
)

// HasOkra and HasMono say whether any setting of a provider's is given: then all that
// it needs must be.
func (s Settings) HasOkra() bool { return s.Simulated() || s.given["OKRA_"] }

// HasMono is as HasOkra.
func (s Settings) HasMono() bool { return s.Simulated() || s.given["MONO_"] }

// DailyCalls is how many questions there may be in a day, by provider.
func (s Settings) DailyCalls() map[string]int { return map[string]int{Mono: s.MonoDailyCalls} }

// MovesTo is the provider to which customers are moved who are linked elsewhere: that of
// new links. Nobody is moved to Okra, whose own service has ended; empty then.
func (s Settings) MovesTo() string {
	if s.LinkProvider == Okra {
		return ""
	}
	return s.LinkProvider
}

// WebhookPath is where a provider's webhooks are received.
func WebhookPath(name string) string { return "/webhooks/" + name }

// ReturnURL is where a customer comes back to from a provider's page, by the nonce of
// the attempt.
func (s Settings) ReturnURL(nonce string) string {
	return s.PublicURL + "/connect/attempts/" + nonce + "/return"
}

// WebhookURL is the address that a provider posts to.
func (s Settings) WebhookURL(name string) string { return s.PublicURL + WebhookPath(name) }

// PurposeIn is what the balances are used for, in a language; empty: it is not set.
func (s Settings) PurposeIn(language string) string {
	if language == "fr" {
		return s.ConsentPurposeFR
	}
	return s.ConsentPurpose
}

// Days are the whole days of a setting such as RETAIN_PAYLOADS.
func Days(d time.Duration) int { return int(d / (24 * time.Hour)) }

// ErrHelp says that the reader asked for the list of settings and got it.
var ErrHelp = flag.ErrHelp

// Load reads the settings from args (flags, without the program's name) over
// environ (NAME=value, as os.Environ gives it) over the defaults. The error is
// one sentence that names the setting. Help goes to out.
func Load(args, environ []string, out io.Writer) (Settings, error) {
	s, err := Read(args, environ, out)
	if err != nil {
		return s, err
	}
	err = s.check()
	return s, err
}

// Read is Load without the checks, for commands that need few of the settings.
func Read(args, environ []string, out io.Writer) (Settings, error) {
	var s Settings
	params, err := env.GetFieldParams(&s)
	if err != nil {
		return s, err
	}
	values := env.ToMap(environ)
	if err := readFlags(values, params, args, out); err != nil {
		return s, err
	}
	if err := rename(values); err != nil {
		return s, err
	}
	if err := unknown(values, params); err != nil {
		return s, err
	}
	if err := readFiles(values, params); err != nil {
		return s, err
	}
	s.given = map[string]bool{}
	for _, p := range params {
		s.given[p.Key] = values[p.Key] != ""
		if name := p.Key[:min(5, len(p.Key))]; values[p.Key] != "" && (name == "OKRA_" || name == "MONO_") {
			s.given[name] = true
		}
	}
	if err := env.ParseWithOptions(&s, env.Options{Environment: values}); err != nil {
		return s, unreadable(err)
	}
	s.DataKeyFile = values["DATA_KEY_FILE"]
	s.defaults()
	return s, nil
}

// readFlags puts the flags that were given over the environment's values.
func readFlags(values map[string]string, params []env.FieldParams, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("balancelink", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	given := map[string]*string{}
	for _, p := range params {
		given[p.Key] = flags.String(flagName(p.Key), "", "")
	}
	old := flags.String("okra-env", "", "")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		printHelp(out, params)
	}
	if err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is not a setting; see --help", flags.Arg(0))
	}
	values["OKRA_ENV"] = cmp.Or(*old, values["OKRA_ENV"])
	flags.Visit(func(f *flag.Flag) {
		for key, value := range given {
			if flagName(key) == f.Name {
				values[key] = *value
			}
		}
	})
	return nil
}

// rename takes ENV from its old name.
func rename(values map[string]string) error {
	old := values["OKRA_ENV"]
	delete(values, "OKRA_ENV")
	switch {
	case old == "":
	case values["ENV"] != "" && values["ENV"] != old:
		return fmt.Errorf("OKRA_ENV is the old name of ENV, and they differ: leave OKRA_ENV out")
	default:
		values["ENV"] = old
	}
	return nil
}

func flagName(key string) string {
	return strings.ToLower(strings.ReplaceAll(key, "_", "-"))
}

// readFiles takes secrets from the files that NAME_FILE names.
func readFiles(values map[string]string, params []env.FieldParams) error {
	for _, p := range params {
		path := values[p.Key+"_FILE"]
		if path == "" || !isSecret(p.Key) {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("%s_FILE cannot be read: %w", p.Key, err)
		}
		values[p.Key] = secretIn(text)
	}
	return nil
}

// secretIn is the secret in a file, without what an editor puts around it.
func secretIn(file []byte) string {
	return strings.TrimRight(strings.TrimPrefix(string(file), "\ufeff"), "\r\n")
}

// unreadable makes one sentence of a value that does not parse.
func unreadable(err error) error {
	var agg env.AggregateError
	if errors.As(err, &agg) && len(agg.Errors) > 0 {
		err = agg.Errors[0]
	}
	var parse env.ParseError
	if !errors.As(err, &parse) {
		return err
	}
	err = parse.Err
	switch parse.Type.Kind() {
	case reflect.Int64: // all of which are lengths of time
		err = errors.New("it must be a length of time such as 90s, 30m or 720h, which are 30 days")
	case reflect.Int:
		err = errors.New("it must be a whole number")
	case reflect.Bool:
		err = errors.New("it must be true or false")
	}
	return fmt.Errorf("%s cannot be understood: %w", keyOf(parse.Name), err)
}

// defaults fills in what depends on other settings.
func (s *Settings) defaults() {
	first, deadline := 2*time.Minute, 10*time.Minute
	if s.Simulated() {
		first, deadline = 3*time.Second, time.Minute
		s.simulate()
	}
	s.RefreshFirstPoll = orDuration(s.RefreshFirstPoll, first)
	s.RefreshDeadline = orDuration(s.RefreshDeadline, deadline)
	if !s.given["DRAIN_FOR"] && s.OnPostgres() && !s.Simulated() {
		s.DrainFor = 5 * time.Second // others may go on serving, behind a balancer that looks every few seconds
	}
	for _, text := range []*string{
		&s.BusinessName, &s.BusinessAddress, &s.BusinessLicence, &s.ConsentPurpose, &s.ConsentPurposeFR,
	} {
		*text = strings.TrimSpace(*text)
	}
	for _, address := range []*string{
		&s.PublicURL, &s.OkraAPIURL, &s.OkraWidgetURL, &s.MonoAPIURL, &s.MonoLinkOrigin,
	} {
		*address = strings.TrimSpace(*address)
	}
	if s.Env == "sandbox" {
		s.Env = provider.EnvSandbox
	}
	if s.HasMono() {
		s.MonoAPIURL = cmp.Or(s.MonoAPIURL, "https://api.withmono.com/")
		s.MonoLinkOrigin = cmp.Or(s.MonoLinkOrigin, "https://link.mono.co")
	}
	if s.LinkProvider == "" {
		s.LinkProvider = Okra
		if s.HasMono() && !s.Simulated() {
			s.LinkProvider = Mono
		}
	}
}

// simulate points everything at the simulated providers in the binary. Its keys are
// no secrets: they open nothing but the simulation.
func (s *Settings) simulate() {
	if s.PublicURL == "" {
		s.PublicURL = s.scheme() + "://" + s.ListenAddr
	}
	s.OkraAPIURL = "http://" + s.SimulatorAddr + "/v2/"
	s.OkraWidgetURL = "http://" + s.SimulatorAddr
	s.OkraAppID = demo["OKRA_APP_ID"]
	s.OkraPublicKey = demo["OKRA_PUBLIC_KEY"]
	s.OkraClientToken = demo["OKRA_CLIENT_TOKEN"]
	s.OkraSecretKey = provider.Secret(demo["OKRA_SECRET_KEY"])
	s.OkraWebhookToken = provider.Secret(demo["OKRA_WEBHOOK_TOKEN"])
	s.OkraRateLimit = 600
	s.MonoAPIURL = "http://" + s.MonoSimulatorAddr + "/"
	s.MonoLinkOrigin = "http://" + s.MonoSimulatorAddr
	s.MonoSecretKey = provider.Secret(demo["MONO_SECRET_KEY"])
	s.MonoWebhookSecret = provider.Secret(demo["MONO_WEBHOOK_SECRET"])
	s.MonoAppID = demo["MONO_APP_ID"]
	s.MonoRateLimit = 600
	s.AdminEmail = cmp.Or(s.AdminEmail, demo["ADMIN_EMAIL"])
	s.BusinessName = cmp.Or(strings.TrimSpace(s.BusinessName), demo["BUSINESS_NAME"])
}

// scheme is what browsers speak to LISTEN_ADDR.
func (s *Settings) scheme() string {
	if s.TLSCertFile != "" {
		return "https"
	}
	return "http"
}

func orDuration(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}
