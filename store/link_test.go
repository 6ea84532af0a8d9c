package store_test

import (
	"testing"
	"time"

	"balancelink/store"
)

func TestALinkBindsTheSharedAccountsWithTheirBalances(t *testing.T) {
	d := newDB(t)
	id := d.customer("Amina")
	acc := naira("a1", "0123456789")
	o := said("", noon, 500, store.Minor(400))
	acc.Balance = &o
	a := d.finish(id, "r1", acc, naira("a2", "0123456796"))
	if a.State != store.AttemptLinked || a.BankName != gtb.Name || a.EndedAt.IsZero() {
		t.Errorf("attempt = %s at %q, ended %v", a.State, a.BankName, a.EndedAt)
	}
	all, err := d.AccountsByRecord(t.Context(), store.OfCustomer(id), "r1")
	d.ok(err)
	if len(all) != 2 || all[0].Figure != store.Minor(500) || all[1].Figure.Known {
		t.Errorf("accounts = %+v", all)
	}
	owner, err := d.LinkedRecord(t.Context(), "okra", "simulated", "r1")
	if d.ok(err); owner != id {
		t.Errorf("record belongs to %q, want %q", owner, id)
	}
	used, err := d.LinksByCustomer(t.Context(), id)
	if d.ok(err); used[0].UsedAt.IsZero() {
		t.Error("the invitation is not marked as used")
	}
}

func TestALinkOfSomebodyElsesRecordOrAccountBindsNothingAndNeedsReview(t *testing.T) {
	d := newDB(t)
	d.linked("Bola")
	for name, row := range map[string]struct {
		record  string
		account store.LinkedAccount
	}{
		"their record":                       {"record of Bola", naira("a9", "9999999999")},
		"their account":                      {"r9", naira("account of Bola", "0123456789")},
		"one of ours and one that is theirs": {"r8", naira("account of Bola", "")},
		"their account under another number": {"r7", naira("account of Bola", "5555555555")},
	} {
		t.Run(name, func(t *testing.T) {
			id := d.customer("Mallory")
			a := d.finish(id, row.record, naira("own of "+name, "1111111111"), row.account)
			if a.State != store.AttemptNeedsReview || a.Reason == "" {
				t.Errorf("attempt = %s, %q; want needs_review with a reason", a.State, a.Reason)
			}
			mine, err := d.AccountsByCustomer(t.Context(), id)
			if d.ok(err); len(mine) != 0 {
				t.Errorf("%d accounts were bound, want none", len(mine))
			}
			if n := d.Number(t, `SELECT COUNT(*) FROM records WHERE customer_id = $1`, id); n != 0 {
				t.Errorf("%d records were bound, want none", n)
			}
		})
	}
}

func TestTwoCustomersMayHaveTheSameNumberAtTheSameBank(t *testing.T) {
	d := newDB(t)
	a, b := d.linked("Amina"), d.linked("Bola")
	if a.ID == b.ID || a.NUBAN != b.NUBAN {
		t.Errorf("accounts %s (%s) and %s (%s)", a.ID, a.NUBAN, b.ID, b.NUBAN)
	}
}

func TestLinkingAgainKeepsTheAccountItsHistoryAndMendsIt(t *testing.T) {
	usd := naira("account of Amina 5", "0123456789")
	usd.Currency = "USD"
	d := newDB(t)
	for name, row := range map[string]struct {
		again store.LinkedAccount
		same  bool
	}{
		"same provider id":                             {naira("account of same provider id", "0123456789"), true},
		"same provider id with a new number":           {naira("account of same provider id with a new number", "0123456780"), true},
		"new provider id, same number and bank":        {naira("new id", "0123456789"), true},
		"new provider id and number":                   {naira("new id 4", "7777777777"), false},
		"new provider id, same number, other currency": {usd, false},
		"new provider id, numbers unknown":             {naira("new id 6", ""), false},
	} {
		t.Run(name, func(t *testing.T) {
			before := d.linked(name)
			d.save(said(before.ID, noon, 500, store.Minor(400)))
			d.ok(d.SetAccountStatus(t.Context(), before.ID, store.AccountNeedsLogin))
			if a := d.finish(before.CustomerID, "again "+name, row.again); a.State != store.AttemptLinked {
				t.Fatalf("attempt = %s: %s", a.State, a.Reason)
			}
			after, err := d.AccountByProviderID(t.Context(), "okra", "simulated", row.again.ProviderID)
			d.ok(err)
			if same := after.ID == before.ID; same != row.same {
				t.Fatalf("same account = %v, want %v", same, row.same)
			}
			if !row.same {
				return
			}
			if after.Status != store.AccountLinked || after.ProviderRecord != "again "+name || after.NUBAN != row.again.NUBAN {
				t.Errorf("after: %s, record %s, number %s", after.Status, after.ProviderRecord, after.NUBAN)
			}
			if after.Figure != store.Minor(500) || len(d.history(after.ID)) != 1 {
				t.Errorf("ledger %v with %d observations: the history is gone", after.Figure, len(d.history(after.ID)))
			}
		})
	}
}

// An answer that comes after the unlinking brings nothing back, however long the
// provider took and whatever the clock says.
func TestALinkConfirmedLaterBringsNoAccountBackThatWasUnlinkedMeanwhile(t *testing.T) {
	d := newDB(t)
	old := d.linked("Amina")
	again := naira(old.ProviderID, "0123456789")
	waiting := func(record string) store.Attempt {
		a := d.attempt(old.CustomerID)
		d.report(a.Nonce, claim("widget", record))
		return a
	}
	confirm := func(a store.Attempt, record string, accounts ...store.LinkedAccount) store.Attempt {
		d.ok(d.FinishLink(t.Context(), a.ID, store.Link{ProviderRecord: record, Bank: gtb, Accounts: accounts}))
		a, err := d.AttemptByNonce(t.Context(), store.OfCustomer(old.CustomerID), a.Nonce)
		d.ok(err)
		return a
	}
	alone, together := waiting("alone"), waiting("together")
	d.advance(-time.Hour) // the clock is set back
	d.ok(d.UnlinkAccount(t.Context(), store.ByCustomer(old.CustomerID), store.OfCustomer(old.CustomerID), old.ID))
	if a := confirm(alone, "alone", again); a.State != store.AttemptFailed || a.Reason == "" {
		t.Errorf("the attempt is %s: %q", a.State, a.Reason)
	}
	if a := confirm(together, "together", again, naira("another account", "0123456780")); a.State != store.AttemptLinked {
		t.Errorf("the attempt is %s: %q", a.State, a.Reason)
	}
	if now := d.account(old.ID); now.Status != store.AccountUnlinked || now.ProviderRecord != old.ProviderRecord {
		t.Errorf("it is %s by %s again", now.Status, now.ProviderRecord)
	}
	if other, err := d.AccountByProviderID(t.Context(), "okra", "simulated", "another account"); err != nil || other.Status != store.AccountLinked {
		t.Errorf("the other account: %v, %v", other.Status, err)
	}
	if a := confirm(waiting("afterwards"), "afterwards", again); a.State != store.AttemptLinked || d.account(old.ID).Status != store.AccountLinked {
		t.Errorf("linked on purpose afterwards: %s, %s", a.State, d.account(old.ID).Status)
	}
}

func TestEventsThatCameBeforeTheirLinkAreHandedBack(t *testing.T) {
	d := newDB(t)
	receive := func(key, record, account string) string {
		_, err := d.ReceiveEvent(store.Event{Provider: "okra", Env: "simulated", DedupKey: key, ProviderRecord: record, ProviderAccount: account, Headers: "{}", Body: []byte("{}")}, nil)
		d.ok(err)
		all, err := d.EventsToApply(t.Context(), "okra", 10)
		d.ok(err)
		d.ok(d.apply(all[0].ID, store.Outcome{Result: store.EventUnmatched, Reason: "unknown"}))
		return all[0].ID
	}
	byRecord, byAccount, foreign := receive("1", "r1", "x"), receive("2", "refresh", "a1"), receive("3", "r2", "a2")
	d.finish(d.customer("Amina"), "r1", naira("a1", "0123456789"))
	for id, want := range map[string]store.EventResult{byRecord: store.EventReceived, byAccount: store.EventReceived, foreign: store.EventUnmatched} {
		e, err := d.EventByID(t.Context(), id)
		if d.ok(err); e.Result != want {
			t.Errorf("event of record %s, account %s is %s, want %s", e.ProviderRecord, e.ProviderAccount, e.Result, want)
		}
	}
}

func TestFinishingTwiceBindsOnce(t *testing.T) {
	d := newDB(t)
	id := d.customer("Amina")
	a := d.finish(id, "r1", naira("a1", "0123456789"))
	d.ok(d.FinishLink(t.Context(), a.ID, store.Link{ProviderRecord: "r2", Bank: gtb, Accounts: []store.LinkedAccount{naira("a2", "1")}}))
	if got := d.only(id); got.ProviderID != "a1" {
		t.Errorf("account = %s, want a1 alone", got.ProviderID)
	}
}

func TestALinkWhoseAccountCameInAnotherCurrencyIsStillALink(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	acc := naira(a.ProviderID, a.NUBAN)
	o := said("", noon, 1, store.Amount{})
	o.Currency = "USD"
	acc.Balance = &o
	if got := d.finish(a.CustomerID, "r2", acc); got.State != store.AttemptLinked {
		t.Errorf("attempt = %s, want linked", got.State)
	}
	if n := len(d.history(a.ID)); n != 0 {
		t.Errorf("%d balances saved, want none", n)
	}
}
