package handlers

import (
	"context"
	"net/http"
	"runtime"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/hook"
	"balancelink/handlers/metrics"
	"balancelink/handlers/worker"
	"balancelink/store"
)

// measure times every request by its route.
func (s *Server) measure(c *gin.Context) {
	began := time.Now()
	c.Next()
	route := "none" // what is asked for there a stranger chooses
	if path := c.FullPath(); path != "" {
		route = c.Request.Method + " " + path
	}
	s.meter.Answered(route, c.Writer.Status(), time.Since(began))
}

// expect has what is counted be there from the start.
func (s *Server) expect() {
	words := metrics.Words{Webhooks: hook.Results()}
	for _, u := range s.upstreams {
		words.Providers = append(words.Providers, u.Name())
	}
	for _, outcome := range store.RefreshOutcomes() {
		words.Refreshes = append(words.Refreshes, string(outcome))
	}
	words.Sent, words.Mailed = worker.SentWords()
	if !s.Settings.Mails() {
		words.Mailed = nil
	}
	s.meter.Expect(words)
}

// Metrics answers GET /metrics at an address of its own: see METRICS_ADDR.
func (s *Server) Metrics() http.Handler { return s.meter.Handler(s.gauges) }

// gauges are how things stand now.
func (s *Server) gauges(ctx context.Context) (all []metrics.Gauge, err error) {
	add := func(name string, value float64, labels ...string) {
		all = append(all, metrics.Gauge{Name: name, Value: value, Labels: labels})
	}
	add("build_info", 1, "version", Version(), "go", runtime.Version())
	for _, u := range s.upstreams {
		if u.Calls != nil {
			add("provider_calls_left", float64(u.Calls.State().Left), "provider", u.Name())
		}
		pause := s.pause(u)
		add("provider_paused", oneIf(pause.Kind != ""), "provider", u.Name(), "kind", string(pause.Kind))
		add("provider_trusted", oneIf(!u.standing().Lost()), "provider", u.Name())
	}
	for _, part := range []func(context.Context, func(string, float64, ...string)) error{
		s.gaugeChecks, s.gaugeQueues, s.gaugeOutgoing, s.gaugeMail, s.gaugeCustomers, s.gaugeKept, s.gaugeDisk,
	} {
		if err := part(ctx, add); err != nil {
			s.Logger.Error("reading metrics", "err", err)
			return nil, err
		}
	}
	return all, nil
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// gaugeChecks adds what was found in the database when somebody last looked.
func (s *Server) gaugeChecks(ctx context.Context, add func(string, float64, ...string)) error {
	found, err := s.Store.SelfChecks(ctx)
	if err != nil {
		return err
	}
	if !found.Audit.At.IsZero() {
		add("audit_ok", oneIf(found.Audit.Found.BadRow == 0))
	}
	if !found.Balances.At.IsZero() {
		add("contradictions", float64(found.Balances.Found))
	}
	return nil
}

func (s *Server) gaugeQueues(ctx context.Context, add func(string, float64, ...string)) error {
	w, err := s.Store.Waiting(ctx)
	if err != nil {
		return err
	}
	for what, n := range map[string]int{
		"webhooks": w.Events, "unclaimed": w.Unmatched, "refreshes": w.Refreshes, "links": w.Links,
		"removals": w.Removals, "outgoing": w.Outgoing,
	} {
		add("queue", float64(n), "what", what)
	}
	s.addWait(add, "oldest_waiting_seconds", w.Oldest)
	s.addAge(add, "last_webhook_seconds", w.LastEvent)
	add("worker_alive", oneIf(s.Worker.Alive()))
	add("leader", oneIf(s.leads()))
	return nil
}

// gaugeOutgoing adds how it stands with the endpoints that are sent what happens.
func (s *Server) gaugeOutgoing(ctx context.Context, add func(string, float64, ...string)) error {
	e, err := s.Store.Endpointed(ctx)
	if err != nil {
		return err
	}
	for state, n := range map[string]int{
		"enabled": e.Enabled, "failing": e.Failing, "disabled": e.Disabled, "stopped": e.Stopped,
	} {
		add("outgoing_endpoints", float64(n), "state", state)
	}
	s.addWait(add, "outgoing_oldest_seconds", e.Oldest)
	return nil
}

// gaugeMail adds how much e-mail waits, and whether the server took the last that was tried.
func (s *Server) gaugeMail(ctx context.Context, add func(string, float64, ...string)) error {
	if !s.Settings.Mails() {
		return nil
	}
	m, err := s.Store.MailServer(ctx)
	if err != nil {
		return err
	}
	add("queue", float64(m.Waiting), "what", "mail")
	s.addWait(add, "mail_oldest_seconds", m.Due)
	add("mail_ok", oneIf(!m.Failing()))
	return nil
}

// aheadBy is by how much the clocks of instances and of the database may differ.
const aheadBy = time.Minute

// olderThan says whether a moment is longer ago than that, or may be: it lies ahead, and
// nobody knows how long ago it was.
func (s *Server) olderThan(t time.Time, age time.Duration) bool {
	since := s.Now().Sub(t)
	return since > age || since < -aheadBy
}

// addAge adds how long ago a moment was. Of one that lies ahead, for the clock was set back,
// nobody knows: an age of 0 would be one that never grows old, and so it says that instead.
func (s *Server) addAge(add func(string, float64, ...string), name string, t time.Time) {
	since := s.Now().Sub(t)
	add("time_ahead", oneIf(since < -aheadBy), "of", name)
	if !t.IsZero() && since >= -aheadBy {
		add(name, max(0, since.Seconds()))
	}
}

// addWait is addAge of what waits; 0: nothing does.
func (s *Server) addWait(add func(string, float64, ...string), name string, t time.Time) {
	s.addAge(add, name, t)
	if t.IsZero() {
		add(name, 0)
	}
}

// gaugeCustomers counts customers by what they need, which of many may be a minute old.
func (s *Server) gaugeCustomers(ctx context.Context, add func(string, float64, ...string)) error {
	at := s.countsAt()
	at.EventsSince = s.Now().Add(-24 * time.Hour)
	n, err := s.Store.Counts(ctx, at)
	if err != nil {
		return err
	}
	for what, n := range map[string]int{
		"all": n.Customers, string(store.Linked): n.Linked, string(store.NeverLinked): n.NeverLinked,
		string(store.NeedsLogin): n.NeedsLogin, string(store.NeedsReview): n.NeedsReview,
		string(store.AskedLink): n.AskedLink, string(store.StaleBalance): n.Stale,
		string(store.BelowThreshold): n.Below, string(store.ConsentEnded): n.ConsentEnded,
	} {
		add("customers", float64(n), "which", what)
	}
	return nil
}

// gaugeKept adds how much is kept for longer than it should be, because it cannot be removed.
func (s *Server) gaugeKept(ctx context.Context, add func(string, float64, ...string)) error {
	all, err := s.Store.PurgedSince(ctx, s.Now())
	stuck := 0
	for _, p := range all {
		stuck += p.Stuck
	}
	add("retention_stuck", float64(stuck))
	return err
}

func (s *Server) gaugeDisk(ctx context.Context, add func(string, float64, ...string)) error {
	d, err := s.Store.Disk()
	if err != nil {
		return err
	}
	add("database_bytes", float64(d.Size))
	if s.Store.IsFile() {
		add("database_log_bytes", float64(d.Log))
		add("disk_free_bytes", float64(d.Free))
	}
	last, err := s.Store.LastBackup(ctx)
	if err == nil {
		s.addAge(add, "last_backup_seconds", last.At)
	}
	return nil // a note of the last backup that cannot be read is told on Status
}
