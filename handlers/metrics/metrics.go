// Package metrics counts and times what the program does, for whoever watches it with
// Prometheus or the like. A label is one of a few words that the program chooses: none
// has an id, a name or an amount.
package metrics

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// prefix begins the name of everything that is ours.
const prefix = "balancelink_"

// Meter counts and times. A nil one does neither.
type Meter struct {
	set *metrics.Set
}

// New returns a meter that has counted nothing yet.
func New() *Meter {
	metrics.ExposeMetadata(true)
	return &Meter{set: metrics.NewSet()}
}

// seconds are the bounds of what is timed: a page, a transaction, a webhook's answer.
var seconds = []float64{0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30}

// Labels are what tells apart what has the same name: pairs of a label and its value.
type Labels []string

// named is a name with labels, as the text format writes them.
func named(name string, l Labels) string {
	if len(l) == 0 {
		return prefix + name
	}
	var pairs []string
	for pair := range slices.Chunk(l, 2) {
		pairs = append(pairs, fmt.Sprintf("%s=%q", pair[0], pair[1]))
	}
	return prefix + name + "{" + strings.Join(pairs, ",") + "}"
}

func (m *Meter) count(name string, l ...string) {
	if m != nil {
		m.set.GetOrCreateCounter(named(name, l)).Inc()
	}
}

func (m *Meter) time(name string, took time.Duration, l ...string) {
	if m != nil {
		m.set.GetOrCreatePrometheusHistogramExt(named(name, l), seconds).Update(took.Seconds())
	}
}

// Words are those by which is told apart what is counted, of each counter all that there are.
type Words struct {
	Providers []string
	Webhooks  []string // what becomes of a delivery of a provider
	Refreshes []string // how a request to a bank ends
	Sent      []string // how a try to send a webhook goes
	Mailed    []string // how a try to send an e-mail goes; none: none is sent
}

// Expect has counters be there, as 0, before anything is counted. By how much one grew is
// not told of one that appears: the first webhook that is not stored would alert nobody.
func (m *Meter) Expect(w Words) {
	if m == nil {
		return
	}
	there := func(name, label string, words []string, more ...string) {
		for _, word := range words {
			m.set.GetOrCreateCounter(named(name, append(slices.Clone(more), label, word)))
		}
	}
	for _, p := range w.Providers {
		there("webhooks_total", "result", w.Webhooks, "provider", p)
	}
	there("refreshes_total", "outcome", w.Refreshes)
	there("outgoing_total", "result", w.Sent)
	there("mails_total", "result", w.Mailed)
}

// Answered counts and times a request by its route, as routes.go writes it, and by the
// status that it was answered with.
func (m *Meter) Answered(route string, status int, took time.Duration) {
	m.time("http_seconds", took, "route", route, "code", fmt.Sprint(status))
}

// Webhook counts a delivery by what became of it, in a word, and times the answer.
func (m *Meter) Webhook(provider, result string, took time.Duration) {
	m.count("webhooks_total", "provider", provider, "result", result)
	m.time("webhook_ack_seconds", took, "provider", provider)
}

// Called counts a call to a provider by how it ended, in a word.
func (m *Meter) Called(provider, kind string) {
	m.count("provider_calls_total", "provider", provider, "kind", kind)
}

// RefreshEnded counts a request to a bank by its outcome.
func (m *Meter) RefreshEnded(outcome string) { m.count("refreshes_total", "outcome", outcome) }

// Sent counts a try to send a webhook to a program of the business by how it went, in a
// word.
func (m *Meter) Sent(result string) { m.count("outgoing_total", "result", result) }

// Mailed counts a try to send an e-mail by how it went, in a word.
func (m *Meter) Mailed(result string) { m.count("mails_total", "result", result) }

// Transacted times a write transaction: how long it waited for its turn, and how long it
// kept others waiting.
func (m *Meter) Transacted(waited, took time.Duration) {
	m.time("writer_lock_wait_seconds", waited)
	m.time("transaction_seconds", took)
}

// Gauge is a figure as it is now.
type Gauge struct {
	Name   string
	Labels Labels
	Value  float64
}

// Handler answers GET /metrics with what was counted, and the figures that read gives.
// One that cannot be read is answered 503: half of them would look like all.
func (m *Meter) Handler(read func(context.Context) ([]Gauge, error)) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		gauges, err := read(r.Context())
		if err != nil {
			http.Error(w, "the figures cannot be read", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		m.set.WritePrometheus(w)
		writeGauges(w, gauges)
		metrics.WriteProcessMetrics(w)
	})
	return mux
}

// writeGauges writes figures, those of a name behind each other.
func writeGauges(w io.Writer, gauges []Gauge) {
	now := metrics.NewSet()
	for _, g := range gauges {
		now.GetOrCreateGauge(named(g.Name, g.Labels), nil).Set(g.Value)
	}
	now.WritePrometheus(w)
}
