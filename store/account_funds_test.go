package store_test

import (
	"errors"
	"testing"
	"time"

	"balancelink/store"
)

// asked is a check of ₦50.00 with a limit of an hour.
func (d *db) asked(a store.Account, refreshID string) store.FundsCheck {
	d.t.Helper()
	f, err := d.AskFunds(d.t.Context(), store.FundsCheck{AccountID: a.ID, StaffID: "s", Amount: 5000, FreshFor: time.Hour, RefreshID: refreshID})
	d.ok(err)
	kept, err := d.FundsCheckByID(d.t.Context(), f.ID)
	d.ok(err)
	return kept.FundsCheck
}

func TestOnlyAFreshAvailableBalanceOfTheBanksOwnAnswersAFundsCheck(t *testing.T) {
	t.Parallel()
	const ledger = 1000000 // more than enough, and never to be looked at
	worked := said("", noon, ledger, store.Minor(9000))
	worked.AvailableWorkedOut = true
	for name, row := range map[string]struct {
		said   []store.Balance
		answer store.FundsAnswer
		reason string
	}{
		"more":                          {[]store.Balance{said("", noon, ledger, store.Minor(9000))}, store.FundsYes, ""},
		"exactly":                       {[]store.Balance{said("", noon, ledger, store.Minor(5000))}, store.FundsYes, ""},
		"one less":                      {[]store.Balance{said("", noon, ledger, store.Minor(4999))}, store.FundsNo, ""},
		"overdrawn":                     {[]store.Balance{said("", noon, ledger, store.Minor(-1))}, store.FundsNo, ""},
		"as old as may be":              {[]store.Balance{said("", noon.Add(-time.Hour), ledger, store.Minor(9000))}, store.FundsYes, ""},
		"a little older":                {[]store.Balance{said("", noon.Add(-time.Hour-time.Millisecond), ledger, store.Minor(9000))}, store.FundsTooOld, ""},
		"too little, and too old":       {[]store.Balance{said("", noon.Add(-48*time.Hour), ledger, store.Minor(1))}, store.FundsTooOld, ""},
		"no balance at all":             {nil, store.FundsUnknown, "never"},
		"a ledger only":                 {[]store.Balance{said("", noon, ledger, store.Amount{})}, store.FundsUnknown, "never"},
		"said before, not any more":     {[]store.Balance{said("", noon.Add(-time.Minute), ledger, store.Minor(9000)), said("", noon, ledger, store.Amount{})}, store.FundsUnknown, "not_stated"},
		"worked out by us":              {[]store.Balance{worked}, store.FundsUnknown, "worked_out"},
		"an older answer came too late": {[]store.Balance{said("", noon, ledger, store.Minor(9000)), said("", noon.Add(-time.Minute), ledger, store.Minor(1))}, store.FundsYes, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDB(t)
			a := d.linked("Amina")
			for _, o := range row.said {
				o.AccountID = a.ID
				d.save(o)
			}
			f := d.asked(a, "")
			if f.Answer != row.answer || f.Reason != row.reason || !f.AnsweredAt.Equal(noon) || f.Currency != "NGN" || f.CustomerID != a.CustomerID {
				t.Errorf("answer = %+v, want %s %s", f, row.answer, row.reason)
			}
			if latest := d.account(a.ID); f.Available != latest.Available || !f.AsOf.Equal(latest.AvailableAsOf) {
				t.Errorf("figure = %v of %v, want the account's %v of %v", f.Available, f.AsOf, latest.Available, latest.AvailableAsOf)
			}
		})
	}
}

// What is not counted beside other accounts covers nothing alone either.
func TestAFundsCheckGoesByNoAccountThatIsNotCountedBesideOthers(t *testing.T) {
	t.Parallel()
	for reason, then := range map[string]func(*db, store.Account) error{
		"needs_login": func(d *db, a store.Account) error {
			return d.EndRefresh(d.t.Context(), d.start(wish(a.ID)), store.Ending{State: store.RefreshNeedsLogin})
		},
		"unshared": func(d *db, a store.Account) error { return d.Unshare(d.t.Context(), a.ID) },
		"no_consent": func(d *db, a store.Account) error {
			d.Exec(d.t, `UPDATE consents SET given_at = 1, valid_for = 1`)
			return nil
		},
		"withdrawn": func(d *db, a store.Account) error {
			d.Exec(d.t, `UPDATE consents SET withdrawn_at = 1`)
			return nil
		},
	} {
		t.Run(reason, func(t *testing.T) {
			d := newDB(t)
			a := d.linked("Amina")
			d.save(said(a.ID, noon, 1, store.Minor(9000)))
			d.ok(then(d, a))
			f := d.asked(a, "")
			if f.Answer != store.FundsUnknown || f.Reason != reason {
				t.Errorf("answer = %s %q, want unknown for %q", f.Answer, f.Reason, reason)
			}
			if figure := f.Available.Known || !f.AsOf.IsZero(); figure != (reason == "needs_login") {
				t.Errorf("the figure %v of %v is kept", f.Available, f.AsOf)
			}
		})
	}
}

func TestAFundsCheckIsAnsweredOnceWhenItsRefreshEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*db, store.Account, store.Refresh) error{
		"with a balance": func(d *db, a store.Account, r store.Refresh) error {
			o := said(a.ID, noon.Add(time.Minute), 1, store.Minor(9000))
			return d.EndRefresh(d.t.Context(), r, store.Ending{Balance: &o})
		},
		"without one": func(d *db, a store.Account, r store.Refresh) error {
			return d.EndRefresh(d.t.Context(), r, store.Ending{State: store.RefreshFailed})
		},
		"by unlinking": func(d *db, a store.Account, r store.Refresh) error {
			return d.UnlinkAccount(d.t.Context(), store.Program, store.Whole(), a.ID)
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDB(t)
			a := d.linked("Amina")
			d.save(said(a.ID, noon, 1, store.Minor(1)))
			r, _, err := d.StartRefresh(t.Context(), store.RefreshRequest{Scope: store.Whole(), AccountID: a.ID, Kind: store.KindRefresh, Trigger: "staff", Deadline: time.Hour})
			d.ok(err)
			waiting := d.asked(a, r.ID)
			if waiting.Answer != "" {
				t.Fatalf("answered %s before the refresh has ended", waiting.Answer)
			}
			d.advance(2 * time.Minute)
			d.ok(end(d, a, r))
			want := map[string]store.FundsAnswer{"with a balance": store.FundsYes, "without one": store.FundsNo, "by unlinking": store.FundsUnknown}[name]
			first, err := d.FundsCheckByID(t.Context(), waiting.ID)
			if d.ok(err); first.Answer != want || !first.AnsweredAt.Equal(noon.Add(2*time.Minute)) {
				t.Fatalf("answer = %q at %v, want %q", first.Answer, first.AnsweredAt, want)
			}
			d.advance(time.Hour)
			d.save(said(a.ID, noon.Add(time.Hour), 1, store.Minor(77)))
			if later, err := d.FundsCheckByID(t.Context(), waiting.ID); err != nil || later.FundsCheck != first.FundsCheck {
				t.Errorf("the answer became %+v, %v", later, err)
			}
			if n := d.Number(t, `SELECT COUNT(*) FROM audit WHERE subject = $1`, waiting.ID); n != 2 {
				t.Errorf("%d lines in the audit log, want the question and the answer", n)
			}
		})
	}
}

func TestAFundsCheckOfARefreshThatHasEndedIsAnsweredAtOnce(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.save(said(a.ID, noon, 1, store.Minor(9000)))
	r, _, err := d.StartRefresh(t.Context(), store.RefreshRequest{Scope: store.Whole(), AccountID: a.ID, Kind: store.KindRefresh, Trigger: "staff", Deadline: time.Hour})
	d.ok(err)
	d.ok(d.EndRefresh(t.Context(), r, store.Ending{State: store.RefreshFailed}))
	if f := d.asked(a, r.ID); f.Answer != store.FundsYes {
		t.Errorf("answer = %q, want yes", f.Answer)
	}
	d.ok(d.UnlinkAccount(t.Context(), store.Program, store.Whole(), a.ID))
	if _, err := d.AskFunds(t.Context(), store.FundsCheck{AccountID: a.ID}); !errors.Is(err, store.ErrUnlinked) {
		t.Errorf("asking about an unlinked account: %v, want ErrUnlinked", err)
	}
}
