package worker

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"balancelink/okra/mono"
	"balancelink/okra/mono/monosim"
	"balancelink/okra/provider"
	"balancelink/store"
)

// monoWorld is the simulated Mono of a world that has both providers. What it does
// later happens one after the other, when its time comes: a seed does the same twice.
type monoWorld struct {
	s       *world
	sim     *monosim.Server
	adapter *mono.Adapter
	trust   *Trust
	turns   turns

	attempts []store.Attempt
	codes    []string
	post     [][]byte                 // webhooks on their way
	sent     [][]byte                 // and all that there were
	letter   [][]byte                 // sent since the last look, guarded by wireMu
	truth    map[string]store.Attempt // by account of Mono's: whose page it was shared on
	used     map[string]bool          // pages, by nonce
	parted   []string                 // accounts of which staff have said that they are no others
	monoOracle
}

// turns are moments that somebody waits for.
type turns struct {
	mu      sync.Mutex
	waiting []turn
}

type turn struct {
	at   time.Time
	ring chan time.Time
}

// after returns After of a simulator whose clock that is.
func (t *turns) after(now func() time.Time) func(time.Duration) <-chan time.Time {
	return func(d time.Duration) <-chan time.Time {
		t.mu.Lock()
		defer t.mu.Unlock()
		ring := make(chan time.Time, 1)
		t.waiting = append(t.waiting, turn{now().Add(d), ring})
		return ring
	}
}

func (t *turns) len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.waiting)
}

// next takes the earliest turn that is due.
func (t *turns) next(now time.Time) (due turn, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	first := -1
	for i, w := range t.waiting {
		if !w.at.After(now) && (first < 0 || w.at.Before(t.waiting[first].at)) {
			first = i
		}
	}
	if first < 0 {
		return due, false
	}
	due = t.waiting[first]
	t.waiting = slices.Delete(t.waiting, first, first+1)
	return due, true
}

// settle lets happen what is due at Mono.
func (m *monoWorld) settle() {
	for {
		for m.sim.Pending() != m.turns.len() { // somebody is at it
			runtime.Gosched()
		}
		m.noteAnswers(m.sim, m.s.bank.Now())
		due, ok := m.turns.next(m.s.bank.Now())
		if !ok {
			return
		}
		due.ring <- due.at
	}
}

const (
	monoKey    = "mono-key-canary"
	monoSecret = "mono-webhook-canary"
	monoApp    = "65f0000000000000000000bb"
)

// addMono gives a world Mono as its second provider.
func (s *world) addMono() {
	s.t.Helper()
	m := &monoWorld{s: s, truth: map[string]store.Attempt{}, used: map[string]bool{}, monoOracle: newMonoOracle()}
	pages, err := url.Parse("http://mono.invalid/")
	s.ok(err)
	m.sim = monosim.New(monosim.Config{
		SecretKey: monoKey, WebhookSecret: monoSecret, App: monoApp, WebhookURL: "http://app.invalid/", LinkURL: pages.String(),
		BankDelay: bankDelay, Now: s.bank.Now, After: m.turns.after(s.bank.Now), HTTP: &http.Client{Transport: courier{m}},
		Logger: slog.New(slog.DiscardHandler),
	})
	s.t.Cleanup(m.sim.Close)
	m.adapter = &mono.Adapter{
		Client: &mono.Client{BaseURL: pages, SecretKey: monoKey, HTTP: &http.Client{Transport: line{m}}}, Env: s.Env,
		AppID: monoApp, Secrets: []provider.Secret{monoSecret}, Page: pages, Now: s.clock,
	}
	s.mono = m
	s.Providers = append(s.Providers, m.adapter)
	s.ReturnURL = func(nonce string) string { return "http://app.invalid/return/" + nonce }
	s.startMono()
}

// linkAtMono takes somebody to an account that is linked at Mono, when all is well.
func (s *world) linkAtMono(customer, nuban string) {
	s.t.Helper()
	m := s.mono
	a, err := s.begins(customer, m.adapter.Name(), "")
	s.ok(err)
	m.attempts = append(m.attempts, a)
	s.workAll()
	shared, err := m.sim.Share(a.Nonce, nuban)
	s.ok(err)
	m.used[a.Nonce], m.truth[shared.Account] = true, a
	s.advance(bankDelay)
	s.hearAllOfMono()
	s.workAll()
	s.wantAttempt(a, store.AttemptLinked)
}

// monoCustomer is a new customer with the name of the holder of an account at Mono.
func (s *world) monoCustomer(a monosim.AccountInfo) string {
	s.t.Helper()
	cu, err := s.Store.AddCustomer(s.t.Context(), store.Program, store.Customer{Name: a.Holder, Email: a.User + "@example.com"})
	s.ok(err)
	return cu.ID
}

// startMono is what main wires at a start, as [world.newStart].
func (s *world) startMono() {
	m := s.mono
	m.adapter.Client = &mono.Client{
		BaseURL: m.adapter.BaseURL, SecretKey: monoKey, HTTP: m.adapter.HTTP, Budget: provider.NewBudget(1_000_000, s.bank.Now),
	}
	m.trust = &Trust{
		Store: s.Store, Name: m.adapter.Name(), Env: s.Env, Budget: m.adapter.Budget, Logger: s.Logger, Now: s.bank.Now,
		Probe: m.adapter.Banks,
	}
	m.adapter.Failed = m.trust.Doubt
	s.ok(m.trust.Recall(s.t.Context()))
}

// courier brings webhooks of Mono's to where they wait.
type courier struct{ m *monoWorld }

func (c courier) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	c.m.s.wireMu.Lock()
	defer c.m.s.wireMu.Unlock()
	c.m.letter = append(c.m.letter, body)
	return &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Body: http.NoBody, Request: r}, nil
}

// line carries calls to Mono, as [world.call] does to Okra.
type line struct{ m *monoWorld }

var errLost = errors.New("connection reset by peer")

func (l line) RoundTrip(r *http.Request) (*http.Response, error) {
	s := l.m.s
	if s.down {
		s.all.reach("fault refused connection")
		return nil, errRefused
	}
	p := s.next()
	if p.during != nil && p.before && p.during() {
		return nil, errLost
	}
	w := httptest.NewRecorder()
	if p.refused > 0 {
		s.all.reach("fault HTTP " + itoa(p.refuse))
		w.WriteHeader(p.refuse)
	} else {
		sent := r.Clone(r.Context())
		if sent.Body == nil { // as it is where nothing is received
			sent.Body = http.NoBody
		}
		hangingUp(l.m.sim, w, sent)
		l.m.noteJob(r, w.Header().Get("x-job-id"))
	}
	if p.lose > 0 {
		s.all.reach("answer of Mono lost")
		return nil, errLost
	}
	if p.during != nil && !p.before && p.during() {
		return nil, errLost
	}
	res := w.Result()
	res.Request = r
	return res, nil
}

// openMonoPages lets the worker ask for the pages that people wait for.
func (s *world) openMonoPages(ctx context.Context) error {
	s.mono.trust.probeIfDue(ctx)
	due, err := s.Store.AttemptsToOpen(ctx, s.mono.adapter.Name(), 20)
	for _, a := range due {
		err = errors.Join(err, s.openPage(ctx, s.mono.adapter, s.mono.adapter, a))
	}
	return err
}

// mixedOperations are what may happen next where there are two providers.
var mixedOperations = append(slices.Clone(operations), []operation{
	{"ask for a page", 14, (*world).askForPage},
	{"sign in on a page", 24, (*world).signInOnPage},
	{"come back with nothing", 3, (*world).comeBack},
	{"come back with a code of before", 4, (*world).comeBackAgain},
	{"Mono's webhooks", 40, (*world).hearSomeOfMono},
	{"all of Mono's webhooks, shuffled", 8, (*world).hearAllOfMono},
	{"a webhook of Mono's of before", 8, (*world).hearMonoAgain},
	{"two orders of Mono's webhooks", 4, (*world).eitherOrder},
	{"Mono is awkward", 30, (*world).awkward},
	{"Mono's answers get lost", 8, (*world).loseAnswers},
	{"money moves", 14, (*world).moneyMoves},
	{"a person unlinks at Mono", 1, (*world).unlinkAtMono},
	{"a person signs in again at Mono", 6, (*world).signInAgainAtMono},
	{"ask Mono", 30, (*world).askMono},
	{"ask twice", 16, (*world).askTwice},
	{"same account?", 3, (*world).sayWhetherSame},
}...)

// someone is a customer who links a bank: one of before, of either provider, or a new one.
func (s *world) someone() string {
	s.t.Helper()
	if id, ok := s.anybody(); ok && s.chance(50) {
		return id
	}
	if id, ok := oneOf(s, s.ids(`SELECT id FROM customers WHERE name = 'Amina Bello' ORDER BY id`)); ok && s.chance(40) {
		return id // who has the same accounts at both providers
	}
	person, _ := oneOf(s, s.mono.sim.Accounts())
	return s.monoCustomer(person)
}

func (s *world) askForPage() {
	m := s.mono
	customer := s.someone()
	again, signsInAgain := oneOf(s, slices.DeleteFunc(s.knownAt(m.adapter.Name()), func(a store.Account) bool {
		return a.CustomerID != customer
	}))
	if !signsInAgain || !s.chance(75) {
		again.ID = ""
	}
	a, err := s.begins(customer, m.adapter.Name(), again.ID)
	if errors.Is(err, store.ErrManyClaims) {
		return
	}
	s.ok(err)
	m.attempts = append(m.attempts, a)
	if s.chance(30) {
		m.sim.NextLink(s.oneScenario(monosim.OfLinks))
	}
	if s.chance(70) {
		s.workAll()
	}
}

// oneScenario is one of a group that this world can have.
func (s *world) oneScenario(g monosim.Group) monosim.Scenario {
	var all []monosim.Scenario
	for _, i := range monosim.Scenarios() {
		if i.Group == g && i.Name != monosim.Silence { // somebody would have to wait
			all = append(all, i.Name)
		}
	}
	sc, _ := oneOf(s, all)
	s.all.reach("scenario of Mono " + string(sc))
	return sc
}

// attempt is one at Mono as it is now, most often the newest.
func (m *monoWorld) attempt() (a store.Attempt, ok bool) {
	if a, ok = oneOf(m.s, m.attempts); !ok {
		return a, false
	}
	if m.s.chance(70) {
		a = m.attempts[len(m.attempts)-1]
	}
	a, err := m.s.Store.AttemptByNonce(m.s.t.Context(), store.OfCustomer(a.CustomerID), a.Nonce)
	m.s.ok(err)
	return a, true
}

// signInOnPage shares an account on a page, most often one of the customer's.
func (s *world) signInOnPage() {
	m := s.mono
	a, ok := m.attempt()
	if !ok || a.Page == "" || m.used[a.Nonce] {
		return
	}
	cu, err := s.Store.CustomerByID(s.t.Context(), a.CustomerID)
	s.ok(err)
	account, found := oneOf(s, slices.DeleteFunc(m.sim.Accounts(), func(x monosim.AccountInfo) bool { return x.Holder != cu.Name }))
	if !found || s.chance(15) {
		account, _ = oneOf(s, m.sim.Accounts())
	}
	shared, err := m.sim.Share(a.Nonce, account.NUBAN)
	if err != nil { // it is another bank's page, or gone
		return
	}
	m.used[a.Nonce] = true
	if _, known := m.truth[shared.Account]; !known {
		m.truth[shared.Account] = a
	}
	m.settle()
	m.codes = append(m.codes, shared.Code)
	switch {
	case s.chance(60):
		s.returns(a.Nonce, shared.Code)
	case s.chance(40):
		s.goAstray(cu, shared.Code)
	}
}

// goAstray brings a code to somebody else of the same name, who is at the bank just then.
func (s *world) goAstray(cu store.Customer, code string) {
	s.t.Helper()
	other, err := s.Store.AddCustomer(s.t.Context(), store.Program, store.Customer{Name: cu.Name, Email: cu.Email})
	s.ok(err)
	a, err := s.begins(other.ID, s.mono.adapter.Name(), "")
	s.ok(err)
	s.mono.attempts = append(s.mono.attempts, a)
	s.returns(a.Nonce, code)
	s.workAll()
	s.all.reach("code astray")
}

func (s *world) returns(nonce, code string) {
	s.t.Helper()
	r := store.Report{State: store.AttemptClosed, ClaimedBy: "return"}
	if code != "" {
		r.State, r.Code = store.AttemptClaimed, code
	}
	if _, err := s.Store.ReportAttempt(s.t.Context(), nonce, r); !errors.Is(err, store.ErrManyClaims) {
		s.ok(err)
	}
}

func (s *world) comeBack() {
	if a, ok := s.mono.attempt(); ok {
		s.returns(a.Nonce, "")
	}
}

// comeBackAgain brings a code of any attempt to any other.
func (s *world) comeBackAgain() {
	code, ok := oneOf(s, s.mono.codes)
	if a, open := s.mono.attempt(); ok && open {
		s.returns(a.Nonce, code)
	}
}

func (m *monoWorld) collect() {
	m.s.wireMu.Lock()
	defer m.s.wireMu.Unlock()
	m.post, m.sent, m.letter = append(m.post, m.letter...), append(m.sent, m.letter...), nil
}

func (s *world) hearSomeOfMono() {
	for range 1 + s.IntN(4) {
		s.hearMono()
	}
}

// hearMono is [world.deliver] for Mono's webhooks.
func (s *world) hearMono() {
	m := s.mono
	m.collect()
	body, ok := s.oneOfPost(&m.post)
	if !ok {
		return
	}
	switch s.IntN(8) {
	case 0:
		s.all.reach("webhook of Mono lost")
		return
	case 1:
		s.all.reach("webhook of Mono twice")
		s.receiveFrom(m.adapter, body)
	}
	s.receiveFrom(m.adapter, body)
}

func (s *world) hearAllOfMono() {
	m := s.mono
	m.collect()
	for _, body := range s.allOfPost(&m.post) {
		s.receiveFrom(m.adapter, body)
	}
}

func (s *world) hearMonoAgain() {
	s.mono.collect()
	if body, ok := oneOf(s, s.mono.sent); ok {
		s.receiveFrom(s.mono.adapter, body)
	}
}

func (s *world) awkward() {
	m := s.mono
	a, _ := oneOf(s, m.sim.Accounts())
	which := a.NUBAN
	if known, ok := oneOf(s, s.knownAt(m.adapter.Name())); ok && s.chance(80) {
		which = known.ProviderID
	}
	var all []monosim.Scenario
	for _, g := range []monosim.Group{monosim.OfBank, monosim.OfAnswers, monosim.OfWebhooks} {
		if s.chance(50) {
			all = append(all, s.oneScenario(g))
		}
	}
	if s.chance(20) {
		all = append(all, s.oneScenario(monosim.OfCalls))
	}
	m.sim.SetScenarios(which, all...)
}

func (s *world) loseAnswers() {
	times := 1 + s.IntN(8)
	s.setPlan(func(p *plan) { p.lose = times })
}

func (s *world) moneyMoves() {
	a, _ := oneOf(s, s.mono.sim.Accounts())
	s.ok(s.mono.sim.SetBalance(a.NUBAN, int64(s.IntN(1_000_000)-1000)))
}

// linkedAtMono is an account that Mono has.
func (s *world) linkedAtMono() (id string, ok bool) {
	var all []string
	for _, a := range s.mono.sim.Accounts() {
		all = append(all, a.Linked...)
	}
	return oneOf(s, all)
}

func (s *world) unlinkAtMono() {
	if id, ok := s.linkedAtMono(); ok {
		s.ok(s.mono.sim.Unlink(id))
		s.mono.settle()
	}
}

func (s *world) signInAgainAtMono() {
	if id, ok := s.linkedAtMono(); ok {
		s.ok(s.mono.sim.Reauthorize(id))
		s.mono.settle()
	}
}

// askMono asks the bank of one account, and lets so much time pass as that takes.
func (s *world) askMono() {
	a, ok := oneOf(s, s.knownAt(s.mono.adapter.Name()))
	if !ok {
		return
	}
	_, _, err := s.Store.StartRefresh(s.t.Context(), s.request(a, store.KindRefresh, 0))
	if err != nil && !refusedToStart(err) {
		s.t.Errorf("step %d: starting a refresh: %v", s.n, err)
	}
	for range 1 + s.IntN(4) {
		s.workAll()
		s.advance(time.Duration(30+s.IntN(90)) * time.Second)
		if s.chance(40) {
			s.hearMono()
		}
	}
	s.worked = false // what was heard last waits
}

// askTwice asks the bank of one account twice within Mono's interval.
func (s *world) askTwice() {
	a, ok := oneOf(s, s.knownAt(s.mono.adapter.Name()))
	if !ok {
		return
	}
	q := s.request(a, store.KindRefresh, time.Millisecond)
	first, joined, err := s.Store.StartRefresh(s.t.Context(), q)
	if err != nil || joined {
		return
	}
	for range 1 + s.IntN(3) {
		s.workAll()
		s.advance(time.Duration(s.IntN(95)) * time.Second)
	}
	s.worked = false // time has passed
	second, _, err := s.Store.StartRefresh(s.t.Context(), q)
	cooling, _ := errors.AsType[*store.CoolDownError](err)
	if err == nil && second.ID != first.ID {
		s.t.Errorf("step %d: asked twice within Mono's interval, the bank is asked by %s and %s", s.n, first.ID, second.ID)
	}
	if cooling != nil {
		s.all.reach("asked Mono too soon")
	}
}

// sayWhetherSame lets staff join two accounts of a customer, or part them.
func (s *world) sayWhetherSame() {
	ctx := s.t.Context()
	a, ok := oneOf(s, s.known())
	if !ok {
		return
	}
	if s.chance(50) {
		s.ok(s.Store.PartAccounts(ctx, store.ByStaff("s1"), a.ID))
		s.mono.parted = append(s.mono.parted, a.ID)
		return
	}
	older, err := s.Store.OlderOf(ctx, a.ID)
	s.ok(err)
	if old, ok := oneOf(s, older); ok {
		s.ok(s.Store.JoinAccounts(ctx, store.ByStaff("s1"), a.ID, old.ID))
		s.all.reach("accounts joined by staff")
	}
}

// eraseAtMono drops the windows of a customer who is erased.
func (s *world) eraseAtMono(id string) {
	for _, a := range s.mono.attempts {
		if a.CustomerID == id {
			s.nonces[a.Nonce] = true
		}
	}
	s.mono.attempts = slices.DeleteFunc(s.mono.attempts, func(a store.Attempt) bool { return a.CustomerID == id })
}

// healMono puts Mono right.
func (s *world) healMono() {
	m := s.mono
	m.sim.Calm()
	m.settle()
	m.collect()
	s.eitherOrder()
	s.hearAllOfMono()
}

// goneAtMono says that Mono does not have an account any more: who has it signs in anew.
func (s *world) goneAtMono(a store.Account) bool {
	if a.Provider != "mono" {
		return false
	}
	_, has := s.mono.linked(a)
	return !has
}

// linked is what Mono has of an account.
func (m *monoWorld) linked(a store.Account) (monosim.AccountInfo, bool) {
	for _, has := range m.sim.Accounts() {
		if slices.Contains(has.Linked, a.ProviderID) {
			return has, true
		}
	}
	return monosim.AccountInfo{}, false
}

func newMixedWorld(t *testing.T, seed uint64, all *coverage) *world {
	t.Helper()
	s := newWorld(t, seed, all)
	s.addMono()
	for _, a := range s.mono.sim.Accounts() {
		switch a.NUBAN {
		case "0712345604", "0243118806":
			s.linkAtMono(s.monoCustomer(a), a.NUBAN)
		case "0123456789": // whose account is linked at Okra, too
			s.linkAtMono(s.ids(`SELECT id FROM customers WHERE name = 'Amina Bello'`)[0], a.NUBAN)
		}
	}
	s.check()
	return s
}

// newMixedCoverage is what all the runs with two providers have to come across.
func newMixedCoverage() *coverage {
	c := &coverage{reached: map[string]int{}, wanted: map[string]bool{}}
	for _, op := range mixedOperations[len(operations):] {
		c.want("operation", op.name)
	}
	for _, i := range monosim.Scenarios() {
		if i.Name != monosim.Silence {
			c.want("scenario of Mono", i.Name)
		}
	}
	c.want("webhook of Mono", "lost", "twice")
	c.want("answer of Mono", "lost")
	c.want("code", "astray")
	c.want("two orders", "of webhooks")
	c.want("asked Mono", "too soon")
	c.want("account", store.AccountUnshared)
	c.want("at Mono refresh", store.RefreshChanged, store.RefreshUnchanged, store.RefreshNeedsLogin, store.RefreshFailed,
		store.RefreshTimedOut, store.RefreshLimited, store.RefreshInterrupted)
	c.want("at Mono attempt", store.AttemptLinked, store.AttemptNeedsReview, store.AttemptFailed, store.AttemptClosed)
	c.want("at Mono claim by", "return", "webhook", "list")
	c.want("at Mono figure", store.AsOfStated, store.AsOfAsked, store.AsOfUnknown)
	c.want("at Mono history from", "okra", "mono")
	return c
}
