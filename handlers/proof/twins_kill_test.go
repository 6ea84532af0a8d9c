//go:build !race

package proof_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
	"balancelink/okra"
	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/storetest"
)

func TestTwoInstancesConvergeUnderKills(t *testing.T) {
	t.Parallel()
	kills, r := size(t, twinKills), seeded(t)
	w := newTwins(t, storetest.Instances(t))
	w.fill()
	w.start(2)
	s := w.storm(r)
	for range kills {
		s.goesOn(1 + r.IntN(500)) // the moment of the kill is chance
		killed := w.each[r.IntN(2)]
		w.kill(killed)
		s.goesOn(1 + r.IntN(100))
		w.begin(killed)
	}
	s.ends()
	if n := s.refused.Load(); n > 0 {
		t.Errorf("%d deliveries were refused although PostgreSQL was there", n)
	}
	w.wantConverged(s)
	w.stop()
}

func TestTwoInstancesAskEachRefreshOnce(t *testing.T) {
	t.Parallel()
	kills, r := size(t, leadKills), seeded(t)
	w := newTwins(t, storetest.Instances(t))
	w.start(2)
	s := w.open()
	accounts := w.link(s)
	w.wantNobodyTakesItForLost(s, accounts[0])
	for n := range kills {
		w.askedUnderAKill(s, r, accounts[n%len(accounts)], n)
	}
	w.stop()
	w.db.wantIntact()
}

// ask asks the bank about an account.
func (w *twins) ask(s *store.Store, account string) (id string) {
	w.t.Helper()
	a, _, err := s.StartRefresh(w.t.Context(), store.RefreshRequest{
		AccountID: account, Scope: store.Whole(), Kind: store.KindRefresh, Trigger: "staff", Deadline: time.Minute,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return a.ID
}

// refresh is how a question stands.
func (w *twins) refresh(s *store.Store, id string) store.Refresh {
	w.t.Helper()
	r, err := s.RefreshByID(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// untilRefresh waits until a question stands so.
func (w *twins) untilRefresh(s *store.Store, id, what string, stands func(store.Refresh) bool) (is store.Refresh) {
	w.t.Helper()
	seen := func() string { return fmt.Sprintf("%s (%s)", is.State, is.Cause) }
	sitetest.Await(w.t, "a refresh "+what, seen, func() bool {
		is = w.refresh(s, id)
		return stands(is)
	})
	return is
}

func hasEnded(r store.Refresh) bool { return !r.Open() }

// wantNobodyTakesItForLost fails if a question to which the answer takes long is taken by
// another instance for one of a leader that is gone.
func (w *twins) wantNobodyTakesItForLost(s *store.Store, account string) {
	w.t.Helper()
	before := w.bank.Calls("balance/refresh")
	came, open := w.door.shut()
	id := w.ask(s, account)
	sitetest.Receive(w.t, came, "the question")
	w.beats(2)
	if is := w.refresh(s, id); is.State != store.RefreshAsked {
		w.t.Errorf("a question under way is %s", is.State)
	}
	open()
	w.wantAnswered(w.untilRefresh(s, id, "to end", hasEnded))
	w.settled()
	if n := w.bank.Calls("balance/refresh") - before; n != 1 {
		w.t.Errorf("the bank was asked %d times, want once", n)
	}
}

// beats waits until the leader has said so many times that it is there: meanwhile every
// instance has looked for what there is to do.
func (w *twins) beats(n int) {
	w.t.Helper()
	said := func() int { return w.db.number(`SELECT COALESCE(MAX(until), 0) FROM leases WHERE name = 'leader'`) }
	for last := said(); n > 0; n-- {
		sitetest.Await(w.t, "the leader to say that it is there", func() string { return fmt.Sprint(last) }, func() bool { return said() > last })
		last = said()
	}
}

func answered(r store.Refresh) bool {
	return r.State == store.RefreshChanged || r.State == store.RefreshUnchanged
}

func (w *twins) wantAnswered(r store.Refresh) {
	w.t.Helper()
	if !answered(r) {
		w.t.Errorf("the refresh ended %s (%s)", r.State, r.Cause)
	}
}

// askedUnderAKill asks the bank and kills the leader at one moment of it: the first three
// are those at which it matters, the others are chance.
func (w *twins) askedUnderAKill(s *store.Store, r *rand.Rand, account string, moment int) {
	w.t.Helper()
	before, leader := w.bank.Calls("balance/refresh"), w.leader()
	var id string
	open := func() {}
	switch moment {
	case 0: // nobody has seen it
		id = w.ask(s, account)
	case 1: // it is at the bank's door
		came, opens := w.door.shut()
		id, open = w.ask(s, account), opens
		sitetest.Receive(w.t, came, "the question")
	case 2: // the bank has said that it will answer
		id = w.ask(s, account)
		w.untilRefresh(s, id, "to be waited for", func(r store.Refresh) bool { return r.State != store.RefreshQueued && r.State != store.RefreshAsked })
	default:
		id = w.ask(s, account)
		for range r.IntN(5000) {
			if hasEnded(w.refresh(s, id)) {
				break
			}
		}
	}
	w.kill(leader)
	at := w.refresh(s, id)
	open()
	ended := w.untilRefresh(s, id, "to end", hasEnded)
	w.settled()
	n := w.bank.Calls("balance/refresh") - before
	switch {
	case n == 1:
		w.wantAnswered(ended)
	case n == 0 && at.State == store.RefreshAsked: // it died between saying that it asks and asking
		w.t.Logf("never asked: it ended %s (%s)", ended.State, ended.Cause)
	default:
		w.t.Errorf("killed when the refresh was %s: the bank was asked %d times, want once", at.State, n)
	}
	w.t.Logf("killed when the refresh was %s: it ended %s", at.State, ended.State)
	w.begin(leader)
}

func TestAPausedLeaderChangesNothing(t *testing.T) {
	t.Parallel()
	pauses, r := size(t, leadPauses), seeded(t)
	w := newTwins(t, storetest.Instances(t))
	w.fill()
	w.start(2)
	db := w.open()
	accounts := w.link(db)
	before := w.bank.Calls("balance/refresh")
	s, unanswered, held := w.storm(r), 0, 0
	for range pauses {
		paused := w.leader()
		s.goesOn(1 + r.IntN(500))
		var asked []string
		for _, account := range accounts {
			asked = append(asked, w.ask(db, account))
		}
		s.goesOn(1 + r.IntN(200)) // wherever with those it is
		paused.signal(syscall.SIGSTOP)
		w.front.without(paused.host())
		s.goesOn(100) // also where it holds the lock of who changes something
		s.rests.Lock()
		sitetest.Await(t, "the other one to lead", func() string { return "nobody does" }, func() bool { return w.leader() != paused })
		s.rests.Unlock()
		s.goesOn(100)
		for _, id := range asked {
			if is := w.untilRefresh(db, id, "to end", hasEnded); !answered(is) {
				unanswered++
				t.Logf("a refresh ended %s (%s)", is.State, is.Cause)
			}
		}
		held += w.front.unanswered(paused.host())
		paused.signal(syscall.SIGCONT)
		w.front.with(paused.host())
		s.goesOn(200)
		w.beats(2)
		if w.leader() == paused {
			t.Error("who slept leads again, although the other one does")
		}
	}
	s.ends()
	if n := s.silent.Load(); n > int64(held) { // who sleeps longer than an answer may take has no time left for it
		t.Errorf("%d deliveries were not answered, of which who slept had %d", n, held)
	}
	w.wantConverged(s)
	// One that falls asleep between saying that it asks and asking asks when it wakes, or not.
	if n, all := w.bank.Calls("balance/refresh")-before, pauses*len(accounts); n > all || n < all-unanswered {
		t.Errorf("the bank was asked %d times, want once for each of %d refreshes", n, all)
	}
	w.stop()
	w.db.wantIntact()
}

// leads is whether an instance does what one alone does.
func (w *twins) leads(i *instance) bool {
	w.t.Helper()
	return w.db.number(`
		SELECT COUNT(*)
		FROM leases
		WHERE name = 'leader' AND holder = $1 AND until > EXTRACT(EPOCH FROM clock_timestamp()) * 1000`, i.id) == 1
}

// leader is the instance that does it, once there is one.
func (w *twins) leader() (leads *instance) {
	w.t.Helper()
	seen := func() string { return fmt.Sprint(w.db.texts(`SELECT holder FROM leases`)) }
	sitetest.Await(w.t, "an instance to lead", seen, func() bool {
		at := slices.IndexFunc(w.each, w.leads)
		if at >= 0 {
			leads = w.each[at]
		}
		return at >= 0
	})
	return leads
}

// kill ends an instance as a crash does. What it held alone lapses when its time is over:
// that is now.
func (w *twins) kill(i *instance) {
	w.t.Helper()
	i.program.kill()
	w.front.without(i.host())
	w.db.exec(`UPDATE leases SET until = 0 WHERE holder = $1`, i.id)
}

// people are customers of the bank with an account each, by what they sign in with.
var people = map[string]string{
	"Amina456": "Amina Bello", "Bola123": "Bola Adeyemi", "Chidi123": "Chidi Okafor", "Funke123": "Funke Alabi", "Lola123": "Lola Adebayo",
}

// link links the accounts of all people, and returns them when the bank was asked about
// each.
func (w *twins) link(s *store.Store) (accounts []string) {
	w.t.Helper()
	before := w.db.texts(`SELECT id FROM accounts`)
	for login, name := range people {
		w.claim(s, login, name)
	}
	w.db.until("all people to be linked and asked about", fmt.Sprintf(
		`SELECT COUNT(*) || ' are' FROM accounts WHERE balance_id IS NOT NULL HAVING COUNT(*) < %d`, len(before)+len(people)))
	w.settled()
	return slices.DeleteFunc(w.db.texts(`SELECT id FROM accounts ORDER BY id`), func(id string) bool { return slices.Contains(before, id) })
}

// claim is that a customer has signed in to the bank.
func (w *twins) claim(s *store.Store, login, name string) {
	w.t.Helper()
	ctx := w.t.Context()
	must := func(err error) {
		if err != nil {
			w.t.Helper()
			w.t.Fatal(err)
		}
	}
	cu, err := s.AddCustomer(ctx, store.Program, store.Customer{Name: name})
	must(err)
	co, err := s.AddConsent(ctx, store.Consent{CustomerID: cu.ID, Version: "1", Scope: "auth,balance"})
	must(err)
	a, err := s.StartAttempt(ctx, store.Attempt{CustomerID: cu.ID, ConsentID: co.ID, Provider: "okra", Env: provider.EnvSandbox}, time.Hour)
	must(err)
	success, err := w.bank.Connect(login, a.Nonce, nil)
	must(err)
	claim, err := okra.ParseClaim(success)
	must(err)
	_, err = s.ReportAttempt(ctx, a.Nonce, store.Report{
		State: store.AttemptClaimed, ClaimedBy: "widget", ProviderRecord: claim.Record, ProviderCustomer: claim.Customer, BankName: claim.Bank.Name,
	})
	must(err)
}
