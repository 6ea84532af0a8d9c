package worker

import (
	"errors"
	"slices"
	"testing"
	"time"

	"balancelink/okra/provider"
	"balancelink/okra/provider/providertest"
	"balancelink/store"
)

// steps are what a clock does when it is wrong and somebody sets it right.
var clockSteps = map[string]time.Duration{"an hour back": -time.Hour, "an hour ahead": time.Hour, "ten years ahead": tenYears}

func TestAClockStepLeavesNoRefreshOpenAndAsksNobodyTwice(t *testing.T) {
	t.Parallel()
	for name, step := range clockSteps {
		for _, state := range []store.RefreshState{store.RefreshQueued, store.RefreshWaiting} {
			for _, back := range []bool{false, true} {
				t.Run(name+", "+string(state)+map[bool]string{true: " meanwhile", false: " before"}[back], func(t *testing.T) {
					b := newBench(t)
					a := b.linked("Amina456")
					b.advance(time.Minute)
					if back {
						b.set(step)
					}
					r := b.start(a.ID, store.KindRefresh)
					if state == store.RefreshWaiting {
						b.work()
					}
					if back {
						b.set(0)
					} else {
						b.set(step)
					}
					got := b.outcome(r)
					if n := b.Sim.Calls("balance/refresh"); n > 1 {
						t.Errorf("the bank was asked %d times for one refresh (%s)", n, got.State)
					}
					if got.EndedAt.Before(b.clock().Add(-time.Hour)) || got.EndedAt.After(b.clock()) {
						t.Errorf("it ended at %v, now it is %v", got.EndedAt, b.clock())
					}
					b.set(0)
					again := b.outcome(b.start(a.ID, store.KindRefresh))
					if again.State != store.RefreshChanged || b.Sim.Calls("balance/refresh") > 2 {
						t.Errorf("the next refresh is %s (%s) after %d questions", again.State, again.Cause, b.Sim.Calls("balance/refresh"))
					}
				})
			}
		}
	}
}

func TestAClockStepCausesNoStorm(t *testing.T) {
	t.Parallel()
	for name, step := range clockSteps {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.SweepEvery, b.ScheduleEvery, b.ScheduleCalls, b.Deadline = 6*time.Hour, 24*time.Hour, 100, deadline
			var accounts []store.Account
			for _, login := range []string{"Amina456", "Bola123", "Chidi123", "Funke123"} {
				a := b.linked(login)
				b.ok(b.Store.MarkViewed(t.Context(), a.CustomerID))
				accounts = append(accounts, a)
			}
			rounds := func() {
				for range 30 {
					b.ok(b.sweepAndSchedule(t.Context()))
					b.work()
					b.advance(time.Second)
				}
			}
			rounds()
			asked, saved := b.Sim.Calls("balance/refresh"), b.Sim.Calls("balance/getByCustomer")
			for _, ahead := range []time.Duration{step, 0} {
				b.set(ahead)
				rounds()
			}
			if n := b.Sim.Calls("balance/refresh") - asked; n > len(accounts) {
				t.Errorf("banks were asked %d more times for %d accounts", n, len(accounts))
			}
			if n := b.Sim.Calls("balance/getByCustomer") - saved; n > 2*len(accounts) {
				t.Errorf("saved balances were asked for %d more times, in two steps, for %d accounts", n, len(accounts))
			}
		})
	}
}

func TestAClockThatWasWrongLeavesNoBalanceFromTheFuture(t *testing.T) {
	t.Parallel()
	for name, step := range clockSteps {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.SweepEvery = 6 * time.Hour
			a := b.linked("Amina456")
			b.advance(time.Minute)
			b.set(step)
			b.receive(b.balanceEvent(b.sandbox(a.NUBAN), a.ProviderRecord, map[string]any{"ended_at": nil})) // whose time only we know
			b.work()
			if got := b.account(a.ID); got.AsOf.After(b.clock()) {
				t.Errorf("as of %v, while it is %v", got.AsOf, b.clock())
			}
			b.set(0)
			b.advance(time.Minute)
			b.ok(b.Sim.SetBalance(a.ProviderID, "17", "17"))
			r := b.outcome(b.start(a.ID, store.KindRefresh))
			got := b.account(a.ID)
			if got.AsOf.After(b.clock().Add(5 * time.Minute)) {
				t.Errorf("as of %v, while it is %v", got.AsOf, b.clock())
			}
			if step != time.Hour && (r.State != store.RefreshChanged || got.Figure != store.Minor(1700)) {
				t.Errorf("after a refresh (%s) the ledger is %v, want the bank's 1700", r.State, got.Figure)
			}
		})
	}
}

func TestALinkClaimedByAWrongClockIsConfirmedByTheRightOne(t *testing.T) {
	b := newBench(t)
	a := b.attempt("Amina Bello")
	success := b.connect("Amina456", a.Nonce)
	b.set(10 * time.Minute)
	b.claim(a, success)
	b.set(0)
	b.work()
	b.wantAttempt(a, store.AttemptLinked)
}

func TestAClockStepRevivesNoSession(t *testing.T) {
	t.Parallel()
	const idle = 15 * time.Minute
	for name, row := range map[string]struct {
		steps []time.Duration // ahead of the true time, one after the other; the session is tried at each
		wait  time.Duration   // before them
	}{
		"over, then an hour back":            {[]time.Duration{-time.Hour}, 20 * time.Minute},
		"over by an hour ahead, then right":  {[]time.Duration{time.Hour, 0}, 0},
		"over by ten years ahead, and back":  {[]time.Duration{tenYears, 0}, 0},
		"seen to be over, then an hour back": {[]time.Duration{0, -time.Hour}, 20 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			now := b.clock()
			b.ok(b.Store.SaveSession(t.Context(), store.Session{
				TokenHash: "hash", Kind: "staff", Principal: "officer", Data: "{}", CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(12 * time.Hour),
			}))
			b.advance(row.wait)
			for _, step := range row.steps {
				b.set(step)
				if _, err := b.Store.SessionByTokenHash(t.Context(), "staff", "hash", b.clock().Add(-idle)); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("with the clock %v ahead the session lives: %v", step, err)
				}
			}
		})
	}
}

func TestASessionMadeByAClockYearsAheadDoesNotOutliveIt(t *testing.T) {
	b := newBench(t)
	b.set(tenYears)
	now := b.clock()
	b.ok(b.Store.SaveSession(t.Context(), store.Session{
		TokenHash: "hash", Kind: "customer", Data: "{}", CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(12 * time.Hour),
	}))
	cu, err := b.Store.AddCustomer(t.Context(), store.Program, store.Customer{Name: "Amina"})
	b.ok(err)
	_, secret, err := b.Store.AddInvitation(t.Context(), store.Program, cu.ID, "", 72*time.Hour)
	b.ok(err)
	b.set(0)
	b.advance(24 * time.Hour)
	if _, err := b.Store.SessionByTokenHash(t.Context(), "customer", "hash", b.clock().Add(-time.Hour)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the session lives: %v", err)
	}
	if _, err := b.Store.OpenInvitation(t.Context(), secret); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the personal link opens: %v", err)
	}
}

func TestALinkClaimedByAClockYearsAheadIsNotTriedForYears(t *testing.T) {
	t.Parallel()
	for kind, patience := range map[provider.Kind]time.Duration{
		provider.KindNotYet: settlePatience, provider.KindUnreachable: confirmPatience,
	} {
		t.Run(string(kind), func(t *testing.T) {
			b := newBench(t)
			p := &hindered{Instant: providertest.NewHost(b.clock).Adapter(), first: failures(slices.Repeat([]provider.Kind{kind}, 40)...)}
			b.Worker.Providers = provider.Set{p}
			b.set(tenYears)
			a := b.attempt("Amina Bello")
			_, err := b.Store.ReportAttempt(t.Context(), a.Nonce, store.Report{State: store.AttemptClaimed, ClaimedBy: "webhook", ProviderRecord: "r"})
			b.ok(err)
			b.set(0)
			b.renew(a.CustomerID)
			for range 3 {
				b.work()
				b.advance(patience)
			}
			b.wantAttempt(a, store.AttemptFailed)
		})
	}
}

func TestAnInvitationThatWasRefusedAsExpiredStaysSo(t *testing.T) {
	t.Parallel()
	for name, step := range clockSteps {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			cu, err := b.Store.AddCustomer(t.Context(), store.Program, store.Customer{Name: "Amina"})
			b.ok(err)
			_, secret, err := b.Store.AddInvitation(t.Context(), store.Program, cu.ID, "", 30*time.Minute)
			b.ok(err)
			if step < 0 {
				b.advance(40 * time.Minute)
				_, err := b.Store.OpenInvitation(t.Context(), secret)
				if !errors.Is(err, store.ErrNotFound) {
					t.Errorf("an expired link opens: %v", err)
				}
			}
			b.set(step)
			for range 2 {
				if _, err := b.Store.OpenInvitation(t.Context(), secret); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("an expired link opens: %v", err)
				}
				b.set(0)
			}
		})
	}
}

func TestNewsWithoutATimeIsFromWhenItCameNotFromWhenItIsApplied(t *testing.T) {
	b := newBench(t)
	info := b.sandbox("2230011442")
	id := b.receive(b.balanceEvent(info, "5f0000000000000000000001", map[string]any{"ended_at": nil}))
	b.work()
	b.advance(time.Hour)
	a := b.linked("Amina456")
	b.work()
	if got := b.event(id); got.Result != store.EventApplied {
		t.Fatalf("the event is %s (%s)", got.Result, got.Reason)
	}
	if got := b.account(a.ID); got.Source != store.SourceLink {
		t.Errorf("the balance is by %s as of %v, want the link's, which is an hour younger", got.Source, got.AsOf)
	}
	history, err := b.Store.BalancesByAccount(t.Context(), a.ID, 10)
	b.ok(err)
	b.advance(time.Hour)
	b.ok(b.Store.ReplayEvent(t.Context(), store.Program, id))
	b.work()
	again, err := b.Store.BalancesByAccount(t.Context(), a.ID, 10)
	if b.ok(err); len(again) != len(history) {
		t.Errorf("applied again, it is other news: %d balances, then %d", len(history), len(again))
	}
}

func TestAClockStepDropsNoPayloadThatWaitsToBeClaimed(t *testing.T) {
	t.Parallel()
	for name, step := range clockSteps {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			id := b.receive(b.balanceEvent(b.sandbox("2230011442"), "5f0000000000000000000001", nil))
			b.work()
			for range 10 { // back and forth, with restarts: an hour for each jump at most
				b.set(step)
				b.ok(b.dropUnmatched(t.Context()))
				b.set(0)
				b.Worker = New(b.Config) // another run of the program
				b.ok(b.dropUnmatched(t.Context()))
			}
			if got := b.event(id); got.Result != store.EventUnmatched || got.BodyDropped() {
				t.Fatalf("the event is %s (%s)", got.Result, got.Reason)
			}
		})
	}
}

func TestAPayloadThatNobodyClaimsIsDroppedAfterAWeekHoweverOftenTheProgramEnds(t *testing.T) {
	b := newBench(t)
	id := b.receive(b.balanceEvent(b.sandbox("2230011442"), "5f0000000000000000000001", nil))
	b.work()
	start := b.clock()
	for !b.event(id).BodyDropped() && b.clock().Sub(start) < 10*24*time.Hour {
		b.Worker = New(b.Config) // another run of the program
		b.ok(b.dropUnmatched(t.Context()))
		b.advance(15 * time.Minute)
	}
	if took := b.clock().Sub(start); took < 7*24*time.Hour || took > 7*24*time.Hour+2*time.Hour {
		t.Errorf("it was kept for %v, want a week", took)
	}
}
