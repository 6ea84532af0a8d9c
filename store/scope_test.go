package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"balancelink/store"
)

// begun is the scope of the visit that began an attempt.
func begun(a store.Attempt) store.Scope {
	return store.Scope{CustomerID: a.CustomerID, VisitID: a.VisitID}
}

// bring ends an attempt with a link to accounts.
func (d *db) bring(a store.Attempt, record string, accounts ...store.LinkedAccount) {
	d.t.Helper()
	d.report(a.Nonce, claim("widget", record))
	d.ok(d.FinishLink(d.t.Context(), a.ID, store.Link{ProviderRecord: record, Bank: gtb, Accounts: accounts}))
	if got := must(d.AttemptByNonce(d.t.Context(), begun(a), a.Nonce)); got.State != store.AttemptLinked {
		d.t.Fatalf("%s: the attempt is %s: %s", record, got.State, got.Reason)
	}
}

// signedIn opens the bank window of a customer who has signed in, under the
// consent of another attempt.
func (d *db) signedIn(like store.Attempt) store.Attempt {
	d.t.Helper()
	a, err := d.StartAttempt(d.t.Context(), store.Attempt{CustomerID: like.CustomerID, ConsentID: like.ConsentID, Provider: "okra", Env: "simulated"}, 30*time.Minute)
	d.ok(err)
	return a
}

// seen are the numbers of the accounts within a scope.
func (d *db) seen(scope store.Scope) (numbers []string) {
	d.t.Helper()
	for _, c := range must(d.CardsByCustomer(d.t.Context(), scope)) {
		numbers = append(numbers, c.NUBAN)
	}
	slices.Sort(numbers)
	return numbers
}

func TestAVisitReachesTheAccountsThatItsOwnAttemptWasTheLastToLink(t *testing.T) {
	t.Parallel()
	const old = "0000000001"
	for name, row := range map[string]struct {
		link func(d *db, visit store.Attempt)
		want []string
	}{
		"nothing was linked in it": {func(*db, store.Attempt) {}, nil},
		"the customer links, under the consent of the visit": {func(d *db, visit store.Attempt) {
			d.bring(d.signedIn(visit), "r2", naira("new", "0000000002"))
		}, nil},
		"the customer signs in again at the bank": {func(d *db, visit store.Attempt) {
			d.bring(d.signedIn(visit), "r2", naira("old", old))
		}, nil},
		"staff match a webhook": {func(d *db, visit store.Attempt) {
			d.ok(d.MatchRecord(d.t.Context(), store.ByStaff("s"), store.Attempt{
				CustomerID: visit.CustomerID, ConsentID: visit.ConsentID, Provider: "okra", Env: "simulated", ProviderRecord: "r2",
			}))
			due := must(d.DueAttempts(d.t.Context(), "okra", 1))
			d.ok(d.FinishLink(d.t.Context(), due[0].ID, store.Link{ProviderRecord: "r2", Bank: gtb, Accounts: []store.LinkedAccount{naira("new", "0000000002")}}))
		}, nil},
		"another visit links": {func(d *db, visit store.Attempt) {
			d.bring(d.attempt(visit.CustomerID), "r2", naira("new", "0000000002"))
		}, nil},
		"it links a new one": {func(d *db, visit store.Attempt) {
			d.bring(visit, "r2", naira("new", "0000000002"))
		}, []string{"0000000002"}},
		"it links again what there was": {func(d *db, visit store.Attempt) {
			d.bring(visit, "r2", naira("old", old))
		}, []string{old}},
		"it links again, then the customer does": {func(d *db, visit store.Attempt) {
			d.bring(visit, "r2", naira("old", old))
			d.bring(d.signedIn(visit), "r3", naira("old", old))
		}, nil},
		"the customer's attempt names the record of the visit": {func(d *db, visit store.Attempt) {
			d.bring(visit, "r2", naira("new", "0000000002"))
			d.bring(d.signedIn(visit), "r2", naira("third", "0000000003"))
		}, []string{"0000000002"}},
		"it names the record of the customer's attempt": {func(d *db, visit store.Attempt) {
			d.bring(d.signedIn(visit), "r2", naira("new", "0000000002"))
			d.bring(visit, "r2", naira("new", "0000000002"))
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDB(t)
			id := d.customer("Amina")
			d.finish(id, "r1", naira("old", old))
			d.advance(time.Hour)
			visit := d.attempt(id)
			row.link(d, visit)
			if got := d.seen(begun(visit)); !slices.Equal(got, row.want) {
				t.Errorf("the visit sees %v, want %v", got, row.want)
			}
			for number, a := range d.numbers(id) {
				_, err := d.CardByID(t.Context(), begun(visit), a.ID)
				if in := slices.Contains(row.want, number); in && err != nil || !in && !errors.Is(err, store.ErrNotFound) {
					t.Errorf("the card of %s: %v", number, err)
				}
			}
			if got, all := d.seen(store.OfCustomer(id)), len(d.numbers(id)); len(got) != all {
				t.Errorf("signed in the customer sees %v of %d", got, all)
			}
		})
	}
}

// numbers are a customer's accounts by number.
func (d *db) numbers(customerID string) map[string]store.Account {
	d.t.Helper()
	by := map[string]store.Account{}
	for _, a := range must(d.AccountsByCustomer(d.t.Context(), customerID)) {
		by[a.NUBAN] = a
	}
	return by
}

func TestAVisitSeesNothingOfAnAccountFromBeforeItBegan(t *testing.T) {
	d := newDB(t)
	old := d.linked("Amina")
	d.save(said(old.ID, d.clock(), 100, store.Minor(100)))
	d.startAndEnd(wish(old.ID))
	d.advance(time.Hour)
	visit := d.attempt(old.CustomerID)
	d.bring(visit, "r2", naira(old.ProviderID, old.NUBAN))
	look := func(scope store.Scope) [4]int {
		card := must(d.CardByID(t.Context(), scope, old.ID))
		points := must(d.PointsByAccount(t.Context(), scope, old.ID, time.Time{}))
		page := must(d.History(t.Context(), store.HistoryQuery{Scope: scope, AccountID: old.ID, Limit: 10}))
		return [4]int{len(card.Recent), len(points), len(page.Rows), len(card.Latest) + len(must(d.RefreshesByAccount(t.Context(), scope, old.ID, 10)))}
	}
	if got, want := look(begun(visit)), [4]int{}; got != want {
		t.Errorf("drawing, points, rows and requests = %v, want %v", got, want)
	}
	d.advance(time.Minute)
	d.save(said(old.ID, d.clock(), 200, store.Minor(200)))
	d.startAndEnd(wish(old.ID))
	if got, want := look(begun(visit)), [4]int{1, 1, 1, 2}; got != want {
		t.Errorf("of what came since: %v, want %v", got, want)
	}
	if got, want := look(store.OfCustomer(old.CustomerID)), [4]int{2, 2, 2, 3}; got != want {
		t.Errorf("signed in: %v, want %v", got, want)
	}
	beyond := store.Scope{CustomerID: old.CustomerID, VisitID: d.attempt(old.CustomerID).VisitID}
	if n := len(must(d.PointsByAccount(t.Context(), beyond, old.ID, time.Time{}))) +
		len(must(d.History(t.Context(), store.HistoryQuery{Scope: beyond, AccountID: old.ID, Limit: 10})).Rows) +
		len(must(d.RefreshesByAccount(t.Context(), beyond, old.ID, 10))); n != 0 {
		t.Errorf("another visit reads %d rows of it", n)
	}
}

func TestAVisitEndsOnlyWhatWasBegunInIt(t *testing.T) {
	t.Parallel()
	unlinked := func(d *db, id string) (numbers []string) {
		for number, a := range d.numbers(id) {
			if a.Status == store.AccountUnlinked {
				numbers = append(numbers, number)
			}
		}
		slices.Sort(numbers)
		return numbers
	}
	visited := func(t *testing.T) (*db, store.Attempt) {
		d := newDB(t)
		id := d.customer("Amina")
		d.finish(id, "r1", naira("old", "0000000001"))
		visit := d.attempt(id)
		d.bring(visit, "r2", naira("new", "0000000002"))
		return d, visit
	}
	t.Run("a bank", func(t *testing.T) {
		d, visit := visited(t)
		all := d.numbers(visit.CustomerID)
		err := d.UnlinkBank(t.Context(), "", begun(visit), all["0000000001"].ID)
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("by an account beyond its reach: %v, want ErrNotFound", err)
		}
		d.ok(d.UnlinkBank(t.Context(), "", begun(visit), all["0000000002"].ID))
		if got := unlinked(d, visit.CustomerID); !slices.Equal(got, []string{"0000000002"}) {
			t.Errorf("unlinked are %v", got)
		}
	})
	t.Run("its consent", func(t *testing.T) {
		d, visit := visited(t)
		open, later := d.signedIn(visit), d.attempt(visit.CustomerID)
		must(d.WithdrawConsent(t.Context(), "", begun(visit)))
		if got := unlinked(d, visit.CustomerID); !slices.Equal(got, []string{"0000000002"}) {
			t.Errorf("unlinked are %v", got)
		}
		for _, a := range []store.Attempt{open, later} {
			if got := must(d.AttemptByNonce(t.Context(), store.OfCustomer(a.CustomerID), a.Nonce)); got.State != store.AttemptOpen {
				t.Errorf("an attempt that it did not begin is %s", got.State)
			}
		}
		if _, err := d.VisitByID(t.Context(), visit.VisitID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the visit goes on: %v", err)
		}
		if _, err := d.VisitByID(t.Context(), later.VisitID); err != nil {
			t.Errorf("another visit ended: %v", err)
		}
		if holds := must(d.HasConsent(t.Context(), visit.CustomerID, "")); !holds {
			t.Error("what was agreed to elsewhere has ended")
		}
	})
}

func TestAVisitEndsWithItsTime(t *testing.T) {
	d := newDB(t)
	a := d.attempt(d.customer("Amina"))
	d.advance(30*time.Minute - time.Millisecond)
	if _, err := d.VisitByID(t.Context(), a.VisitID); err != nil {
		t.Errorf("before its time: %v", err)
	}
	d.advance(time.Millisecond)
	if _, err := d.VisitByID(t.Context(), a.VisitID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after it: %v", err)
	}
}

func TestTheEmptyScopeReachesNothing(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	if _, err := d.CardByID(t.Context(), store.Scope{}, a.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a card: %v", err)
	}
	if err := d.UnlinkAccount(t.Context(), "", store.Scope{}, a.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("unlinking: %v", err)
	}
	if n := len(must(d.AttemptsByCustomer(t.Context(), store.Scope{}))); n != 0 {
		t.Errorf("%d attempts", n)
	}
}

func TestWhoseActItWasTellsAVisitFromTheCustomer(t *testing.T) {
	d := newDB(t)
	id := d.customer("Amina")
	visit := d.attempt(id)
	d.bring(visit, "r1", naira("new", "0000000001"))
	d.bring(d.signedIn(visit), "r2", naira("second", "0000000002"))
	acts := func(actor string) (all []store.Action) {
		for _, e := range must(d.AuditLog(t.Context(), store.AuditQuery{Actor: actor, Limit: 100})) {
			all = append(all, e.Action)
		}
		slices.Sort(all)
		return all
	}
	if got, want := acts(store.AnyVisit), []store.Action{store.ActBankLinked, store.ActWindowOpened, store.ActConsentGiven}; !slices.Equal(got, want) {
		t.Errorf("by the visit: %q, want %q", got, want)
	}
	if got, want := acts(store.AnyCustomer), []store.Action{store.ActBankLinked, store.ActWindowOpened}; !slices.Equal(got, want) {
		t.Errorf("by the customer: %q, want %q", got, want)
	}
}

func TestAVisitSetsTheFirstPasswordWhenItLinkedEverything(t *testing.T) {
	d := newDB(t)
	id := d.customer("Amina")
	d.finish(id, "r1", naira("old", "0000000001"))
	visit := d.attempt(id)
	try := func(what string, want bool) {
		t.Helper()
		if may := must(d.MaySetPassword(t.Context(), begun(visit))); may != want {
			t.Errorf("%s: may = %v, want %v", what, may, want)
		}
		err := d.SetCustomerPassword(t.Context(), begun(visit), "", "hash")
		if want && err != nil || !want && !errors.Is(err, store.ErrConflict) {
			t.Errorf("%s: %v", what, err)
		}
	}
	try("nothing linked in it", false)
	d.bring(visit, "r2", naira("new", "0000000002"))
	try("a new account linked", false)
	d.bring(must(d.StartAttempt(t.Context(), visit, time.Minute)), "r3", naira("old", "0000000001"))
	try("everything linked", true)
	try("a password is there", false)
}

func TestOfThoseWhoSharedAnAddressBeforeTheFirstKeepsItAsLogin(t *testing.T) {
	d := newDB(t)
	d.MigrateTo(t, 12)
	for i, id := range []string{"later", "first"} {
		d.Exec(t, `
			INSERT INTO customers (id, name, reference, email, phone, sort_name, search, created_at, password_hash, password_set_at)
			VALUES ($1, '', $1, 'Amina@example.com', '', '', '', 0, 'hash', $2)`, id, 10-i)
	}
	d.reopen()
	for login, want := range map[string]string{"amina@example.com": "first", "later": "later", "first": "first"} {
		if got, err := d.CustomerByLogin(t.Context(), login); err != nil || got.ID != want {
			t.Errorf("%s is %q, %v; want %q", login, got.ID, err, want)
		}
	}
}
