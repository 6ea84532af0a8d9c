// Package providers puts together the providers that the settings configure: their
// adapters, the budgets of their calls, and what watches over their hosts. Beside
// main it alone knows the adapters.
package providers

import (
	"context"
	"log/slog"
	"net/url"
	"time"

	"balancelink/handlers"
	"balancelink/handlers/settings"
	"balancelink/handlers/worker"
	"balancelink/okra"
	"balancelink/okra/mono"
	"balancelink/okra/provider"
	"balancelink/store"
)

// Config is what providers are put together with.
type Config struct {
	Settings settings.Settings
	Store    *store.Store
	Logger   *slog.Logger
	Now      func() time.Time // nil: time.Now
	// Budget is the budget of a provider's calls; nil: [worker.KeptBudget].
	Budget func(name string) *provider.Budget
	// Prober changes how Okra's hosts are probed; nil: nothing does.
	Prober func(*okra.Prober)
	// Called is told of every call to a provider that has ended; nil: nobody is.
	Called func(provider, how string)
	// Leads says whether this instance makes the calls; nil: it does.
	Leads func() bool
}

// Open returns the providers that are configured, the one for new links first. Their
// Trust has to be run.
func Open(ctx context.Context, cfg Config) ([]handlers.Upstream, error) {
	var all []handlers.Upstream
	for _, one := range []struct {
		name       string
		configured bool
		open       func(context.Context) (handlers.Upstream, error)
	}{
		{settings.Okra, cfg.Settings.HasOkra(), cfg.okra},
		{settings.Mono, cfg.Settings.HasMono(), cfg.mono},
	} {
		if !one.configured {
			continue
		}
		u, err := one.open(ctx)
		if err != nil {
			return nil, err
		}
		if one.name == cfg.Settings.LinkProvider {
			all = append([]handlers.Upstream{u}, all...)
		} else {
			all = append(all, u)
		}
	}
	return all, nil
}

// Okra is the adapter of Okra as the settings have it.
func Okra(set settings.Settings) (*okra.Adapter, error) {
	base, err := url.Parse(set.OkraAPIURL)
	if err != nil {
		return nil, err
	}
	hook := set.WebhookURL(settings.Okra)
	return &okra.Adapter{
		Client: &okra.Client{BaseURL: base, SecretKey: set.OkraSecretKey}, Env: set.Env, Owner: set.OkraClientToken,
		Tokens: []provider.Secret{set.OkraWebhookToken, set.OkraWebhookTokenOld},
		Widget: okra.WidgetOptions{
			AppID: set.OkraAppID, Key: set.OkraPublicKey, Token: set.OkraClientToken,
			WebhookURL: hook, CallbackURL: hook,
		},
	}, nil
}

func (cfg Config) okra(ctx context.Context) (handlers.Upstream, error) {
	a, err := Okra(cfg.Settings)
	if err != nil {
		return handlers.Upstream{}, err
	}
	widget, err := url.Parse(cfg.Settings.OkraWidgetURL)
	if err != nil {
		return handlers.Upstream{}, err
	}
	if a.Budget, err = cfg.budget(ctx, a.Name(), cfg.Settings.OkraRateLimit); err != nil {
		return handlers.Upstream{}, err
	}
	prober := &okra.Prober{API: a.Client, Widget: widget}
	if cfg.Prober != nil {
		cfg.Prober(prober)
	}
	trust, err := cfg.trust(ctx, a.Name(), a.Budget, prober.Probe)
	a.Failed = trust.Doubt
	return handlers.Upstream{
		Provider: a, Trust: trust, Calls: cfg.calls(a.Name(), a.Budget), API: cfg.Settings.OkraAPIURL,
		Page: cfg.Settings.OkraWidgetURL, Setting: "OKRA_API_URL", Secret: "OKRA_WEBHOOK_TOKEN",
	}, err
}

// Mono is the adapter of Mono as the settings have it.
func Mono(set settings.Settings) (*mono.Adapter, error) {
	base, err := url.Parse(set.MonoAPIURL)
	if err != nil {
		return nil, err
	}
	pages, err := url.Parse(set.MonoLinkOrigin)
	if err != nil {
		return nil, err
	}
	return &mono.Adapter{
		Client: &mono.Client{BaseURL: base, SecretKey: set.MonoSecretKey}, Env: set.Env, AppID: set.MonoAppID,
		Secrets: []provider.Secret{set.MonoWebhookSecret, set.MonoWebhookSecretOld}, Page: pages,
	}, nil
}

func (cfg Config) mono(ctx context.Context) (handlers.Upstream, error) {
	a, err := Mono(cfg.Settings)
	if err != nil {
		return handlers.Upstream{}, err
	}
	if a.Budget, err = cfg.budget(ctx, a.Name(), cfg.Settings.MonoRateLimit); err != nil {
		return handlers.Upstream{}, err
	}
	a.Now = cfg.Now
	trust, err := cfg.trust(ctx, a.Name(), a.Budget, a.Banks)
	a.Failed = trust.Doubt
	return handlers.Upstream{
		Provider: a, Trust: trust, Calls: cfg.calls(a.Name(), a.Budget), API: cfg.Settings.MonoAPIURL,
		Page: cfg.Settings.MonoLinkOrigin, Setting: "MONO_API_URL", Secret: "MONO_WEBHOOK_SECRET",
	}, err
}

func (cfg Config) budget(ctx context.Context, name string, perMinute int) (b *provider.Budget, err error) {
	if cfg.Budget != nil {
		b = cfg.Budget(name)
	} else if b, err = worker.KeptBudget(ctx, cfg.Store, name, cfg.Settings.Env, perMinute, cfg.Now); err != nil {
		return nil, err
	}
	if b != nil && b.Called == nil && cfg.Called != nil {
		b.Called = func(how string) { cfg.Called(name, how) }
	}
	return b, nil
}

// calls is how it stands with the calls of a budget; nil: there is none.
func (cfg Config) calls(name string, budget *provider.Budget) *worker.Allowance {
	if budget == nil {
		return nil
	}
	return &worker.Allowance{
		Store: cfg.Store, Name: name, Env: cfg.Settings.Env, Budget: budget, Leads: cfg.Leads, Logger: cfg.Logger,
		Now: cfg.Now,
	}
}

func (cfg Config) trust(
	ctx context.Context, name string, budget *provider.Budget, probe func(context.Context) error,
) (*worker.Trust, error) {
	t := &worker.Trust{
		Store: cfg.Store, Name: name, Env: cfg.Settings.Env, Off: !cfg.Settings.Linking.On(), Budget: budget,
		Probe: probe, Leads: cfg.Leads, Logger: cfg.Logger, Now: cfg.Now,
	}
	return t, t.Recall(ctx)
}
