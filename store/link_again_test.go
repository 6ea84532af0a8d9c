package store_test

import (
	"errors"
	"testing"
	"time"

	"balancelink/store"
)

// inNeed is an account of a new customer whose bank wants a new sign-in.
func (d *db) inNeed(name string) store.Account {
	d.t.Helper()
	a := d.linked(name)
	d.Exec(d.t, `UPDATE accounts SET status = 'needs_login' WHERE id = $1`, a.ID)
	return d.account(a.ID)
}

// againLink makes the personal link for an account.
func (d *db) againLink(a store.Account) (store.Invitation, string) {
	d.t.Helper()
	n := store.NewInvitation{CustomerID: a.CustomerID, AccountID: a.ID, ValidFor: time.Hour, Secret: store.NewSecret()}
	i, err := d.MakeInvitation(d.t.Context(), store.Program, n)
	d.ok(err)
	return i, n.Secret
}

// comesBack opens the bank by a personal link for an account, on the consent in force.
func (d *db) comesBack(a store.Account) store.Attempt {
	d.t.Helper()
	i, _ := d.againLink(a)
	co, err := d.StandingConsent(d.t.Context(), a.CustomerID, a.Provider, "balance")
	d.ok(err)
	visit, err := d.BeginVisitOn(d.t.Context(), co, i.ID, 30*time.Minute)
	d.ok(err)
	back, err := d.StartAttempt(d.t.Context(), store.Attempt{
		CustomerID: a.CustomerID, InvitationID: i.ID, ConsentID: co.ID, VisitID: visit, AccountID: a.ID,
		Provider: a.Provider, Env: a.Env,
	}, 30*time.Minute)
	d.ok(err)
	return back
}

// opensAgain counts the personal links of an account that work.
func (d *db) opensAgain(a store.Account) (open int) {
	d.t.Helper()
	for _, l := range must(d.LinksByCustomer(d.t.Context(), a.CustomerID)) {
		if l.AccountID == a.ID && l.UsedAt.IsZero() && l.RevokedAt.IsZero() && l.ExpiresAt.After(d.clock()) {
			open++
		}
	}
	return open
}

func TestAnAccountHasOneLinkToSignInAgainThatWorks(t *testing.T) {
	d := newDB(t)
	a := d.inNeed("Dayo")
	_, first := d.againLink(a)
	d.advance(time.Minute)
	_, second := d.againLink(a)
	if n := d.opensAgain(a); n != 1 {
		t.Errorf("%d links work, want one", n)
	}
	if i, err := d.OpenInvitation(t.Context(), first); !errors.Is(err, store.ErrNotFound) || i.RevokedAt.IsZero() {
		t.Errorf("the first one: %+v, %v", i, err)
	}
	if i, err := d.OpenInvitation(t.Context(), second); err != nil || i.AccountID != a.ID {
		t.Errorf("the second one: %+v, %v", i, err)
	}
	d.advance(2 * time.Hour)
	d.againLink(a)
	if i, err := d.OpenInvitation(t.Context(), second); !errors.Is(err, store.ErrNotFound) || !i.RevokedAt.IsZero() || i.ExpiredAt.IsZero() {
		t.Errorf("one that has expired: %+v, %v", i, err)
	}
	d.ok(d.UnlinkAccount(t.Context(), store.Program, store.Whole(), a.ID))
	if n := d.opensAgain(a); n != 0 {
		t.Errorf("unlinked, and %d links work", n)
	}
}

func TestALinkToSignInAgainIsForAnAccountThatNeedsIt(t *testing.T) {
	d := newDB(t)
	fine, other := d.linked("Amina"), d.inNeed("Dayo")
	for name, n := range map[string]store.NewInvitation{
		"needs none":   {CustomerID: fine.CustomerID, AccountID: fine.ID},
		"is another's": {CustomerID: fine.CustomerID, AccountID: other.ID},
	} {
		n.Secret, n.ValidFor = store.NewSecret(), time.Hour
		if _, err := d.MakeInvitation(t.Context(), store.Program, n); !errors.Is(err, store.ErrNotWanted) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSigningInAgainByALinkMendsItsAccountAndKeepsWhatWas(t *testing.T) {
	d := newDB(t)
	a := d.inNeed("Dayo")
	d.save(said(a.ID, d.clock(), 100, store.Minor(90)))
	consents := len(must(d.ConsentsByCustomer(t.Context(), store.OfCustomer(a.CustomerID))))
	back := d.comesBack(a)
	if v, err := d.VisitByID(t.Context(), back.VisitID); err != nil || v.Customer.ID != a.CustomerID {
		t.Fatalf("the visit: %+v, %v", v, err)
	}
	if n := len(must(d.ConsentsByCustomer(t.Context(), store.OfCustomer(a.CustomerID)))); n != consents {
		t.Errorf("%d consents, want %d", n, consents)
	}
	d.bring(back, "another record", naira(a.ProviderID, a.NUBAN))
	after := d.only(a.CustomerID)
	if after.ID != a.ID || after.Status != store.AccountLinked || len(d.history(a.ID)) != 1 || d.opensAgain(a) != 0 {
		t.Errorf("then %s is %s with %d balances and %d links", after.ID, after.Status, len(d.history(a.ID)), d.opensAgain(a))
	}
}

func TestByALinkToSignInAgainNoOtherAccountComes(t *testing.T) {
	d := newDB(t)
	another := naira("another", "9999999999")
	elsewhere := store.Bank{ID: "zenith", Name: "Zenith Bank"}
	for name, row := range map[string]struct {
		bank   store.Bank
		doubt  string
		shared func(a store.Account) []store.LinkedAccount
		state  store.AttemptState
		has    int
	}{
		"itself": {gtb, "", func(a store.Account) []store.LinkedAccount {
			return []store.LinkedAccount{naira(a.ProviderID, a.NUBAN)}
		}, store.AttemptLinked, 1},
		"its number, another id": {gtb, "", func(a store.Account) []store.LinkedAccount { return []store.LinkedAccount{naira("new id", a.NUBAN)} }, store.AttemptLinked, 1},
		"itself and another": {gtb, "", func(a store.Account) []store.LinkedAccount {
			return []store.LinkedAccount{another, naira(a.ProviderID, a.NUBAN)}
		}, store.AttemptLinked, 1},
		"another":                    {gtb, "", func(store.Account) []store.LinkedAccount { return []store.LinkedAccount{another} }, store.AttemptOther, 1},
		"another, in doubt":          {gtb, "whose is it?", func(store.Account) []store.LinkedAccount { return []store.LinkedAccount{another} }, store.AttemptOther, 1},
		"its number at another bank": {elsewhere, "", func(a store.Account) []store.LinkedAccount { return []store.LinkedAccount{naira("there", a.NUBAN)} }, store.AttemptOther, 1},
	} {
		t.Run(name, func(t *testing.T) {
			a := d.inNeed(name)
			back := d.comesBack(a)
			d.report(back.Nonce, claim("widget", "record two of "+name))
			d.ok(d.FinishLink(t.Context(), back.ID, store.Link{
				ProviderRecord: "record two of " + name, Bank: row.bank, Accounts: row.shared(a), Doubt: row.doubt,
			}))
			got := d.state(back)
			all := must(d.AccountsByCustomer(t.Context(), a.CustomerID))
			if got.State != row.state || len(all) != row.has {
				t.Fatalf("the attempt is %s (%s) with %d accounts", got.State, got.Reason, len(all))
			}
			mended := row.state == store.AttemptLinked
			if is := d.account(a.ID).Status == store.AccountLinked; is != mended || d.opensAgain(a) == 0 != mended {
				t.Errorf("mended: %v, links that work: %d", is, d.opensAgain(a))
			}
		})
	}
}

func TestByALinkToSignInAgainNoOtherAccountIsBegun(t *testing.T) {
	d := newDB(t)
	back := d.comesBack(d.inNeed("Dayo"))
	for name, a := range map[string]store.Attempt{
		"another bank":             {InvitationID: back.InvitationID},
		"another bank, in a visit": {VisitID: back.VisitID},
		"another account":          {VisitID: back.VisitID, AccountID: d.linked("Amina").ID},
	} {
		a.CustomerID, a.ConsentID, a.Provider, a.Env = back.CustomerID, back.ConsentID, "okra", "simulated"
		if _, err := d.StartAttempt(t.Context(), a, time.Minute); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if id, err := d.AccountOfVisit(t.Context(), begun(back)); err != nil || id != back.AccountID {
		t.Errorf("the visit is for %q, %v", id, err)
	}
}

func TestAVisitOnAConsentThatWasInForceEndsWithIt(t *testing.T) {
	d := newDB(t)
	back := d.comesBack(d.inNeed("Dayo"))
	_, err := d.WithdrawConsent(t.Context(), store.Program, store.OfCustomer(back.CustomerID))
	d.ok(err)
	if _, err := d.VisitByID(t.Context(), back.VisitID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("withdrawn, and the visit goes on: %v", err)
	}
	if _, err := d.StandingConsent(t.Context(), back.CustomerID, "okra", "balance"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("withdrawn, and it stands: %v", err)
	}
}
