package worker

import (
	"testing"
	"time"

	"balancelink/okra/okrasim"
	"balancelink/store"
)

func TestAnAnswerWithoutARecordIsLookedForByAccount(t *testing.T) {
	b := newBench(t)
	a := b.linked("Amina456")
	b.advance(time.Hour)
	b.Sim.SetScenario(a.ProviderID, okrasim.NoRecord)
	r := b.start(a.ID, store.KindRefresh)
	b.work()
	b.advance(bankDelay - time.Second)
	for range 3 { // whatever is saved now is from before the question
		b.ok(b.poll(t.Context(), b.refresh(r.ID), a))
		if got := b.refresh(r.ID); got.State != store.RefreshWaiting {
			t.Fatalf("before the bank has answered it is %s", got.State)
		}
	}
	b.advance(time.Second)
	got := b.outcome(r)
	if after := b.account(a.ID); got.State != store.RefreshChanged || after.Figure == a.Figure || after.AsOf.Before(got.AskedAt) {
		t.Errorf("refresh = %s (%s) as of %v, asked at %v", got.State, got.Cause, after.AsOf, got.AskedAt)
	}
	if n := b.Sim.Calls("callback"); n != 0 {
		t.Errorf("a job without a name was asked for %d times", n)
	}
}

func TestAnAnswerWithoutARecordToACheckCannotBeRead(t *testing.T) {
	b := newBench(t)
	a := b.linked("Amina456")
	b.Sim.SetScenario(a.ProviderID, okrasim.NoRecord)
	if got := b.outcome(b.start(a.ID, store.KindCheck)); got.State != store.RefreshFailed || got.Fault != "bad_answer" {
		t.Errorf("check = %s %q (%s), want failed by a bad answer", got.State, got.Fault, got.Cause)
	}
}

func TestAnAnswerWithoutARecordThatNeverComesIsGivenUp(t *testing.T) {
	b := newBench(t)
	a := b.linked("Amina456")
	b.advance(time.Minute)
	r := b.start(a.ID, store.KindRefresh)
	_, err := b.Store.MarkAsked(t.Context(), r.ID)
	b.ok(err) // but the question is never sent, so that the bank has nothing to answer
	b.ok(b.Store.AwaitRefresh(t.Context(), r.ID, "saved", b.clock()))
	if got := b.outcome(r); got.State != store.RefreshTimedOut {
		t.Errorf("refresh = %s (%s), want timed out", got.State, got.Cause)
	}
}

func TestAChangeWhoseFigureIsMissingIsLookedForTwiceMoreAndThenShownAsOfItsOwnDate(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		appears int // after so many looks; 0: never
		looks   int
		want    store.RefreshState
	}{
		"never":          {0, 3, store.RefreshUnchanged},
		"at the first":   {1, 2, store.RefreshChanged},
		"at the second":  {2, 3, store.RefreshChanged},
		"after the last": {3, 3, store.RefreshUnchanged},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			a := b.linked("Amina456")
			b.PollEvery = 15 * time.Second
			b.advance(time.Hour)
			b.Sim.SetScenario(a.ProviderID, okrasim.OldFigure)
			r := b.start(a.ID, store.KindRefresh)
			b.work()
			b.advance(b.FirstPoll)
			var at []time.Time
			for b.refresh(r.ID).Open() {
				before := b.Sim.Calls("balance/getByAccount")
				if b.work(); b.Sim.Calls("balance/getByAccount") > before {
					at = append(at, b.clock())
				}
				if len(at) == row.appears && b.Sim.Calls("balance/getByAccount") > before {
					b.ok(b.Sim.SetBalance(a.ProviderID, "17", "17"))
					b.ok(b.Sim.SendBalanceWebhook(a.ProviderID)) // which is lost
				}
				b.advance(5 * time.Second)
			}
			got, after := b.refresh(r.ID), b.account(a.ID)
			if got.State != row.want || got.Changed != (row.want == store.RefreshUnchanged) || len(at) != row.looks || got.Polls != row.looks {
				t.Errorf("refresh = %s, changed %v, after %d looks and %d polls; want %s after %d", got.State, got.Changed, len(at), got.Polls, row.want, row.looks)
			}
			for i := range at[1:] {
				if pause := at[i+1].Sub(at[i]); pause != time.Minute {
					t.Errorf("looked again after %v, want a minute", pause)
				}
			}
			if fresh := !after.AsOf.Before(got.AskedAt); fresh != (row.want == store.RefreshChanged) {
				t.Errorf("the balance is as of %v, asked at %v", after.AsOf, got.AskedAt)
			}
			if n := b.Sim.Calls("balance/refresh"); n != 1 {
				t.Errorf("the bank was asked %d times, want once", n)
			}
		})
	}
}
