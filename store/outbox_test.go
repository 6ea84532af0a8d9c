package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/store"
)

// listening is a database whose acts somebody hears of.
func listening(t *testing.T) *db {
	t.Helper()
	d := newDB(t)
	d.key(store.ReadEvents)
	return d
}

// told is what happened, from the first on.
func (d *db) told() []store.Notice {
	d.t.Helper()
	all, _, more, err := d.Notices(d.t.Context(), store.FromOldest, nil, 1000)
	d.ok(err)
	if more {
		d.t.Fatal("there is more than one page")
	}
	return all
}

// since are the types and states of what happened after a number of notices.
func (d *db) since(n int) (all []string) {
	d.t.Helper()
	for _, notice := range d.told()[n:] {
		all = append(all, strings.TrimSuffix(fmt.Sprint(notice.Type, " ", notice.State), " "))
	}
	return all
}

func TestWhatCannotBeToldIsNotDone(t *testing.T) {
	d := listening(t)
	a := d.linked("Amina")
	d.Exec(t, `ALTER TABLE outbox RENAME TO away`)
	for what, act := range map[string]func() error{
		"a balance":  func() error { return d.SaveBalance(t.Context(), said(a.ID, noon, 7000, store.Minor(6000))) },
		"not shared": func() error { return d.Unshare(t.Context(), a.ID) },
		"asks for funds": func() error {
			_, err := d.AskFunds(t.Context(), store.FundsCheck{AccountID: a.ID, Amount: 1, FreshFor: time.Hour})
			return err
		},
	} {
		if act() == nil {
			t.Errorf("%s: done, and nobody can be told", what)
		}
	}
	d.Exec(t, `ALTER TABLE away RENAME TO outbox`)
	if got := d.since(1); len(got) > 0 {
		t.Errorf("told %q", got)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM balances`) + d.Number(t, `SELECT COUNT(*) FROM funds_checks`); n > 0 || d.account(a.ID).Status != store.AccountLinked {
		t.Errorf("%d rows are there of what was not done", n)
	}
}

func TestEveryActIsToldInItsOwnTransaction(t *testing.T) {
	d := listening(t)
	a := d.linked("Amina")
	d.threshold(a, 5000)
	at := 0
	hears := func(what string, want ...string) {
		t.Helper()
		if got := d.since(at); !slices.Equal(got, want) {
			t.Errorf("%s: told %q, want %q", what, got, want)
		}
		at = len(d.told())
	}
	hears("linked", "account.linked linked")
	if first := d.told()[0]; first.CustomerID != a.CustomerID || first.AccountID != a.ID || first.Subject == "" || !first.At.Equal(noon) {
		t.Errorf("told %+v", first)
	}
	d.save(said(a.ID, noon, 7000, store.Minor(6000)))
	hears("a balance", "balance.changed")
	d.save(said(a.ID, noon.Add(time.Second), 7000, store.Minor(6000)))
	hears("the same figures again")
	d.save(said(a.ID, noon.Add(2*time.Second), 7000, store.Minor(4000)))
	hears("less available", "balance.changed", "threshold.fell_below")
	d.save(said(a.ID, noon.Add(-time.Hour), 1, store.Minor(1)))
	hears("an older balance")
	d.save(said(a.ID, noon.Add(3*time.Second), 7000, store.Minor(6000)))
	hears("more available", "balance.changed", "threshold.rose_above")

	d.advance(time.Hour)
	r := d.start(wish(a.ID))
	d.ok(d.EndRefresh(t.Context(), r, store.Ending{State: store.RefreshNeedsLogin}))
	hears("the bank wants a sign-in", "refresh.ended needs_login", "account.needs_login needs_login")
	d.advance(time.Hour)
	r = d.start(wish(a.ID))
	o := said(a.ID, d.clock(), 9000, store.Minor(9000))
	d.ok(d.EndRefresh(t.Context(), r, store.Ending{Balance: &o}))
	hears("it answers again", "refresh.ended changed", "account.reconnected linked", "balance.changed")
	must(d.AskFunds(t.Context(), store.FundsCheck{AccountID: a.ID, Amount: 1, FreshFor: time.Hour}))
	hears("asked for funds", "funds_check.answered yes")
	d.ok(d.Unshare(t.Context(), a.ID))
	d.ok(d.Unshare(t.Context(), a.ID))
	hears("not shared any more", "account.unlinked unshared")
	d.finish(a.CustomerID, "record again", naira("account of Amina", "0123456789"))
	hears("linked again", "account.linked linked")
	d.advance(time.Hour)
	d.start(wish(a.ID))
	must(d.WithdrawConsent(t.Context(), store.Program, store.OfCustomer(a.CustomerID)))
	hears("withdrawn", "account.unlinked unlinked", "refresh.ended interrupted", "consent.withdrawn")
	failing := d.attempt(a.CustomerID)
	d.report(failing.Nonce, claim("widget", "record of nobody"))
	d.ok(d.EndAttempt(t.Context(), store.Claim{Attempt: failing.ID, Record: "record of nobody"}, store.AttemptNeedsReview, "why"))
	hears("doubtful", "link.needs_review needs_review")
	d.ok(d.RefuseLink(t.Context(), store.ByStaff("s"), failing.ID, "no"))
	hears("refused", "link.failed refused")
	d.ok(d.Erase(t.Context(), store.Program, a.CustomerID, "asked"))
	if left := d.told(); len(left) != 1 || left[0].Type != store.NoticeErased || left[0].CustomerID != a.CustomerID || left[0].Reference != "" {
		t.Errorf("erased, there is left %+v", left)
	}
	if int(d.told()[0].Seq) != at+1 {
		t.Errorf("the number of a notice is taken again: %d after %d", d.told()[0].Seq, at)
	}
}

func TestABalanceIsToldWithNoYoungerTimeThanItHas(t *testing.T) {
	d := listening(t)
	a := d.linked("Amina")
	last := func() store.Notice { all := d.told(); return all[len(all)-1] }
	d.save(said(a.ID, noon, 7000, store.Minor(6000)))
	if n := last(); !n.AsOf.Equal(noon) || !n.AvailableAsOf.Equal(noon) || n.Unstated != "" {
		t.Errorf("the bank's own word is told as of %v, available as of %v, %q", n.AsOf, n.AvailableAsOf, n.Unstated)
	}
	d.advance(time.Hour)
	d.save(said(a.ID, d.clock(), 9000, store.Amount{}))
	if n := last(); n.Available != store.Minor(6000) || !n.AsOf.Equal(d.clock()) || !n.AvailableAsOf.Equal(noon) || n.Unstated != "not_stated" {
		t.Errorf("an available balance of before is told as of %v, %q", n.AvailableAsOf, n.Unstated)
	}
	d.save(copied(a.ID, 100))
	if n := last(); n.Figure != store.Minor(100) || !n.AsOf.IsZero() || !n.AvailableAsOf.IsZero() || n.Unstated != "copy" {
		t.Errorf("a saved copy is told as of %v, available as of %v, %q", n.AsOf, n.AvailableAsOf, n.Unstated)
	}
}

func TestNothingIsKeptWhileNobodyWouldHearOfIt(t *testing.T) {
	d := newDB(t)
	d.key(store.ReadBalances)
	a := d.linked("Amina")
	if got := d.told(); len(got) != 0 {
		t.Errorf("told %v", got)
	}
	k, _ := d.key(store.ReadEvents)
	d.save(said(a.ID, noon, 1, store.Amount{}))
	d.ok(d.RevokeAPIKey(t.Context(), store.ByStaff("s"), k.ID))
	d.save(said(a.ID, noon.Add(time.Second), 2, store.Amount{}))
	if got := d.since(0); !slices.Equal(got, []string{"balance.changed"}) {
		t.Errorf("told %v, want what happened while a key was there", got)
	}
}

func TestAnActThatFailsIsNotToldAndLeavesNoGap(t *testing.T) {
	d := listening(t)
	a := d.linked("Amina")
	bad := said(a.ID, noon, 1, store.Amount{})
	bad.Currency = "USD"
	if d.SaveBalance(t.Context(), bad) == nil {
		t.Fatal("it was saved")
	}
	d.save(said(a.ID, noon, 1, store.Amount{}))
	for i, n := range d.told() {
		if int(n.Seq) != i+1 {
			t.Errorf("%d is notice %d", n.Seq, i+1)
		}
	}
}

func TestNoticesAreReadByTypeAndOnFromWhereOneWas(t *testing.T) {
	d := listening(t)
	a := d.linked("Amina")
	for i := range 5 {
		d.save(said(a.ID, noon.Add(time.Duration(i)*time.Second), int64(100+i), store.Amount{}))
	}
	some, reached, more, err := d.Notices(t.Context(), 0, []store.NoticeType{store.NoticeBalance}, 2)
	if d.ok(err); len(some) != 2 || reached != 3 || !more || some[1].Figure != store.Minor(101) || some[1].Currency != "NGN" {
		t.Fatalf("the first page ends at %d, more: %v: %+v", reached, more, some)
	}
	some, reached, more, err = d.Notices(t.Context(), reached, []store.NoticeType{store.NoticeBalance, store.NoticeErased}, 10)
	if d.ok(err); len(some) != 3 || reached != 6 || more {
		t.Fatalf("the last page ends at %d, more: %v: %+v", reached, more, some)
	}
	if some, reached, more, err = d.Notices(t.Context(), 6, nil, 10); len(some) != 0 || reached != 6 || more {
		t.Errorf("beyond: %v, %d, %v, %v", some, reached, more, err)
	}
}

func TestNoticesGoAfterTheirDays(t *testing.T) {
	d := listening(t)
	keep := store.Retention{Notices: 30}
	d.run(keep, 1)
	d.linked("Amina")
	d.run(keep, 30*24)
	if len(d.told()) != 1 {
		t.Fatal("it went too early")
	}
	d.run(keep, 48)
	if got := d.told(); len(got) != 0 {
		t.Errorf("after 32 days there is %v", got)
	}
	if n := d.Number(t, `SELECT number FROM purges WHERE what = 'events for programs'`); n != 1 {
		t.Errorf("%d are counted, want 1", n)
	}
}

// after is how many notices there are after a number, and up to which some are missing.
func (d *db) after(seq int64) (n int, missing int64) {
	d.t.Helper()
	all, _, _, err := d.Notices(d.t.Context(), seq, nil, 1000)
	var m *store.MissingError
	if errors.As(err, &m) {
		return 0, m.Upto
	}
	d.ok(err)
	return len(all), 0
}

func TestWhoReadsOnFromWhatIsNotKeptAnyMoreIsToldThatEventsAreMissing(t *testing.T) {
	d := listening(t)
	keep := store.Retention{Notices: 4}
	d.run(keep, 1)
	d.linked("Amina")
	d.linked("Bola")
	d.run(keep, 2*24)
	d.key(store.ReadEvents)
	d.linked("Chidi")
	d.run(keep, 4*24)
	for seq, want := range map[int64][2]int64{store.FromOldest: {1, 0}, 0: {0, 2}, 1: {0, 2}, 2: {1, 0}, 3: {0, 0}} {
		if n, missing := d.after(seq); int64(n) != want[0] || missing != want[1] {
			t.Errorf("after %d there are %d, and up to %d they are missing; want %v", seq, n, missing, want)
		}
	}
	d.run(keep, 4*24)
	if n, missing := d.after(2); n != 0 || missing != 3 {
		t.Errorf("when none is left there are %d, and up to %d they are missing", n, missing)
	}
}

func TestWhoWasNotThereToHearOfSomethingIsToldThatItIsMissing(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	if n, missing := d.after(0); n != 0 || missing != 0 {
		t.Errorf("before anybody ever heard there are %d, and up to %d they are missing", n, missing)
	}
	expired, _ := d.key(store.ReadEvents)
	d.save(said(a.ID, noon, 1, store.Amount{}))
	d.ok(d.RevokeAPIKey(t.Context(), store.ByStaff("s"), expired.ID))
	d.key(store.ReadEvents)
	if n, missing := d.after(1); n != 0 || missing != 0 {
		t.Errorf("when nothing happened meanwhile there are %d, and up to %d they are missing", n, missing)
	}
	for _, k := range must(d.APIKeys(t.Context())) {
		d.ok(d.RevokeAPIKey(t.Context(), store.ByStaff("s"), k.ID))
	}
	for i := range int64(3) {
		d.save(said(a.ID, noon.Add(time.Duration(i+1)*time.Minute), 2+i, store.Amount{}))
	}
	d.linked("Bola")
	d.key(store.ReadEvents)
	d.linked("Chidi")
	for seq, want := range map[int64][2]int64{store.FromOldest: {2, 0}, 1: {0, 2}, 2: {1, 0}} {
		if n, missing := d.after(seq); int64(n) != want[0] || missing != want[1] {
			t.Errorf("after %d there are %d, and up to %d they are missing; want %v", seq, n, missing, want)
		}
	}
}

func TestWhatWasErasedIsNotMissing(t *testing.T) {
	d := listening(t)
	a := d.linked("Amina")
	d.ok(d.Erase(t.Context(), store.Program, a.CustomerID, "asked"))
	if n, missing := d.after(0); n != 1 || missing != 0 {
		t.Errorf("there are %d, and up to %d they are missing; want the one that tells it", n, missing)
	}
}

func TestManyEventsOfABatchAreAllTold(t *testing.T) {
	d := listening(t)
	var all []func() error
	accounts := make([]store.Account, 20)
	for i := range accounts {
		accounts[i] = d.linked(fmt.Sprint("Customer ", i))
	}
	release := d.HoldWriter(t)
	for i := range accounts {
		e := event(fmt.Sprint("key ", i))
		e.ProviderAccount = fmt.Sprint("account of Customer ", i)
		all = append(all, d.DeliverBalance(e, int64(i)))
	}
	release()
	for _, answered := range all {
		d.ok(answered())
	}
	seen := map[string]bool{}
	for i, n := range d.told() {
		if int(n.Seq) != i+1 {
			t.Fatalf("%d is notice %d", n.Seq, i+1)
		}
		if n.Type == store.NoticeBalance {
			seen[n.AccountID] = true
		}
	}
	if len(seen) != len(accounts) {
		t.Errorf("of %d accounts a balance was told, want %d", len(seen), len(accounts))
	}
}
