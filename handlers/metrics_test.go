package handlers_test

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"balancelink/handlers/sitetest/site"
	"balancelink/okra/provider"
	"balancelink/store"
)

// metricsOf is what GET /metrics answers, as it is written.
func metricsOf(s *site.Site) string {
	s.T.Helper()
	w := httptest.NewRecorder()
	s.Metrics.ServeHTTP(w, httptest.NewRequestWithContext(s.T.Context(), http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		s.T.Fatalf("GET /metrics is answered %d", w.Code)
	}
	return w.Body.String()
}

// parsed is that as Prometheus reads it: ours, by name.
func parsed(s *site.Site) map[string]*dto.MetricFamily {
	s.T.Helper()
	p := expfmt.NewTextParser(model.UTF8Validation)
	all, err := p.TextToMetricFamilies(strings.NewReader(metricsOf(s)))
	if err != nil {
		s.T.Fatal(err)
	}
	maps.DeleteFunc(all, func(name string, _ *dto.MetricFamily) bool { return !strings.HasPrefix(name, "balancelink_") })
	return all
}

// metric is the value of the one with those labels; -1: there is none.
func metric(all map[string]*dto.MetricFamily, name string, labels map[string]string) float64 {
	for _, m := range all[name].GetMetric() {
		has := map[string]string{}
		for _, l := range m.GetLabel() {
			has[l.GetName()] = l.GetValue()
		}
		if maps.Equal(has, labels) {
			return m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return -1
}

// lives has something happen of everything that is counted.
func lives(t *testing.T) (s *site.Site, staff *site.Browser, customerID string) {
	t.Helper()
	t.Parallel()
	s = &site.Site{T: t, Log: site.Quiet}
	s.Budget = provider.NewBudget(600, func() time.Time { return s.Clock() })
	s.Open([]string{"REFRESH_COOLDOWN=1ms", "SMTP_URL=smtp://127.0.0.1:9", "MAIL_FROM=alerts@lender.example"})
	tells(s)
	staff = s.SignedIn()
	customerID, _ = s.Link(staff, "Amina Bello", "Amina456")
	s.HeardAll()
	a := s.Accounts(customerID)["2230011442"]
	staff.Post("/accounts/"+a.ID+"/refresh", nil).WantStatus(http.StatusOK)
	s.Settled(a.ID)
	s.Hook(`{}`, http.Header{"Authorization": {"Bearer wrong"}}).WantStatus(http.StatusUnauthorized)
	staff.Get("/status").WantStatus(http.StatusOK)
	staff.Post("/status/backup", url.Values{}).WantStatus(http.StatusOK)
	counted := regexp.MustCompile(`(?s)balancelink_mails_total\S* [1-9].*balancelink_outgoing_total\S* [1-9]`)
	s.Eventually("it is all counted", func() bool {
		all := metricsOf(s)
		return strings.Contains(all, "balancelink_audit_ok") && counted.MatchString(all)
	})
	return s, staff, customerID
}

// tells has what happens told to a program, to one that is disabled, and to staff by e-mail.
func tells(s *site.Site) {
	s.T.Helper()
	program := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.T.Cleanup(program.Close)
	for _, path := range []string{"/taken", "/disabled"} {
		e, err := s.Store.AddEndpoint(s.T.Context(), store.ByStaff("s"), store.Endpoint{URL: program.URL + path})
		if err == nil && path == "/disabled" {
			_, err = s.Store.DisableEndpoint(s.T.Context(), store.ByStaff("s"), e.ID)
		}
		if err != nil {
			s.T.Fatal(err)
		}
	}
	all, err := s.Store.AllStaff(s.T.Context())
	if err == nil {
		err = s.Store.ChooseMails(s.T.Context(), all[0].ID, []store.MailKind{store.MailLinked})
	}
	if err != nil {
		s.T.Fatal(err)
	}
}

func TestMetricsSayWhatHappensAndPrometheusReadsThem(t *testing.T) {
	s, _, _ := lives(t)
	all := parsed(s)
	for name, labels := range map[string]map[string]string{
		"balancelink_webhooks_total":           {"provider": "okra", "result": "unauthorized"},
		"balancelink_provider_calls_total":     {"provider": "okra", "kind": "ok"},
		"balancelink_http_seconds":             {"route": "POST /accounts/:id/refresh", "code": "303"},
		"balancelink_writer_lock_wait_seconds": {},
		"balancelink_transaction_seconds":      {},
		"balancelink_customers":                {"which": "linked"},
		"balancelink_audit_ok":                 {},
		"balancelink_worker_alive":             {},
		"balancelink_leader":                   {},
		"balancelink_outgoing_total":           {"result": "ok"},
		"balancelink_mails_total":              {"result": "unreachable"},
	} {
		if metric(all, name, labels) < 1 {
			t.Errorf("%s%v is %v", name, labels, metric(all, name, labels))
		}
	}
	for state, want := range map[string]float64{"enabled": 1, "disabled": 1, "failing": 0, "stopped": 0} {
		if got := metric(all, "balancelink_outgoing_endpoints", map[string]string{"state": state}); got != want {
			t.Errorf("%v endpoints are %s, want %v", got, state, want)
		}
	}
	for _, what := range []string{"outgoing", "mail"} {
		if got := metric(all, "balancelink_queue", map[string]string{"what": what}); got < 0 {
			t.Errorf("it is not said how much of %s waits", what)
		}
	}
	ended := 0.0
	for _, m := range all["balancelink_refreshes_total"].GetMetric() {
		ended += m.GetCounter().GetValue()
	}
	if ended < 1 {
		t.Error("no refresh is counted")
	}
	if got := metric(all, "balancelink_contradictions", map[string]string{}); got != 0 {
		t.Errorf("contradictions = %v", got)
	}
}

// Of what grows Prometheus tells by how much; of what appears it cannot.
func TestWhatAlertsAskForIsThereBeforeItIsCounted(t *testing.T) {
	s := site.New(t, "SMTP_URL=smtp://127.0.0.1:9", "MAIL_FROM=alerts@lender.example")
	before := parsed(s)
	text, err := os.ReadFile("alerts.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	asked := regexp.MustCompile(`increase\((\w+)\{(\w+)=~?"([\w|]+)"\}`).FindAllStringSubmatch(string(text), -1)
	if n := strings.Count(string(text), "increase("); n < 3 || len(asked) != n {
		t.Fatalf("%d of %d counters are understood", len(asked), n)
	}
	for _, a := range asked {
		for word := range strings.SplitSeq(a[3], "|") {
			labels := map[string]string{a[2]: word}
			if a[1] == "balancelink_webhooks_total" {
				labels["provider"] = "okra"
			}
			if got := metric(before, a[1], labels); got != 0 {
				t.Errorf("%s%v is %v at the start, want 0", a[1], labels, got)
			}
		}
	}
	s.Hook(`{}`, http.Header{"Authorization": {"Bearer wrong"}})
	for name, series := range map[string]int{"webhooks_total": 20, "refreshes_total": 7, "outgoing_total": 7, "mails_total": 6} {
		if got := len(parsed(s)["balancelink_"+name].GetMetric()); got != series {
			t.Errorf("%s has %d series, want %d", name, got, series)
		}
	}
}

// An age of 0 is one that never grows old: an alert on it would say nothing for as long as
// the clock has not caught up.
func TestAnAgeOfWhatLiesAheadIsNotTold(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	s.Link(staff, "Amina Bello", "Amina456")
	s.HeardAll()
	staff.Post("/status/backup", url.Values{}).WantStatus(http.StatusOK)
	of := func(name string) (age, ahead float64) {
		all := parsed(s)
		return metric(all, "balancelink_"+name, map[string]string{}), metric(all, "balancelink_time_ahead", map[string]string{"of": name})
	}
	known := []string{"last_webhook_seconds", "last_backup_seconds"}
	for _, name := range append(known, "oldest_waiting_seconds", "outgoing_oldest_seconds") {
		if age, ahead := of(name); age < 0 || ahead != 0 {
			t.Errorf("%s is %v, ahead %v; want an age", name, age, ahead)
		}
	}
	s.Advance(-30 * day)
	for _, name := range known {
		if age, ahead := of(name); age != -1 || ahead != 1 {
			t.Errorf("a month back %s is %v, ahead %v; want none", name, age, ahead)
		}
	}
	s.SignedIn().Get("/").WantText("body", "The last backup was made")
	s.Advance(30*day + 2*time.Hour)
	for _, name := range known {
		if age, ahead := of(name); age < 3600 || ahead != 0 {
			t.Errorf("an hour after it %s is %v, ahead %v", name, age, ahead)
		}
	}
}

func TestNoLabelOfAMetricHasAnId(t *testing.T) {
	s, staff, customerID := lives(t)
	staff.Get("/customers/" + customerID).WantStatus(http.StatusOK)
	staff.Get("/nothing/" + customerID).WantStatus(http.StatusNotFound)
	s.Browser().Do("PROPFIND", "/nothing", nil, nil)
	id := regexp.MustCompile(`[0-9a-f]{8}|\d{5}|@|Amina`)
	series := 0
	for name, family := range parsed(s) {
		for _, m := range family.GetMetric() {
			series++
			for _, l := range m.GetLabel() {
				if l.GetName() != "version" && l.GetName() != "le" && id.MatchString(l.GetValue()) {
					t.Errorf("%s has the label %s=%q", name, l.GetName(), l.GetValue())
				}
			}
		}
	}
	if series < 30 {
		t.Errorf("only %d series were seen", series)
	}
	if strings.Contains(metricsOf(s), "PROPFIND") {
		t.Error("a stranger chooses a label")
	}
}

func TestTheExamplesNameMetricsThatThereAre(t *testing.T) {
	s, _, _ := lives(t)
	known := slices.Collect(maps.Keys(parsed(s)))
	name := regexp.MustCompile(`balancelink_[a-z_]+`)
	for _, file := range []string{"alerts.example.yaml", "dashboard.example.json"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		named := name.FindAllString(string(text), -1)
		if len(named) < 10 {
			t.Errorf("%s names %d metrics: the test proves little", file, len(named))
		}
		for _, n := range named {
			for _, end := range []string{"_bucket", "_count", "_sum"} {
				n = strings.TrimSuffix(n, end)
			}
			if !slices.Contains(known, n) {
				t.Errorf("%s names %s, which is none: there are %v", file, n, known)
			}
		}
	}
}

// lines is a log that is written while it is read.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestAProgramThatHangsUpWhileItWaitsIsNoFaultOfOurs(t *testing.T) {
	t.Parallel()
	kept := new(lines)
	s := &site.Site{T: t, Log: slog.New(slog.NewTextHandler(kept, nil))}
	s.Open(nil)
	_, key, err := s.Store.AddAPIKey(
		t.Context(), store.ByStaff("s"), "bl_sim_", store.APIKey{Name: "Core", Scopes: store.KeyScopes()}, time.Hour,
	)
	if err != nil {
		t.Fatal(err)
	}
	staff := s.SignedIn()
	customerID, _ := s.Link(staff, "Amina Bello", "Amina456")
	s.HeardAll()
	s.Advance(2 * time.Minute)
	account := s.Accounts(customerID)["2230011442"]
	staff.Post("/accounts/"+account.ID+"/refresh", nil).WantStatus(http.StatusOK)
	all, err := s.Store.RefreshesByAccount(t.Context(), store.Whole(), account.ID, 1)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	ctx, hangUp := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/api/v1/refreshes/"+all[0].ID+"?wait=25s", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r = r.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { hangUp() }}))
	if resp, err := http.DefaultClient.Do(r); err == nil {
		resp.Body.Close()
		t.Fatal("it was answered")
	}
	counted := regexp.MustCompile(`balancelink_http_seconds_count\{route="GET /api/v1/refreshes/:refresh",code="(\d+)"\} 1`)
	s.Eventually("the request is counted", func() bool { return counted.MatchString(metricsOf(s)) })
	if code := counted.FindStringSubmatch(metricsOf(s))[1]; code != "499" || strings.Contains(kept.String(), "level=ERROR") {
		t.Errorf("it is counted as %s, and the log has %s", code, kept)
	}
}
