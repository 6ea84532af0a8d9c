package worker

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
)

// instant is a provider of other habits than Okra's: it answers at once, states
// two figures either of which may be missing, gives ids of its own form, takes a
// question that is sent again for the same one, and neither checks for changes nor
// tells what is pending. Where it has to be looked at later, that is its exception.
type instant struct {
	clock    func() time.Time
	link     provider.Link
	balances map[string]provider.Balance // by account; of no kind: stated now
	lose     int                         // so many answers get lost on the way
	asked    int
	fails    bool              // the bank gives no answer
	looks    []provider.Answer // it answers with a ticket, and then with these; the last stays
	pending  int               // how often it was asked what is pending
}

func (p *instant) Name() string { return "instant" }

func (p *instant) Authentic(http.Header) bool { return true }

func (p *instant) Traits() provider.Traits { return provider.Traits{Joins: true} }

func (p *instant) Ready(provider.Priority) (bool, time.Time, provider.Pause) {
	return true, time.Time{}, provider.Pause{}
}

func (p *instant) Confirm(_ context.Context, c provider.Claim) (provider.Link, error) {
	if c.Record != p.link.Record {
		return provider.Link{}, &provider.Error{Kind: provider.KindNoRecord}
	}
	return p.link, nil
}

func (p *instant) Ask(_ context.Context, ref provider.Ref, q provider.Question) (provider.Asked, error) {
	p.asked++
	if p.lose > 0 {
		p.lose--
		return provider.Asked{}, &provider.Error{Kind: provider.KindUnreachable}
	}
	if q != provider.QuestionBalance {
		return provider.Asked{}, &provider.Error{Kind: provider.KindBadRequest}
	}
	if p.fails {
		return provider.Asked{}, &provider.Error{Kind: provider.KindFetchFailed}
	}
	if len(p.looks) > 0 {
		return provider.Asked{Ticket: "look"}, nil
	}
	answer := p.saved(ref)
	return provider.Asked{Answer: &answer}, nil
}

func (p *instant) saved(ref provider.Ref) provider.Answer {
	b, ok := p.balances[ref.Account]
	if !ok {
		return provider.Answer{Fault: &provider.Error{Kind: provider.KindMismatch, Err: errors.New("No such account.")}}
	}
	if b.AsOfKind == "" {
		b.AsOf = p.clock()
	}
	return provider.Answer{Balance: &b}
}

func (p *instant) Look(context.Context, provider.Ref, provider.Looking) (provider.Answer, error) {
	answer := p.looks[0] // it panics where there is nothing to look for
	if len(p.looks) > 1 {
		p.looks = p.looks[1:]
	}
	return answer, nil
}

func (p *instant) Saved(_ context.Context, refs []provider.Ref) (all []provider.Answer, err error) {
	for _, ref := range refs {
		all = append(all, p.saved(ref))
	}
	return all, nil
}

func (p *instant) Pending(context.Context, provider.Ref) (provider.Amount, error) {
	p.pending++
	return known(1), nil
}

func (p *instant) Forget(context.Context, string) error { return nil }

func (p *instant) Receive(body []byte) (e provider.Event, redacted []byte, err error) {
	var told struct {
		ID, Account string
		Kobo        int64
		Basis       provider.Basis
		Kind        provider.AsOfKind
	}
	if err := json.Unmarshal(body, &told); err != nil {
		return e, nil, provider.ErrBadJSON
	}
	e = provider.Event{Name: "balance", Code: "balance.updated", Key: told.ID, Account: told.Account, EndedAt: p.clock()}
	e.Balance = &provider.Balance{Account: told.Account, Figure: known(told.Kobo), Basis: told.Basis, Currency: "NGN", AsOf: p.clock(), AsOfKind: told.Kind}
	return e, body, nil
}

func (p *instant) ReceiveClaim(body []byte) (c provider.Claim, redacted []byte, err error) {
	return c, body, provider.ErrBadShape
}

func (p *instant) ValidRecord(id string) bool { return id != "" }

func known(minor int64) provider.Amount { return provider.Amount{Minor: minor, Known: true} }

// newInstant lets a bench work with an instant provider, and links a customer's three
// accounts there: one with both figures, one without what is available, and one
// without any.
func newInstant(t *testing.T) (*bench, *instant, map[string]store.Account) {
	t.Helper()
	b := newBench(t)
	p := &instant{clock: b.clock, balances: map[string]provider.Balance{
		"both":   {Account: "both", Basis: provider.BasisLedger, Figure: known(1_000_00), Available: known(900_00), Currency: "NGN"},
		"ledger": {Account: "ledger", Figure: known(500_00), Currency: "NGN"},
		"none":   {Account: "none", Currency: "NGN"},
	}}
	b.Worker.Providers = provider.Set{p}
	a := b.attempt("Amina Bello")
	p.link = provider.Link{Record: "item-1", Attempt: a.Nonce, Made: b.clock(), Bank: provider.Bank{Name: "First Sample Bank"}}
	for _, id := range []string{"both", "ledger", "none"} {
		p.link.Accounts = append(p.link.Accounts, provider.Account{ID: id, Name: "AMINA BELLO", Currency: "NGN"})
	}
	_, err := b.Store.ReportAttempt(t.Context(), a.Nonce, store.Report{State: store.AttemptClaimed, ClaimedBy: "widget", ProviderRecord: "item-1"})
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
	p.balances["both"] = provider.Balance{Account: "both", Figure: known(7), Available: known(0), Currency: "NGN"}
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
	p.balances["both"] = provider.Balance{Account: "both", Available: known(1), Currency: "NGN"}
	got := b.outcome(b.start(accounts["both"].ID, store.KindRefresh))
	if a := b.account(accounts["both"].ID); got.State != store.RefreshFailed || got.Fault != "mismatch" || a.Figure != store.Minor(1_000_00) {
		t.Errorf("without a ledger balance: %s %s, ledger %v", got.State, got.Fault, a.Figure)
	}
}

func TestALostQuestionIsSentAgainOnlyWhereTheProviderJoinsItToTheFirst(t *testing.T) {
	b, p, accounts := newInstant(t)
	b.advance(time.Hour)
	p.asked, p.lose = 0, 2
	if got := b.outcome(b.start(accounts["both"].ID, store.KindRefresh)); got.State != store.RefreshUnchanged || p.asked != 3 {
		t.Errorf("refresh = %s (%s) after %d questions, want unchanged after 3", got.State, got.Cause, p.asked)
	}

	b.advance(time.Hour)
	p.asked = 0
	r := b.start(accounts["both"].ID, store.KindRefresh)
	_, err := b.Store.MarkAsked(t.Context(), r.ID)
	b.ok(err)
	b.restart() // nobody knows whether the question left
	if got := b.outcome(r); got.State != store.RefreshUnchanged || p.asked != 1 {
		t.Errorf("after a restart: refresh = %s (%s) after %d questions", got.State, got.Cause, p.asked)
	}
}

func TestAWebhookOfAnyProviderIsABalanceOfItsAccount(t *testing.T) {
	b, _, accounts := newInstant(t)
	b.advance(time.Hour)
	id := b.receive([]byte(`{"ID":"evt-1","Account":"ledger","Kobo":77}`))
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
	p.balances["ledger"] = provider.Balance{Account: "ledger", Figure: known(3), Currency: "NGN"}
	b.ok(b.sweep(t.Context()))
	if a := b.account(accounts["ledger"].ID); a.Figure != store.Minor(3) {
		t.Errorf("ledger %v", a.Figure)
	}
}
