package handlers_test

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"balancelink/handlers"
	"balancelink/handlers/sitetest/site"
	"balancelink/okra/okrasim"
	"balancelink/store"
)

// sink keeps what is written to it from everywhere.
type sink struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *sink) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *sink) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// panicking is a worker with which requests panic while it is told to.
type panicking struct {
	handlers.Worker
	on *atomic.Bool
}

func (p panicking) WakeInbox() { p.panic(); p.Worker.WakeInbox() }
func (p panicking) Alive() bool {
	p.panic()
	return p.Worker.Alive()
}

func (p panicking) panic() {
	if p.on.Load() {
		var nobody *store.Account
		_ = nobody.NUBAN
	}
}

// watched is a site whose log is read, and what must not get into it.
type watched struct {
	*site.Site
	log     *sink
	panics  *atomic.Bool
	sealed  map[string]string // by what it is: it lies in the database, but sealed
	secrets map[string]string // lies nowhere in clear
}

// Canaries that travel through the flows.
const (
	canaryBVN      = "22288844499"
	canaryPayload  = "payload-canary-5f3759df"
	canaryReport   = "report-canary-5f3759df"
	canaryPassword = "password canary 5f3759df"
)

func newWatched(t *testing.T) *watched {
	t.Helper()
	t.Parallel()
	w := &watched{
		log: &sink{}, panics: &atomic.Bool{},
		sealed: map[string]string{},
		secrets: map[string]string{
			"a BVN": canaryBVN, "what nobody reads of a payload": canaryPayload, "what nobody reads of a report": canaryReport,
			"a customer's password": canaryPassword, "the staff's password": site.StaffPassword,
		},
	}
	w.Site = &site.Site{T: t, Log: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	w.Behind = func(real handlers.Worker) handlers.Worker { return panicking{real, w.panics} }
	w.Open([]string{"REFRESH_COOLDOWN=1ms", "REFRESH_DEADLINE=1s"})
	for name, secret := range map[string]string{
		"the secret key": w.Settings.OkraSecretKey.Reveal(), "the webhook token": w.Settings.OkraWebhookToken.Reveal(),
		"the session key": w.Settings.SessionKey.Reveal(), "the data key": w.Settings.DataKey.Reveal(), "the data key as it is": strings.Repeat("k", store.KeySize),
	} {
		w.secrets[name] = secret
	}
	return w
}

// plant takes canaries through every flow and returns the paths of pages that
// could show them.
func (w *watched) plant() (staff *site.Browser, paths []string) {
	w.T.Helper()
	staff = w.SignedIn()
	a, _ := staff.Enrol()
	w.sealed["the seed of a second factor"] = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(a.Seed)
	id := staff.CustomerWith(w.Holder("Amina456"), "amina@example.com", "LN-1")
	customer := w.connectsWithCanaries(staff, id)
	account := w.Accounts(id)["2230011442"]
	w.sealed["an account number"] = account.NUBAN
	w.doubt(staff)
	w.reject(account)
	w.refreshUnderFaults(staff, account)
	staff.Post("/accounts/"+account.ID+"/reveal", nil).WantText(".number", account.NUBAN)
	if _, text := staff.Download("POST", "/customers/"+id+"/export"); !strings.Contains(text, account.NUBAN) || strings.Contains(text, canaryPayload) || strings.Contains(text, canaryReport) {
		w.T.Error("an export lacks what is sealed, or has what nobody needs")
	}
	customer.Post("/me/password", url.Values{"password": {canaryPassword}, "again": {canaryPassword}}).WantStatus(http.StatusOK)
	paths = []string{
		"/", "/customers", "/customers/" + id, "/accounts/" + account.ID, "/refreshes", "/reviews", "/audit", "/staff", "/profile", "/inbox", "/inbox?result=rejected",
		"/accounts/" + account.ID + "/funds-checks", "/inbox/none", "/nothing", "/connect/none", "/readyz",
	}
	for _, e := range w.Events() {
		staff.Post("/inbox/"+e.ID+"/replay", nil)
		paths = append(paths, "/inbox/"+e.ID)
	}
	return staff, paths
}

// connectsWithCanaries links a bank, with canaries in what the widget and the
// provider tell.
func (w *watched) connectsWithCanaries(staff *site.Browser, id string) *site.Browser {
	w.T.Helper()
	customer := w.Browser()
	link := staff.Invite(id)
	w.secrets["the secret of a personal link"] = strings.TrimPrefix(link, "/connect/")
	nonce := customer.Consent(link)
	success, err := w.Sim.Connect("Amina456", nonce, nil)
	if err != nil {
		w.T.Fatal(err)
	}
	path := "/connect/attempts/" + nonce
	customer.PostJSON(path+"/error", fmt.Sprintf(`{"data":{"code":1,"bvn":%q},"note":%q}`, canaryBVN, canaryReport))
	customer.PostJSON(path+"/success", fmt.Sprintf(`{"bvn":%q,"note":%q,`, canaryBVN, canaryReport)+string(success[1:])).WantStatus(http.StatusAccepted)
	w.Eventually("the bank is linked", func() bool { return w.Attempt(id, nonce).State == store.AttemptLinked })
	for _, hook := range w.LinkEvents(success, nonce) {
		w.Hook(fmt.Sprintf(`{"customerBvn":%q,"nuban":"2230011442","note":%q,`, canaryBVN, canaryPayload)+hook[1:], nil).WantStatus(http.StatusOK)
	}
	return customer
}

// doubt leaves a link to be decided, refuses one and erases a customer.
func (w *watched) doubt(staff *site.Browser) {
	w.T.Helper()
	_, _, review := w.Doubtful(staff, "Mallory Danjuma", "Bola123")
	w.sealed["a doubtful account's number"] = "1100200301"
	staff.Get(review).WantText("main", "••••0301")
	id, _, review := w.Doubtful(staff, "Nobody Known", "Ibrahim123")
	staff.Post(review+"/refuse", url.Values{"reason": {"Not theirs."}})
	staff.Post("/customers/"+id+"/erase", url.Values{"confirm": {"Nobody Known"}, "reason": {"asked"}}).WantStatus(http.StatusOK)
}

// reject sends what is turned away, or fails once it is in.
func (w *watched) reject(a store.Account) {
	w.T.Helper()
	body := fmt.Sprintf(`{"method":"BALANCE","status":"is_success","env":"production-sandbox","customerBvn":%q,"nuban":%q,"note":%q,"record":%q,"balance":{"accountId":%q,"ledger_balance":%q}}`,
		canaryBVN, a.NUBAN, canaryPayload, a.ProviderRecord, a.ProviderID, canaryPayload)
	w.Hook(body, http.Header{"Authorization": {"Bearer " + canaryPassword}}).WantStatus(http.StatusUnauthorized)
	w.Hook(body+body, nil).WantStatus(http.StatusBadRequest)
	w.Hook(body, nil).WantStatus(http.StatusOK)
	w.panics.Store(true)
	defer w.panics.Store(false)
	claim := fmt.Sprintf(`{"method":"AUTH","status":"is_success","env":"production-sandbox","record":"5f00000000000000000000ff","options":{"attempt":"nobodys"},"customerBvn":%q,"nuban":%q,"note":%q}`,
		canaryBVN, a.NUBAN, canaryPayload)
	w.Hook(claim, nil).WantStatus(http.StatusInternalServerError)
	w.With("secret", "password-canary").Do("GET", "/readyz?secret="+url.QueryEscape(canaryPassword), nil,
		http.Header{"Authorization": {"Bearer " + w.Settings.OkraWebhookToken.Reveal()}}).WantStatus(http.StatusInternalServerError)
}

// refreshUnderFaults asks the bank while the provider answers with canaries in
// every way that fails.
func (w *watched) refreshUnderFaults(staff *site.Browser, a store.Account) {
	w.T.Helper()
	leak := fmt.Sprintf(`{"status":"error","message":"%s %s %s","type":%q,"code":%q,"data":%q}`, a.NUBAN, canaryBVN, canaryPayload, canaryPayload, a.NUBAN, canaryBVN)
	for _, fault := range []okrasim.Fault{
		{}, okrasim.Answers("refuses", http.StatusBadRequest, leak), okrasim.Answers("fails", http.StatusInternalServerError, leak), okrasim.Answers("says so", http.StatusOK, leak),
		okrasim.Answers("is no JSON", http.StatusOK, canaryPayload+a.NUBAN), okrasim.Answers("leads away", http.StatusFound, leak, "Location", "http://127.0.0.1:9/"+canaryPayload+a.NUBAN),
		okrasim.Edits("figures", "ledger_balance", func(o map[string]any) { o["ledger_balance"], o["currency"] = canaryPayload, a.NUBAN }),
	} {
		w.Faulty.SetAll(fault)
		staff.Post("/accounts/"+a.ID+"/refresh", nil).WantStatus(http.StatusOK)
		w.Settled(a.ID)
	}
	w.Faulty.SetAll(okrasim.Fault{})
}

func TestNoSecretReachesAFileALogOrAPage(t *testing.T) {
	w := newWatched(t)
	staff, paths := w.plant()
	viewer := w.SignedInAs(store.RoleViewer)
	if !w.Stored("amina@example.com") || !strings.Contains(w.log.String(), "invalid memory address") {
		t.Fatalf("the test looks in the wrong place, or nothing panicked:\n%s", w.log)
	}
	measured := metricsOf(w.Site)
	for _, kind := range []map[string]string{w.sealed, w.secrets} {
		for name, canary := range kind {
			if len(canary) < 10 {
				t.Fatalf("%s is %q: the test proves little", name, canary)
			}
			if w.Stored(canary) {
				t.Errorf("%s lies in the database's files", name)
			}
			if strings.Contains(measured, canary) {
				t.Errorf("%s stands in the metrics", name)
			}
			if i := strings.Index(w.log.String(), canary); i >= 0 {
				t.Errorf("%s stands in the log: …%s…", name, w.log.String()[max(0, i-200):i])
			}
		}
	}
	for _, path := range paths {
		for who, b := range map[string]*site.Browser{"an owner": staff, "a viewer": viewer, "nobody": w.Browser()} {
			w.wantNoSecret(who, b.Get(path))
		}
	}
}

// wantNoSecret fails if a page holds what it must not.
func (w *watched) wantNoSecret(who string, p site.Page) {
	w.T.Helper()
	html, err := p.Html()
	if err != nil {
		w.T.Fatal(err)
	}
	for _, kind := range []map[string]string{w.sealed, w.secrets} {
		for name, canary := range kind {
			if strings.Contains(html, canary) {
				w.T.Errorf("%s reads %s at %s", who, name, p.Path)
			}
		}
	}
}
