package views

import (
	"context"
	"strings"
	"time"
)

// EndpointsPage is the list of addresses to which is sent what happens, with the form
// that adds one.
type EndpointsPage struct {
	Frame
	Rows []EndpointRow
	Form EndpointForm
}

// EndpointRow is one endpoint in the list.
type EndpointRow struct {
	URL          string
	Types        []string // of what is sent; none: everything
	Amounts      bool     // balances are sent with their figures
	State        string   // "enabled" or "disabled"
	Why          string   // it was disabled: "asked", "gone", "failing" or "restored"
	DisabledAt   time.Time
	FailingSince time.Time // zero: the last try did not fail
	Missed       Missed
	LogURL       string
	TestURL      string // POST; empty: it is disabled
	SecretURL    string // POST: changes the secret
	DisableURL   string // POST; empty: it is disabled
	EnableURL    string // POST; empty: it is enabled
	RemoveURL    string // POST
}

// Missed says how many events an endpoint was never sent, because they are not kept any more.
type Missed struct {
	Events int       // 0: it missed none
	At     time.Time // when the last of them went
}

// EndpointForm is the form that adds an endpoint: what was typed and chosen, what there
// is to choose from, and what is wrong.
type EndpointForm struct {
	URL     string
	Types   []string // that were chosen
	Offers  []string // all types
	Amounts bool
	Errors  map[string]string
}

// EndpointSecret shows the secret of an endpoint, once.
type EndpointSecret struct {
	Frame
	URL, Secret string
}

// whatBegins is where a type such as account.linked says what happened.
func whatBegins(kind string) int { return strings.Index(kind, ".") + 1 }

func endpointLabel(ctx context.Context, state string) label {
	if state == "enabled" {
		return label{say(ctx, "Enabled"), good}
	}
	return label{say(ctx, "Disabled"), bad}
}

// disabledWords say why nothing is sent to an endpoint.
func disabledWords(ctx context.Context, why string) string {
	switch why {
	case "gone":
		return say(ctx, "It answered that nobody listens there any more.")
	case "failing":
		return say(ctx, "Nothing arrived there for five days.")
	case "restored":
		return say(ctx, "It is from an older copy of the database: look whether it is still right, and enable it.")
	}
	return say(ctx, "Somebody disabled it.")
}
