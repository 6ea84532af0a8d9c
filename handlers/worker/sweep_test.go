package worker

import (
	"testing"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
)

// everyone links each log-in's bank and returns the accounts.
func (b *bench) everyone(logins ...string) (all []store.Account) {
	b.t.Helper()
	for _, login := range logins {
		b.linked(login)
	}
	found, err := b.Store.Customers(b.t.Context(), store.CustomerQuery{Limit: 100})
	b.ok(err)
	for _, c := range found {
		all = append(all, b.accounts(c.ID)...)
	}
	return all
}

func TestASweepHealsWhatLostWebhooksLeftOut(t *testing.T) {
	b := newBench(t)
	b.SweepEvery = 6 * time.Hour
	accounts := b.everyone("Amina123", "Dayo123", "Ibrahim123", "Efe123")
	sweep := func() {
		b.ok(b.sweepAndSchedule(t.Context()))
		b.work()
	}
	sweep()
	want := map[string]store.Amount{}
	start := b.clock()
	for b.clock().Sub(start) < 7*24*time.Hour {
		for i, a := range accounts { // each moves at its own pace; the provider knows, and every webhook is lost
			if int(b.clock().Sub(start)/time.Hour)%(5+i) == 0 {
				figure := 100 + i + int(b.clock().Sub(start)/time.Hour)
				b.ok(b.Sim.SetBalance(a.ProviderID, itoa(figure), itoa(figure)))
				b.ok(b.Sim.SendBalanceWebhook(a.ProviderID)) // nobody hears it
				want[a.ID] = store.Minor(int64(figure) * 100)
			}
		}
		b.advance(time.Hour)
		sweep()
	}
	for range 6 {
		b.advance(time.Hour)
		sweep()
	}
	for _, a := range accounts {
		if got := b.account(a.ID); got.Figure != want[a.ID] || got.Available != want[a.ID] {
			t.Errorf("%s is %v/%v, want %v within one sweep", a.NUBAN, got.Figure, got.Available, want[a.ID])
		}
	}
	if len(b.events()) != 0 {
		t.Error("a webhook arrived: the test proves nothing")
	}
	for _, path := range []string{"balance/refresh", "balance/check", "callback"} {
		if n := b.Sim.Calls(path); n != 0 {
			t.Errorf("%s was called %d times: a sweep does not ask the bank", path, n)
		}
	}
	// One call per customer and sweep, in 29 sweeps; four more confirmed the links.
	if n := b.Sim.Calls("balance/getByCustomer"); n > 4*(7*4+1+1)+4 {
		t.Errorf("saved balances were asked for %d times", n)
	}
}

func (b *bench) events() []store.Event {
	b.t.Helper()
	all, err := b.Store.Events(b.t.Context(), "", "", 10)
	b.ok(err)
	return all
}

func TestASweepThatFailsIsTakenUpByTheNextOne(t *testing.T) {
	b := newBench(t)
	b.SweepEvery = 6 * time.Hour
	a := b.linked("Amina456")
	b.Sim.SetScenario(a.ProviderID, "server-error")
	b.advance(7 * time.Hour)
	b.ok(b.sweep(t.Context()))
	before := b.Sim.Calls("balance/getByCustomer")
	for range 10 {
		b.ok(b.sweep(t.Context()))
	}
	if n := b.Sim.Calls("balance/getByCustomer"); n != before {
		t.Errorf("a failing sweep was repeated %d times at once", n-before)
	}
	b.Sim.SetScenario(a.ProviderID, "normal")
	b.ok(b.Sim.SetBalance(a.ProviderID, "17", "17"))
	b.ok(b.Sim.SendBalanceWebhook(a.ProviderID))
	b.advance(7 * time.Hour)
	b.ok(b.sweep(t.Context()))
	if got := b.account(a.ID); got.Figure != store.Minor(1700) {
		t.Errorf("ledger = %v, want 1700", got.Figure)
	}
}

func TestNothingIsScheduledUnlessTheOperatorWantsIt(t *testing.T) {
	b := newBench(t)
	a := b.linked("Amina456")
	for range 48 {
		b.ok(b.Store.MarkViewed(t.Context(), a.CustomerID))
		b.advance(time.Hour)
		b.ok(b.sweepAndSchedule(t.Context()))
		b.work()
	}
	if n := b.Sim.Calls("balance/refresh") + b.Sim.Calls("balance/getByCustomer") - 1; n != 0 { // one confirmed the link
		t.Errorf("%d calls were made by themselves", n)
	}
}

func TestTheScheduleKeepsToItsBudgetAndSpreadsIt(t *testing.T) {
	b := newBench(t)
	b.ScheduleEvery, b.ScheduleCalls, b.Deadline = time.Hour, 12, deadline // so often that the budget is what holds it
	accounts := b.everyone("Amina123", "Amina456", "Funke123", "Ibrahim123")
	start := b.clock()
	var at []time.Duration
	for asked := 0; b.clock().Sub(start) < 2*24*time.Hour; b.advance(15 * time.Minute) {
		for _, a := range accounts {
			b.ok(b.Store.MarkViewed(t.Context(), a.CustomerID))
		}
		b.ok(b.sweepAndSchedule(t.Context()))
		b.work()
		if n := b.Sim.Calls("balance/refresh"); n > asked {
			if n > asked+1 {
				t.Errorf("%d questions at once", n-asked)
			}
			asked, at = n, append(at, b.clock().Sub(start))
		}
	}
	if len(at) < 20 {
		t.Errorf("%d questions in two days: the schedule hardly works", len(at))
	}
	for i, first := range at {
		n := 0
		for _, t := range at[i:] {
			if t < first+24*time.Hour {
				n++
			}
		}
		if n > b.ScheduleCalls {
			t.Errorf("%d questions in the day from %v, want %d at most", n, first, b.ScheduleCalls)
		}
		if i > 0 && first-at[i-1] < 105*time.Minute {
			t.Errorf("two questions within %v, want them two hours apart", first-at[i-1])
		}
	}
}

func TestTheScheduleForgetsNothingInARestart(t *testing.T) {
	b := newBench(t)
	b.ScheduleEvery, b.ScheduleCalls, b.Deadline = time.Hour, 4, deadline
	accounts := b.everyone("Amina123", "Amina456", "Funke123", "Ibrahim123", "Efe123")
	b.advance(2 * time.Hour)
	for range 23 * 4 {
		for _, a := range accounts {
			b.ok(b.Store.MarkViewed(t.Context(), a.CustomerID))
		}
		b.restart()
		b.ok(b.sweepAndSchedule(t.Context()))
		b.work()
		b.advance(15 * time.Minute)
	}
	if n := b.Sim.Calls("balance/refresh"); n > 4 {
		t.Errorf("%d questions in a day with restarts, want 4 at most", n)
	}
}

func TestTheScheduleLeavesOutWhoNobodyLooksAt(t *testing.T) {
	b := newBench(t)
	b.ScheduleEvery, b.ScheduleCalls, b.Deadline = 24*time.Hour, 100, deadline
	seen, unseen := b.linked("Amina456"), b.linked("Funke123")
	b.advance(25 * time.Hour)
	b.ok(b.Store.MarkViewed(t.Context(), seen.CustomerID))
	for range 60 {
		b.ok(b.sweepAndSchedule(t.Context()))
		b.work()
		b.advance(2 * time.Minute)
	}
	for a, want := range map[store.Account]int{seen: 1, unseen: 0} {
		log, err := b.Store.RefreshesByAccount(t.Context(), store.Whole(), a.ID, 10)
		b.ok(err)
		if len(log) != want {
			t.Errorf("%s was refreshed %d times, want %d", a.NUBAN, len(log), want)
		}
		for _, r := range log {
			if r.Trigger != "schedule" || r.State != store.RefreshChanged {
				t.Errorf("refresh = %s by %s (%s)", r.State, r.Trigger, r.Cause)
			}
		}
	}
}

func TestAScheduledRefreshGivesWayToAPersons(t *testing.T) {
	b := newBench(t)
	person, scheduled := b.linked("Amina456"), b.linked("Funke123")
	b.Okra.Budget = provider.NewBudget(10, b.clock)
	for range 5 {
		_, err := b.Okra.BalancesByCustomer(t.Context(), person.ProviderCustomer)
		b.ok(err)
	}
	mine := b.start(person.ID, store.KindRefresh)
	its, _, err := b.Store.StartRefresh(t.Context(), store.RefreshRequest{Scope: store.Whole(), AccountID: scheduled.ID, Kind: store.KindRefresh, Trigger: "schedule", Deadline: deadline})
	b.ok(err)
	b.work()
	if got := b.refresh(mine.ID); got.State != store.RefreshWaiting {
		t.Errorf("with half of the budget left a person's refresh is %s (%s), want it asked", got.State, got.Cause)
	}
	if got := b.refresh(its.ID); got.State != store.RefreshQueued || got.Cause == "" {
		t.Errorf("with half of the budget left a scheduled refresh is %s (%s), want it queued", got.State, got.Cause)
	}
}

// TestARefreshEndsHoweverOftenTheProgramDoes ends the program many times in
// each open state.
func TestARefreshEndsHoweverOftenTheProgramDoes(t *testing.T) {
	t.Parallel()
	for _, kind := range []store.RefreshKind{store.KindRefresh, store.KindCheck} {
		for state, reach := range map[store.RefreshState]func(*bench, store.Refresh, store.Account){
			store.RefreshQueued: func(*bench, store.Refresh, store.Account) {},
			store.RefreshAsked: func(b *bench, r store.Refresh, a store.Account) {
				_, err := b.Store.MarkAsked(b.t.Context(), r.ID)
				b.ok(err)
				_, err = b.Okra.Ask(b.t.Context(), refOf(a), provider.Question(r.Kind))
				b.ok(err)
			},
			store.RefreshWaiting: func(b *bench, _ store.Refresh, _ store.Account) { b.work() },
		} {
			t.Run(string(kind)+" "+string(state), func(t *testing.T) {
				b := newBench(t)
				a := b.linked("Amina456")
				for n := range 10 {
					b.advance(time.Hour)
					asked := b.Sim.Calls("balance/refresh") + b.Sim.Calls("balance/check")
					r := b.start(a.ID, kind)
					reach(b, r, a)
					if got := b.refresh(r.ID); got.State != state {
						t.Fatalf("it is %s, want %s", got.State, state)
					}
					b.restart()
					if n%2 == 1 { // and again on its way
						b.advance(time.Minute)
						b.work()
						b.restart()
					}
					got := b.outcome(r)
					if got.EndedAt.After(r.DeadlineAt.Add(time.Minute)) {
						t.Errorf("it ended %v after its deadline", got.EndedAt.Sub(r.DeadlineAt))
					}
					if n := b.Sim.Calls("balance/refresh") + b.Sim.Calls("balance/check") - asked; n != 1 {
						t.Errorf("the bank was asked %d times, want once", n)
					}
				}
			})
		}
	}
}

func TestAPayloadGoesAfterItsDaysHoweverOftenTheProgramEnds(t *testing.T) {
	b := newBench(t)
	b.Retain = store.Retention{Payloads: 3}
	b.ok(b.purge(t.Context()))
	id := b.receive(b.balanceEvent(b.sandbox("2230011442"), "5f0000000000000000000001", nil))
	b.work()
	b.ok(b.Store.ApplyEvents(t.Context(), []store.DecidedEvent{{Event: b.event(id), Decide: always(ignored("of no use"))}}))
	start := b.clock()
	for !b.event(id).BodyDropped() && b.clock().Sub(start) < 10*24*time.Hour {
		b.Worker = New(b.Config) // another run of the program
		b.ok(b.purge(t.Context()))
		b.advance(3 * time.Hour)
	}
	if took := b.clock().Sub(start); took < 3*24*time.Hour || took > 5*24*time.Hour {
		t.Errorf("it was kept for %v, want three days and at most two more", took)
	}
}
