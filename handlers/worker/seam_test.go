package worker

import (
	"context"
	"testing"
	"time"

	"balancelink/okra/provider"
	"balancelink/okra/provider/providertest"
	"balancelink/store"
)

func known(minor int64) provider.Amount { return provider.Amount{Minor: minor, Known: true} }

// newInstant lets a bench work with an instant provider, and links a customer's three
// accounts there: one with both figures, one without what is available, and one
// without any.
func newInstant(t *testing.T) (*bench, *providertest.Instant, map[string]store.Account) {
	t.Helper()
	b := newBench(t)
	p := providertest.NewHost(b.clock).Adapter()
	p.Balances = map[string]provider.Balance{
		"both":   {Account: "both", Basis: provider.BasisLedger, Figure: known(1_000_00), Available: known(900_00), Currency: "NGN"},
		"ledger": {Account: "ledger", Figure: known(500_00), Currency: "NGN"},
		"none":   {Account: "none", Currency: "NGN"},
	}
	b.Worker.Providers = provider.Set{p}
	a := b.attempt("Amina Bello")
	var shared []provider.Account
	for _, id := range []string{"both", "ledger", "none"} {
		shared = append(shared, provider.Account{ID: id, Name: "AMINA BELLO", Currency: "NGN"})
	}
	link := p.SignIn(a.Nonce, shared...)
	_, err := b.Store.ReportAttempt(t.Context(), a.Nonce, store.Report{
		State: store.AttemptClaimed, ClaimedBy: "widget", ProviderRecord: link.Record,
	})
	b.ok(err)
	b.work()
	b.wantAttempt(a, store.AttemptLinked)
	accounts := map[string]store.Account{}
	for _, a := range b.accounts(a.CustomerID) {
		accounts[a.ProviderID] = a
	}
	if len(accounts) != 3 {
		t.Fatalf("%d accounts are linked", len(accounts))
	}
	return b, p, accounts
}

func TestAProviderThatAnswersAtOnceLeavesNothingToLookFor(t *testing.T) {
	b, p, accounts := newInstant(t)
	if a := b.account(accounts["both"].ID); a.Figure != store.Minor(1_000_00) || a.Available != store.Minor(900_00) || a.AsOfKind != store.AsOfStated {
		t.Errorf("after linking: ledger %v, available %v, as of: %v", a.Figure, a.Available, a.AsOfKind)
	}
	b.advance(time.Hour)
	p.Balances["both"] = provider.Balance{Account: "both", Figure: known(7), Available: known(0), Currency: "NGN"}
	r := b.start(accounts["both"].ID, store.KindRefresh)
	b.work()
	if got := b.refresh(r.ID); got.State != store.RefreshChanged || got.Polls != 0 {
		t.Errorf("refresh = %s (%s) after %d looks", got.State, got.Cause, got.Polls)
	}
	if a := b.account(accounts["both"].ID); a.Figure != store.Minor(7) || a.Available != store.Minor(0) || !a.AsOf.Equal(b.clock().Truncate(time.Millisecond)) {
		t.Errorf("ledger %v, available %v as of %v", a.Figure, a.Available, a.AsOf)
	}
}

func TestAFigureThatAProviderLeavesOutIsUnknown(t *testing.T) {
	b, p, accounts := newInstant(t)
	if a := b.account(accounts["ledger"].ID); a.Figure != store.Minor(500_00) || a.Available.Known {
		t.Errorf("ledger %v, available %v", a.Figure, a.Available)
	}
	if a := b.account(accounts["none"].ID); a.Figure.Known || a.Available.Known {
		t.Errorf("ledger %v, available %v", a.Figure, a.Available)
	}
	b.advance(time.Hour)
	p.Balances["both"] = provider.Balance{Account: "both", Available: known(1), Currency: "NGN"}
	got := b.outcome(b.start(accounts["both"].ID, store.KindRefresh))
	if a := b.account(accounts["both"].ID); got.State != store.RefreshFailed || got.Fault != "mismatch" || a.Figure != store.Minor(1_000_00) {
		t.Errorf("without a ledger balance: %s %s, ledger %v", got.State, got.Fault, a.Figure)
	}
}

func TestALostQuestionIsSentAgainOnlyWhereTheProviderJoinsItToTheFirst(t *testing.T) {
	b, p, accounts := newInstant(t)
	b.advance(time.Hour)
	p.Asked, p.Lose = 0, 2
	if got := b.outcome(b.start(accounts["both"].ID, store.KindRefresh)); got.State != store.RefreshUnchanged || p.Asked != 3 {
		t.Errorf("refresh = %s (%s) after %d questions, want unchanged after 3", got.State, got.Cause, p.Asked)
	}

	b.advance(time.Hour)
	p.Asked = 0
	r := b.start(accounts["both"].ID, store.KindRefresh)
	_, err := b.Store.MarkAsked(t.Context(), r.ID)
	b.ok(err)
	b.restart() // nobody knows whether the question left
	if got := b.outcome(r); got.State != store.RefreshUnchanged || p.Asked != 1 {
		t.Errorf("after a restart: refresh = %s (%s) after %d questions", got.State, got.Cause, p.Asked)
	}
}

// What may have arrived may have been paid for, and may still be answered.
func TestAQuestionThatMayHaveArrivedCountsAsAsked(t *testing.T) {
	b, p, accounts := newInstant(t)
	b.advance(time.Hour)
	p.Lose = 1_000
	r := b.start(accounts["both"].ID, store.KindRefresh)
	b.work()
	asked := b.clock()
	b.advance(time.Minute)
	if n, _, err := b.Store.AskedSince(t.Context(), p.Name(), asked.Add(-time.Minute)); n != 1 || err != nil {
		t.Errorf("%d questions were sent (%v)", n, err)
	}
	got := b.outcome(r)
	if got.State != store.RefreshTimedOut || got.AskedAt.After(asked) {
		t.Errorf("refresh = %s (%s), asked at %v, want timed_out, asked at %v", got.State, got.Cause, got.AskedAt, asked)
	}
}

// spaced takes questions within five minutes for one, and never gets to answer.
type spaced struct {
	*providertest.Instant
	asked []time.Time
}

func (p *spaced) Traits() provider.Traits {
	t := p.Instant.Traits()
	t.Interval = 5 * time.Minute
	return t
}

func (p *spaced) Ask(ctx context.Context, ref provider.Ref, q provider.Question) (provider.Asked, error) {
	p.asked = append(p.asked, p.Now())
	return p.Instant.Ask(ctx, ref, q)
}

func TestAQuestionThatMayHaveArrivedIsNotSentOnceItWouldBeAnother(t *testing.T) {
	b, instant, accounts := newInstant(t)
	p := &spaced{Instant: instant}
	b.Worker.Providers = provider.Set{p}
	b.advance(time.Hour)
	p.Lose, p.Looks = 1_000, []provider.Answer{{Running: true}}
	if got := b.outcome(b.start(accounts["both"].ID, store.KindRefresh)); got.State != store.RefreshTimedOut {
		t.Errorf("refresh = %s (%s)", got.State, got.Cause)
	}
	if n := len(p.asked); n < 3 || p.asked[n-1].Sub(p.asked[0]) >= 5*time.Minute {
		t.Errorf("it was sent at %v", p.asked)
	}
}

func TestAWebhookOfAnyProviderIsABalanceOfItsAccount(t *testing.T) {
	b, p, accounts := newInstant(t)
	b.advance(time.Hour)
	id := b.receive(p.Tell(provider.Balance{Account: "ledger", Figure: known(77), Currency: "NGN"}))
	b.work()
	if e := b.event(id); e.Result != store.EventApplied {
		t.Errorf("event = %s (%s)", e.Result, e.Reason)
	}
	if a := b.account(accounts["ledger"].ID); a.Figure != store.Minor(77) || a.Available.Known {
		t.Errorf("ledger %v, available %v", a.Figure, a.Available)
	}
}

func TestSavedBalancesOfAnyProviderAreSwept(t *testing.T) {
	b, p, accounts := newInstant(t)
	b.SweepEvery = 6 * time.Hour
	b.advance(7 * time.Hour)
	p.Balances["ledger"] = provider.Balance{Account: "ledger", Figure: known(3), Currency: "NGN"}
	b.ok(b.sweep(t.Context()))
	if a := b.account(accounts["ledger"].ID); a.Figure != store.Minor(3) {
		t.Errorf("ledger %v", a.Figure)
	}
}

func TestAQuestionThatHasEndedIsAnsweredByWhatTheWebhookSays(t *testing.T) {
	b, p, accounts := newInstant(t)
	fresh := vague("both", 8, provider.AsOfAsked)
	for name, row := range map[string]struct {
		told  func(account, ticket string) []byte // nil: nothing
		first bool                                // before it is looked for
		want  store.RefreshState
		fault string
	}{
		"that it failed, first":               {p.TellFailure, true, store.RefreshFailed, "fetch_failed"},
		"that it failed, after a look":        {p.TellFailure, false, store.RefreshFailed, "fetch_failed"},
		"that one from before failed":         {func(a, _ string) []byte { return p.TellFailure(a, "question-0") }, false, store.RefreshChanged, ""},
		"that one of another has failed":      {func(_, ticket string) []byte { return p.TellFailure("ledger", ticket) }, false, store.RefreshChanged, ""},
		"nothing, and it is looked for again": {nil, false, store.RefreshChanged, ""},
	} {
		b.advance(time.Hour)
		fresh.Figure.Minor++
		p.Looks = []provider.Answer{{Ended: true}, {Balance: &fresh}}
		before := b.account(accounts["both"].ID)
		r := b.start(before.ID, store.KindRefresh)
		b.work() // the bank is asked
		tell := func() {
			if row.told != nil {
				b.receive(row.told("both", b.refresh(r.ID).Ticket))
			}
		}
		if row.first {
			tell()
		}
		b.advance(b.FirstPoll)
		b.work() // it is looked for
		if !row.first {
			if got := b.refresh(r.ID); !got.Open() || p.Looked.Untold {
				t.Errorf("%s: at first the refresh is %s, after %+v", name, got.State, p.Looked)
			}
			tell()
		}
		got := b.outcome(r)
		after := b.account(before.ID)
		if got.State != row.want || got.Fault != row.fault || after.AsOf.After(before.AsOf) != (row.fault == "") {
			t.Errorf("%s: the refresh is %s %s (%s), as of %v and before %v", name, got.State, got.Fault, got.Cause, after.AsOf, before.AsOf)
		}
		if looked := row.fault == ""; looked != p.Looked.Untold && !row.first {
			t.Errorf("%s: it was looked for with %+v", name, p.Looked)
		}
	}
}
