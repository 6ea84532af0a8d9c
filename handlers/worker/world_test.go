package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"balancelink/okra"
	"balancelink/okra/okrasim"
	"balancelink/okra/provider"
	"balancelink/store"
)

// world is a bench in which chance decides what happens next.
type world struct {
	*bench
	*rand.Rand
	trust   *Trust
	n       int // of the step
	history []string
	all     *coverage
	invariants

	attempts []store.Attempt
	claims   [][]byte // what widgets told browsers
	post     [][]byte // webhooks on their way

	down bool // nobody can connect to a provider

	mono *monoWorld // nil: Okra is the only provider

	wireMu sync.Mutex // guards what the simulator's goroutines see
	plan   plan
	letter [][]byte // webhooks that were sent since the last look
}

// plan is what is to happen to calls that reach the provider.
type plan struct {
	refuse  int                // the answer is that status
	refused int                // so many times more
	odd     string             // how answers are odd
	oddly   int                // so many times more
	lose    int                // so many answers of Mono's get lost
	during  func() (lost bool) // happens once, during the next call
	before  bool               // and before the provider hears of it
}

func (s *world) setPlan(change func(*plan)) {
	s.wireMu.Lock()
	defer s.wireMu.Unlock()
	change(&s.plan)
}

// happen plans what is to happen during the next call; nil: nothing.
func (s *world) happen(before bool, what func() (lost bool)) {
	s.setPlan(func(p *plan) { p.before, p.during = before, what })
}

// next is the plan for one call.
func (s *world) next() plan {
	s.wireMu.Lock()
	defer s.wireMu.Unlock()
	p := s.plan
	s.plan.during = nil
	s.plan.refused, s.plan.oddly, s.plan.lose = max(0, s.plan.refused-1), max(0, s.plan.oddly-1), max(0, s.plan.lose-1)
	return p
}

// collect puts what was sent to what is on its way.
func (s *world) collect() {
	s.wireMu.Lock()
	defer s.wireMu.Unlock()
	s.post, s.letter = append(s.post, s.letter...), nil
}

func newWorld(t *testing.T, seed uint64, all *coverage) *world {
	t.Helper()
	s := &world{bench: newBenchAlone(t), Rand: rand.New(rand.NewPCG(seed, 28)), all: all, invariants: newInvariants()}
	s.consentsEnd()
	s.mail = func(body []byte) {
		s.wireMu.Lock()
		defer s.wireMu.Unlock()
		s.letter = append(s.letter, body)
	}
	s.wire = s.call
	s.Okra.HTTP = &http.Client{Transport: dialer{s}}
	s.newStart()
	s.linked("Amina123")
	s.linked("Funke123")
	s.check()
	s.SweepEvery, s.ScheduleEvery, s.ScheduleCalls, s.Deadline = 6*time.Hour, 12*time.Hour, 10, deadline
	return s
}

// newStart is what main wires at a start. The budget is never short, and setting
// our clock does not concern it: what time.Now says within one run is monotonic.
func (s *world) newStart() {
	s.Okra.Budget = provider.NewBudget(1_000_000, s.bank.Now)
	s.trust = &Trust{
		Store: s.Store, Name: s.Okra.Name(), Env: s.Env, Budget: s.Okra.Budget, Logger: s.Logger, Now: s.bank.Now,
		Probe: (&okra.Prober{API: s.Okra.Client, Widget: s.Okra.BaseURL.JoinPath("/"), HTTP: s.Okra.HTTP}).Probe,
	}
	s.Okra.Failed = s.trust.Doubt
	s.ok(s.trust.Recall(s.t.Context()))
	if s.mono != nil {
		s.startMono()
	}
}

// advance lets time pass, and at Mono what falls due in it.
func (s *world) advance(by time.Duration) {
	s.bench.advance(by)
	if s.mono != nil {
		s.mono.settle()
	}
}

var errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}

// dialer reaches the simulator unless it is down.
type dialer struct{ s *world }

var transport = &http.Transport{MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Second}

func (d dialer) RoundTrip(r *http.Request) (*http.Response, error) {
	if d.s.down {
		d.s.all.reach("fault refused connection")
		return nil, errRefused
	}
	return transport.RoundTrip(r)
}

// call carries a call to the simulator, with what is to happen during it.
func (s *world) call(sim http.Handler, w *httptest.ResponseRecorder, r *http.Request) {
	p := s.next()
	if p.during != nil && p.before && p.during() {
		return
	}
	if p.refused > 0 {
		s.all.reach("fault HTTP " + itoa(p.refuse))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(p.refuse)
		w.WriteString(`{"status":"error"}`)
		return
	}
	hangingUp(sim, w, r)
	if p.oddly > 0 {
		oddities[p.odd](w)
		s.all.reach("odd answer " + p.odd)
	}
	if p.during != nil && !p.before {
		p.during()
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

func (s *world) chance(percent int) bool { return s.IntN(100) < percent }

func oneOf[T any](s *world, all []T) (v T, ok bool) {
	if len(all) == 0 {
		return v, false
	}
	return all[s.IntN(len(all))], true
}

// operation is what may happen next.
type operation struct {
	name   string
	weight int
	do     func(*world)
}

var operations = []operation{
	{"time passes", 30, func(s *world) { s.advance(time.Duration(1+s.IntN(180)) * time.Second) }},
	{"hours pass", 3, func(s *world) { s.advance(time.Duration(1+s.IntN(30)) * time.Hour) }},
	{"open window", 6, (*world).openWindow},
	{"close window", 1, (*world).closeWindow},
	{"link", 8, (*world).linkBank},
	{"claim again", 2, (*world).claimAgain},
	{"refresh", 25, func(s *world) { s.ask(store.KindRefresh, 1) }},
	{"two viewers refresh", 6, func(s *world) { s.ask(store.KindRefresh, 2) }},
	{"check", 8, func(s *world) { s.ask(store.KindCheck, 1) }},
	{"view", 3, (*world).view},
	{"bank webhook", 8, (*world).bankWebhook},
	{"deliver", 20, (*world).deliver},
	{"deliver all, shuffled", 4, (*world).deliverAll},
	{"deliver an event without time", 3, (*world).deliverUntimed},
	{"replay", 3, (*world).replay},
	{"scenario", 14, (*world).scenario},
	{"refuse", 4, (*world).refuseCalls},
	{"answer oddly", 5, (*world).answerOddly},
	{"down", 2, func(s *world) { s.down = true }},
	{"up", 4, func(s *world) { s.down = false }},
	{"unlink", 2, (*world).unlink},
	{"unlink everything", 1, (*world).unlinkEverything},
	{"withdraw", 1, (*world).withdraw},
	{"erase", 1, (*world).erase},
	{"consents lapse", 1, func(s *world) { s.lapse() }},
	{"consent is renewed", 8, (*world).renewOne},
	{"staff sign in", 2, (*world).staffSignIn},
	{"disable staff", 1, (*world).disableStaff},
	{"decide", 3, (*world).decide},
	{"unlink during a call", 3, (*world).unlinkDuring},
	{"restart", 3, func(s *world) { s.restartAll() }},
	{"restart between mark and question", 3, func(s *world) { s.killAsked(false) }},
	{"restart between question and answer", 3, func(s *world) { s.killAsked(true) }},
	{"stop before the provider hears", 3, func(s *world) { s.killDuring(true) }},
	{"stop before the provider is heard", 3, func(s *world) { s.killDuring(false) }},
	{"clock some seconds off", 2, func(s *world) { s.set(time.Duration(s.IntN(121)-60) * time.Second) }},
	{"clock an hour back", 2, func(s *world) { s.set(-time.Hour) }},
	{"clock an hour ahead", 2, func(s *world) { s.set(time.Hour) }},
	{"clock ten years ahead", 1, func(s *world) { s.set(tenYears) }},
	{"clock right", 8, func(s *world) { s.set(0) }},
	{"sweep and schedule", 6, func(s *world) { s.ok(s.sweepAndSchedule(s.t.Context())) }},
}

const tenYears = 3653 * 24 * time.Hour

func (s *world) pick() operation {
	all := operations
	if s.mono != nil {
		all = mixedOperations
	}
	sum := 0
	for _, op := range all {
		sum += op.weight
	}
	n := s.IntN(sum)
	for _, op := range all {
		if n -= op.weight; n < 0 {
			return op
		}
	}
	panic("unreachable")
}

func (s *world) openWindow() {
	if old, ok := oneOf(s, s.attempts); ok && s.chance(50) {
		a, err := s.begins(old.CustomerID, s.Okra.Name(), "")
		if errors.Is(err, store.ErrManyClaims) { // the provider has not got to those before
			return
		}
		s.ok(err)
		s.attempts = append(s.attempts, a)
		return
	}
	person, _ := oneOf(s, s.Sim.Accounts())
	a := s.attempt(person.Name)
	if s.mono != nil {
		s.agrees(a.CustomerID, "balance")
	}
	s.attempts = append(s.attempts, a)
}

// begins lets a customer agree and begin to sign in: again, to an account of a provider's
// that has the id, or anew.
func (s *world) begins(customerID, at, accountID string) (store.Attempt, error) {
	s.t.Helper()
	return s.Store.StartAttempt(s.t.Context(), store.Attempt{
		CustomerID: customerID, ConsentID: s.agrees(customerID, "balance")[at].ID, AccountID: accountID, Provider: at, Env: s.Env,
	}, 30*time.Minute)
}

// agrees lets a customer agree to what each provider reads, and returns the consents.
func (s *world) agrees(customerID, scope string) map[string]store.Consent {
	s.t.Helper()
	all := map[string]store.Consent{}
	for _, p := range s.Providers {
		co, err := s.Store.AddConsent(s.t.Context(), store.Consent{CustomerID: customerID, Version: "1", Scope: scope, Provider: p.Name()})
		s.ok(err)
		all[p.Name()] = co
	}
	return all
}

// ownAccount is a sandbox account of the customer who opened the window, or
// now and then of anybody.
func (s *world) ownAccount(a store.Attempt) okrasim.AccountInfo {
	s.t.Helper()
	cu, err := s.Store.CustomerByID(s.t.Context(), a.CustomerID)
	s.ok(err)
	account, _ := oneOf(s, slices.DeleteFunc(s.Sim.Accounts(), func(x okrasim.AccountInfo) bool { return x.Name != cu.Name }))
	if s.chance(15) {
		account, _ = oneOf(s, s.Sim.Accounts())
	}
	return account
}

// decide lets a member of staff judge a doubtful link, one way or the other.
func (s *world) decide() {
	all, err := s.Store.Reviews(s.t.Context(), "", "", 100)
	s.ok(err)
	r, ok := oneOf(s, all)
	if !ok {
		return
	}
	if s.chance(30) {
		s.ok(s.Store.RefuseLink(s.t.Context(), store.ByStaff("s1"), r.ID, "not theirs"))
		return
	}
	err = s.Store.ApproveLink(s.t.Context(), store.ByStaff("s1"), r.ID, "they called")
	if errors.Is(err, store.ErrNoConsent) && s.barredNow(r.CustomerID) {
		return
	}
	if !errors.Is(err, store.ErrHeld) && !errors.Is(err, store.ErrNothingToBind) {
		s.ok(err)
		s.all.reach("doubtful link approved")
	}
}

func (s *world) closeWindow() {
	if a, ok := oneOf(s, s.attempts); ok {
		_, err := s.Store.ReportAttempt(s.t.Context(), a.Nonce, store.Report{State: store.AttemptClosed, Body: "{}"})
		s.ok(err)
	}
}

// linkBank signs a customer in at a bank, with a claim, webhooks, both or neither.
func (s *world) linkBank() {
	if len(s.attempts) == 0 || s.chance(50) {
		s.openWindow()
	}
	a := s.attempts[len(s.attempts)-1]
	if s.chance(20) {
		a, _ = oneOf(s, s.attempts)
	}
	account := s.ownAccount(a)
	hears := s.chance(50)
	if hears { // only early webhooks come at once
		for _, x := range s.Sim.Accounts() {
			if x.Login == account.Login {
				s.Sim.SetScenario(x.ID, okrasim.EarlyWebhook)
				defer s.Sim.SetScenario(x.ID, x.Scenario)
			}
		}
	}
	var shared []string
	if s.chance(30) {
		shared = []string{account.NUBAN}
	}
	success := s.connect(account.Login, a.Nonce, shared...)
	s.reachScenario(account.Scenario)
	if success != nil && (!hears || s.chance(60)) {
		s.claims = append(s.claims, success)
		s.claim(a, success)
	}
	s.attempts = append(s.attempts, a)
}

// claimAgain reports a claim once more, perhaps as somebody else.
func (s *world) claimAgain() {
	success, ok := oneOf(s, s.claims)
	if a, open := oneOf(s, s.attempts); ok && open {
		s.claim(a, success)
	}
}

func (s *world) known() []store.Account {
	var all []store.Account
	for _, id := range s.ids(`SELECT id FROM accounts WHERE provider_id NOT LIKE '% released %' ORDER BY linked_at, provider_id`) {
		all = append(all, s.account(id))
	}
	return all
}

// knownAt are the accounts that were linked at a provider.
func (s *world) knownAt(name string) []store.Account {
	return slices.DeleteFunc(s.known(), func(a store.Account) bool { return a.Provider != name })
}

// request is what staff ask of an account's bank.
func (s *world) request(a store.Account, kind store.RefreshKind, coolDown time.Duration) store.RefreshRequest {
	return store.RefreshRequest{
		Scope: store.Whole(), AccountID: a.ID, Kind: kind, Trigger: "staff", CoolDown: coolDown,
		Intervals: provider.Intervals(s.Providers), Deadline: deadline,
	}
}

func (s *world) ask(kind store.RefreshKind, viewers int) {
	a, ok := oneOf(s, s.known())
	if !ok || kind == store.KindCheck && !s.Providers.Of(a.Provider).Traits().Checks {
		return
	}
	var first store.Refresh
	for i := range viewers {
		q := s.request(a, kind, time.Minute)
		if i > 0 || s.chance(50) {
			q.Trigger, q.Scope = "customer", store.OfCustomer(a.CustomerID)
		}
		r, joined, err := s.Store.StartRefresh(s.t.Context(), q)
		if err != nil {
			if errors.Is(err, store.ErrNoConsent) && s.barredNow(a.CustomerID) {
				s.all.reach("refused without consent")
				return
			}
			if _, cooling := errors.AsType[*store.CoolDownError](err); !cooling && !errors.Is(err, store.ErrUnlinked) {
				s.t.Errorf("starting a refresh: %v", err)
			}
			return
		}
		if i == 0 {
			first = r
		} else if r.ID != first.ID || !joined {
			s.t.Errorf("the second viewer started refresh %s beside %s", r.ID, first.ID)
		}
	}
	for _, x := range s.Sim.Accounts() {
		if x.ID == a.ProviderID {
			s.reachScenario(x.Scenario)
		}
	}
}

func (s *world) reachScenario(sc okrasim.Scenario) { s.all.reach("scenario " + string(sc)) }

func (s *world) view() {
	if a, ok := oneOf(s, s.known()); ok {
		s.ok(s.Store.MarkViewed(s.t.Context(), a.CustomerID))
	}
}

func (s *world) bankWebhook() {
	a, _ := oneOf(s, s.Sim.Accounts())
	if s.chance(70) {
		amount := itoa(s.IntN(1_000_000) - 1000)
		s.ok(s.Sim.SetBalance(a.ID, amount, []string{amount, ""}[s.IntN(2)]))
	}
	s.ok(s.Sim.SendBalanceWebhook(a.ID))
	s.reachScenario(a.Scenario)
}

// deliver brings one webhook that is on its way, whichever comes first, or
// loses it; once or twice, now or also later, whole or of somebody else.
func (s *world) deliver() {
	s.collect()
	body, ok := s.oneOfPost(&s.post)
	if !ok {
		return
	}
	switch s.IntN(10) {
	case 0:
		s.all.reach("webhook lost")
		return
	case 1:
		body = s.forge(body, "env", "production")
	case 2:
		body = s.forge(body, "owner", "5f0000000000000000000009")
	case 3:
		s.all.reach("webhook twice")
		s.receive(body)
	}
	s.receive(body)
}

// oneOfPost takes one of the webhooks that are on their way, whichever comes first. It
// may come again later.
func (s *world) oneOfPost(post *[][]byte) (body []byte, ok bool) {
	if len(*post) == 0 {
		return nil, false
	}
	i := s.IntN(len(*post))
	body = (*post)[i]
	if !s.chance(25) {
		*post = slices.Delete(*post, i, i+1)
	}
	return body, true
}

// allOfPost takes all webhooks that are on their way, shuffled.
func (s *world) allOfPost(post *[][]byte) [][]byte {
	all := *post
	s.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	*post = nil
	return all
}

func (s *world) forge(body []byte, member, value string) []byte {
	var o map[string]any
	s.ok(json.Unmarshal(body, &o))
	o[member] = value
	body, err := json.Marshal(o)
	s.ok(err)
	s.all.reach("webhook of another " + member)
	return body
}

func (s *world) deliverAll() {
	s.collect()
	for _, body := range s.allOfPost(&s.post) {
		s.receive(body)
	}
}

func (s *world) deliverUntimed() {
	a, _ := oneOf(s, s.Sim.Accounts())
	balance := map[string]any{"accountId": a.ID, "nuban": a.NUBAN, "currency": "NGN", "ledger_balance": s.IntN(100_000)}
	body := s.balanceEvent(a, fmt.Sprintf("5f00000000000000%08x", s.n), map[string]any{"balance": balance})
	s.receive(s.forge(body, "ended_at", ""))
}

func (s *world) replay() {
	if id, ok := oneOf(s, s.ids(`SELECT id FROM events ORDER BY id`)); ok {
		if err := s.Store.ReplayEvent(s.t.Context(), store.Program, id); !errors.Is(err, store.ErrNoPayload) {
			s.ok(err)
		}
	}
}

func (s *world) scenario() {
	a, _ := oneOf(s, s.Sim.Accounts())
	if known, ok := oneOf(s, s.knownAt(s.Okra.Name())); ok && s.chance(80) {
		a.ID = known.ProviderID
	}
	sc := okrasim.Normal
	if s.chance(70) {
		all := okrasim.Scenarios()
		sc = okrasim.Scenario(all[s.IntN(len(all))].Name)
	}
	s.Sim.SetScenario(a.ID, sc)
}

func (s *world) refuseCalls() {
	status, times := refusals[s.IntN(len(refusals))], 1+s.IntN(6)
	s.setPlan(func(p *plan) { p.refuse, p.refused = status, times })
}

// oddities are answers that a provider may give and that harm nobody: beside what
// is asked for stands something that cannot be read, or it is not there yet.
var oddities = map[string]func(w *httptest.ResponseRecorder){
	"unreadable neighbours": func(w *httptest.ResponseRecorder) {
		for _, key := range []string{"accounts", "balance", "balances", "transaction"} {
			replace(w, `"`+key+`":[{`, `"`+key+`":[7,{"nuban":{},"ledger_balance":153.375,"currency":"USDT","last_updated":"soon"},{`)
		}
	},
	"no accounts yet": func(w *httptest.ResponseRecorder) { replace(w, `"accounts":[{`, `"accounts":[],"later":[{`) },
	"no balances yet": func(w *httptest.ResponseRecorder) { replace(w, `"balance":[{`, `"balance":[],"later":[{`) },
	"doubles": func(w *httptest.ResponseRecorder) {
		body := cents.ReplaceAll(w.Body.Bytes(), []byte(`${1}0000000000001${2}`))
		w.Body.Reset()
		w.Body.Write(body)
	},
}

// cents are amounts with two digits after the point, of which a sum of doubles
// has more.
var cents = regexp.MustCompile(`("(?:ledger|available)_balance":[0-9]{1,9}\.[0-9]{2})([,}])`)

func replace(w *httptest.ResponseRecorder, old, with string) {
	body := bytes.ReplaceAll(w.Body.Bytes(), []byte(old), []byte(with))
	w.Body.Reset()
	w.Body.Write(body)
}

func (s *world) answerOddly() {
	names := slices.Sorted(maps.Keys(oddities))
	odd, times := names[s.IntN(len(names))], 1+s.IntN(8)
	s.setPlan(func(p *plan) { p.odd, p.oddly = odd, times })
}

var refusals = []int{400, 401, 402, 403, 404, 422, 429, 500, 502, 503, 504}

func (s *world) unlink() {
	if a, ok := oneOf(s, s.known()); ok {
		s.ok(s.Store.UnlinkAccount(s.t.Context(), store.Program, store.Whole(), a.ID))
	}
}

// silent says that nobody is asked about an account any more: it was unlinked, or is not
// shared any more, or its history goes on in another.
func (s *world) silent(a store.Account) bool {
	return a.Status == store.AccountUnlinked || a.Status == store.AccountUnshared || a.ContinuedBy != ""
}

// unlinkDuring unlinks an account while it is being asked for: by a refresh
// whose answer is there, or by the sweep.
func (s *world) unlinkDuring() {
	a, ok := oneOf(s, s.known())
	if !ok || s.silent(a) {
		return
	}
	s.set(0)
	s.advance(7 * time.Hour)
	s.renew(a.CustomerID)
	s.workAll()
	_, _, err := s.Store.StartRefresh(s.t.Context(), store.RefreshRequest{Scope: store.Whole(), AccountID: a.ID, Kind: store.KindRefresh, Trigger: "staff", Deadline: deadline})
	s.ok(err)
	s.workAll()
	s.advance(3 * time.Minute)
	known, db := -1, s.Store
	s.happen(s.chance(30), func() bool {
		s.all.reach("unlinked during a call")
		err := db.UnlinkAccount(context.Background(), store.Program, store.Whole(), a.ID)
		all, err2 := db.BalancesByAccount(context.Background(), a.ID, 10_000)
		if err := errors.Join(err, err2); err != nil {
			s.t.Error(err)
		}
		s.setPlan(func(*plan) { known = len(all) })
		return false
	})
	if s.chance(30) {
		s.ok(s.sweepAndSchedule(s.t.Context()))
	}
	s.workAll()
	s.happen(false, nil)
	all, err := s.Store.BalancesByAccount(s.t.Context(), a.ID, 10_000)
	s.ok(err)
	s.setPlan(func(*plan) {
		if known >= 0 && len(all) != known {
			s.t.Errorf("step %d: a balance was saved after the account was unlinked", s.n)
		}
	})
}

func (s *world) restartAll() {
	s.cover()
	s.forget()
	s.restart()
	s.newStart()
}

// killAsked ends the program once a question was marked, or has left, and the
// answer is not written down.
func (s *world) killAsked(sent bool) {
	s.ask(store.KindRefresh, 1)
	ctx := s.t.Context()
	due, err := s.Store.DueRefreshes(ctx, 10)
	s.ok(err)
	for _, r := range due {
		if r.State != store.RefreshQueued {
			continue
		}
		a := s.account(r.AccountID)
		p := s.Providers.Of(a.Provider)
		if ok, _, _ := p.Ready(priority(r)); !ok || s.barredNow(a.CustomerID) {
			break
		}
		marked, err := s.Store.MarkAsked(ctx, r.ID)
		s.ok(err)
		if sent && marked {
			p.Ask(ctx, refOf(a), provider.Question(r.Kind))
		}
		break
	}
	s.restartAll()
}

// killDuring ends the program while it waits for an answer.
func (s *world) killDuring(before bool) {
	s.ask(store.KindRefresh, 1)
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	s.happen(before, func() bool { cancel(); s.all.reach("stopped during a call"); return true })
	if err := s.workOn(ctx); err != nil && ctx.Err() == nil {
		s.t.Error(err)
	}
	s.happen(false, nil)
	s.restartAll()
}

func (s *world) workAll() {
	s.t.Helper()
	s.ok(s.workOn(s.t.Context()))
	s.worked = true
}

// workOn is one round of all the worker's loops.
func (s *world) workOn(ctx context.Context) error {
	s.trust.probeIfDue(ctx)
	if s.mono != nil {
		if err := s.openMonoPages(ctx); err != nil {
			return err
		}
	}
	for _, step := range []func(context.Context) error{s.applyAll, s.confirmAll, s.applyAll} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	err := s.fetchFirst(ctx)
	due, failed := s.Store.DueRefreshes(ctx, 100)
	err = errors.Join(err, failed)
	for _, r := range due {
		err = errors.Join(err, s.drive(ctx, r))
	}
	return err
}

// confirmAll goes on for as long as the worker wakes itself for the next claim.
func (s *world) confirmAll(ctx context.Context) error {
	for {
		if err := s.confirmDue(ctx); err != nil {
			return err
		}
		select {
		case <-s.wakes[linkLoop]:
		default:
			return nil
		}
	}
}

// heal puts everything right and demands that everything works again: whatever
// happened, nothing is stuck.
func (s *world) heal() {
	s.down = false
	s.setPlan(func(p *plan) { *p = plan{} })
	s.set(0)
	for _, a := range s.Sim.Accounts() {
		s.Sim.SetScenario(a.ID, okrasim.Normal)
	}
	for _, a := range s.known() {
		if a.Status != store.AccountUnlinked && s.barredNow(a.CustomerID) {
			s.renew(a.CustomerID)
		}
	}
	s.deliverAll()
	if s.mono != nil {
		s.healMono()
	}
	for range 30 {
		s.advance(time.Minute)
		s.workAll()
		s.ok(s.sweepAndSchedule(s.t.Context()))
		s.check()
	}
	s.advance(7 * time.Hour) // longer than from one sweep to the next
	s.workAll()
	s.ok(s.sweepAndSchedule(s.t.Context()))
	if s.mono != nil {
		s.workAll() // what was found in the list
	}
	// Mono is asked only by whoever wants to know: what a wrong clock has dated stays until then.
	const future = `SELECT id FROM accounts WHERE status <> 'unlinked' AND as_of > %d`
	for what, query := range map[string]string{
		"open refreshes":       `SELECT id FROM refreshes WHERE ended_at IS NULL AND trigger <> 'schedule'`,
		"unapplied events":     `SELECT id FROM events WHERE result = 'received'`,
		"unconfirmed links":    `SELECT id || ' ' || tries || ' ' || reason || ' ' || next_try_at FROM link_attempts WHERE state = 'claimed'`,
		"balances of a future": fmt.Sprintf(future+` AND provider = 'okra'`, s.clock().Add(5*time.Minute).UnixMilli()),
		"accounts never swept": fmt.Sprintf(`SELECT id FROM accounts WHERE status <> 'unlinked' AND id NOT IN (SELECT continues FROM accounts) AND swept_at > %d`, s.clock().UnixMilli()),
	} {
		if ids := s.ids(query); len(ids) > 0 {
			s.t.Errorf("in the end, at %v with %+v, there are %s: %v", s.clock().UnixMilli(), s.Okra.Budget.State(), what, ids)
		}
	}
	s.advance(20 * time.Minute)
	s.workAll()
	for _, a := range s.known() {
		if s.silent(a) || s.goneAtMono(a) {
			continue
		}
		r := s.outcome(s.start(a.ID, store.KindRefresh))
		if r.State != store.RefreshChanged && r.State != store.RefreshUnchanged {
			s.t.Errorf("once all is well a refresh of %s ends as %s (%s %s)", a.NUBAN, r.State, r.Fault, r.Cause)
		}
		if a.Provider == "mono" {
			s.wantTruth(a)
		}
	}
	s.check()
	if s.t.Failed() {
		s.t.Logf("steps: %v", strings.Join(s.history, ", "))
	}
}
