package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"balancelink/store"
	"balancelink/store/storetest"
)

const clerk = "staff:s1"

// doubtful is a link of a new customer that waits for staff.
func (d *db) doubtful(name, record string, accounts ...store.LinkedAccount) store.Attempt {
	d.t.Helper()
	a := d.attempt(d.customer(name))
	d.report(a.Nonce, claim("widget", record))
	d.ok(d.FinishLink(d.t.Context(), a.ID, store.Link{
		ProviderRecord: record, Bank: gtb, Accounts: accounts, Holder: "BOLA ADEYEMI", NameMatch: store.NamesDifferent, Doubt: "another name",
	}))
	return a
}

func (d *db) state(a store.Attempt) store.Attempt {
	d.t.Helper()
	a, err := d.AttemptByNonce(d.t.Context(), store.OfCustomer(a.CustomerID), a.Nonce)
	d.ok(err)
	return a
}

func TestADoubtfulLinkBindsNothingUntilStaffApproveIt(t *testing.T) {
	d := newDB(t)
	acc := naira("a1", "0123456789")
	o := said("", noon, 500, store.Minor(400))
	acc.Balance = &o
	a := d.doubtful("Amina", "r1", acc)
	if got := d.state(a); got.State != store.AttemptNeedsReview || got.Holder != "BOLA ADEYEMI" || got.NameMatch != store.NamesDifferent {
		t.Fatalf("attempt = %s, holder %q, %s", got.State, got.Holder, got.NameMatch)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM accounts`) + d.Number(t, `SELECT COUNT(*) FROM records`) + d.Number(t, `SELECT COUNT(*) FROM balances`); n != 0 {
		t.Fatalf("%d rows were bound before anybody decided", n)
	}
	r, err := d.ReviewByID(t.Context(), a.ID)
	if d.ok(err); len(r.Accounts) != 1 || r.Accounts[0].NUBAN != "0123456789" || r.CustomerName != "Amina" || len(r.Holders) != 0 {
		t.Errorf("review = %+v", r)
	}
	d.ok(d.ApproveLink(t.Context(), clerk, a.ID, "She showed her marriage certificate."))
	got := d.state(a)
	if got.State != store.AttemptLinked || got.DecidedBy != clerk || got.Decision != "She showed her marriage certificate." {
		t.Errorf("attempt = %s by %q because %q", got.State, got.DecidedBy, got.Decision)
	}
	if bound := d.only(a.CustomerID); bound.Figure != store.Minor(500) || bound.ProviderID != "a1" {
		t.Errorf("account = %+v", bound)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM link_attempts WHERE pending <> ''`); n != 0 {
		t.Error("what was received is still kept beside what is bound")
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM audit WHERE actor = $1 AND action IN ('bank linked', 'doubtful link approved')`, clerk); n != 2 {
		t.Errorf("%d acts of the clerk are written, want 2", n)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM invitations WHERE used_at IS NOT NULL`); n != 1 {
		t.Error("the personal link is not used")
	}
}

func TestARefusedLinkLeavesNothingOfWhatWasReceived(t *testing.T) {
	d := newDB(t)
	a := d.doubtful("Amina", "r1", naira("a1", "0777000777"))
	d.report(a.Nonce, store.Report{Body: `{"nuban":"0777000777"}`})
	_, err := d.ReceiveEvent(store.Event{Provider: "okra", Env: "simulated", DedupKey: "k", ProviderRecord: "r1", Headers: "{}", Body: []byte(`{"nuban":"0777000777"}`)}, nil)
	d.ok(err)
	events := must(d.EventsToApply(t.Context(), "okra", 1))
	d.ok(d.apply(events[0].ID, store.Outcome{Result: store.EventUnmatched}))
	d.ok(d.RefuseLink(t.Context(), clerk, a.ID, "Not hers."))
	if got := d.state(a); got.State != store.AttemptRefused || got.Decision != "Not hers." || got.Holder != "" || d.ReportOf(t, a.ID) != "" {
		t.Errorf("attempt = %+v", got)
	}
	if e := must(d.EventByID(t.Context(), events[0].ID)); !e.BodyDropped() {
		t.Errorf("the webhook of the link still holds %s", e.Body)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM link_attempts WHERE pending <> '' OR holder <> ''`) + d.Number(t, `SELECT COUNT(*) FROM accounts`); n != 0 {
		t.Errorf("%d rows still hold what was received", n)
	}
	if got := d.report(a.Nonce, claim("webhook", "r1")); got.State != store.AttemptRefused {
		t.Errorf("a webhook made a refused link %s", got.State)
	}
}

func TestRefusingALinkLeavesTheWebhooksOfTheRecordsRightfulOwner(t *testing.T) {
	d := newDB(t)
	mallory := d.doubtful("Mallory", "r1", naira("a1", "1"))
	rightful := d.attempt(d.customer("Amina"))
	d.report(rightful.Nonce, claim("widget", "r1"))
	_, err := d.ReceiveEvent(store.Event{Provider: "okra", Env: "simulated", DedupKey: "k", ProviderRecord: "r1", Headers: "{}", Body: []byte(`{"a":1}`)}, nil)
	d.ok(err)
	event := must(d.EventsToApply(t.Context(), "okra", 1))[0].ID
	d.ok(d.apply(event, store.Outcome{Result: store.EventUnmatched}))
	d.ok(d.RefuseLink(t.Context(), clerk, mallory.ID, "Not his."))
	if e := must(d.EventByID(t.Context(), event)); e.BodyDropped() {
		t.Error("a refusal took away what another customer's link waits for")
	}
}

func TestAnAccountThatAnotherCustomerHoldsIsGivenOnlyAfterItIsUnlinkedThere(t *testing.T) {
	d := newDB(t)
	theirs := d.linked("Bola")
	d.save(said(theirs.ID, noon, 500, store.Minor(400)))
	a := d.doubtful("Amina", theirs.ProviderRecord, naira(theirs.ProviderID, theirs.NUBAN))
	r := must(d.ReviewByID(t.Context(), a.ID))
	if len(r.Holders) != 2 || r.Holders[0].CustomerName != "Bola" || !r.Holders[0].Linked {
		t.Errorf("holders = %+v, want Bola's account and connection", r.Holders)
	}
	if err := d.ApproveLink(t.Context(), clerk, a.ID, "ok"); !errors.Is(err, store.ErrHeld) {
		t.Fatalf("approving: %v, want ErrHeld", err)
	}
	if got := d.state(a); got.State != store.AttemptNeedsReview || got.Decision != "" {
		t.Errorf("after it was refused the attempt is %s, %q", got.State, got.Decision)
	}
	d.ok(d.UnlinkAccount(t.Context(), clerk, store.Whole(), theirs.ID))
	d.ok(d.ApproveLink(t.Context(), clerk, a.ID, "ok"))
	mine := d.only(a.CustomerID)
	if mine.ID == theirs.ID || mine.ProviderID != "account of Bola" || mine.Figure.Known || len(d.history(mine.ID)) != 0 {
		t.Errorf("account = %+v: it must begin anew", mine)
	}
	if was := d.account(theirs.ID); was.CustomerID != theirs.CustomerID || was.Status != store.AccountUnlinked || len(d.history(was.ID)) != 1 {
		t.Errorf("what Bola had = %+v, want it as history", was)
	}
}

func TestALinkOfWhichNothingCanBeBoundCanOnlyBeRefused(t *testing.T) {
	d := newDB(t)
	a := d.in(store.AttemptNeedsReview, d.customer("Amina"), "r1")
	if err := d.ApproveLink(t.Context(), clerk, a.ID, "ok"); !errors.Is(err, store.ErrNothingToBind) {
		t.Errorf("approving: %v, want ErrNothingToBind", err)
	}
	d.ok(d.RefuseLink(t.Context(), clerk, a.ID, "no"))
}

// both runs two things at the same moment.
func both(f, g func() error) (first, second error) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	wg.Go(func() { <-start; first = f() })
	wg.Go(func() { <-start; second = g() })
	close(start)
	wg.Wait()
	return first, second
}

// races is how often two are tried against each other.
func races() int { return storetest.Often(500) }

func TestTwoStaffWhoDecideAtOnceMakeOneDecision(t *testing.T) {
	d := newDB(t)
	for i := range races() {
		a := d.doubtful("Amina", fmt.Sprint("r", i), naira(fmt.Sprint("a", i), "1"))
		yes, no := both(
			func() error { return d.ApproveLink(t.Context(), clerk, a.ID, "yes") },
			func() error { return d.RefuseLink(t.Context(), "staff:s2", a.ID, "no") })
		got := d.state(a)
		approved := yes == nil && errors.Is(no, store.ErrDecided) && got.State == store.AttemptLinked && got.Decision == "yes"
		refused := no == nil && errors.Is(yes, store.ErrDecided) && got.State == store.AttemptRefused && got.Decision == "no"
		if !approved && !refused {
			t.Fatalf("race %d: %v, %v, then %s because %q", i, yes, no, got.State, got.Decision)
		}
	}
}

func TestTwoCustomersWhoClaimAtOnceAreOneOrNone(t *testing.T) {
	d := newDB(t)
	for i := range races() {
		record, acc := fmt.Sprint("r", i), naira(fmt.Sprint("a", i), "1")
		a, b := d.attempt(d.customer("Amina")), d.attempt(d.customer("Bola"))
		d.report(a.Nonce, claim("widget", record))
		d.report(b.Nonce, claim("webhook", record))
		finish := func(id string) func() error {
			return func() error {
				return d.FinishLink(t.Context(), id, store.Link{ProviderRecord: record, Bank: gtb, Accounts: []store.LinkedAccount{acc}})
			}
		}
		x, y := both(finish(a.ID), finish(b.ID))
		d.ok(errors.Join(x, y))
		states := map[store.AttemptState]int{}
		states[d.state(a).State]++
		states[d.state(b).State]++
		if states[store.AttemptLinked] != 1 || states[store.AttemptNeedsReview] != 1 {
			t.Fatalf("race %d: %v, want one linked and one for staff", i, states)
		}
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM accounts`); n != races() {
		t.Errorf("%d accounts, want %d", n, races())
	}
}

func TestTwoBrowsersWithOnePersonalLinkLinkOnce(t *testing.T) {
	d := newDB(t)
	for i := range races() {
		id := d.customer("Amina")
		first := d.attempt(id)
		co := must(d.AddConsent(t.Context(), store.Consent{CustomerID: id, InvitationID: first.InvitationID, Version: "1", Scope: "balance"}))
		second := must(d.StartAttempt(t.Context(), store.Attempt{CustomerID: id, InvitationID: first.InvitationID, ConsentID: co.ID, Provider: "okra", Env: "simulated"}, 1e12))
		finish := func(a store.Attempt, n int) func() error {
			record := fmt.Sprint("r", i, "-", n)
			d.report(a.Nonce, claim("widget", record))
			return func() error {
				return d.FinishLink(t.Context(), a.ID, store.Link{ProviderRecord: record, Bank: gtb, Accounts: []store.LinkedAccount{naira("of "+record, record)}})
			}
		}
		x, y := both(finish(first, 1), finish(second, 2))
		d.ok(errors.Join(x, y))
		states := map[store.AttemptState]int{}
		states[d.state(first).State]++
		states[d.state(second).State]++
		if states[store.AttemptLinked] != 1 || states[store.AttemptFailed] != 1 {
			t.Fatalf("race %d: %v, want one linked and one failed", i, states)
		}
	}
}

func TestARevokedPersonalLinkStopsWhatBeganWithIt(t *testing.T) {
	d := newDB(t)
	a := d.attempt(d.customer("Amina"))
	d.report(a.Nonce, claim("widget", "r1"))
	d.ok(d.RevokeInvitation(t.Context(), clerk, a.CustomerID, a.InvitationID))
	d.ok(d.FinishLink(t.Context(), a.ID, store.Link{ProviderRecord: "r1", Bank: gtb, Accounts: []store.LinkedAccount{naira("a1", "1")}}))
	if got := d.state(a); got.State != store.AttemptFailed {
		t.Errorf("attempt = %s, want failed", got.State)
	}
}

// What there was to doubt went with the refusal: nothing that the provider says now binds it.
func TestALinkThatWasRejectedAndTakenBackWaitsForStaffWhateverComes(t *testing.T) {
	d := newDB(t)
	a := d.doubtful("Ada Obi", "record", naira("account", "0123456789"))
	by := store.ByStaff("s")
	d.ok(d.RefuseLink(t.Context(), by, a.ID, "another person"))
	if err := d.ReopenLink(t.Context(), store.ByStaff("other"), a.ID); !errors.Is(err, store.ErrNoUndo) {
		t.Errorf("a colleague takes it back: %v", err)
	}
	d.ok(d.ReopenLink(t.Context(), by, a.ID))
	d.ok(d.FinishLink(t.Context(), a.ID, store.Link{
		ProviderRecord: "record", Bank: gtb, Accounts: []store.LinkedAccount{naira("account", "0123456789")},
		Holder: "ADA OBI", NameMatch: store.NamesSame,
	}))
	if got := d.state(a); got.State != store.AttemptNeedsReview || got.Reason == "" {
		t.Errorf("it is %s: %q, want that it waits, with why", got.State, got.Reason)
	}
	d.ok(d.RefuseLink(t.Context(), by, a.ID, "another person"))
	d.advance(store.UndoFor)
	if err := d.ReopenLink(t.Context(), by, a.ID); !errors.Is(err, store.ErrNoUndo) {
		t.Errorf("it is taken back ten minutes later: %v", err)
	}
}
