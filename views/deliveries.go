package views

import (
	"context"
	"strconv"
	"time"
)

// Deliveries is what was sent to programs of the business, with its filters.
type Deliveries struct {
	Frame
	Filter    DeliveryFilter
	Missed    []MissedBy // of the endpoints that the filter picks
	Rows      []DeliveryRow
	FirstURL  string // empty: this is the first page
	NextURL   string // empty: this is the last page
	ManageURL string // where endpoints are added; empty: not by this viewer
}

// MissedBy is what one endpoint was never sent.
type MissedBy struct {
	Endpoint string // its address
	Missed
}

// DeliveryFilter is the form above the list: what was chosen, and what there is to choose
// from.
type DeliveryFilter struct {
	Customer     string // as typed, or an id
	CustomerName string // of the one who was found; empty: none was asked for or found
	Type         string
	State        string
	Endpoint     string
	Types        []string
	Endpoints    []Choice
	Errors       map[string]string // field name → sentence
}

func (f DeliveryFilter) chosen() bool { return f.Customer+f.Type+f.State+f.Endpoint != "" }

// DeliveryRow is one event on its way to one endpoint.
type DeliveryRow struct {
	Seq         int64
	Type        string
	At          time.Time // when it happened
	Customer    string    // reference; empty: it is about nobody
	CustomerURL string    // empty: there is no page
	Endpoint    string
	State       string // "waiting", "succeeded" or "failed"
	Tries       int
	NextTryAt   time.Time
	Status      int    // of the last answer; 0: there was none
	Error       string // why the last try failed, in a word; empty: it did not
	ReplayURL   string // POST; empty: not by this viewer
}

func deliveryStates(ctx context.Context) []Choice {
	return []Choice{
		{"waiting", say(ctx, "On its way")}, {"succeeded", say(ctx, "Arrived")}, {"failed", say(ctx, "Given up")},
	}
}

func deliveryLabel(ctx context.Context, state string) label {
	switch state {
	case "waiting":
		return label{say(ctx, "On its way"), info}
	case "succeeded":
		return label{say(ctx, "Arrived"), good}
	}
	return label{say(ctx, "Given up"), bad}
}

// deliveryWords say why a try failed.
func deliveryWords(ctx context.Context, d DeliveryRow) string {
	switch d.Error {
	case "secret":
		return say(ctx, "Its secret does not open.")
	case "unreachable":
		return say(ctx, "Nobody answers there.")
	case "untrusted":
		return say(ctx, "Its address is not public, or its certificate is not right.")
	case "slow":
		return say(ctx, "It did not answer in time.")
	case "redirect":
		return say(ctx, "It says that it is somewhere else (%s).", strconv.Itoa(d.Status))
	}
	return say(ctx, "It answered %s.", strconv.Itoa(d.Status))
}
