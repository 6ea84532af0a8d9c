package providers

import (
	"context"
	"net/url"

	"balancelink/handlers/settings"
	"balancelink/okra"
)

// Probe looks whether a provider's hosts are its own, without a key.
type Probe struct {
	Name                 string // as settings name it
	API, Page            string
	Setting, PageSetting string // that have these
	Run                  func(context.Context) error
}

// Probes are those of the providers that are configured.
func Probes(set settings.Settings) (all []Probe, err error) {
	if set.HasOkra() {
		a, err := Okra(set)
		if err != nil {
			return nil, err
		}
		widget, err := url.Parse(set.OkraWidgetURL)
		if err != nil {
			return nil, err
		}
		all = append(all, Probe{
			Name: settings.Okra, API: set.OkraAPIURL, Page: set.OkraWidgetURL, Setting: "OKRA_API_URL",
			PageSetting: "OKRA_WIDGET_URL", Run: (&okra.Prober{API: a.Client, Widget: widget}).Probe,
		})
	}
	if set.HasMono() {
		a, err := Mono(set)
		if err != nil {
			return nil, err
		}
		all = append(all, Probe{
			Name: settings.Mono, API: set.MonoAPIURL, Page: set.MonoLinkOrigin, Setting: "MONO_API_URL",
			PageSetting: "MONO_LINK_ORIGIN", Run: a.Banks,
		})
	}
	return all, nil
}
